# The one place where compiler and linker flags are set: every target of the project goes through reseal_target.
function(reseal_target target)
  string(REGEX MATCH "^(x86_64|AMD64)$" x86 "${CMAKE_SYSTEM_PROCESSOR}")
  set(is_x86 $<BOOL:${x86}>)
  set(is_arm64 $<STREQUAL:${CMAKE_SYSTEM_PROCESSOR},aarch64>)
  target_compile_features(${target} PRIVATE cxx_std_20 c_std_11)
  set_target_properties(${target} PROPERTIES
    C_EXTENSIONS OFF CXX_EXTENSIONS OFF POSITION_INDEPENDENT_CODE ON
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wformat=2 -Wundef -Wno-missing-field-initializers -Werror
    $<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes -Wmissing-prototypes>
    -fstack-protector-strong -fstack-clash-protection
    # What a corrupted pointer may jump to. The mark in the file that turns the processor's check on is missing as long as
    # the C library's object files have none; the code is ready for it.
    $<${is_x86}:-fcf-protection=full> $<${is_arm64}:-mbranch-protection=standard>
    # False alarms of GCC 12 in std::string (its bug 105651).
    $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-restrict>)
  # A wrong index of the standard library's ends the process.
  target_compile_definitions(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:_GLIBCXX_ASSERTIONS>)
  target_link_options(${target} PRIVATE -Wl,-z,relro,-z,now,-z,noexecstack)
  get_target_property(type ${target} TYPE)
  if(type STREQUAL "EXECUTABLE")
    target_compile_options(${target} PRIVATE -fPIE)
    target_link_options(${target} PRIVATE -pie)
  endif()
  if(CMAKE_BUILD_TYPE STREQUAL "Release")
    target_compile_options(${target} PRIVATE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
  endif()
  if(RESEAL_SANITIZE)
    target_compile_options(${target} PRIVATE
      -fsanitize=${RESEAL_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(${target} PRIVATE -fsanitize=${RESEAL_SANITIZE})
  endif()
  if(RESEAL_FUZZ)
    target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link)
  endif()
endfunction()

# A file that we ship: a release is stripped, and its symbols lie beside it in FILE.debug, which debuggers find by themselves.
function(reseal_shipped target)
  if(CMAKE_BUILD_TYPE STREQUAL "Release")
    set(file $<TARGET_FILE:${target}>)
    add_custom_command(TARGET ${target} POST_BUILD
      COMMAND ${CMAKE_OBJCOPY} --only-keep-debug ${file} ${file}.debug
      COMMAND ${CMAKE_STRIP} --strip-unneeded ${file}
      COMMAND ${CMAKE_OBJCOPY} --remove-section=.gnu_debuglink --add-gnu-debuglink=${file}.debug ${file}
      VERBATIM)
  endif()
endfunction()

# What is called for each message and spread over files: a release is compiled as if it were one file. With clang it would
# need another linker.
function(reseal_inline_across_files target)
  if(CMAKE_BUILD_TYPE STREQUAL "Release" AND CMAKE_C_COMPILER_ID STREQUAL "GNU")
    set_target_properties(${target} PROPERTIES INTERPROCEDURAL_OPTIMIZATION ON)
  endif()
endfunction()

# A GoogleTest program NAME from SOURCES, linked with LIBRARIES, its tests known to ctest under the label LABEL (default unit)
# and with PROPERTIES of ctest's.
function(reseal_test name)
  cmake_parse_arguments(arg "" "LABEL" "SOURCES;LIBRARIES;PROPERTIES" ${ARGN})
  if(NOT arg_LABEL)
    set(arg_LABEL unit)
  endif()
  add_executable(${name} ${arg_SOURCES})
  reseal_target(${name})
  # What tests, unlike what they test, is compiled more often than it runs.
  target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O1> $<$<CONFIG:RelWithDebInfo>:-O0>)
  target_link_libraries(${name} PRIVATE ${arg_LIBRARIES} GTest::gtest_main)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/test)
  set(properties LABELS ${arg_LABEL} TIMEOUT 300 ${arg_PROPERTIES})
  if(RESEAL_SANITIZE AND arg_LABEL STREQUAL "unit") # to start the program for each test would take longer than the tests
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES ${properties})
  else()
    gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 PROPERTIES ${properties})
  endif()
endfunction()
