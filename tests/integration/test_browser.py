# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Chromium opens the channel as the guide's page does; a page from elsewhere never gets in."""
import json
import unittest

from browser import Chromium, Site
from gatehouse_server import ADMIN, ServerTestCase, eventually, make_token
from test_httpclients import metric

PAGE = """<!doctype html><meta charset="utf-8"><title>test</title><script>
let sent = Promise.resolve();  // one after the other: the order is part of what is tested
const report = (what) => { sent = sent.then(() => fetch('/report', {method: 'POST', body: JSON.stringify(what)})); };
const ws = new WebSocket(%(url)s, %(protocols)s);
ws.onopen = () => report({event: 'open', protocol: ws.protocol});
ws.onmessage = (event) => {
    const message = JSON.parse(event.data);
    report({event: 'message', message});
    if (message.type === 'notifications_list') ws.send(JSON.stringify({type: 'ping', id: 'from the page'}));
};
ws.onerror = () => report({event: 'error'});
ws.onclose = (event) => report({event: 'close', code: event.code});
</script>"""


class RealBrowser(ServerTestCase):
    settings = {"ALLOWED_HOSTS": "localhost", "METRICS_PUBLIC": "true"}

    def browse(self, host, url, protocols="[]"):
        """Shows a page of http://host:…, which opens the WebSocket; returns the site."""
        site = Site({"/": PAGE % {"url": json.dumps(url), "protocols": protocols}})
        self.addCleanup(site.end)
        self.addCleanup(Chromium(f"http://{host}:{site.server_port}/").end)
        return site

    def test_the_guides_page(self):
        url = f"ws://127.0.0.1:{self.server.port}/ws/notifications/?token={make_token()}"
        site = self.browse("localhost", url)
        self.assertEqual(site.report("open")["protocol"], "")
        self.assertEqual(site.report("message")["message"]["type"], "notifications_list")
        self.assertEqual(site.report("message")["message"], {"type": "pong", "id": "from the page"})
        self.assertEqual(self.server.publish({"to": {"users": ["42"]}, "title": "สวัสดี"}).json()["reached"], 1)
        message = site.report("message")["message"]
        self.assertEqual((message["type"], message["notification"]["title"]), ("notification", "สวัสดี"))

    def test_the_token_as_a_subprotocol(self):
        url = f"ws://127.0.0.1:{self.server.port}/ws/notifications/"
        site = self.browse("localhost", url, json.dumps(["gatehouse.v1", "bearer." + make_token()]))
        self.assertEqual(site.report("open")["protocol"], "gatehouse.v1")
        self.assertEqual(site.report("message")["message"]["type"], "notifications_list")

    def test_a_subprotocol_that_is_not_ours(self):
        """The page sees that it never got in; whoever runs the server reads why, and no token."""
        url = f"ws://127.0.0.1:{self.server.port}/ws/notifications/"
        token = make_token()
        for offered in (["bearer", "x"], ["graphql-ws"], ["bearer." + token]):
            with self.subTest(offered):
                site = self.browse("localhost", url, json.dumps(offered))
                self.assertEqual(site.reports.get(timeout=60)["event"], "error")
                self.assertEqual(site.reports.get(timeout=60), {"event": "close", "code": 1006})
        self.assertTrue(eventually(lambda: "malformed_request" in self.server.stderr()))
        line = next(line for line in self.server.stderr().splitlines() if "malformed_request" in line)  # the next ones are counted
        self.assertIn('kind=subprotocol address=127.0.0.1 status=400 detail="Sec-WebSocket-Protocol must offer gatehouse.v1, or be left out', line)
        self.assertEqual(metric(self.server, "gatehouse_http_malformed_total", kind="subprotocol"), 3)
        self.assertEqual(self.server.get(ADMIN + "decisions").json()["decisions"], [])  # no limit was asked
        self.assertNotIn(token, self.server.stderr())

    def test_ours_with_a_token_beside_one_that_is_not(self):
        url = f"ws://127.0.0.1:{self.server.port}/ws/notifications/"
        site = self.browse("localhost", url, json.dumps(["graphql-ws", "gatehouse.v1", "bearer." + make_token()]))
        self.assertEqual(site.report("open")["protocol"], "gatehouse.v1")
        self.assertEqual(site.report("message")["message"]["type"], "notifications_list")

    def test_a_page_from_elsewhere_never_gets_in(self):
        url = f"ws://127.0.0.1:{self.server.port}/ws/notifications/?token={make_token()}"
        site = self.browse("127.0.0.1", url)  # the same machine, another Origin
        self.assertEqual(site.reports.get(timeout=30)["event"], "error")
        self.assertEqual(site.reports.get(timeout=30), {"event": "close", "code": 1006})
        decision = self.server.get("/api/admin/v1/decisions").json()["decisions"][0]
        self.assertEqual(decision["reason"], "origin_not_allowed")


if __name__ == "__main__":
    unittest.main()
