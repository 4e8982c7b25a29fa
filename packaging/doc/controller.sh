#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
# A controller that reads the variables which timectl sets: see controller.md.
set -eu

# Compares with exactly "1": no other value allows it.
if [ "${CONSERVE_POWER:-}" = 1 ]; then
    echo "saves power, by the time of ${NTP_SERVER:?}"
else
    echo "saves no power: the time is not to be trusted"
fi
# Here the controller does its work. timectl restarts it when the variables change: there is nothing to poll.
exec sleep infinity
