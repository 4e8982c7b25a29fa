// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "progress.hpp"

#include "page.hpp"

#include <fmt/format.h>

#include <algorithm>

#include <unistd.h>

namespace timectl::cli {

namespace {

constexpr int bar_width = 20;
constexpr std::chrono::seconds between_lines{10};

std::string bar_of(int percent) {
  const int done = std::clamp(percent, 0, 100) * bar_width / 100;
  return fmt::format("[{:#<{}}{:.<{}}] {:3} %  ", "", done, "", bar_width - done,
                     std::clamp(percent, 0, 100));
}

}  // namespace

Progress::Progress(std::FILE* stream)
    : stream_(stream), is_terminal_(isatty(fileno(stream)) == 1) {}

std::optional<std::string> Progress::show(std::string_view visible_step,
                                          std::optional<int> percent) {
  if (is_terminal_) {
    const auto text = (percent ? bar_of(*percent) : std::string{}) + std::string{visible_step};
    // A line that reached the margin would not be taken back by \r.
    fmt::print(stream_, "\r\033[K{}", text.substr(0, page_width() - 1));
    std::fflush(stream_);
    is_drawn_ = true;
    return std::nullopt;
  }
  const auto now = std::chrono::steady_clock::now();
  if (logged_ && now - *logged_ < between_lines) return std::nullopt;
  logged_ = now;
  return std::string{visible_step};
}

void Progress::clear() {
  if (!is_drawn_) return;
  std::fputs("\r\033[K", stream_);
  std::fflush(stream_);
  is_drawn_ = false;
}

}  // namespace timectl::cli
