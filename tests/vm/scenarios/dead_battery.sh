# shellcheck shell=bash
# A battery that died: the RTC's time is refused, that is said, and nothing is served by it; also where the
# kernel's driver does not look at the oscillator-stop flag and gives 2000-01-01 for the time.
scenario() {
    server_of_card server
    vouch server
    kill_host server

    rtc server battery_dies
    boot server
    # Kernels before 6.1.180 do not look at the flag.
    expect_refused 'oscillator_stopped|before_build'

    kill_host server
    rtc server battery_dies
    rtc server flag 0
    boot server
    expect_refused before_build
}

expect_refused() {
    expect_trust server "$1"
    expect_finding server rtc.time failed
    expect_exit 3 on server timectl rtc arm
    expect_serves server "$no_time" 60
    expect_ok on server journalctl --boot --unit timectl-rtc
    expect_output 'refused|not believed|stopped|before the build'
    # Nobody knows the time, but not the year 2000 either.
    expect_ok on server date +%Y
    expect_output '^20[2-4][0-9]$'
}
