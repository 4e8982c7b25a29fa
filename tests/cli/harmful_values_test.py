# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""Values of a profile that can only hurt: refused whole, with their place, and nothing written."""

import json
import os
import subprocess

from harness import ScratchRoot, main, snapshot, timectl

CLIENT = ["--host", "main-pi"]


class HarmfulValues(ScratchRoot):
    packages = ["chrony"]

    def profile_with(self, change):
        document = json.loads(timectl("profile", "show", "missing-link", "--json").out)
        change(document)
        path = self.scratch / "site.json"
        path.write_text(json.dumps(document, indent=2))
        return path

    def refused(self, change, pointer, reason):
        path = self.profile_with(change)
        before = snapshot(self.root)
        words = ["--profile", path, *CLIENT]
        for result in [timectl("profile", "validate", path), self.run_here("plan", *words),
                       self.run_here("provision", "--yes", "--no-packages", *words)]:
            self.assert_status(2, result)
            self.assertRegex(result.err, r"site\.json:\d+:\d+: " + pointer + ": found ")
            self.assertIn(reason, result.err)
        self.assertEqual(before, snapshot(self.root))

    def set_in(self, *keys, value):
        def change(document):
            for key in keys[:-1]:
                document = document[key]
            document[keys[-1]] = value
        return change

    def test_a_controller_of_the_systems_or_of_timectls_own_is_refused(self):
        for unit, reason in [("dbus.service", "is needed by the check"),
                             ("timectl-monitor.service", "is timectl's own"),
                             ("getty@tty1.service", "takes logins and sessions along"),
                             ("heat-.service", "the name of a unit")]:
            self.refused(self.set_in("hosts", "main-pi", "controller", "unit", value=unit),
                         "/hosts/main-pi/controller/unit", reason)

    def test_a_metrics_directory_of_the_systems_or_of_timectls_own_is_refused(self):
        for directory, reason in [("/", "holds more"), ("/proc", "the kernel's"),
                                  ("/run/timectl", "timectl's own"),
                                  ("/etc/passwd", "for configuration")]:
            self.refused(self.set_in("hosts", "main-pi", "monitor", "textfile_directory",
                                     value=directory),
                         "/hosts/main-pi/monitor/textfile_directory", reason)

    def test_a_host_name_that_is_a_number_or_localhost_to_resolvers_is_refused(self):
        for name in ["LOCALHOST", "0x10"]:
            def rename(document, name=name):
                document["hosts"][name] = document["hosts"].pop("pi-ntp")
            self.refused(rename, f"/hosts/{name}", "another host name")

    def test_an_address_that_no_machine_has_is_refused_wherever_it_stands(self):
        for address, reason in [("0.0.0.0", "unspecified"), ("224.0.0.1", "multicast"),
                                ("255.255.255.255", "broadcast")]:
            for keys, value in [(("network", "dns"), [address]),
                                (("network", "gateway"), address),
                                (("hosts", "pi-ntp", "address"), address),
                                (("hosts", "pi-ntp", "sources", "servers"), [address]),
                                (("hosts", "main-pi", "client", "fallback"), [address])]:
                place = "/" + "/".join(keys) + ("/0" if isinstance(value, list) else "")
                self.refused(self.set_in(*keys, value=value), place, reason)

    def test_a_file_where_metrics_are_to_go_is_a_conflict(self):
        path = self.profile_with(self.set_in("hosts", "main-pi", "monitor", "textfile_directory",
                                             value="/srv/metrics"))
        (self.root / "srv").mkdir(exist_ok=True)
        (self.root / "srv/metrics").write_text("a file\n")
        before = snapshot(self.root)
        for command in [["plan"], ["provision", "--yes", "--no-packages"]]:
            result = self.run_here(*command, "--profile", path, *CLIENT)
            self.assert_status(1, result)
            self.assertIn("'/srv/metrics' is not a directory", result.err)
        self.assertEqual(before, snapshot(self.root))

    def test_a_link_of_another_user_where_metrics_are_to_go_is_a_conflict(self):
        path = self.profile_with(self.set_in("hosts", "main-pi", "monitor", "textfile_directory",
                                             value="/srv/metrics"))
        (self.root / "srv").mkdir(exist_ok=True)
        (self.root / "srv/metrics").symlink_to("/etc")
        os.chown(self.root / "srv/metrics", 65534, 65534, follow_symlinks=False)
        result = self.run_here("plan", "--profile", path, *CLIENT)
        self.assert_status(1, result)
        self.assertIn("'/srv/metrics' is a link of uid 65534", result.err)

    def test_root_writes_nothing_behind_a_directory_that_another_user_made_a_link(self):
        victim = self.root / "srv/victim"
        victim.mkdir(parents=True)
        conf_d = self.root / "etc/chrony/conf.d"
        if conf_d.exists():
            conf_d.rmdir()
        conf_d.parent.mkdir(parents=True, exist_ok=True)
        conf_d.symlink_to("/srv/victim")
        os.chown(conf_d, 65534, 65534, follow_symlinks=False)
        before = snapshot(self.root)
        for command in (["plan"], ["provision", "--yes", "--no-packages"]):
            result = self.run_here(*command, "--role", "server")
            self.assert_status(1, result)
            self.assertIn("belongs to uid 65534", result.err)
            self.assertEqual(before, snapshot(self.root))
        remedy = result.err.split("if it leads where it should: ")[1].splitlines()[0]
        subprocess.run(remedy, shell=True, check=True)
        self.assert_status(0, self.run_here("provision", "--yes", "--no-packages", "--role", "server"))
        self.assertEqual(["50-timectl.conf"], [path.name for path in victim.iterdir()])

    def test_a_link_in_a_directory_that_others_can_write_is_named_by_the_plan_too(self):
        conf_d = self.root / "etc/chrony/conf.d"
        if conf_d.exists():
            conf_d.rmdir()
        conf_d.parent.mkdir(parents=True, exist_ok=True)
        (self.root / "srv").mkdir(exist_ok=True)
        conf_d.symlink_to("/srv")
        conf_d.parent.chmod(0o775)
        result = self.run_here("plan", "--role", "server")
        self.assert_status(1, result)
        self.assertIn("is not in a directory of root alone (uid 0, mode 0775)", result.err.replace("\n", " "))
        self.assertIn("put a directory in its place: rm ", result.err)


if __name__ == "__main__":
    main()
