# SPDX-License-Identifier: Apache-2.0
# `cmake --install BUILD --component arduino --prefix ~/Arduino/libraries` lays the SDK out as a library of Arduino's, which
# compiles everything under src/. Not tried with Arduino itself.
set(library COMPONENT arduino EXCLUDE_FROM_ALL)
install(FILES arduino/library.properties DESTINATION Reseal ${library})
install(DIRECTORY include/reseal DESTINATION Reseal/src ${library} REGEX "/(pairing|settings|setup)\\.h$" EXCLUDE)
install(FILES ${reseal_crypto_mbedtls_sources} DESTINATION Reseal/src/crypto ${library})
foreach(part core flash link)
  install(FILES ${reseal_${part}_sources} DESTINATION Reseal/src/${part} ${library})
endforeach()
install(DIRECTORY core/ DESTINATION Reseal/src/core ${library}
  FILES_MATCHING PATTERN "*.h" PATTERN test_support.h EXCLUDE)
install(FILES ports/flash/log.h ports/flash/record.h DESTINATION Reseal/src/flash ${library})
install(FILES link/slots.h link/topics.h DESTINATION Reseal/src/link ${library})
