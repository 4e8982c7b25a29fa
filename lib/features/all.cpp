// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/aliases/rows.hpp"
#include "features/controller/rows.hpp"
#include "features/dhcp/rows.hpp"
#include "features/existing/rows.hpp"
#include "features/feature.hpp"
#include "features/follow/rows.hpp"
#include "features/gps/rows.hpp"
#include "features/monitoring/rows.hpp"
#include "features/names/rows.hpp"
#include "features/network/rows.hpp"
#include "features/rtc/rows.hpp"
#include "features/serve/rows.hpp"

#include <type_traits>

namespace timectl::features {

namespace {

// In the order of reports. Entries without a folder stand where their probes are reported.
constinit const Feature list[] = {
    {"time", {}, probe::time_probes},
    {"rtc", rtc_contributions, rtc_probes, {}, rtc_steps},
    {"gps", gps_contributions},
    {"chrony", {}, probe::chrony_probes, rehearse::chrony_rehearsals},
    {"serve", serve_contributions, serve_probes, {}, serve_steps},
    {"follow", follow_contributions, follow_probes, follow_rehearsals, follow_steps},
    {"dhcp", dhcp_contributions, dhcp_probes, dhcp_rehearsals, {}, dhcp_detectors},
    {"controller", controller_contributions, controller_probes, {}, controller_steps},
    {"monitoring", monitoring_contributions, monitoring_probes},
    {"names", names_contributions, {}, {}, {}, names_detectors},
    {"aliases", aliases_contributions},
    {"existing", existing_contributions, {}, {}, {}, existing_detectors},
    {"network",
     network_contributions,
     probe::network_probes,
     network_rehearsals,
     {},
     network_detectors},
    {"host", {}, probe::host_probes, rehearse::units_rehearsals},
};

/// What all of them have of one kind of row, in the list's order.
template <auto member>
auto gather() {
  using Row = typename std::remove_cvref_t<decltype(Feature{}.*member)>::value_type;
  std::vector<Row> rows;
  for (const auto& feature : list) {
    rows.insert(rows.end(), (feature.*member).begin(), (feature.*member).end());
  }
  return rows;
}

}  // namespace

const std::vector<facts::Detector>& detectors() {
  static const auto rows = gather<&Feature::detectors>();
  return rows;
}

std::vector<target::Contribution> contributions() { return gather<&Feature::contributions>(); }

const std::vector<probe::Probe>& probes() {
  static const auto rows = gather<&Feature::probes>();
  return rows;
}

std::vector<rehearse::Rehearsal> rehearsals() { return gather<&Feature::rehearsals>(); }

std::vector<monitor::Step> steps() { return gather<&Feature::steps>(); }

}  // namespace timectl::features
