# SPDX-License-Identifier: GPL-3.0-or-later
"""A real nginx in front, without TLS; test_tlsproxies has the configurations that we bring."""
import json
import os
import shutil
import socket
import subprocess
import tempfile
import unittest
from pathlib import Path

import websockets

from gatehouse_server import ADMIN, METRICS, ORIGIN, GatehouseServer, ServerTestCase, eventually, exchange, make_token, receive, receive_type
from rawconnection import try_upgrade
from redis_server import free_port

PORT_ATTEMPTS = 5

NGINX_FRAME = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
{sites}
}}
"""
SITES = """
    access_log off;
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://127.0.0.1:{upstream};
            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection "upgrade";
            proxy_set_header Host $host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_read_timeout 60s;
        }}
        location /api/ {{
            proxy_pass http://127.0.0.1:{upstream};
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        }}
    }}
"""


class Proxy:
    """What rawconnection and ServerTestCase need of a server: a port."""

    def __init__(self, port):
        self.port = port


class NginxTestCase(ServerTestCase):
    settings = {"TRUSTED_PROXIES": "127.0.0.1"}
    sites = SITES

    def setUp(self):
        program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/sbin")
        if not program:
            self.skipTest("nginx is not installed")
        super().setUp()
        folder = tempfile.mkdtemp(prefix="gatehouse-nginx-")
        self.addCleanup(shutil.rmtree, folder, True)
        os.chmod(folder, 0o755)
        for _ in range(PORT_ATTEMPTS):
            if self.start_proxy(program, folder):
                return
        self.fail("nginx did not start:\n" + Path(folder, "error.log").read_text(encoding="utf-8", errors="replace")[-2000:])

    def start_proxy(self, program, folder):
        """Whether it came up. It ends where somebody else has taken its port."""
        self.proxy = Proxy(free_port())
        path = os.path.join(folder, "nginx.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(NGINX_FRAME.format(folder=folder, sites=self.sites.format(port=self.proxy.port, upstream=self.server.port)))
        process = subprocess.Popen([program, "-p", folder, "-c", path, "-e", folder + "/error.log"],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)

        def is_up():
            return os.path.exists(folder + "/nginx.pid") and self.is_open()  # it writes that once it has its port
        return eventually(lambda: is_up() or process.poll() is not None, 60) and process.poll() is None

    def is_open(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.proxy.port)) == 0

    def connect(self, token=None, source=None):
        more = {"local_addr": (source, 0)} if source else {}
        return websockets.connect(f"ws://127.0.0.1:{self.proxy.port}/ws/notifications/?token={token or make_token()}",
                                  origin=ORIGIN, open_timeout=10, close_timeout=5, **more)


class BehindNginx(NginxTestCase):
    async def test_the_channel_works_through_it(self):
        async with self.connect() as channel:
            self.assertEqual((await receive(channel))["type"], "notifications_list")
            self.assertEqual((await exchange(channel, {"type": "ping", "id": 1})), {"type": "pong", "id": 1})
            self.assertEqual(self.server.publish({"to": {"users": ["42"]}, "title": "Hello"}).json()["reached"], 1)
            self.assertEqual((await receive_type(channel, "notification"))["notification"]["title"], "Hello")

    async def test_limits_count_the_real_client(self):
        for number in range(5):
            channel = await self.connect(source="127.7.0.1")
            self.addAsyncCleanup(channel.close)
        answer = try_upgrade(self.proxy, "127.7.0.1")
        self.assert_problem(answer, 429, "too_many_connections", "address")
        self.assertIn("retry-after", answer.headers)
        self.assertEqual(try_upgrade(self.proxy, "127.7.0.2").status, 101)
        connections = self.server.get("/api/admin/v1/connections").json()["connections"]
        self.assertIn("127.7.0.1", {each["address"] for each in connections})

    def test_a_client_cannot_choose_its_address(self):
        try_upgrade(self.proxy, "127.7.0.3", origin="https://evil.example", extra=["X-Forwarded-For: 203.0.113.7"])
        decision = self.server.get("/api/admin/v1/decisions?limit=1").json()["decisions"][0]
        self.assertEqual(decision["address"], "127.7.0.3")

    def test_the_api_works_through_it(self):
        from http.client import HTTPConnection
        connection = HTTPConnection("127.0.0.1", self.proxy.port, timeout=10)
        for _ in range(3):  # kept alive
            connection.request("GET", METRICS, headers={"Authorization": "Bearer " + self.server.admin_token()})
            answer = connection.getresponse()
            self.assertEqual(answer.status, 200)
            self.assertEqual(len(json.loads(answer.read())), 7)
        connection.close()


class WhatCheckSays:
    """Of the proxy, beside the running server."""

    def check(self):
        done = self.server.run("check", "--listen", f"127.0.0.1:{self.server.port}")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return [line for line in done.stderr.splitlines() if "the running server" in line]


class ForwardingNothing(WhatCheckSays, NginxTestCase):
    sites = SITES.replace("proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;", "")

    async def test_check_names_the_proxy(self):
        self.assertEqual(self.check(), [])
        for number in range(2):
            async with self.connect(source="127.7.0.1") as channel:
                await receive(channel)
        line, = self.check()
        self.assertRegex(line, r"^warning: TRUSTED_PROXIES: .* 2 pages came through the proxy 127\.0\.0\.1 without X-Forwarded-For, at last at 20.*Z: ")
        seen = self.server.get(ADMIN + "overview").json()["server"]["not_forwarded"]
        self.assertEqual({**seen, "last_at": None}, {"count": 2, "proxy": "127.0.0.1", "header": "missing", "last_at": None})

    def test_check_says_what_keeps_it_from_knowing(self):
        self.server.settings["JWT_SECRET"] = "another-secret-of-more-than-32-bytes!"  # as of a file that was edited since the start
        line, = self.check()
        self.assertEqual(line, "note: what the running server has seen of the proxies is not known: it answers 401")

    async def test_without_a_server_it_says_nothing(self):
        async with self.connect() as channel:
            await receive(channel)
        self.assertEqual(self.server.stop(), 0)
        self.assertEqual(self.check(), [])
        self.server.start()


class ForwardingNonsense(WhatCheckSays, NginxTestCase):
    sites = SITES.replace("$proxy_add_x_forwarded_for", "unknown")

    async def test_check_names_the_proxy(self):
        async with self.connect() as channel:
            await receive(channel)
        line, = self.check()
        self.assertIn("one page came through the proxy 127.0.0.1 with an X-Forwarded-For that is no address", line)


class ForwardingAsItShould(WhatCheckSays, NginxTestCase):
    async def test_check_says_nothing(self):
        async with self.connect() as channel:
            await receive(channel)
        self.assertEqual(self.check(), [])
        self.assertNotIn("not_forwarded", self.server.get(ADMIN + "overview").json()["server"])


class AtListenersOfOtherKinds(unittest.TestCase):
    def test_check_asks_there(self):
        folder = tempfile.mkdtemp(prefix="gatehouse-unix-")
        self.addCleanup(shutil.rmtree, folder, True)
        path = os.path.join(folder, "socket")
        for listen, settings in ((f"unix:{path}", {"LISTEN": f"unix:{path}"}), ("unix:/nowhere", {"ADMIN_LISTEN": f"unix:{path}"})):
            with self.subTest(listen):
                server = GatehouseServer({"TRUSTED_PROXIES": "unix, 127.0.0.1", "LISTEN": "127.0.0.1:0", **settings})
                self.addCleanup(server.discard)
                process = subprocess.Popen(server.command("serve"), env=server.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                           stderr=subprocess.DEVNULL)
                self.addCleanup(process.wait)
                self.addCleanup(process.terminate)
                self.assertTrue(eventually(lambda: os.path.exists(path)))
                server.settings["JWT_SECRET"] = "another-secret-of-more-than-32-bytes!"
                self.assertTrue(eventually(lambda: "proxies is not known: it answers 401" in server.run("check", "--listen", listen).stderr))
                process.terminate()
                process.wait()


if __name__ == "__main__":
    unittest.main()
