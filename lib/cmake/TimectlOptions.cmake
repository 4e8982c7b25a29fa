# SPDX-License-Identifier: GPL-2.0-or-later
# Two interface targets, used by our own code only: how it is compiled, and what is warned about.
add_library(timectl_options INTERFACE)
target_compile_features(timectl_options INTERFACE cxx_std_20)
set(CMAKE_CXX_EXTENSIONS OFF)
# With sanitizers a program has a hundred megabytes; without relocations it starts in two thirds of the time, and the
# tests start thousands.
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(TIMECTL_SANITIZE)
  set(CMAKE_POSITION_INDEPENDENT_CODE OFF)
endif()

if(CMAKE_SIZEOF_VOID_P EQUAL 4)
  # Debian 12's C library counts seconds in 32 bits on a 32-bit Pi by default: until 2038.
  target_compile_definitions(timectl_options INTERFACE _FILE_OFFSET_BITS=64 _TIME_BITS=64)
endif()

# Files of a module compiled eight at a time take a third of the time, and each change then takes longer: for
# builds from nothing, as CI's are (TIMECTL_UNITY=ON in the environment).
if(DEFINED ENV{TIMECTL_UNITY})
  set(CMAKE_UNITY_BUILD $ENV{TIMECTL_UNITY})
endif()

add_library(timectl_warnings INTERFACE)
target_compile_options(timectl_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wold-style-cast -Wnon-virtual-dtor)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # g++ 12 takes "x" + text for overlapping memory in optimized builds (GCC bug 105651).
  target_compile_options(timectl_warnings INTERFACE -Wno-restrict)
endif()
if(CMAKE_UNITY_BUILD)
  # A file's own constants are not those of the next.
  target_compile_options(timectl_warnings INTERFACE -Wno-shadow)
endif()
# In CI what ships is built so, too: the hosts' programs and the packages (TIMECTL_WERROR=ON in the environment).
if(TIMECTL_WERROR OR "$ENV{TIMECTL_WERROR}")
  target_compile_options(timectl_warnings INTERFACE -Werror)
endif()

if(TIMECTL_SANITIZE)
  target_compile_options(timectl_options INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(timectl_options INTERFACE -fsanitize=address,undefined)
else()
  # timectl runs as root and reads datagrams: the usual hardening, in every build that ships.
  target_compile_options(timectl_options INTERFACE -fstack-protector-strong
    $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2>)
  target_link_options(timectl_options INTERFACE -Wl,-z,relro,-z,now)
  # What a compiler has for this processor: no stack grows over its guard page; on amd64 and arm64 it is
  # marked where jumps may end, which counts where the C library has the marks too.
  include(CheckCXXCompilerFlag)
  # clang only warns of what it does not use.
  set(CMAKE_REQUIRED_FLAGS -Werror)
  foreach(flag IN ITEMS -fstack-clash-protection -fcf-protection -mbranch-protection=standard)
    string(MAKE_C_IDENTIFIER "HAS${flag}" known)
    check_cxx_compiler_flag(${flag} ${known})
    if(${known})
      target_compile_options(timectl_options INTERFACE $<$<NOT:$<CONFIG:Debug>>:${flag}>)
    endif()
  endforeach()
  unset(CMAKE_REQUIRED_FLAGS)
endif()
# Debian has fmt as a shared library only, or as headers.
set(TIMECTL_FMT fmt::fmt)
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT TIMECTL_TESTS)
  # What is installed runs each minute on a Pi Zero: binding libstdc++ and fmt was a quarter of a tick's time and of its
  # memory (lib/monitor/README.md, "What a tick costs").
  target_link_options(timectl_options INTERFACE -static-libstdc++ -static-libgcc)
  set(TIMECTL_FMT fmt::fmt-header-only)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  # A bare Pi has a small card: unused template instances go, and the rest is half as large as with
  # -O3 and no slower, because timectl waits for others (tests/bench).
  target_compile_options(timectl_options INTERFACE -Oz -ffunction-sections -fdata-sections)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND NOT CMAKE_UNITY_BUILD)
    # Collects as on a machine with little memory also where there is much, so that what is measured
    # here holds there: less than 400 MB for each file.
    target_compile_options(timectl_options INTERFACE --param=ggc-min-expand=30)
  endif()
  target_link_options(timectl_options INTERFACE -Wl,--gc-sections)
  if(NOT TIMECTL_TESTS AND NOT DEFINED CMAKE_INTERPROCEDURAL_OPTIMIZATION)
    # Optimized over all files at once it is a fifth smaller, and the linker takes less memory than the largest file
    # does. Each of the tests' programs would wait for that too: not where they are built.
    include(CheckIPOSupported)
    check_ipo_supported(RESULT CMAKE_INTERPROCEDURAL_OPTIMIZATION OUTPUT why_not LANGUAGES CXX)
    if(NOT CMAKE_INTERPROCEDURAL_OPTIMIZATION)
      message(STATUS "No link-time optimization, so timectl will be a fifth larger: ${why_not}")
    elseif(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      # CMake says "auto": as many at a time as there are processors, which ninja -j1 does not know of.
      target_link_options(timectl_options INTERFACE -flto=1)
    endif()
  endif()
  # A relocation of a pointer in two bits instead of 24 bytes, where the linker (GNU ld only warns where it does not)
  # and the C library know how.
  include(CheckCXXSourceCompiles)
  set(CMAKE_REQUIRED_LINK_OPTIONS -Wl,--fatal-warnings -Wl,-z,pack-relative-relocs)
  check_cxx_source_compiles("
    #include <features.h>
    #if !__GLIBC_PREREQ(2, 36)
    #error
    #endif
    int main() {}" PACKS_RELATIVE_RELOCATIONS)
  unset(CMAKE_REQUIRED_LINK_OPTIONS)
  if(PACKS_RELATIVE_RELOCATIONS)
    target_link_options(timectl_options INTERFACE -Wl,-z,pack-relative-relocs)
  endif()
endif()
include(CheckPIESupported)
check_pie_supported(LANGUAGES CXX)

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
endif()
