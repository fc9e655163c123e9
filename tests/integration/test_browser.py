# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Chromium opens the channel as the guide's page does; a page from elsewhere never gets in."""
import http.server
import json
import os
import queue
import shutil
import subprocess
import tempfile
import threading
import unittest

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


class Site(http.server.ThreadingHTTPServer):
    """Serves one page and collects what it reports."""

    daemon_threads = True

    def __init__(self, page):
        self.page = page
        self.reports = queue.Queue()
        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def report(self, event, timeout=30):
        """The next report of that kind."""
        while True:
            report = self.reports.get(timeout=timeout)
            if report["event"] == event:
                return report


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = self.server.page.encode() if self.path == "/" else b""
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        self.server.reports.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


class RealBrowser(ServerTestCase):
    settings = {"ALLOWED_HOSTS": "localhost"}

    def browse(self, host, url, protocols="[]"):
        """Shows a page of http://host:…, which opens the WebSocket; returns the site."""
        program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        if not program:
            self.skipTest("chromium is not installed")
        site = Site(PAGE % {"url": json.dumps(url), "protocols": protocols})
        self.addCleanup(site.server_close)
        self.addCleanup(site.shutdown)
        profile = tempfile.mkdtemp(prefix="gatehouse-chromium-")
        self.addCleanup(shutil.rmtree, profile, True)
        process = subprocess.Popen(
            [program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
             "--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-port=0",
             "--user-data-dir=" + profile, f"http://{host}:{site.server_port}/"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": profile, "XDG_RUNTIME_DIR": profile})

        def end():
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.addCleanup(end)
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
