#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
# A controller that goes by what timectl tells it: see controller.md.
set -eu

# Exactly "1": whatever else somebody set is no permission.
if [ "${CONSERVE_POWER:-}" = 1 ]; then
    echo "saves power, by the time of ${NTP_SERVER:?}"
else
    echo "saves no power: the time is not to be trusted"
fi
# The controller's own work. What changes, a restart tells: there is nothing to poll.
exec sleep infinity
