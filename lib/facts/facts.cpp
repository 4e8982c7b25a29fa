// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "facts/facts.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "facts/details.hpp"
#include "facts/keyfile.hpp"
#include "platform/platform.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace timectl::facts {

using system::RootedPath;

namespace {

struct KnownArchitecture {
  const char* triplet;
  const char* debian_name;
};
constexpr std::array known_architectures{KnownArchitecture{"aarch64-linux-gnu", "arm64"},
                                         KnownArchitecture{"arm-linux-gnueabi", "armel"},
                                         KnownArchitecture{"arm-linux-gnueabihf", "armhf"},
                                         KnownArchitecture{"i386-linux-gnu", "i386"},
                                         KnownArchitecture{"riscv64-linux-gnu", "riscv64"},
                                         KnownArchitecture{"x86_64-linux-gnu", "amd64"}};

std::map<std::string, Version> read_packages(const system::PackageReader& packages) {
  const auto installed = packages.installed();
  std::map<std::string, Version> found;
  const auto add = [&](const char* name) {
    const auto package = name == nullptr ? installed.end() : installed.find(name);
    if (package != installed.end()) found[name] = parse_version(package->second);
  };
  for (const auto* name : platform::packages_of_interest) add(name);
  for (const auto& backend : platform::network_backends) {
    for (const auto* name : backend.packages) add(name);
  }
  return found;
}

/// dpkg notes its own architecture since 1.22; before, the only C library shows it.
std::string read_architecture(const system::FileReader& files) {
  const auto native = readable(files, RootedPath{"/var/lib/dpkg/arch-native"});
  if (native) return std::string{trim(*native)};
  std::string found;
  for (const auto& [triplet, debian_name] : known_architectures) {
    if (!files.status(RootedPath{"/usr/lib"} / triplet / "libc.so.6")) continue;
    if (!found.empty()) return "";
    found = debian_name;
  }
  return found;
}

std::optional<std::string> read_board(const system::FileReader& files) {
  for (const auto* path : {"/proc/device-tree/model", "/sys/firmware/devicetree/base/model"}) {
    auto model = readable(files, RootedPath{path});
    if (!model) continue;
    while (!model->empty() && model->back() == '\0') model->pop_back();
    return std::string{trim(*model)};
  }
  return std::nullopt;
}

std::vector<TimeDaemon> find_time_daemons(const system::ServiceReader& services,
                                          const std::map<std::string, Version>& packages) {
  std::vector<TimeDaemon> daemons;
  for (const auto& known : platform::time_daemons) {
    if (packages.count(known.package) == 0) continue;
    TimeDaemon daemon{known.package, known.unit};
    try {
      const auto state = services.state(known.unit);
      daemon.enabled = state.is_enabled();
      daemon.active = state.is_active();
    } catch (const Error& error) {
      daemon.not_known = error.what();
    }
    daemons.push_back(std::move(daemon));
  }
  return daemons;
}

template <typename Fits>
std::optional<std::string> only_interface(const std::vector<system::Interface>& interfaces,
                                          const Fits& fits) {
  std::optional<std::string> only;
  for (const auto& interface : interfaces) {
    if (interface.is_loopback || !interface.is_up || !fits(interface)) continue;
    if (only) return std::nullopt;
    only = interface.name;
  }
  return only;
}

/// Without a default route (an island has none) the only interface that is up is meant; of several
/// the only one with a link, or, before a cable is in, the only wired one.
std::optional<std::string> only_interface_up(const std::vector<system::Interface>& interfaces) {
  using system::Interface;
  if (auto only = only_interface(interfaces, [](const Interface&) { return true; })) return only;
  const auto has_link = [](const Interface& each) { return each.has_carrier; };
  const auto is_wired = [](const Interface& each) {
    return !each.is_wireless && each.master.empty() && each.lower.empty();
  };
  const bool is_any_linked = std::any_of(
      interfaces.begin(), interfaces.end(),
      [&](const Interface& each) { return !each.is_loopback && each.is_up && has_link(each); });
  return is_any_linked ? only_interface(interfaces, has_link)
                       : only_interface(interfaces, is_wired);
}

std::string root_of(const system::FileReader& files) {
  auto path = files.host_path(RootedPath{"/"});
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

void read_running_network(const system::Network& network, Facts& facts) {
  facts.host_name = network.host_name();
  facts.interfaces = network.interfaces();
  facts.default_interface = network.default_route_interface();
  if (!facts.default_interface) facts.default_interface = only_interface_up(facts.interfaces);
}

void read_network_files(const system::FileReader& files, Facts& facts) {
  const auto name = readable(files, RootedPath{"/etc/hostname"});
  facts.host_name = std::string{trim(name.value_or(""))};
  const auto configured = configured_interfaces(files, facts.network.backend);
  if (!configured.empty()) facts.default_interface = configured.front();
  // Raspberry Pi OS keeps the kernel's names. A card does not show the board, so it is a guess.
  facts.is_interface_assumed = configured.empty() && facts.os.is_raspberry_pi_os;
  if (facts.is_interface_assumed) facts.default_interface = "eth0";
}

/// A directory, a device or a mask, a link to /dev/null. A daemon reads nothing there either.
bool has_no_content(const system::FileReader& files, const RootedPath& path) {
  const auto status = files.status(path);
  if (!status || status->type == system::FileType::regular) return false;
  return status->type != system::FileType::symlink || files.read_link(path) == "/dev/null";
}

/// nm-settings-nmcli(5), match.interface-name: one of the patterns, and all of the mandatory ones.
bool fits_match(const std::vector<std::string>& patterns, const std::string& name) {
  bool has_optional = false, fits_optional = false;
  for (std::string_view pattern : patterns) {
    const bool is_mandatory = pattern.starts_with('&') || pattern.starts_with('!');
    if (pattern.starts_with('&') || pattern.starts_with('|')) pattern.remove_prefix(1);
    const bool is_inverted = pattern.starts_with('!');
    if (is_inverted) pattern.remove_prefix(1);
    const bool fits = fits_pattern(name, pattern) != is_inverted;
    if (is_mandatory && !fits) return false;
    has_optional = has_optional || !is_mandatory;
    fits_optional = fits_optional || (!is_mandatory && fits);
  }
  return !has_optional || fits_optional;
}

}  // namespace

std::optional<std::string> readable(const system::FileReader& files, const RootedPath& path) {
  try {
    if (has_no_content(files, path)) return std::nullopt;
    const auto file = files.read(path);
    return file ? std::optional{file->content} : std::nullopt;
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::permission) return std::nullopt;
    throw;
  }
}

