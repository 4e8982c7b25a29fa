// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "facts/details.hpp"

#include <algorithm>
#include <array>
#include <functional>

/// What the files of the network back ends say of interfaces.
namespace timectl::facts {

using system::RootedPath;

namespace {

constexpr auto interfaces_file = "/etc/network/interfaces";

void add_new(std::vector<std::string>& names, std::string_view name) {
  const bool is_pattern = name.find_first_of("*?[!") != std::string_view::npos;
  if (name.empty() || name == "lo" || is_pattern) return;
  if (std::find(names.begin(), names.end(), name) == names.end()) names.emplace_back(name);
}

/// What follows `key` in a "key=value" or "key value" line; "" for other lines.
std::string value_after(std::string_view key, std::string_view line) {
  const auto text = trim(line);
  if (!text.starts_with(key) || text.size() == key.size()) return "";
  const auto rest = text.substr(key.size());
  if (rest.front() != '=' && rest.front() != ' ' && rest.front() != '\t') return "";
  const auto words = words_of(rest.front() == '=' ? rest.substr(1) : rest);
  return words.empty() ? "" : words.front();
}

std::vector<std::string> interfaces_after(const system::FileReader& files,
                                          const std::vector<RootedPath>& paths,
                                          std::string_view key) {
  std::vector<std::string> names;
  for (const auto& path : paths) {
    for (const auto& line : lines_of(readable(files, path).value_or(""))) {
      add_new(names, value_after(key, line));
    }
  }
  return names;
}

/// A path in one of ifupdown's files is relative to that file's directory.
std::string absolute(const std::string& path) {
  return path.starts_with('/') ? path : "/etc/network/" + path;
}

/// The files that the sources name now.
std::vector<RootedPath> sourced_files(const system::FileReader& files) {
  NetworkOwner owner;
  owner.sources = ifupdown_sources(files);
  std::vector<RootedPath> paths;
  for (const auto& source : owner.sources) {
    const RootedPath directory{source.substr(0, source.rfind('/') + 1)};
    if (directory.text().find('*') != std::string::npos) continue;
    for (const auto& path : readable_entries(files, directory, "")) {
      const bool is_new = std::find(paths.begin(), paths.end(), path) == paths.end();
      if (is_new && owner.sources_file(path)) paths.push_back(path);
    }
  }
  return paths;
}

std::vector<RootedPath> ifupdown_files(const system::FileReader& files) {
  auto paths = sourced_files(files);
  paths.insert(paths.begin(), RootedPath{interfaces_file});
  return paths;
}

std::vector<InterfaceSetting> settings_of_ifupdown(const system::FileReader& files) {
  std::vector<InterfaceSetting> settings;
  for (const auto& path : ifupdown_files(files)) {
    if (path.name().starts_with("timectl-")) continue;
    std::size_t number = 0;
    const auto text = readable(files, path).value_or("");
    for (const auto& line : lines_of(text)) {
      ++number;
      const auto interface = addressed_by_ifupdown(words_of(line));
      if (!interface) continue;
      settings.push_back({*interface, path.text(), number, std::string{trim(line)},
                          without_stanzas(text, *interface), more_than_address(text, *interface),
                          false, carried_options(text, *interface)});
    }
  }
  return settings;
}

/// Reads dhcpcd.conf from above: "interface" starts a section that ends with the next one.
class DhcpcdReader {
 public:
  void read(const std::string& line, std::size_t number) {
    // plan's block, in the words of its markers.
    if (line.starts_with("# BEGIN timectl")) is_ours_ = true;
    if (line.starts_with("# END timectl")) is_ours_ = false;
    const auto words = words_of(line.substr(0, line.find('#')));
    if (is_ours_ || words.size() < 2) return;
    if (words[0] == "interface") interface_ = words[1];
    if (words[0] == "profile" || words[0] == "ssid") interface_.clear();
    if (words[0] == "denyinterfaces") return deny(line, number);
    const bool is_address = words[0] == "static" && words[1].starts_with("ip_address=");
    if (is_address && !interface_.empty()) add(interface_, line, number);
  }

  std::vector<InterfaceSetting> settings;

 private:
  void add(const std::string& interface, const std::string& line, std::size_t number) {
    settings.push_back(
        {interface, platform::dhcpcd::configuration, number, std::string{trim(line)}});
  }

  void deny(const std::string& line, std::size_t number) {
    auto names = line;
    std::replace(names.begin(), names.end(), ',', ' ');
    auto words = words_of(names);
    for (std::size_t i = 1; i < words.size(); ++i) add(words[i], line, number);
  }

