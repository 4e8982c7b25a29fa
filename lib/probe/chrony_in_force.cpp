// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "probe/chrony_in_force.hpp"

#include "base/text.hpp"
#include "platform/platform.hpp"
#include "probe/asks.hpp"
#include "profile/networks.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace timectl::probe {

namespace {

constexpr auto not_read_summary = "chronyd does not read timectl's files";

facts::ChronyDuty duty_of(const Subject& subject, const Ports& ports) {
  facts::ChronyDuty duty;
  if (subject.host.client) duty.max_distance = Seconds{subject.host.client->root_distance_max};
  duty.add_own(ports.network.interfaces());
  if (!subject.host.serve) return duty;
  duty.allowed = subject.host.serve->allow;
  for (const auto* address : profile::served_addresses(subject.host)) {
    duty.add(address->address, address->interface, subject.facts);
  }
  return duty;
}

/// `by_hand`, and what does it where timectl may edit the file.
std::string remedy_of(const std::string& by_hand, bool may_be_edited) {
  return may_be_edited ? by_hand + "; timectl provision --take-over does it" : by_hand;
}

std::optional<Finding> not_read(const facts::Chrony& chrony) {
  const auto& now = chrony.now;
  if (!now.own_at.empty() && now.reads_own_sources) return std::nullopt;
  const auto& hides = now.hides_own.empty() ? now.hides_own_sources : now.hides_own;
  if (!now.doubts.empty()) {
    return Finding{{}, Verdict::unknown,       "whether chronyd reads timectl's files is not known",
                   {}, join(now.doubts, ", "), "chronyd -p shows what it reads"};
  }
  if (!hides.empty()) {
    return failed({not_read_summary, fmt::format("it reads {} in the place of one of them", hides),
                   fmt::format("give {} another name, or remove it", hides)},
                  {});
  }
  return failed({not_read_summary,
                 fmt::format("{} does not name timectl's directories: {}",
                             platform::chrony::configuration, join(lines_of(chrony.block), ", ")),
                 remedy_of("add these lines to it", now.may_edit_main)},
                {});
}

}  // namespace

std::optional<Finding> chrony_not_in_force(const Subject& subject, const Ports& ports) {
  // As the files are now: `subject` may be older than what was just provisioned.
  const auto chrony = facts::read_chrony(ports.files, true, true);
  if (!chrony || !chrony->now.has_main) return std::nullopt;
  if (!chrony->elsewhere.empty()) {
    return failed({not_read_summary, chrony->elsewhere, "take the option out there"}, {});
  }
  if (auto finding = not_read(*chrony)) return finding;
  const auto obstacles = facts::obstacles_in(chrony->now, duty_of(subject, ports));
  if (obstacles.empty()) return std::nullopt;
  const auto& first = obstacles.front();
  const bool may_be_edited =
      std::all_of(first.lines.begin(), first.lines.end(),
                  [](const auto& directive) { return directive.may_be_edited; });
  return failed(
      {"a directive of others keeps chronyd from what timectl's files say",
       fmt::format("{}: {}", first.place, first.reason), remedy_of("take it out", may_be_edited)},
      {});
}

}  // namespace timectl::probe
