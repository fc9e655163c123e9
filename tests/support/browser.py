# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Chromium for the integration tests: a site that serves its pages, the browser, and a hand on a page of it.

The browser is asked through its DevTools protocol, over its own WebSocket.
"""
import asyncio
import http.server
import itertools
import json
import os
import queue
import shutil
import subprocess
import tempfile
import threading
import time
import urllib.parse
import urllib.request
from pathlib import Path

import websockets

READY_SECONDS = 60
TYPES = {".js": "text/javascript", ".html": "text/html; charset=utf-8"}


class Site(http.server.ThreadingHTTPServer):
    """Serves pages (path → text, or a Path to a file) and collects what they POST to /report."""

    daemon_threads = True

    def __init__(self, pages):
        self.pages = pages
        self.reports = queue.Queue()
        super().__init__(("127.0.0.1", 0), SiteHandler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def report(self, event, timeout=60):
        """The next report of that kind."""
        while True:
            report = self.reports.get(timeout=timeout)
            if report["event"] == event:
                return report

    def end(self):
        self.shutdown()
        self.server_close()


class SiteHandler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        page = self.server.pages.get(self.path.split("?")[0])
        body = page.read_bytes() if isinstance(page, Path) else (page or "").encode()
        suffix = page.suffix if isinstance(page, Path) else ".html"
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", TYPES[suffix])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        self.server.reports.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


class Chromium:
    """One headless Chromium with a profile of its own, which shows one page."""

    def __init__(self, url, *options):
        program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        if not program:
            raise AssertionError("chromium is not installed")
        self.profile = tempfile.mkdtemp(prefix="gatehouse-chromium-")
        self.process = subprocess.Popen(
            [program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
             "--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-port=0",
             "--user-data-dir=" + self.profile, *options, url],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": self.profile, "XDG_RUNTIME_DIR": self.profile})

    def end(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)

    def _devtools(self, method, path):
        port = Path(self.profile, "DevToolsActivePort").read_text(encoding="ascii").split()[0]
        request = urllib.request.Request(f"http://127.0.0.1:{port}/json/{path}", method=method)
        with urllib.request.urlopen(request, timeout=READY_SECONDS) as answer:
            return json.load(answer)

    async def tab(self, url):
        """Opens another tab, once page() has shown that the browser is up, and returns a hand on it."""
        target = await asyncio.to_thread(self._devtools, "PUT", "new?" + urllib.parse.quote(url, safe=""))
        return await Page.attached(target["webSocketDebuggerUrl"])

    async def page(self):
        """A hand on the page that it shows."""
        deadline = time.monotonic() + READY_SECONDS
        while True:
            try:
                targets = [each for each in self._devtools("GET", "list") if each["type"] == "page"]
                return await Page.attached(targets[0]["webSocketDebuggerUrl"])
            except (OSError, IndexError):
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise
            await asyncio.sleep(0.05)


class PageError(AssertionError):
    """The page threw."""


class Page:
    """Runs JavaScript in one page of a browser, and what else DevTools can do with it."""

    def __init__(self, socket):
        self._socket = socket
        self._numbers = itertools.count(1)
        self._waiting = {}
        self._reader = asyncio.get_running_loop().create_task(self._read())

    @classmethod
    async def attached(cls, url):
        return cls(await websockets.connect(url, max_size=None, ping_interval=None, open_timeout=60))

    async def end(self):
        await self._socket.close()
        await asyncio.gather(self._reader, return_exceptions=True)

    async def _read(self):
        async for text in self._socket:
            message = json.loads(text)
            waiting = self._waiting.pop(message.get("id"), None)
            if waiting and not waiting.done():
                waiting.set_result(message)

    async def call(self, method, timeout=60, **parameters):
        """A command of the DevTools protocol; returns its result."""
        number = next(self._numbers)
        self._waiting[number] = asyncio.get_running_loop().create_future()
        await self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        answer = await asyncio.wait_for(self._waiting[number], timeout)
        if "error" in answer:
            raise PageError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    async def evaluate(self, expression, timeout=60):
        """The value of a JavaScript expression; promises are waited for."""
        answer = await self.call("Runtime.evaluate", timeout, expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise PageError(details.get("exception", {}).get("description") or details["text"])
        return answer["result"].get("value")

    async def until(self, expression, timeout=60):
        """Asks until the expression is true, and returns its value."""
        deadline = time.monotonic() + timeout
        while True:
            try:
                value = await self.evaluate(expression)
            except PageError:  # the page is still loading
                if time.monotonic() > deadline:
                    raise
                value = None
            if value:
                return value
            if time.monotonic() > deadline:
                raise AssertionError(f"never true: {expression}")
            await asyncio.sleep(0.05)
