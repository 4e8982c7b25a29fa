// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "rehearse/guest.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace timectl::rehearse {

namespace {

using system::RootedPath;

bool is_in_etc(const RootedPath& path) {
  return path.text() == "/etc" || path.text().starts_with("/etc/");
}

/// Words of chronyd and dnsmasq for what the kernel did not give them. chronyd has "Could not
/// parse" for its files alone.
constexpr std::array<std::string_view, 11> of_the_machine{
    "failed",
    "Could not",
    "could not",
    "cannot read",
    "cannot access",
    "cannot open",
    "error while loading",
    "non-zero error code",  // of a conf-script
    "No such ",
    "ermission denied",
    "not permitted"};

}  // namespace

void confine(system::SandboxSpec& spec, const Guest& guest) {
  spec.guest = guest.sandbox;
  const auto is_elsewhere = [](const RootedPath& path) { return !is_in_etc(path); };
  std::erase_if(spec.private_directories, is_elsewhere);
  std::erase_if(spec.removed, is_elsewhere);
  std::erase_if(spec.files, [&](const auto& file) { return is_elsewhere(file.path); });
  std::erase_if(spec.links, [&](const auto& link) { return is_elsewhere(link.first); });
  // An image that is not finished has none, and chronyd asks there for the user to run as.
  if (guest.files.status(RootedPath{"/etc/passwd"})) return;
  spec.files.push_back({RootedPath{"/etc/passwd"}, "root:x:0:0:root:/root:/usr/sbin/nologin\n"});
  spec.files.push_back({RootedPath{"/etc/group"}, "root:x:0:\n"});
}

bool has_program(const system::FileReader& files, const std::string& program) {
  constexpr std::array directories{"/usr/sbin", "/usr/bin", "/sbin", "/bin"};
  return std::any_of(directories.begin(), directories.end(), [&](const char* directory) {
    return files.status(RootedPath{directory} / program).has_value();
  });
}

bool may_be_different_there(const std::string& cause) {
  if (cause.find("Could not parse") != std::string::npos) return false;
  return std::any_of(of_the_machine.begin(), of_the_machine.end(), [&](std::string_view words) {
    return cause.find(words) != std::string::npos;
  });
}

}  // namespace timectl::rehearse
