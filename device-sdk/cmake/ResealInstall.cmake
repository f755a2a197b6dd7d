# SPDX-License-Identifier: Apache-2.0
# What `cmake --install` installs of the SDK, as the component sdk: library, headers, pkg-config file, CMake package.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/reseal-sdk)

install(TARGETS reseal_sdk EXPORT reseal-sdk-targets COMPONENT sdk INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT reseal-sdk-targets NAMESPACE reseal:: DESTINATION ${package} COMPONENT sdk)
set(left_out)
if(NOT RESEAL_SDK_SETUP)
  set(left_out REGEX "/(pairing|settings|setup)\\.h$" EXCLUDE)
endif()
foreach(folder ${header_folders})
  install(DIRECTORY ${reseal_folder}/${folder}/reseal DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT sdk ${left_out})
endforeach()

# Whoever links a static library also links what it uses.
get_target_property(type reseal_sdk TYPE)
set(reseal_needs)
set(reseal_private .private)
set(reseal_libraries)
if(type STREQUAL "STATIC_LIBRARY")
  set(reseal_needs ${RESEAL_SDK_CRYPTO})
  set(reseal_private)
  if("mbedtls" IN_LIST RESEAL_SDK_CRYPTO) # 2.28 has no pkg-config file
    set(reseal_libraries -lmbedcrypto)
  endif()
endif()
set(reseal_packages)
if("openssl" IN_LIST RESEAL_SDK_CRYPTO)
  set(reseal_packages "libcrypto >= 3")
endif()
file(RELATIVE_PATH reseal_prefix ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
string(REGEX REPLACE "/$" "" reseal_prefix ${reseal_prefix})

set(made ${CMAKE_CURRENT_BINARY_DIR})
configure_file(cmake/reseal-sdk.pc.in ${made}/reseal-sdk.pc @ONLY)
configure_package_config_file(cmake/reseal-sdk-config.cmake.in ${made}/reseal-sdk-config.cmake INSTALL_DESTINATION ${package})
write_basic_package_version_file(${made}/reseal-sdk-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${made}/reseal-sdk.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT sdk)
install(FILES ${made}/reseal-sdk-config.cmake ${made}/reseal-sdk-config-version.cmake cmake/FindResealMbedTLS.cmake
  DESTINATION ${package} COMPONENT sdk)
