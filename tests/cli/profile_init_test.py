# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors

import copy
import os
import pathlib
import pty
import re
import shutil
import stat
import subprocess
import tempfile
import unittest

from harness import TIMECTL, main, timectl

# In a network of its own, so that what is found is known: unshare(1), as root.
HOST = ("ip link add lan0 type veth peer name lan1 && ip link set lan1 up && ip link set lan0 up && "
        "ip addr add 10.9.8.7/24 dev lan0 && ip route add default via 10.9.8.1 && exec \"$@\"")
CLIENT = ["no", "main-pi", "192.168.4.1/24", "none", "pi-ntp", "192.168.4.2", "chrony", "yes",
          "controller.service"]


# All of a question; notes and errors begin with a small letter.
QUESTION = re.compile(rb"(^|\n)[A-Z][^\n]*: \Z")


def in_own_network(*words):
    return ["unshare", "--net", "sh", "-c", HOST, "sh", TIMECTL, *words]


def on_terminal(words, answers):
    """Runs it on a pseudo terminal and types an answer to each question."""
    child, terminal = pty.fork()
    if child == 0:
        os.execvp(words[0], words)
    said = b""
    left = copy.copy(answers)
    while True:
        try:
            part = os.read(terminal, 1)  # as it may come at any time
        except OSError:  # the other end is gone
            break
        if not part:
            break
        said += part
        if left and QUESTION.search(said):
            os.write(terminal, left.pop(0).encode() + b"\n")
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), said.decode()


class Appearing(list):
    """Answers; another process makes the file before the last of them is given."""

    def __init__(self, answers, file):
        super().__init__(answers)
        self.file = file

    def pop(self, index=-1):
        if len(self) == 1:
            self.file.write_text("mine\n")
        return super().pop(index)


