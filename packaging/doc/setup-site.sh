#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# How a site's own set-up script calls timectl: it needs no terminal, and knows afterwards what to do.
# usage, as root on the new host: setup-site.sh ROLE [PROFILE]
set -eu
role=$1 profile=${2:-site.json}
report=$(mktemp)
trap 'rm -f "$report"' EXIT

status=0
timectl --json provision --profile "$profile" --role "$role" --yes --wait 10m >"$report" || status=$?
case $status in
0) echo "this host is set up as $role" ;;
3) echo "set up, but not in order: timectl verify names cause and remedy" ;; # no RTC, no source: go on
*) exit "$status" ;; # nothing was changed, or it was rolled back; the reason stands on standard error
esac
if grep -q '"reboot_required": true' "$report"; then
    systemctl reboot
fi
