// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "support/fake_files.hpp"
#include "system/network.hpp"
#include "system/packages.hpp"
#include "system/services.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace timectl::test {

/// The regular files and symlinks below a directory, as a file tree in memory.
FakeFiles load_tree(const std::filesystem::path& directory);

/// Units as their files and links below /etc/systemd/system have them; nothing runs.
class LinkedServices : public system::ServiceReader {
 public:
  explicit LinkedServices(const system::FileReader& files) : files_(files) {}

  bool is_running() const override { return false; }
  system::UnitState state(std::string_view unit) const override;
  std::vector<std::string> process_environment(std::uint32_t) const override { return {}; }
  std::vector<system::UnitProcess> processes(std::string_view) const override { return {}; }

 private:
  const system::FileReader& files_;
};

/// What /var/lib/dpkg/status says is installed.
class StatusPackages : public system::PackageReader {
 public:
  explicit StatusPackages(const system::FileReader& files) : files_(files) {}

  std::map<std::string, std::string> installed() const override;

 private:
  const system::FileReader& files_;
};

/// A network that stands still.
struct FixedNetwork : system::Network {
  std::string name = "debian";
  std::vector<system::Interface> found;
  std::optional<std::string> default_route;
  std::vector<system::UdpListener> listeners = {};

  std::vector<system::Interface> interfaces() const override { return found; }
  std::optional<std::string> default_route_interface() const override { return default_route; }
  std::optional<IpAddress> default_gateway() const override { return {}; }
  std::vector<system::Route> routes() const override { return {}; }
  std::vector<system::Neighbour> neighbours() const override { return {}; }
  std::vector<system::UdpListener> udp_listeners(std::uint16_t port) const override {
    std::vector<system::UdpListener> bound;
    for (const auto& each : listeners) {
      if (each.port == port) bound.push_back(each);
    }
    return bound;
  }
  std::vector<system::Connection> connections() const override { return {}; }
  std::string host_name() const override { return name; }
};

}  // namespace timectl::test