  std::string interface_;
  bool is_ours_ = false;
};

std::vector<InterfaceSetting> settings_of_dhcpcd(const system::FileReader& files) {
  DhcpcdReader reader;
  std::size_t number = 0;
  for (const auto& line :
       lines_of(readable(files, RootedPath{platform::dhcpcd::configuration}).value_or(""))) {
    reader.read(line, ++number);
  }
  return std::move(reader.settings);
}

/// Of "source-directory" interfaces(5) reads only files whose names have no dots.
bool is_plain_name(const std::string& name) {
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

}  // namespace

std::optional<std::string> addressed_by_ifupdown(const std::vector<std::string>& words) {
  if (words.size() < 4 || words[0] != "iface" || words[2] != "inet") return std::nullopt;
  if (words[1] == "lo" || words[3] == "manual") return std::nullopt;
  return words[1];
}

bool NetworkOwner::sources_file(const RootedPath& path) const {
  return std::any_of(sources.begin(), sources.end(), [&](const std::string& source) {
    if (!source.ends_with('/')) return fits_pattern(path.text(), source);
    return source == path.parent().text() + "/" && is_plain_name(path.name());
  });
}

std::vector<std::string> ifupdown_sources(const system::FileReader& files) {
  std::vector<std::string> sources;
  for (const auto& line : lines_of(readable(files, RootedPath{interfaces_file}).value_or(""))) {
    const auto words = words_of(line);
    if (words.size() < 2) continue;
    if (words[0] == "source") sources.push_back(absolute(words[1]));
    if (words[0] == "source-directory") {
      const auto directory = absolute(words[1]);
      sources.push_back(directory.ends_with('/') ? directory : directory + "/");
    }
  }
  return sources;
}

void read_wifi_stanzas(const system::FileReader& files, NetworkOwner& owner) {
  constexpr std::string_view own = "timectl-";
  for (const auto& path : ifupdown_files(files)) {
    const auto text = readable(files, path).value_or("");
    for (auto& each : other_wifi_stanzas(text)) owner.wifi_elsewhere.push_back(std::move(each));
    if (!path.name().starts_with(own)) continue;
    const auto interface = path.name().substr(own.size());
    owner.carried[interface] = carried_options(text, interface);
  }
}

std::vector<RootedPath> backend_files(const system::FileReader& files, NetworkBackendName backend) {
  if (backend == NetworkBackendName::ifupdown) return ifupdown_files(files);
  const std::string place = platform::network_backend(backend).files;
  const auto star = place.find('*');
  if (place.empty()) return {};
  if (star == std::string::npos) return {RootedPath{place}};
  return readable_entries(files, RootedPath{place.substr(0, star)}, place.substr(star + 1));
}

std::vector<std::string> configured_interfaces(const system::FileReader& files,
                                               NetworkBackendName backend) {
  if (backend == NetworkBackendName::netplan) {
    std::vector<std::string> names;
    for (const auto& each : read_netplan(files).definitions) {
      add_new(names, each.set_name.empty() ? each.match_name : each.set_name);
      if (each.set_name.empty() && each.match_name.empty()) add_new(names, each.id);
    }
    return names;
  }
  return interfaces_after(files, backend_files(files, backend),
                          platform::network_backend(backend).interface_key);
}

std::vector<InterfaceSetting> interface_settings(const system::FileReader& files,
                                                 NetworkBackendName backend) {
  if (backend == NetworkBackendName::ifupdown) return settings_of_ifupdown(files);
  if (backend == NetworkBackendName::dhcpcd) return settings_of_dhcpcd(files);
  return {};
}

void for_each_setting(const std::string& text,
                      const std::function<void(const std::string&, std::size_t)>& take) {
  bool is_ours = false;
  std::size_t number = 0;
  for (const auto& line : lines_of(text)) {
    ++number;
    // plan's block, in the words of its markers.
    if (line.starts_with("# BEGIN timectl")) is_ours = true;
    if (line.starts_with("# END timectl")) is_ours = false;
    const auto bare = trim(line);
    if (!is_ours && !bare.empty() && bare.front() != '#') take(std::string{bare}, number);
  }
}

bool is_dhcpcd_address(const std::string& line) {
  constexpr std::array starts{
      "interface ", "static ip_address=", "static routers=", "static domain_name_servers="};
  return std::any_of(starts.begin(), starts.end(),
                     [&](const auto* start) { return line.starts_with(start); });
}

bool asks_no_options(const system::FileReader& files) {
  bool has_others = false;
  const auto text = readable(files, RootedPath{platform::dhcpcd::configuration}).value_or("");
  for_each_setting(text, [&](const auto& line, std::size_t) {
    has_others = has_others || !is_dhcpcd_address(line);
  });
  return !has_others;
}

}  // namespace timectl::facts
