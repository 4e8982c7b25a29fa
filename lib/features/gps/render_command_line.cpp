// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "features/gps/render.hpp"
#include "platform/platform.hpp"

#include <fmt/format.h>

#include <algorithm>

/// The kernel's command line as the firmware of a Raspberry Pi reads it: the one line of
/// cmdline.txt, its words apart by blanks (kernel-parameters.rst of Linux, "console=").
namespace timectl::features {

using target::Draft;

namespace {

/// "console=serial0,115200" of one of the devices.
bool is_console(std::string_view word, const std::vector<std::string>& devices) {
  constexpr std::string_view key = "console=";
  if (!word.starts_with(key)) return false;
  word.remove_prefix(key.size());
  const auto device = word.substr(0, word.find(','));
  return std::find(devices.begin(), devices.end(), device) != devices.end();
}

std::string words_that_go(std::string_view line, const std::vector<std::string>& devices) {
  std::vector<std::string> words;
  for (const auto& word : words_of(line)) {
    if (is_console(word, devices)) words.push_back(word);
  }
  return join(words, " ");
}

/// A sector is written whole or not at all; what reaches into a second one may end up half new.
constexpr std::size_t sector = 512;

std::string why_not(std::string_view text) {
  if (text.size() > sector) return "it is longer than the 512 bytes that a card writes at once";
  const auto end = text.find('\n');
  const bool is_one_line = end == std::string_view::npos || trim(text.substr(end)).empty();
  return is_one_line ? "" : "it has more than one line";
}

}  // namespace

std::string without_consoles(std::string_view line, const std::vector<std::string>& devices) {
  std::string result{line};
  std::size_t at = 0;
  while ((at = result.find_first_not_of(" \t\r\n", at)) != std::string::npos) {
    const auto end = std::min(result.find_first_of(" \t\r\n", at), result.size());
    const std::string_view word{result.data() + at, end - at};
    if (is_console(word, devices)) result.replace(at, end - at, end - at, ' ');
    at = end;
  }
  return result;
}

void release_console(Draft& draft, const SerialPort& port) {
  const auto& boot = draft.facts.boot;
  const auto goes = words_that_go(boot.command_line, port.consoles);
  if (goes.empty()) return;
  const auto path = draft.facts.boot_config->parent() / platform::command_line_file;
  if (boot.is_generated) {
    draft.target.conflicts.push_back(
        {fmt::format("{} has '{}', where the receiver is to be, and is automatically generated",
                     path.text(), goes),
         fmt::format("set CONSOLES=\"tty0\" in {}, run 'update-initramfs -u', then provision",
                     platform::raspi_firmware::defaults)});
    return;
  }
  if (const auto why = why_not(boot.command_line); !why.empty()) {
    draft.target.conflicts.push_back(
        {fmt::format("{} has '{}', where the receiver is to be, and timectl does not change it: {}",
                     path.text(), goes, why),
         fmt::format("take '{}' out of {}, then provision", goes, path.text())});
    return;
  }
  draft.target.files.push_back(
      {.path = path,
       .kind = target::FileKind::edited,
       .content = without_consoles(boot.command_line, port.consoles),
       .mode = 0755,
       .in_place = true,
       .why = fmt::format("takes the console off the receiver's port: '{}'", goes),
       .reactions = {{target::ReactionKind::reboot, ""}}});
}

}  // namespace timectl::features
