#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""promtool plays each alert rule: on a healthy host it is silent, in its situation it fires.

A rule joins metrics of different labels, and one that matches nothing never fires and looks like health.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ["TIMECTL_SOURCE"])
RULES = SOURCE / "packaging/prometheus/timectl.rules.yml"
HOST = 'instance="pi",job="node"'
SKIPPED = 77
MINUTES = 60

# What 'timectl monitor' writes on a healthy server with an RTC, by default limits; promtool's clock begins at 0.
HEALTHY = {
    **{f'timectl_time_state{{state="{state}"}}': "0"
       for state in ("holdover", "island", "rtc_only", "unsynchronized", "wrong")},
    'timectl_time_state{state="traceable"}': "1",
    "timectl_time_error_bound_seconds": "0.01",
    "timectl_time_limit_forecast_seconds": "+Inf",
    "timectl_clock_frequency_ratio": "-0.00002",
    "timectl_clock_skew_ratio": "0.0000001",
    "timectl_rtc_drift_ratio": "0.000001",
    "timectl_rtc_drift_margin_ratio": "0.0000005",
    "timectl_controller_power_saving_delayed": "0",
    "timectl_monitor_acted": "1",
    'timectl_limit_seconds{limit="bound"}': "5",
    'timectl_limit_seconds{limit="bound_warn"}': "1",
    'timectl_limit_seconds{limit="rtc_reading"}': "1.5",
    'timectl_limit_seconds{limit="forecast"}': "86400",
    'timectl_limit_seconds{limit="without_check"}': "240",
    'timectl_limit_ratio{limit="frequency"}': "0.0001",
    'timectl_limit_ratio{limit="skew"}': "0.00001",
    'timectl_limit_ratio{limit="rtc_drift_warn"}': "0.000005",
}
TICKS = "timectl_monitor_last_check_timestamp_seconds"
TRACEABLE = 'timectl_time_state{state="traceable"}'
RTC_ONLY = {TRACEABLE: "0", 'timectl_time_state{state="rtc_only"}': "1"}

# Each alert, what makes it fire, and what is nearly that and must not.
SITUATIONS = [
    ("TimeIsWrong", {TRACEABLE: "0", 'timectl_time_state{state="wrong"}': "1"},
     {TRACEABLE: "0", 'timectl_time_state{state="island"}': "1"}),
    ("TimeIsNotTrusted", {TRACEABLE: "0", 'timectl_time_state{state="unsynchronized"}': "1"}, RTC_ONLY),
    ("TimeErrorBoundIsLarge", {"timectl_time_error_bound_seconds": "1.1"},
     {"timectl_time_error_bound_seconds": "0.9"}),
    # The whole seconds of an RTC's reading are allowed for.
    ("TimeErrorBoundIsLarge", {**RTC_ONLY, "timectl_time_error_bound_seconds": "2.6"},
     {**RTC_ONLY, "timectl_time_error_bound_seconds": "2.4"}),
    ("TimeLimitIsNear", {"timectl_time_limit_forecast_seconds": "80000"},
     {"timectl_time_limit_forecast_seconds": "90000"}),
    ("ClockRunsFarOff", {"timectl_clock_frequency_ratio": "-0.00011"}, {"timectl_clock_frequency_ratio": "0.00009"}),
    ("ClockFrequencyIsUncertain", {"timectl_clock_skew_ratio": "0.000011"}, {"timectl_clock_skew_ratio": "NaN"}),
    ("RtcDrifts", {"timectl_rtc_drift_ratio": "-0.000006"},
     {"timectl_rtc_drift_ratio": "-0.000006", "timectl_rtc_drift_margin_ratio": "0.000002"}),
    ("ServerComesAndGoes", {"timectl_controller_power_saving_delayed": "1"},
     {"timectl_controller_power_saving_delayed": "1+0x29 0+0x30"}),
    ("MonitorFailed", {"timectl_monitor_acted": "0"}, {"timectl_monitor_acted": "0+0x4 1+0x55"}),
]


def promtool():
    places = [f"{tools}/usr/bin" for tools in os.environ.get("TIMECTL_TOOLS", "").split(":") if tools]
    return shutil.which("promtool", path=os.pathsep.join([os.environ.get("PATH", ""), *places]))


def series(name, values):
    name, _, labels = name.partition("{")
    labels = ",".join(filter(None, [labels.rstrip("}"), HOST]))
    return {"series": f"{name}{{{labels}}}", "values": values}


