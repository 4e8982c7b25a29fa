# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""config.txt of a card: what is there already, who writes it, whether it is there, whether it lasts."""

from harness import ScratchRoot, main, snapshot

SERVER = ["--role", "server"]
OWN = "dtoverlay=i2c-rtc,ds3231"
GENERATED = ("# Do not modify this file!\n#\n# It is automatically generated upon install/update of either "
             "the\n# firmware or the Linux kernel.\n#\n# See /etc/default/raspi-firmware-custom\n")


class Firmware(ScratchRoot):
    packages = ["chrony"]

    def setUp(self):
        super().setUp()
        self.config = self.root / "boot/firmware/config.txt"
        self.config.parent.mkdir(parents=True)
        self.config.write_text("arm_64bit=1\n")

    def provision(self):
        return self.run_here("provision", "--yes", "--no-packages", *SERVER)

    def assert_refused(self, *words):
        before = snapshot(self.root)
        for result in (self.run_here("plan", *SERVER), self.provision()):
            self.assert_status(1, result)
            for word in words:
                self.assertIn(word, result.err)
        self.assertEqual(before, snapshot(self.root))

    def test_the_same_line_gives_way_to_the_block(self):
        self.config.write_text(f"dtparam=i2c_arm=on\n{OWN}\ndtparam=audio=on\n")
        self.assert_status(0, self.provision())
        lines = self.config.read_text().splitlines()
        self.assertEqual(1, lines.count(OWN))
        self.assertLess(lines.index("dtparam=audio=on"), lines.index(OWN))
        self.assert_status(0, self.run_here("plan", *SERVER))

    def test_another_chip_at_that_address_is_refused_wherever_it_stands(self):
        for text, place in (("\ndtoverlay=i2c-rtc,ds1307\n", "config.txt line 2"),
                            ("dtoverlay=i2c-rtc\ndtparam=ds1307\n", "config.txt line 1"),
                            ("[pi5]\n[all]\ndevice_tree_overlay=i2c-rtc:ds1307\n", "config.txt line 3"),
                            ("include extra.txt\n", "extra.txt line 1")):
            with self.subTest(text):
                self.config.write_text(text)
                (self.config.parent / "extra.txt").write_text("dtoverlay=i2c-rtc,ds1307\n")
                self.assert_refused(place, "ds1307")
        self.config.write_text("[none]\ndtoverlay=i2c-rtc,ds1307\n")
        self.assert_status(0, self.provision())

    def test_the_chip_s_own_line_in_an_included_file_is_refused_with_its_place(self):
        self.config.write_text("include extra.txt\n")
        (self.config.parent / "extra.txt").write_text(f"\n{OWN}\n")
        self.assert_refused("/boot/firmware/extra.txt line 2")

    def test_what_raspi_firmware_writes_is_changed_where_it_comes_from(self):
        self.config.write_text(GENERATED)
        done = self.provision()
        self.assert_status(0, done)
        self.assertIn("update-initramfs -u", done.out + done.err)
        self.assertEqual(GENERATED, self.config.read_text())
        custom = self.root / "etc/default/raspi-firmware-custom"
        self.assertIn(OWN, custom.read_text())
        # As its hook does: the copy of timectl's block is no second owner.
        self.config.write_text(GENERATED + custom.read_text())
        self.assert_status(0, self.run_here("plan", *SERVER))

    def test_a_generated_file_that_takes_no_lines_is_refused(self):
        self.config.write_text(GENERATED.replace("# See /etc/default/raspi-firmware-custom\n", ""))
        self.assert_refused("config.txt is automatically generated")

    def test_a_boot_partition_that_is_not_mounted_is_refused_with_the_command(self):
        self.config.unlink()
        (self.root / "etc/rpi-issue").write_text("Raspberry Pi reference\n")
        (self.root / "etc/fstab").write_text("PARTUUID=12-01 /boot/firmware vfat defaults 0 2\n")
        self.assert_refused("the boot partition is not mounted at /boot/firmware",
                            f"mount 'PARTUUID=12-01' '{self.root}/boot/firmware'")

    def test_a_root_that_forgets_is_refused(self):
        cmdline = self.config.parent / "cmdline.txt"
        for word in ("boot=overlay", "overlayroot=tmpfs"):
            with self.subTest(word):
                cmdline.write_text(f"console=tty1 {word} rootwait\n")
                self.assert_refused("overlay in memory", f"take '{word}' out of")
        cmdline.write_text("console=tty1 overlayroot=disabled rootwait\n")
        self.assert_status(0, self.provision())


if __name__ == "__main__":
    main()
