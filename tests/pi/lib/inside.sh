#!/bin/bash
# One scenario in namespaces of its own (mounts, processes): called by tests/pi/run.
#
# usage: inside.sh SCENARIO   (suite, scratch, timectl_binary in the environment)
set -eEuo pipefail

pi_dir=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=tests/pi/lib/settings.sh
. "$pi_dir/lib/settings.sh"
for part in lab/lib/image lab/lib/network lab/lib/machine lab/lib/words vm/lib/image vm/lib/machine vm/lib/words \
    vm/lib/play pi/lib/emulator pi/lib/image pi/lib/machine pi/lib/words; do
    # shellcheck disable=SC1090
    . "$project_dir/tests/$part.sh"
done
play_scenario "$1"
