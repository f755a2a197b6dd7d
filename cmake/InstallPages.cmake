# SPDX-License-Identifier: Apache-2.0
# What is installed beside plugin, programs and SDK: examples, pages, manual pages and completions.

# The broker's configuration, with the plugin's path: whole, and what of it goes into conf.d/ of a distribution's own.
set(plugin_path ${CMAKE_INSTALL_FULL_LIBDIR}/mosquitto/mosquitto_reseal.so)
file(READ ${PROJECT_SOURCE_DIR}/mosquitto.conf.example conf)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/mosquitto.conf.example)
string(REPLACE "/usr/lib/mosquitto/mosquitto_reseal.so" ${plugin_path} conf "${conf}")
string(FIND "${conf}" "\n# Not in conf.d/:" rest)
if(rest EQUAL -1)
  message(FATAL_ERROR "mosquitto.conf.example: no line begins with '# Not in conf.d/:'; what follows it does not go into reseal.conf")
endif()
string(SUBSTRING "${conf}" 0 ${rest} part)
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/examples/mosquitto.conf.example CONTENT "${conf}" @ONLY)
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/examples/reseal.conf CONTENT "${part}" @ONLY)
install(DIRECTORY ${CMAKE_BINARY_DIR}/examples DESTINATION ${CMAKE_INSTALL_DOCDIR})

install(DIRECTORY config DESTINATION ${CMAKE_INSTALL_DATADIR}/reseal)
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES README.md CHANGELOG.md CONTRIBUTING.md SECURITY.md NOTICE DESTINATION ${CMAKE_INSTALL_DOCDIR})

if(RESEAL_TOOLS)
  install(DIRECTORY man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 FILES_MATCHING PATTERN "*.1")
  foreach(program provision pub sub sim codec vectors)
    install(FILES completion/reseal.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME reseal-${program})
  endforeach()
endif()
