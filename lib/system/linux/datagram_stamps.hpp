// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/time.hpp"

#include <optional>

#include <sys/socket.h>

/// When the kernel received a datagram, and when it let one go (kernel,
/// Documentation/networking/timestamping.rst).
namespace timectl::system::os {

/// From now on each datagram received on `socket` carries the kernel's stamp. False with errno set
/// when the kernel refuses.
bool ask_for_receive_stamps(int socket);
/// The stamp of a received message; the clock as it is now when it carries none.
WallTime receive_stamp(msghdr& message);

/// From now on the kernel notes when it hands what is sent on `socket` to the network driver, if
/// that takes part. The note wakes up every poll of the socket (EPOLLERR) until it is taken.
void ask_for_transmit_stamps(int socket);
/// Takes the oldest note, never waiting; nullopt when there is none (yet).
std::optional<WallTime> take_transmit_stamp(int socket);

}  // namespace timectl::system::os
