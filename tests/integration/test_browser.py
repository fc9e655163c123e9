# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Chromium opens the channel as the guide's page does; a page from elsewhere never gets in."""
import json
import unittest

from browser import Chromium, Site
from gatehouse_server import ServerTestCase, make_token

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
    settings = {"ALLOWED_HOSTS": "localhost"}

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

    def test_a_page_from_elsewhere_never_gets_in(self):
        url = f"ws://127.0.0.1:{self.server.port}/ws/notifications/?token={make_token()}"
        site = self.browse("127.0.0.1", url)  # the same machine, another Origin
        self.assertEqual(site.reports.get(timeout=30)["event"], "error")
        self.assertEqual(site.reports.get(timeout=30), {"event": "close", "code": 1006})
        decision = self.server.get("/api/admin/v1/decisions").json()["decisions"][0]
        self.assertEqual(decision["reason"], "origin_not_allowed")


if __name__ == "__main__":
    unittest.main()
