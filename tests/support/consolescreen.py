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
    """An X server, and on it a console, dark and in English unless `environment` is to decide the language, connected to a server.
    Everything ends with `ending`, an ExitStack."""

    def __init__(self, ending, server, role="operator", size="1400x900x24", environment=None):
        self.screen = ending.enter_context(Xvfb(size))
        self.bus = ending.enter_context(AccessibilityBus(self.screen.environment))
        home = tempfile.TemporaryDirectory(prefix="gatehouse-console-")
        ending.callback(home.cleanup)
        self.home = Path(home.name)
        token = self.home / "token"
        token.write_text(server.admin_token(role), encoding="utf-8")
        program = Path(binary()).with_name(CONSOLE)
        console = subprocess.Popen(
            [program, "--url", f"http://127.0.0.1:{server.port}", "--token-file", token, "--theme", "dark",
             *(() if environment else ("--lang", "en"))],
            env={**os.environ, **self.bus.environment, "HOME": home.name, **(environment or {})}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)

        def end():
            console.terminate()
            try:
                console.wait(10)
            except subprocess.TimeoutExpired:
                console.kill()
                console.wait()
        ending.callback(end)
        # The title says when the console is live; until then the state stands in it, in brackets. Where the desktop's locale is not
        # installed, the dash in it is no dash for xdotool.
        self.window = self.screen.window(rf"^127.0.0.1:{server.port} [^(]+ Gatehouse$", 20)
        self.screen.xdotool("windowactivate", "--sync", self.window)

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
