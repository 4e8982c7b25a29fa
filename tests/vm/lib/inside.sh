#!/bin/bash
# One scenario in namespaces of its own (mounts, processes): called by tests/vm/run.
#
# usage: inside.sh SCENARIO   (suite, scratch, timectl_binary, cuts in the environment)
set -eEuo pipefail

vm_dir=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=tests/vm/lib/settings.sh
. "$vm_dir/lib/settings.sh"
for part in lab/lib/image lab/lib/network lab/lib/machine lab/lib/words \
    vm/lib/image vm/lib/machine vm/lib/words vm/lib/cuts vm/lib/play; do
    # shellcheck disable=SC1090
    . "$project_dir/tests/$part.sh"
done
play_scenario "$1"
