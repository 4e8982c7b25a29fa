// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "system/files.hpp"
#include "system/linux/files_root.hpp"
#include "system/linux/linux.hpp"

#include <fmt/format.h>

#include <cerrno>

#include <unistd.h>

namespace timectl::system::os {

namespace {

using namespace std::chrono_literals;

class LinuxHostControl : public HostControl {
 public:
  LinuxHostControl(const ProcessRunner& processes, const FileReader& files)
      : processes_(processes), files_(files) {}

  void set_host_name(const std::string& name) override {
    if (sethostname(name.c_str(), name.size()) != 0) {
      throw_system_error(errno, fmt::format("set the host name '{}'", name));
    }
  }

  void reload_udev() override {
    if (access("/run/udev/control", F_OK) != 0) return;
    run_or_throw(processes_, {"udevadm", {"control", "--reload"}, {}, 10s, {}},
                 "let udev read its rules again");
  }

  void reload_network(const std::string& subject) override {
    const auto colon = subject.find(':');
    const auto authority = subject.substr(0, colon);
    const auto name = colon == std::string::npos ? std::string{} : subject.substr(colon + 1);
    if (authority == "networkd" && !name.empty()) return reconfigure_interface(name);
    if (authority == "network_manager" && !name.empty()) return bring_connection_up(name);
    throw Error{ErrorKind::refused, fmt::format("cannot reload the network '{}': nobody known is "
                                                "in charge of it",
                                                subject)};
  }

 private:
  void reconfigure_interface(const std::string& interface) {
    run_or_throw(processes_, {"networkctl", {"reload"}, {}, 30s, {}},
                 "let systemd-networkd read its files again");
    run_or_throw(processes_, {"networkctl", {"reconfigure", interface}, {}, 30s, {}},
                 fmt::format("reconfigure the interface '{}'", interface));
  }

  void bring_connection_up(const std::string& connection) {
    const auto file =
        fmt::format("/etc/NetworkManager/system-connections/{}.nmconnection", connection);
    if (!files_.status(RootedPath{file})) return forget_connection(connection);
    run_or_throw(processes_, {"nmcli", {"connection", "load", file}, {}, 30s, {}},
                 fmt::format("let NetworkManager read '{}'", file));
    run_or_throw(processes_,
                 {"nmcli", {"--wait", "45", "connection", "up", connection}, {}, 60s, {}},
                 fmt::format("bring the connection '{}' up", connection));
  }

  /// NetworkManager drops what has no file any more, and takes the interface to the next profile
  /// that fits by itself.
  void forget_connection(const std::string& connection) {
    run_or_throw(processes_, {"nmcli", {"connection", "reload"}, {}, 30s, {}},
                 fmt::format("let NetworkManager forget the connection '{}'", connection));
  }

  const ProcessRunner& processes_;
  const FileReader& files_;
};

}  // namespace

std::unique_ptr<HostControl> make_host_control(const ProcessRunner& processes,
                                               const FileReader& files) {
  return std::make_unique<LinuxHostControl>(processes, files);
}

}  // namespace timectl::system::os
