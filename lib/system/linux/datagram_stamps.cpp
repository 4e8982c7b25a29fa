// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/linux/datagram_stamps.hpp"

#include "system/linux/kernel_call.hpp"

#include <array>
#include <cstring>

#include <linux/errqueue.h>
#include <linux/net_tstamp.h>

namespace timectl::system::os {

namespace {

/// The stamp in the part of `message` of `type`. Both types begin with a timespec: SCM_TIMESTAMPING
/// has three, of which the first is the software's.
std::optional<WallTime> stamp_in(msghdr& message, int type) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
       part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != type) continue;
    timespec stamp{};
    std::memcpy(&stamp, CMSG_DATA(part), sizeof stamp);
    return kernel::to_wall_time(stamp);
  }
  return std::nullopt;
}

}  // namespace

bool ask_for_receive_stamps(int socket) {
  const int on = 1;
  return ::setsockopt(socket, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) == 0;
}

WallTime receive_stamp(msghdr& message) {
  const auto stamp = stamp_in(message, SCM_TIMESTAMPNS);
  return stamp ? *stamp : kernel::wall_now();
}

void ask_for_transmit_stamps(int socket) {
  // TSONLY: the note comes without a copy of what was sent.
  const unsigned flags =
      SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_TSONLY;
  // A kernel that refuses leaves no note, and that is all there is to be said of it.
  static_cast<void>(::setsockopt(socket, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof flags));
}

std::optional<WallTime> take_transmit_stamp(int socket) {
  alignas(cmsghdr) std::array<char, 256> control{};
  msghdr message{};
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  if (::recvmsg(socket, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return std::nullopt;
  return stamp_in(message, SCM_TIMESTAMPING);
}

}  // namespace timectl::system::os
