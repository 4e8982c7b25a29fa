// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "facts/detector.hpp"
#include "facts/yaml_block.hpp"
#include "features/names/rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

/// What cloud-init makes of the host name and /etc/hosts at each boot.
namespace timectl::features {

using system::RootedPath;

namespace {

constexpr auto directory = "/etc/cloud/cloud.cfg.d";

/// Where the NoCloud datasource has what a user gave; the first that is there counts: Raspberry Pi
/// OS's and Ubuntu's boot partition, then the seeds of images.
constexpr std::array<std::string_view, 3> seeds{"/boot/firmware", "/var/lib/cloud/seed/nocloud",
                                                "/var/lib/cloud/seed/nocloud-net"};
constexpr std::string_view boot_seed = seeds.front();
/// Of any datasource, as it was at the last boot, the vendor's first; root alone may read them.
constexpr auto instance = "/var/lib/cloud/instance";
constexpr std::array<std::string_view, 3> kept{"/var/lib/cloud/instance/vendor-cloud-config.txt",
                                               "/var/lib/cloud/instance/vendor2-cloud-config.txt",
                                               "/var/lib/cloud/instance/cloud-config.txt"};

bool exists(const system::FileReader& files, std::string_view place, const char* name) {
  return files.status(RootedPath{fmt::format("{}/{}", place, name)}).has_value();
}

/// The kernel's, of the next boot.
std::vector<std::string> command_line(const system::FileReader& files) {
  return words_of(facts::readable(files, RootedPath{"/boot/firmware/cmdline.txt"}).value_or(""));
}

/// cloud-init's own rules (ds-identify and its generator): a file or a word of the kernel's command
/// line switches it off, and without a datasource it does nothing.
bool runs(const system::FileReader& files) {
  if (!files.status(RootedPath{"/etc/cloud/cloud.cfg"})) return false;
  if (files.status(RootedPath{"/etc/cloud/cloud-init.disabled"})) return false;
  const auto words = command_line(files);
  if (std::find(words.begin(), words.end(), "cloud-init=disabled") != words.end()) return false;
  return std::any_of(seeds.begin(), seeds.end(),
                     [&](std::string_view seed) { return exists(files, seed, "user-data"); }) ||
         exists(files, boot_seed, "meta-data") || files.status(RootedPath{instance}).has_value();
}

/// Where the instance is the one of the last boot by what is at hand early, cloud-init takes what
/// it kept of it and reads no datasource (check_instance_id, DataSourceNoCloud.py): by
/// "ds=nocloud;i=ID" of the command line, as the Imager writes it, or by a seed in the image.
bool keeps_instance(const system::FileReader& files) {
  if (!files.status(RootedPath{instance})) return false;
  for (const auto& word : command_line(files)) {
    const bool names_it = word.find(";i=") != word.npos || word.find(";instance-id=") != word.npos;
    if (word.starts_with("ds=nocloud") && names_it) return true;
  }
  return std::any_of(seeds.begin() + 1, seeds.end(),
                     [&](std::string_view seed) { return exists(files, seed, "meta-data"); });
}

/// "#cloud-config" with a key a line; not of several parts, from a template, compressed or as JSON.
bool is_plain(const std::string& text) {
  if (!text.starts_with("#cloud-config")) return false;
  const auto lines = lines_of(text);
  return std::none_of(lines.begin(), lines.end(),
                      [](const std::string& line) { return trim(line).starts_with('{'); });
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

/// What is behind the system's own files, the user's last. What was kept of the last boot also
/// speaks for what cannot be read here as it stands.
std::vector<std::string> given(const system::FileReader& files) {
  const auto seed = std::find_if(seeds.begin(), seeds.end(), [&](std::string_view each) {
    return exists(files, each, "user-data");
  });
  const bool was_kept = facts::readable(files, RootedPath{std::string{kept.back()}}).has_value();
  std::vector<std::string> paths{kept.begin(), kept.end()};
  if (seed == seeds.end() || (was_kept && keeps_instance(files))) return paths;
  const auto user_data = fmt::format("{}/user-data", *seed);
  const auto text = facts::readable(files, RootedPath{user_data});
  if (was_kept && text && !is_plain(*text)) return paths;
  return {fmt::format("{}/vendor-data", *seed), user_data};
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
  for (const auto& path : given(files)) read(files, path, found);
}

}  // namespace

constinit const facts::Detector names_detectors[1] = {{add_cloud_init}};

}  // namespace timectl::features
