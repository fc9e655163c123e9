# SPDX-License-Identifier: GPL-3.0-or-later
"""The main job, end to end: a server, clients, and the real console on an X server, driven by clicks and keys."""
import os
import subprocess
import tempfile
import time
from pathlib import Path

from gatehouse_server import ServerTestCase, binary, eventually
from rawconnection import RawConnection, try_upgrade
from xvfb import Xvfb

CHART = (250, 650, 1060, 140)  # x, y, width, height of the violations chart's plot in the window of 1360 × 860
CONNECTIONS_COLOUR = (240, 110, 60)  # of "connections" in the dark theme
STATE_DOT = (0, 840, 16, 20)
GOOD_COLOUR = (44, 200, 151)
RANGE_1_MIN = (236, 167)
FIRST_LIMIT = (485, 152)


def count_pixels(screen, window, area, colour):
    """How many pixels of the window's area have the colour."""
    x, y, width, height = area
    picture = subprocess.run(["import", "-window", window, "-crop", f"{width}x{height}+{x}+{y}", "+repage", "-depth", "8", "rgb:-"],
                             env={**os.environ, **screen.environment}, timeout=20, check=True, capture_output=True).stdout
    wanted = bytes(colour)
    return sum(picture[i:i + 3] == wanted for i in range(0, len(picture), 3))


class EndToEnd(ServerTestCase):
    settings = {"ALLOWED_HOSTS": "app.example.com"}

    def start_console(self, screen):
        home = tempfile.TemporaryDirectory(prefix="gatehouse-console-")
        self.addCleanup(home.cleanup)
        token = Path(home.name, "token")
        token.write_text(self.server.admin_token("operator"), encoding="utf-8")
        program = Path(binary()).with_name("gatehouse-console")
        console = subprocess.Popen(
            [program, "--url", f"http://127.0.0.1:{self.server.port}", "--token-file", token, "--theme", "dark", "--lang", "en"],
            env={**os.environ, **screen.environment, "HOME": home.name}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)

        def end():
            console.terminate()
            try:
                console.wait(10)
            except subprocess.TimeoutExpired:
                console.kill()
                console.wait()
        self.addCleanup(end)
        return screen.window("Gatehouse", 20)

    def click(self, screen, window, where):
        screen.xdotool("mousemove", "--sync", "--window", window, *where)
        screen.xdotool("click", 1)

    def test_a_refusal_is_seen_and_the_limit_is_raised_from_the_console(self):
        screen = Xvfb()
        screen.__enter__()
        self.addCleanup(screen.__exit__)
        window = self.start_console(screen)
        # Live once the dot in the status bar is green; then the shortest range, so that a bar is wide.
        self.assertTrue(eventually(lambda: count_pixels(screen, window, STATE_DOT, GOOD_COLOUR) > 10, 15))
        screen.xdotool("windowactivate", "--sync", window)
        self.click(screen, window, RANGE_1_MIN)
        held = [RawConnection(self.server) for _ in range(5)]
        for connection in held:
            self.addCleanup(connection.close)
            connection.open()
        self.assertEqual(count_pixels(screen, window, CHART, CONNECTIONS_COLOUR), 0)

        refused_at = time.monotonic()
        self.assertEqual(try_upgrade(self.server).status, 429)
        self.assertTrue(eventually(lambda: count_pixels(screen, window, CHART, CONNECTIONS_COLOUR) > 20, 10))
        seen_after = time.monotonic() - refused_at

        screen.keys("ctrl+2")
        self.click(screen, window, FIRST_LIMIT)
        screen.keys("ctrl+a")
        screen.type("10")
        screen.keys("Tab")
        applied_at = time.monotonic()
        screen.keys("ctrl+Return")
        self.assertTrue(eventually(lambda: try_upgrade(self.server).status == 101, 10))
        effective_after = time.monotonic() - applied_at
        limits = self.server.get("/api/admin/v1/limits", self.server.admin_token()).json()
        self.assertEqual(limits["revision"], 1)
        self.assertEqual([each["value"] for each in limits["limits"] if each["key"] == "max_connections_per_ip"], [10])
        print(f"refusal seen after {seen_after:.2f} s, limit effective {effective_after:.2f} s after Apply")
        self.assertLess(effective_after, 2)
        self.assertLess(seen_after, 2)
