# SPDX-License-Identifier: GPL-2.0-or-later
# Debian's cross toolchain for the triplet that the including file sets, with the libraries where
# multiarch puts them: crossbuild-essential-ARCH, lib…-dev:ARCH, and qemu-user to run what was built.
#
#   cmake --preset release --toolchain packaging/toolchains/arm-linux-gnueabi.cmake -B build/armel
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_CXX_COMPILER ${triplet}-g++)
set(CMAKE_LIBRARY_ARCHITECTURE ${triplet})
set(PKG_CONFIG_EXECUTABLE ${triplet}-pkg-config)
# What tests run, and how they are listed.
set(CMAKE_CROSSCOMPILING_EMULATOR ${emulator})
