# SPDX-License-Identifier: GPL-3.0-or-later
"""The real console on an X server of its own, driven by clicks and keys. What is clicked is found by its accessible name, so that a
change of the layout is no failure, and a nameless button is one."""
import os
import subprocess
import tempfile
from pathlib import Path

from accessibletree import AccessibilityBus
from gatehouse_server import binary
from xvfb import Xvfb

CONSOLE = "gatehouse-console"


class ConsoleScreen:
    """An X server, and on it a console in English and dark, connected to a server. Everything ends with `ending`, an ExitStack."""

    def __init__(self, ending, server, role="operator"):
        self.screen = ending.enter_context(Xvfb())
        self.bus = ending.enter_context(AccessibilityBus(self.screen.environment))
        home = tempfile.TemporaryDirectory(prefix="gatehouse-console-")
        ending.callback(home.cleanup)
        self.home = Path(home.name)
        token = self.home / "token"
        token.write_text(server.admin_token(role), encoding="utf-8")
        program = Path(binary()).with_name(CONSOLE)
        console = subprocess.Popen(
            [program, "--url", f"http://127.0.0.1:{server.port}", "--token-file", token, "--theme", "dark", "--lang", "en"],
            env={**os.environ, **self.bus.environment, "HOME": home.name}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)

        def end():
            console.terminate()
            try:
                console.wait(10)
            except subprocess.TimeoutExpired:
                console.kill()
                console.wait()
        ending.callback(end)
        # The title says when the console is live; until then the state stands in it.
        window = self.screen.window(f"^127.0.0.1:{server.port} – Gatehouse$", 20)
        self.screen.xdotool("windowactivate", "--sync", window)

    def find(self, name, role=None, timeout=15):
        return self.bus.find(CONSOLE, name, role, timeout)

    def click(self, name, role=None):
        self.screen.click(*self.find(name, role).middle)

    def pixels(self, area):
        """An area of the screen, three bytes a pixel, row after row."""
        x, y, width, height = area
        return subprocess.run(
            ["import", "-window", "root", "-crop", f"{width}x{height}+{x}+{y}", "+repage", "-depth", "8", "rgb:-"],
            env={**os.environ, **self.screen.environment}, timeout=20, check=True, capture_output=True).stdout

    def places(self, area, colour):
        """Where on the screen an area has the colour."""
        x, y, width, _ = area
        picture = self.pixels(area)
        wanted = bytes(colour)
        return [(x + i // 3 % width, y + i // 3 // width) for i in range(0, len(picture), 3) if picture[i:i + 3] == wanted]