class ProfileInit(unittest.TestCase):
    def setUp(self):
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="timectl-init-"))
        self.addCleanup(shutil.rmtree, self.scratch)
        self.file = self.scratch / "site.json"

    def test_without_a_terminal_and_without_yes_it_is_exit_2_with_the_hint(self):
        result = timectl("profile", "init", "--output", self.file)
        self.assertEqual(2, result.status, result)
        self.assertIn("--yes", result.err)
        self.assertFalse(self.file.exists())

    def test_the_answers_make_a_profile_that_validates_and_says_them(self):
        status, said = on_terminal([TIMECTL, "profile", "init", "--output", str(self.file)], CLIENT)
        self.assertEqual(0, status, said)
        self.assertEqual(0o644, stat.S_IMODE(self.file.stat().st_mode))
        checked = timectl("profile", "validate", self.file)
        self.assertEqual(0, checked.status, checked)
        hosts = timectl("profile", "show", self.file, "--json").json["hosts"]
        self.assertEqual("192.168.4.2", hosts["pi-ntp"]["address"])
        self.assertEqual("chrony", hosts["main-pi"]["client"]["daemon"])
        self.assertEqual("controller.service", hosts["main-pi"]["controller"]["unit"])
        self.assertTrue(hosts["main-pi"]["dhcp"])
        self.assertIn("// ", self.file.read_text())

    def test_an_answer_that_does_not_fit_is_asked_for_again_and_a_third_ends_it(self):
        wrong = CLIENT[:2] + ["192.168.4.1", *CLIENT[2:]]
        status, said = on_terminal([TIMECTL, "profile", "init", "--output", str(self.file)], wrong)
        self.assertEqual(0, status, said)
        self.assertIn("'192.168.4.1' does not fit", said)
        status, said = on_terminal([TIMECTL, "profile", "init"], ["maybe", "often", "rarely"])
        self.assertEqual(2, status, said)

    def test_a_file_that_is_there_is_replaced_by_force_alone(self):
        self.file.write_text("mine\n")
        result = timectl("profile", "init", "--yes", "--output", self.file)
        self.assertEqual(1, result.status, result)
        self.assertIn("--force", result.err)
        self.assertEqual("mine\n", self.file.read_text())
        status, said = on_terminal(
            [TIMECTL, "profile", "init", "--force", "--output", str(self.file)], CLIENT)
        self.assertEqual(0, status, said)
        self.assertNotIn("mine", self.file.read_text())
        self.assertEqual([self.file], list(self.scratch.iterdir()))

    def test_who_is_not_root_gets_a_file_of_their_own_and_their_umask_counts(self):
        words = [TIMECTL, "profile", "init", "--output", str(self.file)]
        if os.geteuid() == 0:
            os.chown(self.scratch, 65534, 65534)
            self.scratch.chmod(0o755)
            words[0] = shutil.copy(TIMECTL, self.scratch)  # a build may lie where only root looks
            words = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *words]
        status, said = on_terminal(["sh", "-c", 'umask 077; exec "$@"', "sh", *words], CLIENT)
        self.assertEqual(0, status, said)
        self.assertEqual(self.scratch.stat().st_uid, self.file.stat().st_uid)
        self.assertEqual(0o600, stat.S_IMODE(self.file.stat().st_mode))

    def test_a_file_that_is_replaced_keeps_its_mode_and_owner(self):
        self.file.write_text("mine\n")
        self.file.chmod(0o640)
        if os.geteuid() == 0:
            os.chown(self.file, 65534, 65533)
        before = self.file.stat()
        status, said = on_terminal(
            [TIMECTL, "profile", "init", "--force", "--output", str(self.file)], CLIENT)
        self.assertEqual(0, status, said)
        after = self.file.stat()
        self.assertNotIn("mine", self.file.read_text())
        self.assertEqual((before.st_mode, before.st_uid, before.st_gid),
                         (after.st_mode, after.st_uid, after.st_gid))
        self.assertEqual([self.file], list(self.scratch.iterdir()))

    def test_where_it_cannot_be_written_is_said_before_a_question_is_asked(self):
        link = self.scratch / "link.json"
        link.symlink_to("/nonexistent/site.json")
        for output, reason in ((link, "it is a symlink"), (self.scratch, "no regular file"),
                               (self.scratch / "new" / "site.json", "no such file or directory")):
            for force in ([], ["--force"]):
                status, said = on_terminal(
                    [TIMECTL, "profile", "init", "--output", str(output), *force], [])
                self.assertEqual(1, status, said)
                self.assertIn(reason, " ".join(said.split()))
                self.assertNotIn("Does this host", said)
        self.assertEqual([link], list(self.scratch.iterdir()))

    def test_a_file_that_appears_during_the_questions_is_not_overwritten(self):
        answers = Appearing(CLIENT, self.file)
        status, said = on_terminal([TIMECTL, "profile", "init", "--output", str(self.file)], answers)
        self.assertEqual(1, status, said)
        self.assertIn("it is there already", " ".join(said.split()))
        self.assertEqual("mine\n", self.file.read_text())

    def test_where_nobody_can_give_a_server_its_address_it_is_left_alone(self):
        if os.geteuid() != 0:
            self.skipTest("hiding systemd and the network's files needs root")
        hidden = ("mount -t tmpfs none /run && mount -t tmpfs none /etc/network; "
                  "mount -t tmpfs none /etc/netplan; exec \"$@\"")
        status, said = on_terminal(
            ["unshare", "--mount", "sh", "-c", f"{hidden}", "sh", TIMECTL, "profile", "init",
             "--output", str(self.file)], ["yes", "pi-ntp", "192.168.4.2/24", "none", "no"])
        self.assertEqual(0, status, said)
        self.assertIn("cannot give host 'pi-ntp' its address", said)
        hosts = timectl("profile", "show", self.file, "--json").json["hosts"]
        self.assertEqual("none", hosts["pi-ntp"]["addressing"])

    def test_yes_on_a_host_at_the_usual_servers_address_takes_the_next_for_the_server(self):
        if os.geteuid() != 0 or not shutil.which("ip"):
            self.skipTest("a network of its own needs root and ip(8)")
        words = in_own_network("profile", "init", "--yes")
        words[4] = words[4].replace("10.9.8.7", "10.9.8.2")
        done = subprocess.run(words, text=True, stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=240, check=False)
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertIn('"address": "10.9.8.3"', done.stdout)
        self.assertIn('"address": "10.9.8.2"', done.stdout)

    def test_yes_takes_what_is_found(self):
        if os.geteuid() != 0 or not shutil.which("ip"):
            self.skipTest("a network of its own needs root and ip(8)")
        done = subprocess.run(in_own_network("profile", "init", "--yes"), text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=240,
                              check=False)
        self.assertEqual(0, done.returncode, done.stderr)
        for part in ('"subnet": "10.9.8.0/24"', '"gateway": "10.9.8.1"', '"address": "10.9.8.7"',
                     "the default route, lan0 now"):
            self.assertIn(part, done.stdout)
        self.file.write_text(done.stdout)
        self.assertEqual(0, timectl("profile", "validate", self.file).status)

    def test_yes_says_what_it_could_not_find(self):
        if os.geteuid() != 0:
            self.skipTest("a network of its own needs root")
        done = subprocess.run(["unshare", "--net", TIMECTL, "profile", "init", "--yes"], text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=240,
                              check=False)
        self.assertEqual(1, done.returncode, done.stderr)
        self.assertIn("cannot find out: This host's address", done.stderr)
        self.assertEqual("", done.stdout)


if __name__ == "__main__":
    main()
