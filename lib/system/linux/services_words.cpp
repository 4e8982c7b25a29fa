// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/linux/services_words.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "system/linux/libsystemd.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <string_view>
#include <thread>

namespace timectl::system::os {

namespace {

using namespace std::chrono_literals;

/// What a process says last reaches the journal's files a little after its end.
constexpr int looks = 10;
constexpr auto pause = 100ms;
/// A daemon that dies of its configuration has not said more.
constexpr int most_entries = 100;
constexpr std::size_t longest = 300;

struct Close {
  void operator()(sd_journal* journal) const { sd_journal_close(journal); }
};
using Journal = std::unique_ptr<sd_journal, Close>;

Journal open_journal(const std::string& invocation) {
  sd_journal* opened = nullptr;
  if (sd_journal_open(&opened, SD_JOURNAL_LOCAL_ONLY) < 0) return nullptr;
  Journal journal{opened};
  const auto match = "_SYSTEMD_INVOCATION_ID=" + invocation;
  if (sd_journal_add_match(opened, match.data(), match.size()) < 0) return nullptr;
  return sd_journal_seek_tail(opened) < 0 ? nullptr : std::move(journal);
}

/// The value of a field of the entry at hand; "" when it has none.
std::string value_of(sd_journal* journal, const char* field) {
  const void* data = nullptr;
  std::size_t size = 0;
  if (sd_journal_get_data(journal, field, &data, &size) < 0) return "";
  const std::string_view text{static_cast<const char*>(data), size};
  return std::string{text.substr(std::min(text.find('=') + 1, text.size()))};
}

bool is_error(const std::string& priority) {
  return priority.size() == 1 && priority >= "0" && priority <= "3";
}

/// The first line.
std::string one_line(const std::string& message) {
  return std::string{trim(message.substr(0, std::min(message.find('\n'), longest)))};
}

std::string look(const std::string& invocation) {
  const auto journal = open_journal(invocation);
  std::string last;
  for (int i = 0; journal && i < most_entries && sd_journal_previous(journal.get()) > 0; ++i) {
    const auto line = one_line(value_of(journal.get(), "MESSAGE"));
    if (line.empty()) continue;
    if (is_error(value_of(journal.get(), "PRIORITY"))) return line;
    if (last.empty()) last = line;
  }
  return last;
}

}  // namespace

std::string last_words_of(const std::string& invocation) {
  if (invocation.empty()) return "";
  for (int i = 0; i < looks; ++i) {
    if (i > 0) std::this_thread::sleep_for(pause);
    try {
      if (auto words = look(invocation); !words.empty()) return words;
    } catch (const Error&) {  // a libsystemd without these functions
      return "";
    }
  }
  return "";
}

}  // namespace timectl::system::os
