# SPDX-License-Identifier: GPL-3.0-or-later
"""The console's own server (--local), with the real programs: it ends with the console, however that ends, and the next one works whatever
was left. And what the console says without a display."""
import contextlib
import os
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

from accessibletree import AccessibilityBus
from gatehouse_server import binary, eventually
from xvfb import Xvfb

STATE = Path("gatehouse", "gatehouse-console", "local-server")


def console_program():
    return str(Path(binary()).with_name("gatehouse-console"))


def children(process):
    """Who runs of those that it started: process ids."""
    try:
        return [int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii").split()]
    except FileNotFoundError:
        return []


def runs(process):
    """Whether it does anything still: one that nobody has waited for does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


class ConsoleLocal(unittest.TestCase):
    def setUp(self):
        ending = contextlib.ExitStack()
        self.addCleanup(ending.close)
        self.ending = ending
        self.screen = ending.enter_context(Xvfb())
        self.home = Path(ending.enter_context(tempfile.TemporaryDirectory(prefix="gatehouse-local-")))
        self.state = self.home / STATE
        self.environment = {**os.environ, **self.screen.environment, "HOME": str(self.home), "XDG_DATA_HOME": str(self.home),
                            "XDG_CONFIG_HOME": str(self.home / "config")}

    def start(self):
        """Starts `gatehouse-console --local` and waits until it is live; returns (console, process id of its server)."""
        console = subprocess.Popen([console_program(), "--local", "--lang", "en"], env=self.environment, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.ending.callback(console.wait)
        self.ending.callback(console.kill)
        # The title says when the console is live; until then the state stands in it.
        self.screen.window(r"^127\.0\.0\.1:[0-9]+ – Gatehouse$", 30)
        servers = children(console.pid)
        self.assertEqual(len(servers), 1)
        self.ending.callback(self.end, servers[0])
        return console, servers[0]

    def end(self, process):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)

    def test_a_killed_console_takes_its_server_along(self):
        for how in (signal.SIGKILL, signal.SIGTERM, signal.SIGKILL):
            console, server = self.start()
            console.send_signal(how)
            console.wait(10)
            self.assertTrue(eventually(lambda each=server: not runs(each), 15), how)
        self.assertEqual([path.name for path in self.state.parent.iterdir() if path.name.startswith("local-server")], ["local-server"])

    def test_the_next_one_follows_at_once(self):
        console, first = self.start()
        console.kill()
        console.wait(10)
        _, second = self.start()  # while the one before may still be ending
        self.assertNotEqual(first, second)
        self.assertTrue(eventually(lambda: not runs(first), 15))
        self.assertFalse(self.state.with_name("local-server-2").exists())

    def test_a_server_that_was_left_is_ended(self):
        # As on a system that does not end children with their parents. Also one that does not listen to SIGTERM.
        for blocked in ((), (signal.SIGTERM,)):
            self.state.mkdir(mode=0o700, parents=True, exist_ok=True)
            left = subprocess.Popen([binary(), "serve"], env={**self.environment, "STATE_DIR": str(self.state), "LISTEN": "127.0.0.1:0"},
                                    cwd=self.state, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            self.ending.callback(left.stdout.close)
            self.ending.callback(left.wait)
            self.ending.callback(left.kill)
            for line in left.stdout:
                if line.startswith("listening on"):
                    break
            if blocked:
                left.send_signal(signal.SIGSTOP)  # does nothing at all
            console, server = self.start()
            self.assertNotEqual(server, left.pid)
            left.wait(10)
            self.assertFalse(self.state.with_name("local-server-2").exists())
            console.kill()
            console.wait(10)
            self.assertTrue(eventually(lambda each=server: not runs(each), 15))

    def test_a_server_of_another_console_is_left_alone(self):
        _, first = self.start()
        second = subprocess.Popen([console_program(), "--local", "--lang", "en"], env=self.environment, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.ending.callback(second.wait)
        self.ending.callback(second.kill)
        self.assertTrue(eventually(lambda: len(self.titles()) == 2, 30), self.titles())
        self.assertTrue(runs(first))
        self.assertTrue(self.state.with_name("local-server-2").exists())

    def titles(self):
        try:
            windows = self.screen.xdotool("search", "--onlyvisible", "--name", r"^127\.0\.0\.1:[0-9]+ – Gatehouse$").split()
        except AssertionError:
            return set()
        return {self.screen.xdotool("getwindowname", window) for window in windows}


    def test_a_newcomer_clicks_start_a_local_server(self):
        bus = self.ending.enter_context(AccessibilityBus(self.screen.environment))
        console = subprocess.Popen([console_program(), "--lang", "en"], env={**self.environment, **bus.environment},
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.ending.callback(console.wait)
        self.ending.callback(console.kill)
        self.screen.window("^Connect to a server$", 30)
        button = bus.find("gatehouse-console", "Start a local server", "push button", 15)
        self.screen.click(*button.middle)
        self.screen.window(r"^127\.0\.0\.1:[0-9]+ – Gatehouse$", 30)
        self.assertEqual(len(children(console.pid)), 1)


class WithoutDisplay(unittest.TestCase):
    def run_console(self, *arguments):
        environment = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}
        return subprocess.run([console_program(), *arguments], env=environment, capture_output=True, text=True, timeout=30, check=False,
                              stdin=subprocess.DEVNULL)

    def test_help_and_version(self):
        for arguments, begin in ((["--help"], "Usage: "), (["-h"], "Usage: "), (["--version"], "gatehouse-console "),
                                 (["-platform", "xcb", "--style=fusion", "--help"], "Usage: ")):
            done = self.run_console(*arguments)
            self.assertEqual((done.returncode, done.stderr), (0, ""), done)
            self.assertTrue(done.stdout.startswith(begin), done.stdout)
        for option in ("--local", "--url", "--token-file", "--screenshot-dir"):
            self.assertIn(option, self.run_console("--help").stdout)

    def test_wrong_options(self):
        for arguments, word in ((["--wrong"], "wrong"), (["what"], "what"), (["--url", "ftp://x"], "--url"), (["--lang", "de"], "--lang"),
                                (["--local", "--url", "http://127.0.0.1:1"], "--local")):
            done = self.run_console(*arguments)
            self.assertEqual((done.returncode, done.stdout), (2, ""), done)
            self.assertIn(word, done.stderr)
            self.assertIn("--help", done.stderr)


if __name__ == "__main__":
    unittest.main()
