// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "rehearse/stage.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "platform/platform.hpp"
#include "profile/networks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace timectl::rehearse {

namespace {

using system::RootedPath;
using target::DesiredFile;
using target::FileKind;

constexpr auto main_configuration = platform::chrony::configuration;

/// What of Debian's stock chrony.conf matters on top of our drop-ins.
std::string minimal_configuration() {
  return fmt::format(
      "confdir {}\nsourcedir {}\ndriftfile {}\nlogdir {}\n"
      "maxupdateskew 100.0\n"
      "rtcsync\n"
      "makestep 1 3\n",
      platform::chrony::drop_ins, RootedPath{platform::chrony::own_sources}.parent().text(),
      platform::chrony::drift_file, platform::chrony::log);
}

bool is_below(const RootedPath& path, std::string_view directory) {
  return path.text().size() > directory.size() && path.text().starts_with(directory) &&
         path.text()[directory.size()] == '/';
}

/// The host's file without the lines that the plan takes out.
std::string rest_of(const std::string& existing, const DesiredFile& file) {
  std::string rest;
  std::set<std::string_view> goes;
  for (const auto& each : file.superseded) goes.insert(trim(each));
  for (const auto& line : lines_of(existing)) {
    if (!goes.contains(trim(line))) rest += line + "\n";
  }
  return rest;
}

/// The host's file with the block's lines behind it: where the block stands matters to no reader.
std::string block_in_place(const DesiredFile& file, const system::FileReader& files) {
  const auto existing = files.read(file.path);
  if (!existing) return file.content;
  if (!file.superseded.empty()) return rest_of(existing->content, file) + file.content;
  if (existing->content.find(file.content) != std::string::npos) return existing->content;
  const bool ends_open = !existing->content.empty() && !existing->content.ends_with('\n');
  return fmt::format("{}{}{}", existing->content, ends_open ? "\n" : "", file.content);
}

/// A missing file that is not timectl's is not made.
void put_edited(const DesiredFile& file, const system::FileReader& files,
                system::SandboxSpec& sandbox) {
  const auto existing = files.read(file.path);
  if (!existing) return;
  const auto content = file.content.empty() ? rest_of(existing->content, file) : file.content;
  sandbox.files.push_back({file.path, content, file.mode});
}

void put_file(const DesiredFile& file, const system::FileReader& files,
              system::SandboxSpec& sandbox) {
  switch (file.kind) {
    case FileKind::owned:
      sandbox.files.push_back({file.path, file.content, file.mode});
      break;
    case FileKind::block:
      sandbox.files.push_back({file.path, block_in_place(file, files), file.mode});
      break;
    case FileKind::edited:
      put_edited(file, files, sandbox);
      break;
    case FileKind::link:
      sandbox.links.emplace_back(file.path, file.content);
      break;
    case FileKind::absent:
      sandbox.removed.push_back(file.path);
      break;
  }
}

/// /etc is private as a whole; of other places only the directory a file is in.
void make_room_for(const RootedPath& path, system::SandboxSpec& sandbox) {
  const auto holds = [&](const RootedPath& directory) { return is_below(path, directory.text()); };
  const auto& there = sandbox.private_directories;
  const auto& empty = sandbox.empty_directories;
  if (std::any_of(there.begin(), there.end(), holds)) return;
  if (std::any_of(empty.begin(), empty.end(), holds) || is_below(path, "/run")) return;
  sandbox.private_directories.push_back(path.parent());
}

/// A program that goes is no daemon's business, and its directory may be large.
bool is_script_that_goes(const DesiredFile& file) {
  return file.kind == FileKind::absent && !is_below(file.path, "/etc");
}

/// The "usr" directory of the package that chronyd is from: the host's, or an unpacked one.
std::optional<RootedPath> package_of_chronyd(const system::ProcessRunner& processes) {
  const auto program = processes.find(platform::chronyd.program);
  if (!program || !program->starts_with('/')) return std::nullopt;
  return RootedPath{*program}.parent().parent();
}

std::optional<system::File> read_if_possible(const system::FileReader& files,
                                             const RootedPath& path) {
  try {
    return files.read(path);
  } catch (const Error&) {
    return std::nullopt;
  }
}

bool has_main_configuration(const target::Target& target) {
  return std::any_of(target.files.begin(), target.files.end(), [](const DesiredFile& file) {
    return file.path == RootedPath{main_configuration};
  });
}

/// Sees to it that there is a main chrony.conf, and says where it is from.
std::string put_main_configuration(const system::FileReader& files,
                                   const system::ProcessRunner& processes,
                                   system::SandboxSpec& sandbox) {
  const RootedPath path{main_configuration};
  if (files.status(path)) return fmt::format("this host's {}", main_configuration);
  if (const auto package = package_of_chronyd(processes)) {
    const auto stock = *package / "share/chrony/chrony.conf";
    if (const auto file = read_if_possible(files, stock)) {
      sandbox.files.push_back({path, file->content});
      return fmt::format("the package's stock file {}", stock.text());
    }
  }
  sandbox.files.push_back({path, minimal_configuration()});
  return "a minimal equivalent of the stock file, which was not found";
}

/// The unit of a package that is unpacked and not installed, so that drop-ins for it are verified.
void put_unit_of_package(const system::FileReader& files, const system::ProcessRunner& processes,
                         system::SandboxSpec& sandbox) {
  const auto package = package_of_chronyd(processes);
  if (!package || *package == RootedPath{"/usr"}) return;
  for (const auto& directory :
       {*package / "lib/systemd/system", package->parent() / "lib/systemd/system"}) {
    if (const auto unit = read_if_possible(files, directory / platform::chronyd.unit)) {
      sandbox.files.push_back({RootedPath{"/etc/systemd/system/chrony.service"}, unit->content});
      return;
    }
  }
}

Stage make_empty_stage() {
  Stage stage;
  stage.sandbox.private_directories = {RootedPath{"/etc"}};
  stage.sandbox.empty_directories = {RootedPath{platform::chrony::state},
                                     RootedPath{platform::chrony::log}};
  return stage;
}

}  // namespace

