# shellcheck shell=bash
# What tests/pi takes from the lab and from tests/vm, and what is its own.

pi_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
level=pi
TIMECTL_SCENARIOS=$pi_dir/scenarios
image_arch=arm64
machine_root=$pi_dir/root
repository_list=$pi_dir/repository
# shellcheck source=tests/vm/lib/settings.sh
. "$pi_dir/../vm/lib/settings.sh"
# Of the lab's hosts this one alone has a layer.
all_hosts=server spare_hosts=''
# Of one command: it installs packages, on a board that is four times slower than a machine of tests/vm.
export command_deadline=1200
# Of a finding that is waited for: one check of everything takes it ten seconds.
export patience=90
