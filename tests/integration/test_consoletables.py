# SPDX-License-Identifier: GPL-3.0-or-later
"""The console's lists in a flood, by clicks: a spike is what was clicked and can be paged through to its end, and what is selected stays
who was selected, however much comes and goes."""
import contextlib
import os
import re

from consolescreen import ConsoleScreen
from gatehouse_server import ADMIN, ServerTestCase, eventually

# "30" makes 90,000 refusals or so, as on a bad night; the test needs a few thousand.
FLOOD_SECONDS = int(os.environ.get("GATEHOUSE_CONSOLE_FLOOD", "3"))
ORIGIN_COLOUR = (90, 176, 245)  # of "origin" in the dark theme
COUNT = re.compile(r"^([\d,]+) of ([\d,]+) loaded(?: · ([\d,]+) more of that time were counted by the server, .*)?$")


def number(text):
    return int((text or "0").replace(",", ""))


class ConsoleTables(ServerTestCase):
    settings = {"ALLOWED_HOSTS": "app.example.com", "MAX_CONNECTIONS_PER_IP": "1000"}

    def setUp(self):
        super().setUp()
        self.ending = contextlib.ExitStack()
        self.addCleanup(self.ending.close)
        self.console = ConsoleScreen(self.ending, self.server)

    def flood(self, seconds=FLOOD_SECONDS):
        """Refusals from two hundred addresses."""
        done = self.server.run("bench", "refusals", "--url", f"http://127.0.0.1:{self.server.port}", "--refused-by", "origin", "--origin",
                        "https://evil.example", "--source-addresses", "200", "--rounds", "1", "--duration", f"{seconds}s")
        self.assertEqual(done.returncode, 0, done.stderr)

    def counts(self):
        """(loaded, of how many, not kept) as the line below the list says."""
        return tuple(map(number, COUNT.match(self.console.find(lambda name: COUNT.match(name)).name).groups()))

    def labels(self):
        return [each.name for each in self.console.bus.all("gatehouse-console") if each.visible and each.role == "label"]

    def address(self):
        """Whose decision the details show."""
        labels = self.labels()
        return labels[labels.index("Address") + 1]

    def test_a_spike_is_paged_through(self):
        self.console.click("5 min")
        chart = self.console.find("Refusals by kind").area
        self.flood()
        self.assertTrue(eventually(lambda: len(self.console.places(chart, ORIGIN_COLOUR)) > 20))
        bar = self.console.places(chart, ORIGIN_COLOUR)
        self.console.screen.click(*bar[len(bar) // 2])
        loaded, total, missing = self.counts()
        self.assertGreater(total, 0)
        chip = self.console.find(lambda name: name.startswith("Reason = "))
        self.assertEqual(chip.name, "Reason = origin_not_allowed,wrong_host")  # the kind that was clicked
        everything = self.server.get(ADMIN + "decisions?limit=1").json()
        self.assertLessEqual(total, everything["total"])
        self.assertLessEqual(missing, everything["not_stored"])
        while loaded < total:
            self.console.click("Load more")
            self.console.screen.xdotool("mousemove", "--sync", 10, 10)  # what is clicked anew must be moved to
            self.assertTrue(eventually(lambda before=loaded: self.counts()[0] > before))
            loaded = self.counts()[0]
        self.assertEqual(self.counts(), (total, total, missing))

    def test_who_is_selected_stays_who_was_selected(self):
        self.flood(1)
        self.console.click("Refusals")
        table = self.console.find("Refusals", "table").area
        self.console.screen.click(table[0] + 60, table[1] + 120)
        before = self.address()
        # More than five thousand come, and the list has no more room for it: it stays in the details, and the buttons are about it.
        for _ in range(20):  # how many the live stream tells one by one depends on the machine
            if "Not in the list any more" in self.labels():
                break
            self.flood(2)
        self.assertIn("Not in the list any more", self.labels())
        self.assertEqual(self.address(), before)
        self.console.click("Only this address")
        self.console.find(f"Address = {before}", "push button")
        self.assertEqual(self.address(), before)
