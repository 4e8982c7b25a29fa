// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace timectl::facts {

/// Whether the firmware applies a line on this board; `maybe`: only the board itself knows.
enum class FilterState { no, maybe, yes };

/// The conditional filters of config.txt ("[pi4]", "[gpio4=1]"), as the documentation of Raspberry
/// Pi has them (raspberrypi.com/documentation/computers/config_txt.html, "Conditional filters"): a
/// filter takes the place of an earlier one of its kind, filters of different kinds must all hold,
/// and [all] ends all of them.
class FirmwareFilters {
 public:
  /// `board` is the device tree's model; nullopt: no model is known.
  explicit FirmwareFilters(std::optional<std::string> board) : board_(std::move(board)) {}

  /// What stands between the brackets.
  void read(std::string_view filter);
  FilterState state() const;

 private:
  FilterState judge_model(std::string_view filter) const;

  std::optional<std::string> board_;
  std::map<std::string, FilterState, std::less<>> by_kind_;
};

}  // namespace timectl::facts
