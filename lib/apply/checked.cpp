// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "apply/checked.hpp"

#include "base/text.hpp"
#include "system/unit_files.hpp"
#include "system/unit_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <string_view>

namespace timectl::apply {

using system::RootedPath;
using target::ReactionKind;

namespace {

constexpr std::string_view lower_and_digits = "abcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::string_view letters_digits_dashes =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._@:-";
constexpr std::size_t longest_host_name = 64;
constexpr std::uint32_t permission_bits = 0777;
constexpr std::uint32_t all_mode_bits = 07777;

[[noreturn]] void reject(std::string_view value, const char* what) {
  throw std::out_of_range{fmt::format("'{}' is no {}", value, what)};
}

bool is_of(std::string_view text, std::string_view allowed) {
  return text.find_first_not_of(allowed) == std::string_view::npos;
}

bool is_link_place(const RootedPath& path) {
  return std::find(system::link_places.begin(), system::link_places.end(), path.text()) !=
         system::link_places.end();
}

/// "networkd:eth0", "network_manager:timectl-eth0", "network_manager:UUID@wlan0",
/// "network_manager:*".
bool is_network_subject(std::string_view subject) {
  const auto colon = subject.find(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const auto name = subject.substr(colon + 1);
  if (name == "*") return true;
  return is_of(subject.substr(0, colon), "abcdefghijklmnopqrstuvwxyz_") && !name.empty() &&
         name.front() != '-' && is_of(name, letters_digits_dashes);
}

}  // namespace

RootedPath checked_path(const std::string& text) {
  if (has_control_characters(text)) reject(text, "path");
  return RootedPath{text};
}

std::string checked_blob(const std::string& text) {
  const bool is_name = text.starts_with("old-") && text.find('/') == std::string::npos;
  if (!is_name || has_control_characters(text)) reject(text, "name of a copy");
  return text;
}

std::string checked_generation(const std::string& text) {
  if (text.empty()) return text;
  const auto dash = text.rfind('-');
  const bool is_name = dash != std::string::npos && dash + 1 < text.size() &&
                       is_of(text.substr(0, dash), "0123456789TZ") &&
                       is_of(text.substr(dash + 1), "0123456789");
  if (!is_name) reject(text, "generation");
  return text;
}

std::string checked_unit(const std::string& text) {
  if (!system::is_unit_name(text)) reject(text, "name of a unit");
  return text;
}

std::string checked_package(const std::string& text) {
  const bool is_name = !text.empty() && is_of(text.substr(0, 1), lower_and_digits) &&
                       is_of(text, std::string{lower_and_digits} + "+-.:");
  if (!is_name) reject(text, "name of a package");
  return text;
}

std::string checked_checkpoint(const std::string& text) {
  const bool is_object = text.empty() || (text.front() == '/' &&
                                          is_of(text, std::string{letters_digits_dashes} + "/"));
  if (!is_object) reject(text, "checkpoint of NetworkManager");
  return text;
}

std::string checked_host_name(const std::string& text) {
  if (text.size() > longest_host_name || has_control_characters(text)) reject(text, "host name");
  return text;
}

target::Reaction checked_reaction(target::Reaction reaction) {
  const bool is_unit =
      reaction.kind == ReactionKind::restart || reaction.kind == ReactionKind::try_restart;
  if (is_unit) checked_unit(reaction.subject);
  const bool is_network = reaction.kind == ReactionKind::network_reload;
  if (is_network && !is_network_subject(reaction.subject)) {
    reject(reaction.subject, "part of a network back end");
  }
  if (reaction.kind == ReactionKind::set_host_name) checked_host_name(reaction.subject);
  return reaction;
}

std::uint32_t checked_file_mode(std::uint32_t mode) {
  if ((mode & ~all_mode_bits) != 0) reject(fmt::format("{:o}", mode), "mode of a file");
  return mode & permission_bits;
}

std::uint32_t checked_directory_mode(std::uint32_t mode) {
  if ((mode & ~all_mode_bits) != 0) reject(fmt::format("{:o}", mode), "mode of a directory");
  return mode;
}

system::Ownership without_special_bits(system::Ownership ownership) {
  ownership.mode &= permission_bits;
  return ownership;
}

system::FileType checked_file_type(system::FileType type) {
  const bool is_file = type == system::FileType::regular || type == system::FileType::symlink;
  if (!is_file) throw std::out_of_range{"neither a file nor a symlink can come back"};
  return type;
}

bool is_link_directory(const RootedPath& path) {
  const auto name = path.name();
  return system::holds_links(name) && is_link_place(path.parent()) &&
         system::is_unit_name(name.substr(0, name.rfind('.')));
}

bool is_link_path(const RootedPath& path) {
  const bool is_in_place = is_link_place(path.parent()) || is_link_directory(path.parent());
  return is_in_place && system::is_unit_name(path.name());
}

}  // namespace timectl::apply
