// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/kinds.hpp"
#include "profile/tables.hpp"

namespace timectl::profile {

namespace {

constexpr Field<RtcFeature> rtc_fields[] = {
    {.key = "chip", .access = holds<&RtcFeature::chip, kind::Chip>},
    {.key = "bus", .access = holds<&RtcFeature::bus, kind::Number<0, 255>>},
    {.key = "address", .access = holds<&RtcFeature::address, kind::I2cAddress>},
};

}  // namespace

constinit const Table<RtcFeature> rtc_table{rtc_fields};

}  // namespace timectl::profile
