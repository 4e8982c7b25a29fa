// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "base/text.hpp"
#include "platform/network_backends.hpp"
#include "system/files.hpp"
#include "system/linux/files_root.hpp"
#include "system/linux/linux.hpp"
#include "system/linux/network_manager.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cerrno>

#include <unistd.h>

namespace timectl::system::os {

namespace {

using namespace std::chrono_literals;
using platform::NetworkBackendName;

/// Whether a name of the journal's may be said to another program: nmcli and ip know no "--" behind
/// which nothing is an option, and nmcli's file is made from it.
bool is_harmless(const std::string& name) {
  return !name.empty() && name.front() != '-' && name.find('/') == std::string::npos &&
         words_of(name).size() == 1 && !has_control_characters(name);
}

/// NetworkManager has its letters small, whatever the file has.
bool is_same_uuid(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

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
                 "reload the udev rules");
  }

  void reload_network(const std::string& subject) override {
    const auto colon = subject.find(':');
    const auto backend = subject.substr(0, colon);
    const auto name = colon == std::string::npos ? std::string{} : subject.substr(colon + 1);
    for (const auto& each : platform::network_backends) {
      if (backend == each.key && is_harmless(name) && reload_backend(each, name)) return;
    }
    throw Error{
        ErrorKind::refused,
        fmt::format("cannot reload the network '{}': no known network back end configures it",
                    subject)};
  }

  std::string checkpoint_network(std::chrono::seconds span) override {
    return create_checkpoint(span);
  }

  void forget_checkpoint(const std::string& name) override { destroy_checkpoint(name); }

 private:
  /// False where there is no way to reload it.
  bool reload_backend(const platform::NetworkBackendRow& backend, const std::string& name) {
    switch (backend.name) {
      case NetworkBackendName::network_manager:
        return reload_network_manager(name);
      case NetworkBackendName::dhcpcd:
        rebind_interface(name, backend.unit);
        return true;
      case NetworkBackendName::ifupdown:
        bring_interface_up(name);
        return true;
      default:
        return reload_all_interfaces(backend.reload);
    }
  }

  bool reload_network_manager(const std::string& name) {
    const auto at = name.find('@');
    if (at != std::string::npos) {
      const auto interface = name.substr(at + 1);
      if (!is_harmless(interface)) return false;
      reload_connections();
      bring_up_again(name.substr(0, at), interface);
    } else if (name == "*") {
      reload_connections();
    } else {
      bring_connection_up(name);
    }
    return true;
  }

  /// What is not in use with the connection gets its settings when NetworkManager next takes it:
  /// to bring it up now would take the interface to another network, or fail without a signal.
  void bring_up_again(const std::string& uuid, const std::string& interface) {
    const auto result = run_or_throw(
        processes_,
        {"nmcli", {"--get-values", "GENERAL.CON-UUID", "device", "show", interface}, {}, 30s, {}},
        fmt::format("ask NetworkManager for the connection of '{}'", interface));
    const auto active = std::string{trim(result.output)};
    if (!is_harmless(active) || (!uuid.empty() && !is_same_uuid(uuid, active))) return;
    run_or_throw(processes_,
                 {"nmcli",
                  {"--wait", "45", "connection", "up", "uuid", active, "ifname", interface},
                  {},
                  60s,
                  {}},
                 fmt::format("bring the connection '{}' up on '{}'", active, interface));
  }

  bool reload_all_interfaces(const platform::NetworkReload& reload) {
    auto words = words_of(reload.command);
    if (words.empty()) return false;
    const auto program = words.front();
    words.erase(words.begin());
    run_or_throw(processes_, {program, words, {}, reload.limit, {}}, reload.purpose);
    return true;
  }

  void bring_connection_up(const std::string& connection) {
    const auto file =
        fmt::format("/etc/NetworkManager/system-connections/{}.nmconnection", connection);
    if (!files_.status(RootedPath{file})) return forget_connection(connection);
    run_or_throw(processes_, {"nmcli", {"connection", "load", file}, {}, 30s, {}},
                 fmt::format("let NetworkManager read '{}'", file));
    run_or_throw(processes_,
                 {"nmcli", {"--wait", "45", "connection", "up", "id", connection}, {}, 60s, {}},
                 fmt::format("bring the connection '{}' up", connection));
  }

  void reload_connections() {
    run_or_throw(processes_, {"nmcli", {"connection", "reload"}, {}, 30s, {}},
                 "let NetworkManager read its connections again");
  }

  /// NetworkManager drops what has no file any more, and takes the interface to the next connection
  /// that fits by itself. One of its own ("Wired connection 1") it makes up only for an interface
  /// that has none when it starts: after a boot with ours there is none to go back to.
  void forget_connection(const std::string& connection) {
    run_or_throw(processes_, {"nmcli", {"connection", "reload"}, {}, 30s, {}},
                 fmt::format("let NetworkManager forget the connection '{}'", connection));
    constexpr std::string_view prefix = "timectl-";
    if (!connection.starts_with(prefix)) return;
    const auto interface = connection.substr(prefix.size());
    const auto others = processes_.run(
        {"nmcli",
         {"--get-values", "CONNECTIONS.AVAILABLE-CONNECTIONS", "device", "show", interface},
         {},
         30s,
         {}});
    if (!others.succeeded() || !trim(others.output).empty()) return;
    // If NetworkManager starts while the interface has the address, it considers it foreign and
    // leaves it. This waits for the end; an interface that is down already fails it.
    processes_.run({"nmcli", {"--wait", "20", "device", "disconnect", interface}, {}, 30s, {}});
    const auto* unit = platform::network_backend(NetworkBackendName::network_manager).unit;
    run_or_throw(processes_, {"systemctl", {"restart", unit}, {}, 60s, {}},
                 "let NetworkManager make up a connection of its own again");
  }

  /// Only this one drops the lease of before: with "persistent", as Debian has it, a restart of
  /// the daemon would leave the old address beside the new one.
  void rebind_interface(const std::string& interface, const std::string& unit) {
    // Without a running daemon, dhcpcd would become one, outside of its unit.
    const auto state = processes_.run({"systemctl", {"--quiet", "is-active", unit}, {}, 10s, {}});
    if (!state.succeeded()) return;
    run_or_throw(processes_, {"dhcpcd", {"--rebind", "--", interface}, {}, 30s, {}},
                 fmt::format("let dhcpcd configure '{}' again", interface));
  }

  /// ifdown uses the present files, and knows nothing of what those of before have started: a DHCP
  /// client would bring the old address back when its lease is renewed.
  void bring_interface_up(const std::string& interface) {
    const auto is_known = processes_.run({"ifquery", {"--", interface}, {}, 10s, {}}).succeeded();
    // What it was configured by is gone from the files; an interface left up is better than none.
    if (!is_known) return;
    const auto leased = fmt::format("iface {} inet dhcp\n", interface);
    static_cast<void>(processes_.run(
        {"ifdown", {"--force", "-i", "/dev/stdin", "--", interface}, leased, 30s, {}}));
    static_cast<void>(processes_.run({"ifdown", {"--force", "--", interface}, {}, 30s, {}}));
    run_or_throw(processes_, {"ip", {"-4", "address", "flush", "dev", interface}, {}, 10s, {}},
                 fmt::format("take the old addresses from '{}'", interface));
    run_or_throw(processes_, {"ifup", {"--", interface}, {}, 90s, {}},
                 fmt::format("bring the interface '{}' up", interface));
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
