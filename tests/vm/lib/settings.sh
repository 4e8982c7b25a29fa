# shellcheck shell=bash
# What tests/vm takes from the lab, and what is its own. tests/pi sources it too.

vm_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
level=${level:-vm}
TIMECTL_SCENARIOS=${TIMECTL_SCENARIOS:-$vm_dir/scenarios}
# shellcheck source=tests/lab/lib/settings.sh
. "$vm_dir/../lab/lib/settings.sh"
# Laid over each disk.
machine_root=${machine_root:-$vm_dir/root}
# rtc-ds1307 and i2c-virtio are built for this one so far.
all_suites="bookworm"
