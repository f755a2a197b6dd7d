# SPDX-License-Identifier: Apache-2.0
# The one place where compiler and linker flags are set: every target of the project goes through reseal_target.
option(RESEAL_WERROR "Treat warnings as errors, as the presets do" OFF)

function(reseal_target target)
  target_compile_features(${target} PRIVATE c_std_11)
  set_target_properties(${target} PROPERTIES C_EXTENSIONS OFF)
  reseal_unity(${target})
  # A build that only includes us has its own warnings and its own hardening.
  if(reseal_IS_TOP_LEVEL OR reseal-sdk_IS_TOP_LEVEL)
    reseal_cpp(${target})
    reseal_warnings(${target})
    reseal_hardening(${target})
    reseal_instruments(${target})
  endif()
endfunction()

# With CMAKE_UNITY_BUILD, several C++ files are compiled as one. C files are not: that gains nothing, and their static names
# are each file's own.
function(reseal_unity target)
  get_target_property(sources ${target} SOURCES)
  list(FILTER sources INCLUDE REGEX "\\.c$")
  if(sources)
    set_source_files_properties(${sources} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  endif()
endfunction()

function(reseal_cpp target)
  get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
  if("CXX" IN_LIST languages)
    target_compile_features(${target} PRIVATE cxx_std_20)
    set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  endif()
endfunction()

function(reseal_warnings target)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wformat=2 -Wundef -Wno-missing-field-initializers
    $<$<COMPILE_LANGUAGE:C>:-Wsign-conversion -Wstrict-prototypes -Wmissing-prototypes>
    $<$<BOOL:${RESEAL_WERROR}>:-Werror>
    # False alarms of GCC 12 in std::string (its bug 105651).
    $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-restrict>)
endfunction()

# For programs and libraries of an operating system.
function(reseal_hardening target)
  if(NOT UNIX)
    return()
  endif()
  string(REGEX MATCH "^(x86_64|AMD64)$" x86 "${CMAKE_SYSTEM_PROCESSOR}")
  set(is_x86 $<BOOL:${x86}>)
  set(is_arm64 $<STREQUAL:${CMAKE_SYSTEM_PROCESSOR},aarch64>)
  set_target_properties(${target} PROPERTIES
    POSITION_INDEPENDENT_CODE ON
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  target_compile_options(${target} PRIVATE
    -fstack-protector-strong -fstack-clash-protection
    # What a corrupted pointer may jump to. The mark in the file that turns the processor's check on is missing as long as
    # the C library's object files have none; the code is ready for it.
    $<${is_x86}:-fcf-protection=full> $<${is_arm64}:-mbranch-protection=standard>)
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
endfunction()

function(reseal_instruments target)
  if(RESEAL_SANITIZE)
    target_compile_options(${target} PRIVATE
      -fsanitize=${RESEAL_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(${target} PRIVATE -fsanitize=${RESEAL_SANITIZE})
  endif()
  if(RESEAL_FUZZ)
    target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link)
  endif()
endfunction()

# A file that we ship. With RESEAL_SPLIT_SYMBOLS, debuggers find its symbols in FILE.debug by themselves.
option(RESEAL_SPLIT_SYMBOLS "Strip plugin and programs; the symbols of each are beside it in FILE.debug" OFF)
function(reseal_shipped target)
  if(RESEAL_SPLIT_SYMBOLS)
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

# What waits for a person or for a broker, and is compiled more often than it is slow: with -O1 the files with CLI11 in them
# take 10 s of processor time instead of 16.
function(reseal_unhurried target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
endfunction()

# What most tests include, compiled once: a test file takes 4.2 s of processor time instead of 6.0, the mean of ten.
function(reseal_test_headers)
  if(TARGET reseal_test_headers)
    return()
  endif()
  set(source ${CMAKE_BINARY_DIR}/reseal_test_headers)
  file(CONFIGURE OUTPUT ${source}.cpp CONTENT "")
  file(CONFIGURE OUTPUT ${source}.c CONTENT "typedef int nothing_but_headers;")
  add_executable(reseal_test_headers EXCLUDE_FROM_ALL ${source}.cpp ${source}.c)
  reseal_test_options(reseal_test_headers)
  target_link_libraries(reseal_test_headers PRIVATE GTest::gtest_main)
  foreach(header gtest/gtest.h algorithm array chrono filesystem fstream functional iostream map memory optional set span
      sstream string string_view thread unordered_map vector)
    target_precompile_headers(reseal_test_headers PRIVATE $<$<COMPILE_LANGUAGE:CXX>:<${header}$<ANGLE-R>>)
  endforeach()
  target_precompile_headers(reseal_test_headers PRIVATE $<$<COMPILE_LANGUAGE:C>:<stddef.h$<ANGLE-R>>) # for tests with C in them
endfunction()

function(reseal_test_options name)
  reseal_target(${name})
  reseal_unhurried(${name})
  target_compile_options(${name} PRIVATE $<$<CONFIG:RelWithDebInfo>:-O0>)
  # So that ccache can keep what uses precompiled headers. GCC then gives false alarms of its bug 105651 in their strings.
  target_compile_options(${name} PRIVATE
    $<$<OR:$<COMPILE_LANG_AND_ID:C,GNU>,$<COMPILE_LANG_AND_ID:CXX,GNU>>:-fpch-preprocess -Wno-array-bounds -Wno-stringop-overflow>)
endfunction()

# A GoogleTest program NAME from SOURCES, compiled with DEFINITIONS, linked with LIBRARIES, built after the targets DEPENDS,
# its tests known to ctest under the label LABEL (default unit) and with PROPERTIES of ctest's. Nothing without BUILD_TESTING.
function(reseal_test name)
  if(NOT BUILD_TESTING)
    return()
  endif()
  cmake_parse_arguments(arg "" "LABEL" "SOURCES;DEFINITIONS;LIBRARIES;DEPENDS;PROPERTIES" ${ARGN})
  if(NOT arg_LABEL)
    set(arg_LABEL unit)
  endif()
  reseal_test_headers()
  add_executable(${name} ${arg_SOURCES})
  reseal_test_options(${name})
  target_precompile_headers(${name} REUSE_FROM reseal_test_headers)
  target_compile_definitions(${name} PRIVATE ${arg_DEFINITIONS})
  target_link_libraries(${name} PRIVATE ${arg_LIBRARIES} GTest::gtest_main)
  if(arg_DEPENDS)
    add_dependencies(${name} ${arg_DEPENDS})
  endif()
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/test)
  set(properties LABELS ${arg_LABEL} TIMEOUT 300 ${arg_PROPERTIES})
  if(RESEAL_SANITIZE AND arg_LABEL STREQUAL "unit") # to start the program for each test would take longer than the tests
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES ${properties})
  else()
    gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 PROPERTIES ${properties})
  endif()
endfunction()
