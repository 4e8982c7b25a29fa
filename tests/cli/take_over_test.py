# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""What the old scripts left goes with the plan; what is not recognized is refused without --take-over."""

import unittest

from harness import ScratchRoot, main, snapshot

try:
    import yaml
except ImportError:
    yaml = None

SERVER = ["--role", "server"]


class OldHost(ScratchRoot):
    packages = ["chrony"]

    def put(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def provision(self, *words):
        return self.run_here("provision", "--yes", "--no-packages", *SERVER, *words)


class TakeOver(OldHost):
    def test_lines_of_the_script_go_and_the_files_are_not_watched_afterwards(self):
        modules = self.put("etc/modules", "i2c-dev\nrtc-ds1307\nrtc-ds1307\n")
        service = self.put("etc/systemd/system/rtc-ds3231.service",
                           "ExecStart=/bin/sh -c 'echo ds1307 0x68 > /sys/x/new_device'\n"
                           "ExecStart=/sbin/hwclock -s\n")
        plan = self.run_here("plan", *SERVER)
        self.assert_status(3, plan)
        self.assertIn("-rtc-ds1307", plan.out)
        self.assertIn("remove /etc/systemd/system/rtc-ds3231.service", plan.out)
        self.assertEqual(0, self.provision().status)
        self.assertEqual("i2c-dev\n", modules.read_text())
        self.assertFalse(service.exists())
        modules.write_text("i2c-dev\nmine\n")
        self.assert_status(0, self.run_here("plan", *SERVER))

    def test_what_is_not_recognised_is_named_and_nothing_is_written(self):
        hosts = self.root / "etc/hosts"
        before_hosts = hosts.read_text() if hosts.exists() else ""
        hosts.write_text(before_hosts + "192.168.4.99 pi-ntp\n")
        before = snapshot(self.root)
        for command in (self.run_here("plan", *SERVER), self.provision()):
            self.assert_status(1, command)
            self.assertIn("('192.168.4.99 pi-ntp')", command.err)
            self.assertIn("--take-over", command.err)
        self.assertEqual(before, snapshot(self.root))
        self.assertEqual(0, self.provision("--take-over").status)
        self.assertNotIn("192.168.4.99", hosts.read_text())
        kept = [path for path in (self.root / "var/lib/timectl").rglob("*")
                if path.is_file() and "192.168.4.99 pi-ntp" in path.read_text(errors="replace")]
        self.assertTrue(kept, "the old file is in the generation")


class ChronyInForce(OldHost):
    """A chrony.conf that never reads what timectl writes beside it, or is against it."""

    minimal = ("pool 2.debian.pool.ntp.org iburst\ndriftfile /var/lib/chrony/chrony.drift\n"
               "allow 10.0.0.0/8\nmakestep 1.0 3\n")

    def conf(self, text, path="etc/chrony/chrony.conf"):
        return self.put(path, text)

    def test_a_file_that_reads_no_directory_is_refused_or_gets_the_lines_and_comes_back(self):
        conf = self.conf(self.minimal)
        before = snapshot(self.root)
        for command in (self.run_here("plan", *SERVER), self.provision()):
            self.assert_status(1, command)
            self.assertIn("'confdir /etc/chrony/conf.d' and 'sourcedir /etc/chrony/sources.d'", command.err)
            self.assertIn(f"timectl --root {self.root} provision --take-over", command.err)
        self.assertEqual(before, snapshot(self.root))
        self.assert_status(0, self.provision("--take-over"))
        self.assertTrue(conf.read_text().startswith(self.minimal))
        self.assertIn("\nconfdir /etc/chrony/conf.d\nsourcedir /etc/chrony/sources.d\n# END timectl\n", conf.read_text())
        self.assertIn("\nrtcsync\n", (self.root / "etc/chrony/conf.d/50-timectl.conf").read_text())
        self.assert_status(0, self.run_here("plan", *SERVER))
        self.assert_status(0, self.run_here("uninstall", "--yes"))
        self.assertEqual(self.minimal, conf.read_text())

    def test_what_keeps_the_server_from_serving_is_named_or_goes_and_comes_back(self):
        stock = "confdir /etc/chrony/conf.d\nsourcedir /etc/chrony/sources.d\nrtcsync\n"
        self.conf(stock)
        site = self.conf("# mine\nBindAddress 192.168.0.49\nport 0\n", "etc/chrony/conf.d/site.conf")
        plan = self.run_here("plan", *SERVER)
        self.assert_status(1, plan)
        self.assertIn("/etc/chrony/conf.d/site.conf line 2 ('BindAddress 192.168.0.49')", plan.err)
        self.assertIn("/etc/chrony/conf.d/site.conf line 3 ('port 0')", plan.err)
        self.assert_status(0, self.provision("--take-over"))
        self.assertEqual("# mine\n", site.read_text())
        self.assert_status(0, self.run_here("uninstall", "--yes"))
        self.assertEqual("# mine\nBindAddress 192.168.0.49\nport 0\n", site.read_text())

    def test_of_a_file_that_chronyd_refuses_only_the_rtcfile_line_goes(self):
        rest = "refclock SHM 0\nkeyfile /etc/chrony/chrony.keys\nallow 10.0.0.0/8\nrtcsync\n"
        conf = self.conf("confdir /etc/chrony/conf.d\nsourcedir /etc/chrony/sources.d\n" + rest)
        rtc = self.conf("RtcFile /var/lib/chrony/rtc\nlog tracking\n", "etc/chrony/conf.d/rtc.conf")
        before = conf.read_text()
        plan = self.run_here("plan", *SERVER)
        self.assert_status(3, plan)
        self.assertIn("-RtcFile /var/lib/chrony/rtc", plan.out)
        self.assert_status(0, self.provision())
        self.assertEqual("log tracking\n", rtc.read_text())
        self.assertEqual(before, conf.read_text())

    def test_the_old_scripts_file_gives_way_without_an_order_and_comes_back(self):
        script = ("# DS3231 RTC configuration\nrtcfile /var/lib/chrony/chrony.rtc\nrtcsync\nrtcautotrim 10\n"
                  "allow 192.168.4.0/24\nlocal stratum 10\npool 0.debian.pool.ntp.org iburst\n"
                  "log tracking measurements statistics")
        conf = self.conf(script)
        plan = self.run_here("plan", *SERVER)
        self.assert_status(3, plan)
        self.assertIn("modify /etc/chrony/chrony.conf: chronyd refuses 'rtcfile' beside 'rtcsync'", plan.out)
        self.assert_status(0, self.provision())
        lines = conf.read_text().splitlines()
        self.assertNotIn("rtcfile /var/lib/chrony/chrony.rtc", lines)
        self.assertNotIn("local stratum 10", lines)
        for line in ("rtcautotrim 10", "allow 192.168.4.0/24", "confdir /etc/chrony/conf.d"):
            self.assertIn(line, lines)
        own = (self.root / "etc/chrony/conf.d/50-timectl.conf").read_text().splitlines()
        self.assertIn("makestep 1 3", own)
        self.assertNotIn("rtcsync", own)
        self.assert_status(0, self.run_here("plan", *SERVER))
        self.assert_status(0, self.provision())
        self.assert_status(0, self.run_here("uninstall", "--yes"))
        self.assertEqual(script, conf.read_text())

    def test_the_line_of_a_closed_file_is_not_shown(self):
        self.conf("confdir /etc/chrony/conf.d\nsourcedir /etc/chrony/sources.d\n")
        self.conf("local stratum 9 # 7xk\nbindaddress 10.7.7.7\n", "etc/chrony/conf.d/x.conf").chmod(0o640)
        for words in (["plan"], ["--json", "plan"], ["--json", "facts"]):
            done = self.run_here(*words, *(SERVER if "plan" in words else []))
            self.assertNotIn("7xk", done.out + done.err)
            self.assertNotIn("10.7.7.7", done.out + done.err)


# As PyYAML writes lists: their items at the key's own column.
ADDRESSED = """network:
  version: 2
  ethernets:
    eth0:
      addresses:
      - 192.168.4.9/24
      optional: true
      routes:
      - to: default
        via: 192.168.4.1
      - to: 10.0.0.0/8
        via: 192.168.4.3
"""


class TakeOverNetplan(ScratchRoot):
    fixture = "rpios-trixie-netplan"
    packages = ["chrony"]

    @unittest.skipUnless(yaml, "python3-yaml is not installed")
    def test_what_is_left_of_a_netplan_file_could_not_be_parsed(self):
        file = self.root / "etc/netplan/50-cloud-init.yaml"
        file.write_text(ADDRESSED)
        done = self.run_here("provision", "--yes", "--no-packages", "--take-over", *SERVER)
        self.assert_status(0, done)
        self.assertEqual({"network": {"version": 2, "ethernets": {"eth0": {"optional": True}}}},
                         yaml.safe_load(file.read_text()))


if __name__ == "__main__":
    main()
