# SPDX-License-Identifier: GPL-2.0-or-later
# arm64: the Pi 3 and later, the Zero 2 W.
set(triplet aarch64-linux-gnu)
set(emulator qemu-aarch64 -cpu cortex-a53)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
include("${CMAKE_CURRENT_LIST_DIR}/debian.cmake")
