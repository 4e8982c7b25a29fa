// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "system/clock.hpp"
#include "system/datagram.hpp"
#include "system/event_log.hpp"
#include "system/files.hpp"
#include "system/gpsd.hpp"
#include "system/host_control.hpp"
#include "system/lock.hpp"
#include "system/login.hpp"
#include "system/network.hpp"
#include "system/packages.hpp"
#include "system/process.hpp"
#include "system/rtc.hpp"
#include "system/sandbox.hpp"
#include "system/services.hpp"
#include "system/time_daemons.hpp"

#include <memory>
#include <string>
#include <vector>

/// The ports on Linux. `root` is the directory that is "/" of the machine: "" or "/" for the
/// running host, else a mounted card or an unpacked image. Only cli includes this header.
namespace timectl::system::os {

/// Throws Error{io} when the root is no directory.
std::unique_ptr<FileStore> make_files(const std::string& root);
std::unique_ptr<Locks> make_locks(const std::string& root);

enum class ToolsPlace { last, first };
/// `tool_directories` are unpacked packages whose usr/sbin, usr/bin, … are searched too: after the
/// host's own directories, or before them.
std::unique_ptr<ProcessRunner> make_processes(std::vector<std::string> tool_directories,
                                              ToolsPlace place = ToolsPlace::last);

/// How systemd is reached at first; the other way is taken where that one does not lead to it.
enum class Route {
  private_socket,  ///< root's: there in early boot, and while the bus daemon is replaced
  /// For each connection to its own socket PID 1 registers all its objects anew: 2 ms on an x86
  /// machine, four times what the bus daemon takes for a tick's questions.
  bus_daemon,
};
/// systemd by D-Bus. Connects on first use; a host without systemd is one where nothing runs.
std::unique_ptr<ServiceManager> make_services(Route first);
/// Units of a root that does not run: files and links, by way of `files`. No program is started.
std::unique_ptr<ServiceManager> make_offline_services(const std::string& root, FileStore& files);
std::unique_ptr<TimeDaemonControl> make_time_daemons(const ProcessRunner& processes);
/// Of a root that does not run: they answer nothing, and give no order to this host's.
std::unique_ptr<TimeDaemonControl> make_offline_time_daemons();
std::unique_ptr<Packages> make_packages(const FileReader& files, const ProcessRunner& processes);
std::unique_ptr<HostControl> make_host_control(const ProcessRunner& processes,
                                               const FileReader& files);
/// Of a root that does not run: nothing of this host follows a change of files there.
std::unique_ptr<HostControl> make_offline_host_control();

/// The journal.
std::unique_ptr<EventLog> make_event_log();
std::unique_ptr<Clock> make_clock();
std::unique_ptr<ClockSetter> make_clock_setter();
std::unique_ptr<RtcReader> make_rtc_reader();
std::unique_ptr<RtcWriter> make_rtc_writer();
std::unique_ptr<DatagramClient> make_datagrams();
std::unique_ptr<Network> make_network();
std::unique_ptr<GpsdReader> make_gpsd();
std::unique_ptr<Sandbox> make_sandbox();

/// Of this process.
Login own_login();

}  // namespace timectl::system::os
