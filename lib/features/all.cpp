// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/aliases/rows.hpp"
#include "features/controller/rows.hpp"
#include "features/dhcp/rows.hpp"
#include "features/existing/rows.hpp"
#include "features/feature.hpp"
#include "features/monitoring/rows.hpp"
#include "features/names/rows.hpp"
#include "features/rtc/rows.hpp"

namespace timectl::features {

namespace {

constinit const Feature list[] = {
    {"rtc", rtc_contributions},
    {"dhcp", dhcp_contributions},
    {"controller", controller_contributions},
    {"monitoring", monitoring_contributions},
    {"names", names_contributions},
    {"aliases", aliases_contributions},
    {"existing", existing_contributions},
};

}  // namespace

std::span<const Feature> all() { return list; }

std::vector<target::Contribution> contributions() {
  std::vector<target::Contribution> rows;
  for (const auto& feature : list) {
    rows.insert(rows.end(), feature.contributions.begin(), feature.contributions.end());
  }
  return rows;
}

}  // namespace timectl::features
