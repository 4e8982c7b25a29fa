// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "history/drawing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <optional>

namespace timectl::history {

namespace {

/// The place of a channel among the values of a slot.
using Value = std::size_t;
constexpr Value bound = place_of("bound_s");
constexpr Value offset = place_of("offset_s");
constexpr Value rtc_ahead = place_of("rtc_ahead_s");
constexpr Value saving = place_of("saving");
static_assert(std::max({bound, offset, rtc_ahead, saving}) < channels.size());

constexpr double width = 900;
constexpr double panel_height = 120;
constexpr double left = 110;
constexpr double top = 40;
constexpr double gap = 30;

/// What a panel or a row of bars shows of each slot.
struct Curve {
  Value value;
  const char* name;
};
constexpr std::array curves{Curve{bound, "bound"}, Curve{offset, "offset"},
                            Curve{rtc_ahead, "RTC ahead"}};

struct Range {
  double least;
  double most;
  double part(double value) const { return most > least ? (value - least) / (most - least) : 0.5; }
};

/// nullopt when no slot has a finite value.
std::optional<Range> range_of(const Summary& summary, Value value) {
  std::optional<Range> range;
  for (const auto& slot : summary.slots) {
    const double each = slot.values[value];
    if (!std::isfinite(each)) continue;
    if (!range) range = Range{each, each};
    range = Range{std::min(range->least, each), std::max(range->most, each)};
  }
  return range;
}

std::string span_text(double seconds) {
  if (std::isinf(seconds)) return "unknown";
  return std::isnan(seconds) ? "-" : format_span(Seconds{seconds});
}

char letter_of(const Slot& slot) {
  if (slot.seen == 0) return ' ';
  return "THIRUW"[static_cast<std::size_t>(slot.worst)];
}

const char* color_of(quality::State state) {
  constexpr std::array colors{"#2e7d32", "#9e9d24", "#f9a825", "#ef6c00", "#9e9e9e", "#c62828"};
  return colors.at(static_cast<std::size_t>(state));
}

std::string bars(const Summary& summary, Value value, const Range& range) {
  constexpr std::array blocks{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  std::string line;
  for (const auto& slot : summary.slots) {
    const double each = slot.values[value];
    if (!std::isfinite(each)) {
      line += std::isinf(each) ? "?" : " ";
      continue;
    }
    const auto step = static_cast<std::size_t>(range.part(each) * (blocks.size() - 1) + 0.5);
    line += blocks.at(std::min(step, blocks.size() - 1));
  }
  return line;
}

std::string escaped(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    if (c == '<')
      safe += "&lt;";
    else if (c == '>')
      safe += "&gt;";
    else if (c == '&')
      safe += "&amp;";
    else if (c == '"')
      safe += "&quot;";
    else
      safe += c;
  }
  return safe;
}

std::string text_at(double x, double y, const std::string& text, const char* anchor = "start") {
  return fmt::format("<text x=\"{:.0f}\" y=\"{:.0f}\" text-anchor=\"{}\">{}</text>\n", x, y, anchor,
                     escaped(text));
}

double x_of(const Summary& summary, std::size_t slot) {
  return left + width * static_cast<double>(slot) / static_cast<double>(summary.slots.size());
}

std::string draw_states(const Summary& summary) {
  std::string drawn = text_at(left - 8, top + 14, "state", "end");
  const double step = width / static_cast<double>(summary.slots.size());
  for (std::size_t i = 0; i < summary.slots.size(); ++i) {
    const auto& slot = summary.slots[i];
    if (slot.seen == 0) continue;
    drawn += fmt::format(
        "<rect x=\"{:.2f}\" y=\"{:.0f}\" width=\"{:.2f}\" height=\"18\" fill=\"{}\">"
        "<title>{} {}</title></rect>\n",
        x_of(summary, i), top, step + 0.3, color_of(slot.worst), format_utc(slot.from),
        quality::to_string(slot.worst));
  }
  return drawn;
}

/// One path, interrupted where nothing was seen.
std::string draw_curve(const Summary& summary, const Curve& curve, double y) {
  const auto range = range_of(summary, curve.value);
  std::string drawn = text_at(left - 8, y + panel_height / 2, curve.name, "end");
  drawn += fmt::format(
      "<rect x=\"{:.0f}\" y=\"{:.0f}\" width=\"{:.0f}\" height=\"{:.0f}\" fill=\"none\" "
      "stroke=\"#bbb\"/>\n",
      left, y, width, panel_height);
  if (!range) return drawn + text_at(left + 8, y + panel_height / 2, "nothing seen");
  drawn += text_at(left - 8, y + 12, span_text(range->most), "end");
  drawn += text_at(left - 8, y + panel_height, span_text(range->least), "end");
  std::string path;
  bool pen_is_down = false;
  for (std::size_t i = 0; i < summary.slots.size(); ++i) {
    const double value = summary.slots[i].values[curve.value];
    if (std::isfinite(value)) {
      path += fmt::format("{}{:.1f} {:.1f}", pen_is_down ? "L" : "M", x_of(summary, i),
                          y + panel_height * (1 - range->part(value)));
    }
    pen_is_down = std::isfinite(value);
  }
  return drawn + fmt::format("<path d=\"{}\" fill=\"none\" stroke=\"#1565c0\"/>\n", path);
}

std::string row_of(const Slot& slot) {
  return fmt::format("{}  {:14}  {:>4.0f}%  {:>9}  {:>9}  {:>9}", format_utc(slot.from),
                     quality::to_string(slot.worst), slot.values[saving] * 100,
                     span_text(slot.values[bound]), span_text(slot.values[offset]),
                     span_text(slot.values[rtc_ahead]));
}

}  // namespace

ChannelSet drawn_channels() {
  ChannelSet wanted;
  for (const auto place : {place_of("state"), saving, bound, offset, rtc_ahead}) wanted.set(place);
  return wanted;
}

std::vector<std::string> table(const Summary& summary) {
  std::vector<std::string> lines{fmt::format("{:20}  {:14}  {:>5}  {:>9}  {:>9}  {:>9}",
                                             "from (UTC)", "worst state", "saves", "bound",
                                             "offset", "RTC ahead")};
  for (const auto& slot : summary.slots) {
    if (slot.seen > 0) lines.push_back(row_of(slot));
  }
  return lines;
}

std::string state_letters(const Summary& summary) {
  std::string states;
  for (const auto& slot : summary.slots) states += letter_of(slot);
  return states;
}

std::vector<std::string> plot(const Summary& summary) {
  std::vector<std::string> lines{fmt::format("{:10}{}", "state", state_letters(summary))};
  for (const auto& curve : curves) {
    const auto range = range_of(summary, curve.value);
    if (!range) continue;
    lines.push_back(fmt::format("{:10}{}  {} .. {}", curve.name, bars(summary, curve.value, *range),
                                span_text(range->least), span_text(range->most)));
  }
  lines.emplace_back("the worst of each: T traceable, H holdover, I island, R rtc_only,");
  lines.emplace_back("U unsynchronized, W wrong");
  return lines;
}

std::string svg(const Summary& summary, const std::string& title) {
  const double height = top + gap + curves.size() * (panel_height + gap) + 20;
  std::string drawn = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {:.0f} {:.0f}\" "
      "font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" "
      "fill=\"#fff\"/>\n",
      left + width + 20, height);
  drawn += text_at(left, 20, title) + draw_states(summary);
  double y = top + 2 * gap;
  for (const auto& curve : curves) {
    drawn += draw_curve(summary, curve, y);
    y += panel_height + gap;
  }
  drawn += text_at(left, y - gap + 16, format_utc(summary.from));
  drawn += text_at(left + width, y - gap + 16, format_utc(summary.until), "end");
  return drawn + "</svg>\n";
}

std::string html(const Summary& summary, const std::string& title) {
  std::string rows;
  for (const auto& line : table(summary)) rows += escaped(line) + "\n";
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{}</title></head>"
      "<body>\n{}<pre>\n{}</pre>\n</body></html>\n",
      escaped(title), svg(summary, title), rows);
}

}  // namespace timectl::history
