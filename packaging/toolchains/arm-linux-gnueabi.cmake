# SPDX-License-Identifier: GPL-2.0-or-later
# armel: every Pi, the first ones (ARMv6) too. The emulator is their processor and refuses what it has not.
set(triplet arm-linux-gnueabi)
set(emulator qemu-arm -cpu arm1176)
set(CMAKE_SYSTEM_PROCESSOR arm)
include("${CMAKE_CURRENT_LIST_DIR}/debian.cmake")
