// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "platform/platform.hpp"
#include "rehearse/rehearsal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace timectl::rehearse {

namespace {

bool names_line(const std::string& cause) {
  constexpr std::string_view before = "at line ";
  const auto at = cause.find(before);
  return at != std::string::npos && at + before.size() < cause.size() &&
         std::isdigit(static_cast<unsigned char>(cause[at + before.size()])) != 0;
}

/// "/dev/pps0" of a cause that names it; "" otherwise.
std::string device_in(const std::string& cause) {
  const auto at = cause.find("/dev/");
  if (at == std::string::npos) return "";
  const auto end = std::find_if(
      cause.begin() + static_cast<std::ptrdiff_t>(at) + 5, cause.end(), [](unsigned char letter) {
        return std::isalnum(letter) == 0 && letter != '/' && letter != '_' && letter != '-';
      });
  return {cause.begin() + static_cast<std::ptrdiff_t>(at), end};
}

/// "(rtcfile|rtcsync)" of "rtcfile directive cannot be used with rtcsync"; "" otherwise.
std::string clash_in(const std::string& cause) {
  const auto words = words_of(cause);
  const std::vector<std::string> between{"directive", "cannot", "be", "used", "with"};
  const auto found = std::search(words.begin(), words.end(), between.begin(), between.end());
  if (found == words.begin() || words.end() - found <= 5) return "";
  const auto is_plain = [](const std::string& word) {
    return std::all_of(word.begin(), word.end(),
                       [](unsigned char letter) { return std::isalpha(letter) != 0; });
  };
  const auto& first = *(found - 1);
  const auto second = found[5].substr(0, found[5].find_first_of("\";,"));
  return is_plain(first) && is_plain(second) ? fmt::format("({}|{})", first, second) : "";
}

std::string remedy_for_line(const std::string& cause, const std::string& root) {
  if (cause.find("timectl") == std::string::npos) {
    return root.empty() ? "correct the file and line that are named"
                        : fmt::format("correct the file and line that are named, below '{}'", root);
  }
  const auto option = root.empty() ? "" : fmt::format("--root {} ", shell_word(root));
  return fmt::format(
      "correct the template or the value of the profile that this line is from: timectl {}render "
      "--output DIR writes the file",
      option);
}

}  // namespace

std::string remedy_for(const std::string& cause, const std::string& root) {
  if (names_line(cause)) return remedy_for_line(cause, root);
  // The line may be in a template of the user's, and not yet among chrony's files.
  const auto directories = fmt::format("{} {}", shell_word(root + platform::chrony::directory),
                                       shell_word(root + "/etc/timectl"));
  if (const auto clash = clash_in(cause); !clash.empty()) {
    return fmt::format("keep one of the two: grep -rnsE '^ *{}' {}", clash, directories);
  }
  if (cause.find("NTP socket") != std::string::npos && root.empty()) {
    return "see which program holds the port: ss -lunp 'sport = :123'";
  }
  if (const auto device = device_in(cause); !device.empty() && root.empty()) {
    return fmt::format(
        "see whether the device is there: ls -l {0}; who names it: grep -rns {0} {1}", device,
        directories);
  }
  return fmt::format("correct the directive that is meant: grep -rnsE '^ *[a-z]' {}", directories);
}

}  // namespace timectl::rehearse
