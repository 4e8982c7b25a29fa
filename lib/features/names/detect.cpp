// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "facts/detector.hpp"
#include "facts/yaml_block.hpp"
#include "features/names/rows.hpp"

#include <algorithm>
#include <array>

/// What cloud-init makes of the host name and /etc/hosts at each boot.
namespace timectl::features {

using system::RootedPath;

namespace {

constexpr auto directory = "/etc/cloud/cloud.cfg.d";

/// Where the NoCloud datasource has what a user gave: Raspberry Pi OS's and Ubuntu's boot
/// partition, then the seeds of images.
constexpr std::array user_data{"/boot/firmware/user-data", "/var/lib/cloud/seed/nocloud/user-data",
                               "/var/lib/cloud/seed/nocloud-net/user-data"};
/// Of any datasource, as it was at the last boot; root alone may read it.
constexpr auto kept_user_data = "/var/lib/cloud/instance/user-data.txt";

/// cloud-init's own rules (ds-identify and its generator): a file or a word of the kernel's command
/// line switches it off, and without a datasource it does nothing.
bool runs(const system::FileReader& files) {
  if (!files.status(RootedPath{"/etc/cloud/cloud.cfg"})) return false;
  if (files.status(RootedPath{"/etc/cloud/cloud-init.disabled"})) return false;
  const auto command_line = facts::readable(files, RootedPath{"/boot/firmware/cmdline.txt"});
  const auto words = words_of(command_line.value_or(""));
  if (std::find(words.begin(), words.end(), "cloud-init=disabled") != words.end()) return false;
  const auto is_there = [&](const char* path) {
    return files.status(RootedPath{path}).has_value();
  };
  return std::any_of(user_data.begin(), user_data.end(), is_there) ||
         is_there("/boot/firmware/meta-data") || is_there("/var/lib/cloud/instance");
}

/// The two keys, wherever the file has them at its outermost level. Nothing else of it is kept: it
/// may have passwords.
void read(const system::FileReader& files, const std::string& path, facts::CloudInit& found) {
  const auto text = facts::readable(files, RootedPath{path});
  if (!text) return;
  const auto lines = lines_of(*text);
  for (const auto& entry : facts::read_yaml_block(*text)) {
    if (entry.keys.size() != 1) continue;
    const auto& key = entry.keys.front();
    if (key != "preserve_hostname" && key != "manage_etc_hosts") continue;
    const auto line = entry.line >= 1 && entry.line <= lines.size() ? lines[entry.line - 1] : "";
    found.settings.push_back({key, entry.value, path, entry.line, std::string{trim(line)}});
  }
}

void add_cloud_init(const facts::Ports& ports, facts::Facts& facts) {
  const auto& files = ports.files;
  auto& found = facts.cloud_init;
  found.runs = runs(files);
  if (!found.runs) return;
  read(files, "/etc/cloud/cloud.cfg", found);
  for (const auto& path : facts::readable_entries(files, RootedPath{directory}, ".cfg")) {
    read(files, path.text(), found);
  }
  const auto seed = std::find_if(user_data.begin(), user_data.end(), [&](const char* path) {
    return files.status(RootedPath{path}).has_value();
  });
  read(files, seed == user_data.end() ? kept_user_data : *seed, found);
}

}  // namespace

constinit const facts::Detector names_detectors[1] = {{add_cloud_init}};

}  // namespace timectl::features
