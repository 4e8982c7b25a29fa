# shellcheck shell=bash
# A battery that died: the RTC's time is refused, that is said, and nothing is served by it; also where the kernel's
# driver does not read the oscillator-stop flag and gives 2000-01-01 for the time.
scenario() {
    server_of_card server
    validate server
    kill_host server

    rtc server battery_dies
    boot server
    # Kernels before 6.1.180 do not read the flag.
    expect_rtc_refused server 'oscillator_stopped|before_build'

    kill_host server
    rtc server battery_dies
    rtc server flag 0
    boot server
    expect_rtc_refused server before_build
}
