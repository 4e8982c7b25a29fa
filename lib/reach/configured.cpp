// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "reach/configured.hpp"

#include "base/text.hpp"
#include "facts/yaml_block.hpp"
#include "platform/network_backends.hpp"

#include <algorithm>
#include <variant>

namespace timectl::reach {

namespace {

/// The words of a line in the syntax of any back end: "address1=A,B", "- to: \"A\"", "[A, B]".
std::vector<std::string> parts_of(std::string_view line) {
  std::string text{line};
  for (char& c : text) {
    if (std::string_view{"=,[]{}\"';"}.find(c) != std::string_view::npos) c = ' ';
  }
  return words_of(text);
}

bool is_comment(std::string_view line) {
  const auto text = trim(line);
  return text.empty() || text.front() == '#' || text.front() == ';';
}

int whole_length(const IpAddress& address) {
  return address.family() == IpAddress::Family::v4 ? 32 : 128;
}

/// "10.0.0.0/8" is a network (of a route), not a host's address.
bool is_host_address(const Subnet& subnet) {
  return subnet.prefix_length >= whole_length(subnet.address) - 1 || subnet.network() != subnet;
}

/// A route on lines of its own: networkd's [Route], an item of netplan's "routes".
struct OwnRoute {
  bool is_default = true;
  std::optional<IpAddress> gateway = {};
};

class Reader {
 public:
  Reader(ConfiguredBy& all, std::string_view key, std::string interface)
      : all_(all), key_(key), interface_(std::move(interface)) {}

  void read(std::string_view line) {
    const auto parts = parts_of(line);
    if (is_comment(line) || parts.empty()) return;
    if (trim(line).front() == '[') begin_section(parts[0]);
    if (parts[0] == "-") begin_route();
    if (parts.size() > 1 && parts[0] == key_) {
      end_route();
      interface_ = parts[1];
    }
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (i > 0 && parts[i].starts_with('#')) break;
      read_part(parts, i);
    }
  }

  void end_route() {
    if (!route_) return;
    auto& known = all_[interface_].gateway;
    if (route_->is_default && !known) known = route_->gateway;
    route_.reset();
  }

 private:
  void begin_route() {
    end_route();
    route_.emplace();
  }

  void begin_section(const std::string& name) {
    end_route();
    if (name == "Route") route_.emplace();
  }

  static bool is_gateway_key(std::string_view word) {
    return word == "gateway" || word == "Gateway" || word == "routers" || word == "via:" ||
           word == "gateway4:" || word == "gateway6:";
  }

  void read_part(const std::vector<std::string>& parts, std::size_t at) {
    auto& configured = all_[interface_];
    const auto subnet = Subnet::parse(parts[at]);
    if (subnet && is_host_address(*subnet)) return configured.addresses.push_back(*subnet);
    if (subnet) return add_network(configured, *subnet);
    if (at == 0) return;
    const auto& before = parts[at - 1];
    if (before == "netmask") return set_netmask(configured, parts[at]);
    const auto address = IpAddress::parse(parts[at]);
    if (!address) return;
    // ifupdown's, with a netmask on a line of its own.
    if (before == "address") configured.addresses.push_back({*address, whole_length(*address)});
    // NetworkManager's "address1=ADDRESS/LENGTH,GATEWAY".
    const bool is_behind_address = parts[0].starts_with("address") && at == 2;
    if (!is_gateway_key(before) && !is_behind_address) return;
    auto& gateway = route_ ? route_->gateway : configured.gateway;
    if (!gateway) gateway = address;
  }

  void add_network(Configured& configured, const Subnet& network) {
    if (network.prefix_length == 0) return;
    if (route_) route_->is_default = false;
    configured.networks.push_back(network);
  }

  /// "255.255.255.0" or "24", of the address before it.
  static void set_netmask(Configured& configured, const std::string& mask) {
    if (configured.addresses.empty()) return;
    auto& address = configured.addresses.back();
    for (int length = 0; length <= whole_length(address.address); ++length) {
      const bool is_it = mask == std::to_string(length) || mask == Subnet{{}, length}.netmask();
      if (is_it) address.prefix_length = length;
    }
  }

