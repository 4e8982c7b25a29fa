# shellcheck shell=bash
# shellcheck disable=SC2154  # the lab's library sets them
# A provisioned server, on which TIMECTL_BENCH is measured.
scenario() {
    boot main upstream server
    provision server
    expect_serves server "$traceable"
    python3 -B "$project_dir/tests/bench/on_host.py" "$(init_of server)" "$TIMECTL_BENCH_SIZE" "$TIMECTL_BENCH" \
        >"$TIMECTL_BENCH_RESULTS"
}