std::vector<RootedPath> readable_entries(const system::FileReader& files,
                                         const RootedPath& directory, std::string_view suffix) {
  std::vector<RootedPath> paths;
  try {
    for (const auto& name : files.list(directory)) {
      if (std::string_view{name}.ends_with(suffix)) paths.push_back(directory / name);
    }
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::permission) throw;
  }
  return paths;
}

void Facts::let_everything_go() {
  for (auto& each : existing) each.may_go = !each.is_fixed;
  if (chrony) chrony->may_go = true;
  for (auto& each : network.settings) each.may_go = true;
  for (auto& each : network.netplan) each.may_go = true;
  for (auto& each : wifi_connections) each.may_go = true;
}

namespace {

/// A card whose address is not known may be the one.
template <typename Connection>
bool is_meant_for(const Connection& connection, const system::Interface& card) {
  const auto& name = connection.interface;
  const auto& mac = connection.mac;
  const bool is_named = name.empty() || name == card.name;
  const bool is_card = mac.empty() || card.mac.empty() || mac == card.mac;
  return is_named && is_card && fits_match(connection.match, card.name);
}

}  // namespace

bool ManagerConnection::is_for(const system::Interface& card) const {
  return is_meant_for(*this, card);
}

bool WifiConnection::is_for(const system::Interface& card) const {
  return is_meant_for(*this, card);
}

std::string Facts::command(const std::string& words) const {
  if (root.empty()) return "timectl " + words;
  return fmt::format("timectl --root {} {}", shell_word(root), words);
}

std::string command_to_disable(const std::string& unit, const std::string& root) {
  if (root.empty()) return fmt::format("systemctl disable --now {}", shell_word(unit));
  return fmt::format("systemctl --root {} disable {}", shell_word(root), shell_word(unit));
}

std::string PortHolder::in_words() const {
  return fmt::format("{}{}{} holds UDP port {}", program, unit.empty() ? "" : " of ", unit, port);
}

const DhcpServer* Facts::dhcp_server_in_charge() const {
  const auto found =
      std::find_if(dhcp_servers.begin(), dhcp_servers.end(),
                   [](const DhcpServer& server) { return server.kind != DhcpServerKind::other; });
  return found == dhcp_servers.end() ? nullptr : &*found;
}

const CloudInitSetting* CloudInit::last(const std::string& key) const {
  const auto found = std::find_if(settings.rbegin(), settings.rend(),
                                  [&](const auto& setting) { return setting.key == key; });
  return found == settings.rend() ? nullptr : &*found;
}

bool CloudInit::sets_host_name() const {
  const auto* preserves = last("preserve_hostname");
  return runs && (preserves == nullptr || !is_yes(preserves->value));
}

bool CloudInit::writes_hosts() const {
  // "localhost" only adds a line of its own.
  const auto* manages = last("manage_etc_hosts");
  return runs && manages != nullptr && (is_yes(manages->value) || manages->value == "template");
}

bool Facts::is_raspberry_pi() const {
  if (board) return board->starts_with("Raspberry Pi");
  // A card in a reader has no device tree: its firmware's configuration is what gives it away.
  return is_offline_root && boot_config.has_value();
}

bool Facts::has_at_least(const std::string& package, int major, int minor) const {
  const auto found = packages.find(package);
  return found != packages.end() && found->second >= Version{major, minor, ""};
}

Facts detect(const Ports& ports, std::span<const Detector> detectors) {
  Facts facts;
  facts.is_offline_root = ports.network == nullptr;
  if (facts.is_offline_root) facts.root = root_of(ports.files);
  facts.os = read_os(ports.files);
  facts.packages = read_packages(ports.packages);
  facts.architecture = read_architecture(ports.files);
  // What /proc of a mounted card would show is not that machine.
  if (!facts.is_offline_root) facts.board = read_board(ports.files);
  read_boot(ports.files, facts);
  facts.network = find_network_owner(ports, facts.packages);
  if (ports.network != nullptr) {
    read_running_network(*ports.network, facts);
  } else {
    read_network_files(ports.files, facts);
  }
  if (ports.rtcs != nullptr) facts.rtcs = ports.rtcs->list();
  facts.time_daemons = find_time_daemons(ports.services, facts.packages);
  facts.has_fake_hwclock = facts.packages.count("fake-hwclock") != 0;
  facts.chrony = read_chrony(ports.files, facts.packages.count(platform::chronyd.package) != 0,
                             !facts.is_offline_root);
  facts.timectl_path = installed_timectl(ports.files);
  for (const auto& detector : detectors) detector.add(ports, facts);
  return facts;
}

std::optional<std::string> installed_timectl(const system::FileReader& files) {
  for (const auto* path : {"/usr/bin/timectl", "/usr/local/bin/timectl"}) {
    if (files.status(RootedPath{path})) return path;
  }
  return std::nullopt;
}

}  // namespace timectl::facts