bool has_file_below(const target::Target& target, std::string_view directory) {
  return std::any_of(target.files.begin(), target.files.end(), [&](const DesiredFile& file) {
    return file.kind != FileKind::absent && is_below(file.path, directory);
  });
}

std::optional<IpAddress> stranger_to(const profile::ServeFeature& serve) {
  // RFC 5737 and RFC 3849: addresses for documentation, which no site has.
  constexpr std::array<const char*, 4> candidates{"203.0.113.77", "198.51.100.77", "192.0.2.77",
                                                  "2001:db8::77"};
  for (const auto* text : candidates) {
    const auto address = IpAddress::parse(text);
    const auto is_allowed = [&](const Subnet& subnet) { return subnet.contains(*address); };
    if (std::none_of(serve.allow.begin(), serve.allow.end(), is_allowed)) return address;
  }
  return std::nullopt;
}

Stage make_stage(const target::Target& target, const profile::Profile& profile,
                 const profile::Host& host, const system::FileReader& files,
                 const system::ProcessRunner& processes) {
  auto stage = make_empty_stage();
  auto& sandbox = stage.sandbox;
  for (const auto& file : target.files) {
    if (file.in_place || is_script_that_goes(file)) continue;
    make_room_for(file.path, sandbox);
    put_file(file, files, sandbox);
  }
  if (has_file_below(target, platform::chrony::directory)) {
    stage.configuration = has_main_configuration(target)
                              ? "the target's own"
                              : put_main_configuration(files, processes, sandbox);
    put_unit_of_package(files, processes, sandbox);
  }
  for (const auto& address : host.addresses) {
    sandbox.addresses.push_back(profile::with_prefix(profile, address));
  }
  if (host.serve) {
    const auto stranger = stranger_to(*host.serve);
    if (stranger) {
      sandbox.addresses.push_back(
          {*stranger, stranger->family() == IpAddress::Family::v4 ? 32 : 128});
    }
  }
  return stage;
}

Stage make_stage_of_host(const system::FileReader& files, const system::ProcessRunner& processes) {
  auto stage = make_empty_stage();
  stage.configuration = put_main_configuration(files, processes, stage.sandbox);
  return stage;
}

}  // namespace timectl::rehearse
