// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "base/text.hpp"
#include "facts/details.hpp"
#include "facts/firmware_filters.hpp"

#include <algorithm>

/// config.txt as the firmware reads it (raspberrypi.com/documentation/computers/config_txt.html and
/// configuration.html, "Device Trees, overlays, and parameters"): filters, `include FILE` as if the
/// file's lines stood there, and `dtparam=` behind an overlay as one of that overlay's.
namespace timectl::facts {

using system::RootedPath;

namespace {

/// A file may include itself; the firmware does not say how deep it goes.
constexpr int deepest_include = 8;
constexpr std::size_t most_includes = 32;

/// What stands behind one of the keys; nullopt for other lines.
std::optional<std::string_view> value_of(std::string_view line,
                                         std::initializer_list<std::string_view> keys) {
  for (const auto key : keys) {
    if (line.starts_with(key)) return trim(line.substr(key.size()));
  }
  return std::nullopt;
}

/// "ds3231,i2c0", with a colon before the parameters in old files; what a blank begins is no part.
std::vector<std::string> parameters_of(std::string_view text) {
  std::vector<std::string> parameters;
  text = text.substr(0, text.find_first_of(" \t#"));
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of(",:"), text.size());
    if (end != 0) parameters.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parameters;
}

class ConfigReader {
 public:
  ConfigReader(const system::FileReader& files, RootedPath directory,
               std::optional<std::string> board)
      : files_(files), directory_(std::move(directory)), filters_(std::move(board)) {}

  void read(const RootedPath& path, std::string_view text, int depth = 0) {
    std::size_t number = 0;
    bool is_ours = false;
    for (const auto& line : lines_of(text)) {
      ++number;
      if (line.starts_with("# BEGIN timectl")) is_ours = true;
      if (line.starts_with("# END timectl")) is_ours = false;
      const auto bare = trim(line);
      if (bare.starts_with('[')) {
        filters_.read(trim(bare.substr(1, bare.find(']') - 1)));
      } else if (bare.starts_with("include ") || bare.starts_with("include\t")) {
        include(trim(bare.substr(8)), depth);
      } else if (filters_.state() != FilterState::no) {
        take(bare, path, number, is_ours);
      }
    }
  }

  std::vector<Overlay> overlays;

 private:
  void take(std::string_view line, const RootedPath& path, std::size_t number, bool is_ours) {
    if (const auto value = value_of(line, {"dtoverlay=", "device_tree_overlay="})) {
      takes_parameters_ = !is_ours && !value->empty();
      if (!takes_parameters_) return;
      auto words = parameters_of(*value);
      Overlay overlay;
      overlay.line = number;
      overlay.file = path.text();
      overlay.text = std::string{line};
      overlay.is_certain = filters_.state() == FilterState::yes;
      if (!words.empty()) overlay.name = words.front();
      if (!words.empty()) overlay.parameters.assign(words.begin() + 1, words.end());
      overlays.push_back(std::move(overlay));
    } else if (const auto more = value_of(line, {"dtparam=", "dtparams=", "device_tree_param="});
               more && takes_parameters_ && !is_ours) {
      auto& later = overlays.back().later;
      for (auto& each : parameters_of(*more)) later.push_back(std::move(each));
    }
  }

  /// Relative to the boot partition. What is not there the firmware passes over, and so does this.
  void include(std::string_view name, int depth) {
    if (filters_.state() == FilterState::no || depth == deepest_include) return;
    if (++includes_ > most_includes) return;
    try {
      const auto path = directory_ / name;
      const auto file = files_.read(path);
      if (file) read(path, file->content, depth + 1);
    } catch (const Error&) {
      return;  // no regular file, or a path that leads out of the partition
    }
  }

  const system::FileReader& files_;
  RootedPath directory_;
  FirmwareFilters filters_;
  std::size_t includes_ = 0;
  bool takes_parameters_ = false;
};

}  // namespace

std::vector<Overlay> read_overlays(const system::FileReader& files, const RootedPath& path,
                                   const std::optional<std::string>& board) {
  ConfigReader reader{files, path.parent(), board};
  reader.read(path, readable(files, path).value_or(""));
  return std::move(reader.overlays);
}

}  // namespace timectl::facts
