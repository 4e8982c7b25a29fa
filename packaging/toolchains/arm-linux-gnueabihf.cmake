# SPDX-License-Identifier: GPL-2.0-or-later
# armhf as Debian means it: ARMv7 with its floating point, from the Pi 2 on.
set(triplet arm-linux-gnueabihf)
set(emulator qemu-arm -cpu cortex-a7)
set(CMAKE_SYSTEM_PROCESSOR arm)
include("${CMAKE_CURRENT_LIST_DIR}/debian.cmake")
