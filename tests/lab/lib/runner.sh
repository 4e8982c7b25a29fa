# shellcheck shell=bash
# What the run scripts of tests/lab and tests/vm share: options, a directory for each scenario, the table.
# TIMECTL_TRIES overrides --tries: tests/soak counts each failure.
# A script that sources this (after settings.sh) has $level_dir, whose lib/inside.sh plays one scenario, and
# defines
#   require_capable_machine   skips where nothing can be booted
#   ensure_images             builds what the hosts of $suite are made of
#   before_scenarios, after_scenarios   around all of them; the second also when the run is ended
# and may define
#   before_suite, after_scenario        what else those of $suite need, what each of them leaves

usage() { sed -n '2,/^set /{/^set /d;/^# SPDX/d;s/^# \{0,1\}//p}' "$0"; }

list_scenarios() {
    local file
    for file in "$scenarios_dir"/*.sh; do
        printf '%-32s %s\n' "$(basename "$file" .sh)" "$(sed -n '2s/^# //p' "$file")"
    done
}

# run_scenario NAME: adds a line to $table. One in many that fails only now and then is a fault as well,
# in what is tested or in the scenario: tests/run names it. But a hundred others are not to be lost by it.
run_scenario() {
    local try started=$SECONDS result
    for ((try = 1; try <= tries; try++)); do
        play "$1" "$scratch_root/$suite-$1${try#1}"
        [ "$result" = FAILED ] || break
    done
    if [ "$result" = FAILED ]; then failed=1; fi
    if [ "$result" = passed ] && [ "$try" -gt 1 ]; then say "needed try $try: $suite: $1"; fi
    table+=("$(printf '%-10s %-32s %-8s %4d' "$suite" "$1" "$result" $((SECONDS - started)))")
}

# play NAME SCRATCH: sets $result. Its words go to the log, and to the screen if it fails.
play() {
    local name=$1 scratch=$2 status=0
    result=passed
    mkdir -p "$scratch"
    # At the start too: ctest's timeout kills this runner before it can say where the log is.
    say "$suite $name starts, its log: $scratch/log"
    env suite="$suite" scratch="$scratch" lab_cgroup="$lab_cgroup" keep="$keep" \
        timectl_binary="$timectl_binary" timectl_package="$timectl_package" shell_host="$shell_host" \
        setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child --mount-proc --propagation private \
        "$level_dir/lib/inside.sh" "$name" >"$scratch/log" 2>&1 </dev/null || status=$?
    after_scenario
    case $status in
    0) ;;
    77) result=skipped ;;
    *) result=FAILED ;;
    esac
    if [ "$result" = FAILED ]; then
        tail -n 60 "$scratch/log" >&2
        say "its log, consoles, journals and disks: $scratch"
        say "again: sudo tests/$level/run $name --suite $suite"
    else
        grep "^$level: " "$scratch/log" >&2 || true
        if [ -n "$keep" ]; then say "kept: $scratch"; else rm -rf "$scratch"; fi
    fi
}
before_suite() { :; }
after_scenario() { :; }

run_suite() {
    local name
    ensure_images
    timectl_binary=$binary timectl_package=
    [ -n "$binary" ] || build_binary
    before_suite
    if [ -n "$image_only" ]; then return; fi
    for name in "${scenarios[@]}"; do run_scenario "$name"; done
}


parse_options() {
    scenarios=() suites=$suite binary=${TIMECTL_BINARY:-} keep='' shell_host='' image_only='' tries=1
    while [ $# -gt 0 ]; do
        case $1 in
        --suite) suites=${2?} && shift ;;
        --binary) binary=$(readlink -f "${2?}") && shift ;;
        --shell) shell_host=${2?} && shift ;;
        --tries) tries=${2?} && shift ;;
        --keep) keep=1 ;;
        --image) image_only=1 ;;
        --list) list_scenarios && exit ;;
        --help | -h) usage && exit ;;
        -*) usage >&2 && exit 2 ;;
        *) scenarios+=("$(basename "$1" .sh)") ;;
        esac
        shift
    done
    tries=${TIMECTL_TRIES:-$tries}
    if [ "$suites" = all ]; then suites=$all_suites; fi
    if [ ${#scenarios[@]} = 0 ]; then mapfile -t scenarios < <(list_scenarios | cut -d' ' -f1); fi
}

check_names() {
    local name
    for name in "${scenarios[@]}"; do
        [ -e "$scenarios_dir/$name.sh" ] || { say "no scenario '$name'; tests/$level/run --list"; exit 2; }
    done
    for name in $suites; do
        case " $all_suites " in *" $name "*) ;; *) say "no suite '$name': $all_suites"; exit 2 ;; esac
    done
}

# run_level OPTION...: exits.
run_level() {
    parse_options "$@"
    check_names
    lab_cgroup=timectl-$level-$$ scratch_root=$cache_dir/run-$$ failed=0 table=()
    require_capable_machine
    mkdir -p "$scratch_root"
    trap clean_up EXIT
    trap 'say "stopped at ${BASH_SOURCE[0]##*/}:$LINENO: $BASH_COMMAND"' ERR
    before_scenarios
    for suite in $suites; do run_suite; done
    if [ ${#table[@]} -gt 0 ]; then
        printf '\n%-10s %-32s %-8s %4s\n' suite scenario result s
        printf '%s\n' "${table[@]}"
    fi
    exit "$failed"
}

clean_up() {
    after_scenarios
    rm -f "$scratch_root"/*-timectl
    rmdir "$scratch_root" 2>/dev/null || true
}
