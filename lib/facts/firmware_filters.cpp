// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "facts/firmware_filters.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>

namespace timectl::facts {

namespace {

struct Model {
  std::string_view board;    ///< how the device tree's model begins
  std::string_view filters;  ///< those that hold for it
};

/// The more specific name first.
constexpr std::array models{Model{"Raspberry Pi Zero 2", "pi0 pi0w pi02"},
                            Model{"Raspberry Pi Zero W", "pi0 pi0w"},
                            Model{"Raspberry Pi Zero", "pi0"},
                            Model{"Raspberry Pi Model", "pi1"},
                            Model{"Raspberry Pi 2", "pi2"},
                            Model{"Raspberry Pi 3 Model A Plus", "pi3 pi3+"},
                            Model{"Raspberry Pi 3 Model B Plus", "pi3 pi3+"},
                            Model{"Raspberry Pi 3", "pi3"},
                            Model{"Raspberry Pi 400", "pi4 pi400"},
                            Model{"Raspberry Pi 4", "pi4"},
                            Model{"Raspberry Pi 500", "pi5 pi500"},
                            Model{"Raspberry Pi 5", "pi5"},
                            Model{"Raspberry Pi Compute Module 3 Plus", "pi3 cm3 cm3+"},
                            Model{"Raspberry Pi Compute Module 3", "pi3 cm3"},
                            Model{"Raspberry Pi Compute Module 4S", "pi4 cm4s"},
                            Model{"Raspberry Pi Compute Module 4", "pi4 cm4"},
                            Model{"Raspberry Pi Compute Module 5", "pi5 cm5"},
                            Model{"Raspberry Pi Compute Module Rev", "pi1 cm1"}};

bool has_word(std::string_view words, std::string_view word) {
  const auto found = words_of(words);
  return std::find(found.begin(), found.end(), word) != found.end();
}

bool is_known(std::string_view filter) {
  return std::any_of(models.begin(), models.end(),
                     [&](const Model& model) { return has_word(model.filters, filter); });
}

bool is_of_model(std::string_view filter) {
  const bool has_family = filter.starts_with("pi") || filter.starts_with("cm");
  return has_family && filter.size() > 2 && filter[2] >= '0' && filter[2] <= '9';
}

/// "gpio4=1" is about gpio4, "0x1234" about the serial number, "HDMI:0" about HDMI.
std::string kind_of(std::string_view filter) {
  if (is_of_model(filter)) return "model";
  if (filter.starts_with("0x")) return "serial";
  return std::string{filter.substr(0, filter.find_first_of("=:"))};
}

}  // namespace

void FirmwareFilters::read(std::string_view filter) {
  if (filter == "all") return by_kind_.clear();
  // What follows [none] without an [all] between, the documentation does not say.
  if (const auto none = by_kind_.find("none"); none != by_kind_.end()) {
    none->second = FilterState::maybe;
  }
  const auto kind = kind_of(filter);
  auto& state = by_kind_[kind];
  state = FilterState::maybe;
  if (kind == "none") state = FilterState::no;
  if (kind == "model") state = judge_model(filter);
}

FilterState FirmwareFilters::judge_model(std::string_view filter) const {
  if (!board_ || !is_known(filter)) return FilterState::maybe;
  const auto model = std::find_if(models.begin(), models.end(), [&](const Model& each) {
    return board_->starts_with(each.board);
  });
  if (model == models.end()) return FilterState::maybe;
  return has_word(model->filters, filter) ? FilterState::yes : FilterState::no;
}

FilterState FirmwareFilters::state() const {
  auto state = FilterState::yes;
  for (const auto& [kind, each] : by_kind_) state = std::min(state, each);
  return state;
}

}  // namespace timectl::facts