def throughout(value):
    """In promtool's notation; one that has a repetition already stays as it is."""
    if "x" in value:
        return value
    return f"{value}+0x{MINUTES}" if value[-1].isdigit() else " ".join([value] * (MINUTES + 1))


def input_of(changes, ticks):
    """`ticks`: when the last check was, minute by minute."""
    return [series(name, throughout(value)) for name, value in {**HEALTHY, **changes, TICKS: ticks}.items()]


def firing(alerts, minutes=MINUTES):
    return {"expr": 'count by (alertname) (ALERTS{alertstate="firing"})', "eval_time": f"{minutes}m",
            "exp_samples": [{"labels": f'{{alertname="{alert}"}}', "value": 1} for alert in alerts]}


def patience():
    """{alert: the minutes that its situation has to last}"""
    rules = re.split(r"- alert: ", RULES.read_text())[1:]
    found = {rule.split()[0]: re.search(r"^ +for: (\d+)m$", rule, re.M) for rule in rules}
    return {alert: int(minutes[1]) for alert, minutes in found.items() if minutes}


def each_minute(minutes):
    """Checked every minute at first, and then not any more."""
    return f"0+60x{minutes} {minutes * 60}x{MINUTES - minutes}"


class AlertRules(unittest.TestCase):
    def play(self, situations):
        """(changes, ticks, alerts that fire) each, in one run of promtool; by minutes where {minutes: alerts}."""
        with tempfile.TemporaryDirectory() as scratch:
            tests = [{"interval": "1m", "input_series": input_of(changes, ticks), "promql_expr_test": [firing(fire, minutes) for minutes, fire in
                                           (alerts if isinstance(alerts, dict) else {MINUTES: alerts}).items()]}
                     for changes, ticks, alerts in situations]
            file = pathlib.Path(scratch) / "tests.yml"
            # JSON is YAML.
            file.write_text(json.dumps({"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": tests}))
            done = subprocess.run([promtool(), "test", "rules", file], text=True, capture_output=True, check=False)
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)

    def test_promtool_accepts_them(self):
        done = subprocess.run([promtool(), "check", "rules", RULES], text=True, capture_output=True, check=False)
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)

    def test_they_are_silent_about_a_healthy_host(self):
        self.play([({}, each_minute(MINUTES), [])])

    def test_each_fires_in_its_situation_and_alone(self):
        self.play([(changes, each_minute(MINUTES), [alert]) for alert, changes, _ in SITUATIONS])

    def test_each_waits_as_long_as_its_rule_says(self):
        self.assertEqual({5, 10, 30}, set(patience().values()))
        self.play([(changes, each_minute(MINUTES), {patience()[alert] - 1: [], patience()[alert] + 1: [alert]})
                   for alert, changes, _ in SITUATIONS if alert in patience()])

    def test_what_is_nearly_its_situation_is_silent(self):
        self.play([(changes, each_minute(MINUTES), []) for _, _, changes in SITUATIONS])

    def test_a_monitor_that_stopped_is_missed(self):
        self.play([({}, each_minute(MINUTES - 5), ["NobodyWatchesTheTime"]), ({}, each_minute(MINUTES - 3), [])])

    def test_no_metric_at_all_after_a_boot_does_not_silence_that(self):
        half = MINUTES // 2
        limit = 'timectl_limit_seconds{limit="without_check"}'
        ticks = f"0+60x{half} _x{half}"
        self.play([({limit: f"240+0x{half} _x{half}"}, ticks, ["NobodyWatchesTheTime"]),
                   ({limit: f"3000+0x{half} _x{half}"}, ticks, [])])

    def test_an_older_timectl_that_told_no_limit_is_held_to_five_minutes(self):
        none = {'timectl_limit_seconds{limit="without_check"}': "_"}
        self.play([(none, each_minute(MINUTES - 6), ["NobodyWatchesTheTime"]), (none, each_minute(MINUTES - 4), [])])

    def test_no_rule_is_without_a_situation(self):
        named = {line.split()[-1] for line in RULES.read_text().splitlines() if "- alert:" in line}
        self.assertEqual(named, {alert for alert, _, _ in SITUATIONS} | {"NobodyWatchesTheTime"})


if __name__ == "__main__":
    if not promtool():
        print("skipped: promtool is neither installed nor below TIMECTL_TOOLS: packaging/unpack-promtool")
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)
