// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "base/text.hpp"
#include "facts/detector.hpp"
#include "facts/keyfile.hpp"
#include "features/network/rows.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

/// Which of its connections NetworkManager would activate by itself at a boot.
namespace timectl::features {

using system::RootedPath;

namespace {

using Settings = std::vector<facts::KeyfileSetting>;

std::string value_of(const Settings& settings, const char* key, const char* fallback = "") {
  return facts::value_in(settings, "connection", key, fallback);
}

int priority_of(const Settings& settings) {
  return static_cast<int>(to_integer(value_of(settings, "autoconnect-priority")).value_or(0));
}

/// What a command can name.
std::string uuid_of(const Settings& settings) {
  const auto uuid = value_of(settings, "uuid");
  const bool is_plain = uuid.size() <= 64 && !uuid.starts_with('-') &&
                        std::all_of(uuid.begin(), uuid.end(), [](unsigned char c) {
                          return std::isalnum(c) != 0 || c == '-';
                        });
  return is_plain ? uuid : "";
}

/// Elements of a list end with ';'; a list by hand may have ','.
std::vector<std::string> list_of(std::string value) {
  for (char& c : value) {
    if (c == ';' || c == ',') c = ' ';
  }
  return words_of(value);
}

/// The only card that a connection is for; its section has two names.
std::string card_in(const Settings& settings, const char* section, const char* former) {
  const auto card_value = [&](const char* name) {
    return parse_mac(facts::value_in(settings, name, "mac-address")).value_or("");
  };
  const auto card = card_value(section);
  return card.empty() ? card_value(former) : card;
}

std::vector<std::string> match_in(const Settings& settings) {
  return list_of(facts::value_in(settings, "match", "interface-name"));
}

/// One of a user's alone waits for a login.
bool is_automatic(const Settings& settings) {
  return facts::is_yes(value_of(settings, "autoconnect", "true")) &&
         value_of(settings, "permissions").empty();
}

facts::WifiConnection wifi_connection(const Settings& settings, const RootedPath& path,
                                      std::string text) {
  return {.id = value_of(settings, "id", path.name().c_str()),
          .uuid = uuid_of(settings),
          .file = path.text(),
          .interface = value_of(settings, "interface-name"),
          .match = match_in(settings),
          .mac = card_in(settings, "wifi", "802-11-wireless"),
          .priority = priority_of(settings),
          .is_automatic = is_automatic(settings),
          .text = std::move(text)};
}

/// A UUID is one connection: after a boot that of the file in /etc, which comes first.
bool is_hidden(const facts::WifiConnection& connection,
               const std::vector<facts::WifiConnection>& earlier) {
  return std::any_of(earlier.begin(), earlier.end(), [&](const facts::WifiConnection& each) {
    return !connection.uuid.empty() && each.uuid == connection.uuid;
  });
}

/// NetworkManager takes a missing type from the sections. A bridge has its ports' addresses.
bool is_wifi(const Settings& settings) {
  const auto type = value_of(settings, "type");
  const bool has_section =
      std::any_of(settings.begin(), settings.end(), [](const facts::KeyfileSetting& each) {
        return each.section == "wifi" || each.section == "802-11-wireless";
      });
  const bool is_port =
      !value_of(settings, "master").empty() || !value_of(settings, "controller").empty();
  const bool is_named = type == "wifi" || type == "802-11-wireless";
  return !is_port && (is_named || (type.empty() && has_section));
}

/// nm-settings-keyfile(5). Of a wired one no other section is kept: it may have secrets.
void add_connection(const RootedPath& path, std::string text, facts::Facts& facts) {
  const auto settings = facts::read_keyfile(text);
  const auto type = value_of(settings, "type");
  const bool is_wired = type == "ethernet" || type == "802-3-ethernet";
  if (is_wired && is_automatic(settings)) {
    facts.connections.push_back({value_of(settings, "id"), path.text(),
                                 value_of(settings, "interface-name"), priority_of(settings),
                                 match_in(settings),
                                 card_in(settings, "ethernet", "802-3-ethernet")});
  }
  if (!is_wifi(settings)) return;
  auto connection = wifi_connection(settings, path, std::move(text));
  if (is_hidden(connection, facts.wifi_connections)) return;
  facts.wifi_connections.push_back(std::move(connection));
}

/// timectl's own are wired.
bool is_unread(const system::FileReader& files, const RootedPath& path) {
  try {
    static_cast<void>(files.read(path));
    return false;
  } catch (const Error& error) {
    return error.kind() == ErrorKind::permission && !path.name().starts_with("timectl-");
  }
}

void add_unread_places(const system::FileReader& files, facts::Facts& facts) {
  for (const std::string place : {"/etc", "/run"}) {
    const RootedPath directory{place + "/NetworkManager/system-connections"};
    try {
      static_cast<void>(files.list(directory));
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::permission) throw;
      facts.unread_connections.push_back(directory.text());
    }
  }
}

void add_connections(const facts::Ports& ports, facts::Facts& facts) {
  add_unread_places(ports.files, facts);
  for (const auto& path : facts::connection_files(ports.files)) {
    if (auto text = facts::readable(ports.files, path)) {
      add_connection(path, std::move(*text), facts);
    } else if (is_unread(ports.files, path)) {
      facts.unread_connections.push_back(path.text());
    }
  }
}

}  // namespace

constinit const facts::Detector network_detectors[1] = {{add_connections}};

}  // namespace timectl::features
