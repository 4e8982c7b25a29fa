# shellcheck shell=bash
# shellcheck disable=SC2154  # the lab's library sets them
# A provisioned client, on which TIMECTL_BENCH is measured.
scenario() {
    site_up
    # Ticks come without a pause here, and chronyd would answer every fourth question.
    on server sh -c 'sed -i /^ratelimit/d /etc/chrony/conf.d/50-timectl.conf && systemctl restart chrony'
    expect_serves server "$traceable"
    expect_by_ticks saving
    if [ -n "${TIMECTL_BENCH_TREE:-}" ]; then
        on main mkdir /opt/arm1176
        on main tar -C /opt/arm1176 -xf - <"$TIMECTL_BENCH_TREE"
    fi
    python3 -B "$project_dir/tests/bench/on_host.py" "$(init_of main)" "$TIMECTL_BENCH_SIZE" "$TIMECTL_BENCH" \
        >"$TIMECTL_BENCH_RESULTS"
}
