# SPDX-License-Identifier: GPL-3.0-or-later
"""An office behind one address in a real Chromium: many users with tabs that go from page to page, whose connections come and go with them."""
import asyncio
import json
import os
import unittest

from browser import Chromium, Site
from gatehouse_server import ADMIN, CHANNEL, ROOT, ServerTestCase, eventually, make_token
from redis_server import free_port

# In full it is 30x3x20: some minutes, and some gigabytes.
USERS, TABS, VIEWS = (int(number) for number in os.environ.get("GATEHOUSE_OFFICE", "4x2x5").split("x"))
IMPATIENT = 5  # each so many pages one is left before its channel is open
RENDERERS = 8

PAGE = """<!doctype html><meta charset="utf-8"><title>office</title><script type="module">
import { GatehouseClient } from '/gatehouse.js';
const asked = new URLSearchParams(location.search);
const report = (event, detail) => fetch('/report', {method: 'POST', keepalive: true, body: JSON.stringify({event, tab: asked.get('tab'), view: asked.get('view'), detail})});
const client = new GatehouseClient(asked.get('url'), {getToken: () => asked.get('token'), timing: {backoffBase: 200, backoffCap: 1000}});
for (const event of ['open', 'waiting', 'stopped', 'error'])
    client.addEventListener(event, ({detail}) => report(event, detail));
client.connect();
</script>"""


class Office(ServerTestCase):
    settings = {"LIMITS_PROFILE": "site", "ALLOWED_HOSTS": "localhost", "METRICS_PUBLIC": "true"}

    def setUp(self):
        self.settings = {**self.settings, "LISTEN": f"127.0.0.1:{free_port()}"}  # a restart must be found again
        super().setUp()

    async def asyncSetUp(self):
        self.site = Site({"/": PAGE, "/empty": "<!doctype html>empty", "/gatehouse.js": ROOT / "resources/client/gatehouse.js"})
        self.addCleanup(self.site.end)
        self.browser = Chromium(self.address("/empty"), f"--renderer-process-limit={RENDERERS}", "--process-per-site",
                                "--disable-renderer-backgrounding", "--disable-background-timer-throttling")
        self.addCleanup(self.browser.end)
        first = await self.browser.page()
        self.addAsyncCleanup(first.end)
        self.reports, self.has_come = [], asyncio.Condition()
        self.addAsyncCleanup(self.end_collecting, asyncio.create_task(self.collect()))

    def address(self, path):
        return f"http://localhost:{self.site.server_port}{path}"

    async def collect(self):
        while report := await asyncio.to_thread(self.site.reports.get):
            async with self.has_come:
                self.reports.append((report["event"], report["tab"], report["view"]))
                self.has_come.notify_all()

    async def end_collecting(self, collector):
        self.site.reports.put(None)
        await collector

    async def until_reported(self, report, count=1):
        async with self.has_come:
            await asyncio.wait_for(self.has_come.wait_for(lambda: self.reports.count(report) >= count), 300)

    async def browse(self, tab, user):
        """Somebody looks at one page after the other in a tab, by links, and by the browser's own button."""
        token = make_token(user)
        page = await self.browser.tab(self.address("/empty"))
        self.addAsyncCleanup(page.end)
        for view in range(VIEWS):
            url = self.address(f"/?tab={tab}&view={view}&token={token}&url=http://127.0.0.1:{self.server.port}{CHANNEL}")
            if view % 2:
                await page.evaluate(f"location.href = {json.dumps(url)}; 0")
            else:
                await page.call("Page.navigate", url=url)
            if view % IMPATIENT == IMPATIENT - 2:
                await page.until(f"location.href === {json.dumps(url)} && document.readyState === 'complete'")
            else:
                await self.until_reported(("open", tab, str(view)))

    def connections(self):
        return len(self.server.get(ADMIN + "connections?limit=1000").json()["connections"])

    async def test_nobody_is_refused(self):
        tabs = {f"{user}-{tab}": f"user{user}" for user in range(USERS) for tab in range(TABS)}
        await asyncio.gather(*(self.browse(tab, user) for tab, user in tabs.items()))
        # A page that is left in the moment in which its channel opens may go to the browser's back/forward cache with it, for some minutes.
        most = len(tabs) * (1 + VIEWS // IMPATIENT)
        self.assertTrue(await asyncio.to_thread(eventually, lambda: len(tabs) <= self.connections() <= most), self.connections())
        self.assertEqual([report for report in self.reports if report[0] in ("stopped", "error")], [])
        accepted = self.server.get(ADMIN + "overview").json()["totals"]["connections_today"]
        self.assertGreaterEqual(accepted, len(tabs) * (VIEWS - VIEWS // IMPATIENT))
        await asyncio.to_thread(self.server.restart)  # and all come back at once
        for tab in tabs:
            await self.until_reported(("open", tab, str(VIEWS - 1)), 2)
        self.assertEqual(self.server.get(ADMIN + "decisions").json()["decisions"], [])
        if "GATEHOUSE_OFFICE" in os.environ:
            print(f"{USERS} users x {TABS} tabs x {VIEWS} pages: {accepted} connections, {len(tabs)} came back after a restart, 0 refused")


if __name__ == "__main__":
    unittest.main()
