# SPDX-License-Identifier: GPL-3.0-or-later
"""The console by the keyboard alone, from its start to a limit that is in force, on desktops of several languages and sizes."""
import contextlib

from consolescreen import ConsoleScreen
from gatehouse_server import ADMIN, ServerTestCase, eventually

LIMIT = "max_messages_per_minute"
FRAME = (2, 27)  # what the window manager draws around, in pixels
HALF_OF_FULL_HD = ("1920x1080", "2")  # the screen, and how large everything is
DESKTOPS = {"de_DE.UTF-8": ("1024x700", "1"), "ar_EG.UTF-8": HALF_OF_FULL_HD, "th_TH.UTF-8": ("1024x700", "1")}


class ConsoleKeyboard(ServerTestCase):
    def limit(self):
        return next(each["value"] for each in self.server.get(ADMIN + "limits").json()["limits"] if each["key"] == LIMIT)

    def size(self, console):
        """Of the window, without its frame."""
        lines = dict(line.split("=", 1) for line in console.screen.xdotool("getwindowgeometry", "--shell", console.window).splitlines())
        return int(lines["WIDTH"]), int(lines["HEIGHT"])

    def test_a_limit_is_changed(self):
        for number, (language, (size, scale)) in enumerate(DESKTOPS.items()):
            with self.subTest(language, size=size, scale=scale), contextlib.ExitStack() as ending:
                console = ConsoleScreen(ending, self.server, size=size + "x24", environment={
                    "LANG": language, "LC_ALL": language, "LANGUAGE": "", "QT_SCALE_FACTOR": scale})
                across, down = self.size(console)
                self.assertTrue(across + FRAME[0] <= int(size.split("x")[0]) and down + FRAME[1] <= int(size.split("x")[1]), (across, down))
                value = 71 + number
                console.screen.keys("ctrl+k")
                console.screen.type(LIMIT.upper())
                console.screen.keys("Return")
                console.screen.keys("ctrl+a")
                console.screen.type(str(value))
                console.screen.keys("ctrl+Return")
                self.assertTrue(eventually(lambda: self.limit() == value), (self.limit(), value))
