# shellcheck shell=bash
# What .ci/run and tests/run took, in build/ci-stages.tsv for tests/bench/run ci: program, stage, result, seconds,
# when it ended (seconds since 1970). Sourced by both, at the top of the tree.

stage_times=build/ci-stages.tsv

# forget_stages PROGRAM...: before all of their stages are played.
forget_stages() {
    local program
    for program in "$@"; do only_other_stages "$program" '*'; done
}

# record_stage PROGRAM STAGE RESULT SECONDS: in the place of the stage's last time.
record_stage() {
    only_other_stages "$1" "$2"
    printf '%s\t%s\t%s\t%s\t%s\n' "$@" "$EPOCHSECONDS" >>"$stage_times"
}

# only_other_stages PROGRAM STAGE: '*' is each of them.
only_other_stages() {
    mkdir -p "${stage_times%/*}"
    touch "$stage_times"
    awk -F '\t' -v program="$1" -v stage="$2" '!($1 == program && (stage == "*" || $2 == stage))' \
        "$stage_times" >"$stage_times.new"
    mv "$stage_times.new" "$stage_times"
}