  ConfiguredBy& all_;
  std::string_view key_;
  std::string interface_;
  std::optional<OwnRoute> route_;
};

/// The back end and the interface of "networkd:eth0", "network_manager:timectl-eth0" and
/// "network_manager:UUID@wlan0"; of another connection no interface.
struct Subject {
  const platform::NetworkBackendRow* backend = nullptr;
  std::string interface;
  bool is_users = false;  ///< a connection of the user's, which need not name its interface
};

Subject subject_of(const std::string& text) {
  const auto colon = text.find(':');
  for (const auto& row : platform::network_backends) {
    if (text.substr(0, colon) != row.key || colon == std::string::npos) continue;
    const auto name = text.substr(colon + 1);
    if (row.name != platform::NetworkBackendName::network_manager) return {&row, name};
    const auto at = name.find('@');
    if (at != std::string::npos) return {&row, name.substr(at + 1), true};
    constexpr std::string_view own = "timectl-";
    return {&row, name.starts_with(own) ? name.substr(own.size()) : ""};
  }
  return {};
}

/// A file may be about more interfaces than its change: dhcpcd has one for all.
void note_changed(ConfiguredChange& all, const ConfiguredBy& some, const ConfiguredBy& others) {
  for (const auto& [interface, configured] : some) {
    const auto other = others.find(interface);
    if (other == others.end() || other->second != configured) all.interfaces.insert(interface);
  }
}

bool defines(const facts::YamlEntry& entry, const std::string& interface) {
  return entry.keys.size() >= 3 && entry.keys[0] == "network" && entry.keys[2] == interface;
}

/// The lines of netplan's definition of that name.
std::string definition_of(const std::string& interface, const std::string& text) {
  std::set<std::size_t> numbers;
  for (const auto& entry : facts::read_yaml_block(text)) {
    if (defines(entry, interface)) numbers.insert(entry.line);
  }
  std::string lines;
  std::size_t number = 0;
  for (const auto& line : lines_of(text)) {
    if (numbers.count(++number) != 0) lines += line + "\n";
  }
  return lines;
}

/// What is about the interface in a file of netplan's, where a definition has its name. Another
/// name is a site's own, for what it matches by a MAC address.
void keep_definition(const std::string& interface, std::string& before, std::string& after) {
  auto own_before = definition_of(interface, before), own_after = definition_of(interface, after);
  if (own_before.empty() && own_after.empty()) return;
  before = std::move(own_before);
  after = std::move(own_after);
}

/// Other sections of a connection have passwords and names of networks, which may look like
/// addresses.
std::string address_sections(const std::string& text) {
  std::string lines;
  bool is_inside = false;
  for (const auto& line : lines_of(text)) {
    const auto bare = trim(line);
    if (bare.starts_with('[')) is_inside = bare.starts_with("[ipv4]") || bare.starts_with("[ipv6]");
    if (is_inside) lines += line + "\n";
  }
  return lines;
}

void add_file(ConfiguredChange& all, const plan::FileChange& file, const Subject& subject) {
  const std::string key = subject.is_users ? "" : subject.backend->interface_key;
  // Where a file names its interfaces itself, what is above the first name is of none.
  const auto interface = key.empty() ? subject.interface : std::string {};
  if (!subject.interface.empty()) all.interfaces.insert(subject.interface);
  auto before = file.before ? file.content_before : std::string{};
  auto after = file.action == plan::FileAction::remove ? std::string{} : file.content_after;
  if (subject.backend->name == platform::NetworkBackendName::netplan) {
    keep_definition(interface, before, after);
  }
  if (subject.is_users) {
    before = address_sections(before);
    after = address_sections(after);
  }
  add_configured(all.before, before, key, interface);
  add_configured(all.after, after, key, interface);
  const bool is_connection =
      subject.backend->name == platform::NetworkBackendName::network_manager &&
      file.action != plan::FileAction::modify;
  if (is_connection && !subject.interface.empty()) all.reconnected.insert(subject.interface);
}

}  // namespace

bool Configured::gives(const IpAddress& address) const {
  return std::any_of(addresses.begin(), addresses.end(),
                     [&](const Subnet& each) { return each.address == address; });
}

bool Configured::gives(IpAddress::Family family) const {
  return std::any_of(addresses.begin(), addresses.end(),
                     [&](const Subnet& each) { return each.address.family() == family; });
}

void add_configured(ConfiguredBy& all, std::string_view text, std::string_view key,
                    const std::string& interface) {
  Reader reader{all, key, interface};
  for (const auto& line : lines_of(text)) reader.read(line);
  reader.end_route();
  const auto unnamed = all.find("");
  if (unnamed != all.end() && unnamed->second == Configured{}) all.erase(unnamed);
}

ConfiguredChange configured_by(const plan::Plan& plan) {
  ConfiguredChange all;
  for (const auto& change : plan.changes) {
    const auto* const file = std::get_if<plan::FileChange>(&change);
    if (file == nullptr) continue;
    for (const auto& reaction : file->reactions) {
      if (reaction.kind != target::ReactionKind::network_reload) continue;
      const auto subject = subject_of(reaction.subject);
      if (subject.backend == nullptr) continue;
      add_file(all, *file, subject);
      break;  // a file of two interfaces has two, and is read as a whole
    }
  }
  note_changed(all, all.before, all.after);
  note_changed(all, all.after, all.before);
  return all;
}

}  // namespace timectl::reach
