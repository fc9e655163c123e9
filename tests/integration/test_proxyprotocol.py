# SPDX-License-Identifier: GPL-3.0-or-later
"""The PROXY protocol: spoken by a real HAProxy and a real nginx, byte by byte, over a Unix-domain socket; and what comes without it, or from somebody who is no proxy."""
import asyncio
import os
import shutil
import socket
import struct
import subprocess
import tempfile
import unittest
from pathlib import Path

import websockets

from gatehouse_server import ADMIN, CHANNEL, ORIGIN, GatehouseServer, ServerTestCase, eventually, exchange, make_token, receive
from rawconnection import RawConnection, upgrade_head
from redis_server import free_port
from test_httpclients import HEALTH, metric

PROXY, STRANGER = "127.5.0.1", "127.6.0.1"
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
PORT_ATTEMPTS = 5
HAPROXY = """
defaults
    mode tcp
    timeout connect 2s
    timeout client 60s
    timeout server 60s
listen first
    bind 127.0.0.1:{first}
    server gate {upstream} send-proxy
listen second
    bind 127.0.0.1:{second}
    server gate {upstream} send-proxy-v2 proxy-v2-options crc32c
listen checked
    bind 127.0.0.1:{checked}
    option httpchk
    http-check send meth GET uri /readyz ver HTTP/1.1 hdr Host localhost
    http-check expect status 200
    default-server check inter 200ms fall 1 rise 1
    server gate {upstream} send-proxy-v2 check-send-proxy
"""
# As in settings.md.
NGINX_STREAM = """
load_module {modules}/ngx_stream_module.so;
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
stream {{
    server {{
        listen 127.0.0.1:{first};
        proxy_pass {upstream};
        proxy_protocol on;
        proxy_timeout 60s;
    }}
}}
"""
NGINX_MODULES = "/usr/lib/nginx/modules"


def line(address="203.0.113.7", port=4711):
    return f"PROXY TCP4 {address} 127.0.0.1 {port} 443\r\n".encode()


def binary(address="203.0.113.7", port=4711, command=0x21, family=0x11, more=b""):
    packed = socket.inet_aton(address) + socket.inet_aton("127.0.0.1") + struct.pack(">HH", port, 443) if family == 0x11 else b""
    return SIGNATURE + struct.pack(">BBH", command, family, len(packed + more)) + packed + more


class ProxiedTestCase(ServerTestCase):
    """A server whose API has a listener of its own, as health checks and consoles do not come through the balancer."""

    settings = {"PROXY_PROTOCOL": "true", "TRUSTED_PROXIES": "127.5.0.0/16, 127.0.0.1", "METRICS_PUBLIC": "true",
                "MAX_CONNECTIONS_PER_IP": "3"}

    def setUp(self):
        self.api = free_port()
        self.settings = {**self.settings, "ADMIN_LISTEN": f"127.0.0.1:{self.api}"}
        super().setUp()

    def ask(self, method, path):
        """What the API says at its own listener, which knows no PROXY protocol."""
        clients, self.server.port = self.server.port, self.api
        try:
            return self.server.request(method, path, self.server.admin_token())
        finally:
            self.server.port = clients

    def malformed(self):
        clients, self.server.port = self.server.port, self.api
        try:
            return metric(self.server, "gatehouse_http_malformed_total", kind="proxy_protocol")
        finally:
            self.server.port = clients

    def addresses(self):
        return sorted(each["address"] for each in self.ask("GET", ADMIN + "connections").json()["connections"])


class Headers(ProxiedTestCase):
    def open(self, header, source=PROXY, **more):
        connection = RawConnection(self.server, source)
        self.addCleanup(connection.close)
        return connection, connection.send(header + upgrade_head(**more).encode()).read_answer()

    def test_the_client_is_who_the_header_names(self):
        for header in (line("203.0.113.1"), binary("203.0.113.2"), binary("203.0.113.3", more=b"\x04\x00\x04abcd"),
                       b"PROXY TCP6 2001:db8:1:2::9 ::1 1 2\r\n"):
            self.assertEqual(self.open(header)[1].status, 101)
        self.assertEqual(self.addresses(), ["2001:db8:1:2::/64", "203.0.113.1", "203.0.113.2", "203.0.113.3"])

    def test_limits_count_that_client(self):
        for _ in range(3):
            self.assertEqual(self.open(line())[1].status, 101)
        self.assertEqual(self.open(binary())[1].status, 429)
        self.assertEqual(self.open(line("203.0.113.8"))[1].status, 101)

    def test_byte_by_byte(self):
        for header in (line(), binary()):
            with RawConnection(self.server, PROXY) as connection:
                for byte in header + HEALTH.encode():
                    connection.send(bytes([byte]))
                self.assertEqual(connection.read_answer().status, 200)
                self.assertEqual(connection.send(HEALTH).read_answer().status, 200)  # with one header for all

    def test_a_header_that_the_client_wrote_itself_counts_for_nothing(self):
        _, answer = self.open(line("203.0.113.5"), extra=["X-Forwarded-For: 198.51.100.1"])
        self.assertEqual((answer.status, self.addresses()), (101, ["203.0.113.5"]))

    def test_a_proxy_behind_the_proxy(self):
        _, answer = self.open(line("127.5.0.9"), extra=["X-Forwarded-For: 198.51.100.1"])
        self.assertEqual((answer.status, self.addresses()), (101, ["198.51.100.1"]))

    def test_the_proxy_speaks_for_itself(self):
        for header in (b"PROXY UNKNOWN\r\n", b"PROXY UNKNOWN a b c\r\n", binary(command=0x20), binary(command=0x20, family=0), binary(family=0x31, more=b"x" * 216)):
            with RawConnection(self.server, PROXY) as connection:
                self.assertEqual(connection.send(header + HEALTH.encode()).read_answer().status, 200)

    def test_what_is_refused(self):
        cases = {
            "no header": (PROXY, HEALTH.encode(), "does not begin with a PROXY header"), "TLS": (PROXY, b"\x16\x03\x01\x02\x00\x01", "PROXY header"),
            "a bad line": (PROXY, line("203.0.113.999") + HEALTH.encode(), "malformed"), "UDP": (PROXY, binary(family=0x12), "malformed"),
            "too long a line": (PROXY, b"PROXY TCP4 " + b"x" * 100, "malformed"), "a stranger": (STRANGER, line() + HEALTH.encode(), "TRUSTED_PROXIES"),
            "a stranger without": (STRANGER, HEALTH.encode(), "TRUSTED_PROXIES"),
        }
        before = self.malformed()
        for name, (source, data, why) in cases.items():
            with self.subTest(name), RawConnection(self.server, source) as connection:
                problem = self.assert_problem(connection.send(data).read_answer(), 400, "bad_request")
                self.assertIn(why, problem["detail"])
                connection.wait_for_end()
        self.assertEqual(self.malformed() - before, len(cases))
        self.assertTrue(eventually(lambda: "malformed_request kind=proxy_protocol" in self.server.stderr()))


class BehindAProxy:
    """With a real one, of which a test case says the program, its configuration, the names of its ports, and the command that starts it."""

    def setUp(self):
        super().setUp()
        program = shutil.which(self.program) or shutil.which(self.program, path="/usr/sbin:/sbin")
        self.assertIsNotNone(program, f"{self.program} is not installed (packaging/debian-packages-test.txt)")
        folder = tempfile.mkdtemp(prefix="gatehouse-proxy-")
        self.addCleanup(shutil.rmtree, folder, True)
        self.output = Path(folder, "output")
        for _ in range(PORT_ATTEMPTS):
            if self.start_proxy(program, folder):
                return
        self.fail(self.output.read_text(errors="replace")[:2000])

    def start_proxy(self, program, folder):
        self.ports = {name: free_port() for name in self.names}
        path = Path(folder, "configuration")
        path.write_text(self.configuration.format(upstream=f"127.0.0.1:{self.server.port}", folder=folder, modules=NGINX_MODULES, **self.ports),
                        encoding="utf-8")
        with open(self.output, "wb") as file:
            process = subprocess.Popen(self.command(program, folder, path), stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT)
        self.addCleanup(process.wait, 60)
        self.addCleanup(process.terminate)
        return eventually(lambda: self.is_up() or process.poll() is not None, 60) and process.poll() is None

    def is_up(self):
        try:
            for port in self.ports.values():
                socket.create_connection(("127.0.0.1", port)).close()
            return True
        except OSError:
            return False

    async def test_the_channel_works_and_knows_its_client(self):
        for number, name in enumerate(self.ports):
            source = f"127.7.0.{number + 1}"
            async with websockets.connect(f"ws://127.0.0.1:{self.ports[name]}{CHANNEL}?token={make_token()}", origin=ORIGIN, local_addr=(source, 0),
                                          open_timeout=30, close_timeout=5) as channel:
                self.assertEqual((await receive(channel))["type"], "notifications_list")
                self.assertEqual(await exchange(channel, {"type": "ping", "id": 1}), {"type": "pong", "id": 1})
                self.assertEqual(await asyncio.to_thread(self.addresses), [source])
            self.assertTrue(eventually(lambda: self.addresses() == []))
        self.assertEqual(await asyncio.to_thread(self.malformed), 0)


class BehindHaProxy(BehindAProxy, ProxiedTestCase):
    program, configuration, names = "haproxy", HAPROXY, ("first", "second", "checked")

    def command(self, program, folder, path):
        return [program, "-db", "-f", path]

    def test_its_health_checks_are_answered(self):
        self.assertEqual(self.malformed(), 0)
        self.assertNotIn("is DOWN", self.output.read_text(errors="replace"))


class BehindNginxStream(BehindAProxy, ProxiedTestCase):
    program, configuration, names = "nginx", NGINX_STREAM, ("first",)

    def command(self, program, folder, path):
        self.assertTrue(os.path.exists(NGINX_MODULES + "/ngx_stream_module.so"), "libnginx-mod-stream is not installed (packaging/debian-packages-test.txt)")
        return [program, "-p", folder, "-c", path, "-e", folder + "/error.log"]

    def through(self, source, **more):
        clients, self.server.port = self.server.port, self.ports["first"]
        try:
            connection = RawConnection(self.server, source)
        finally:
            self.server.port = clients
        self.addCleanup(connection.close)
        return connection.send(upgrade_head(**more)).read_answer()

    def test_limits_count_the_client_and_not_nginx(self):
        self.assertEqual([self.through("127.7.0.1").status for _ in range(4)], [101, 101, 101, 429])
        self.assertEqual(self.through("127.7.0.2").status, 101)

    def test_what_the_client_says_of_itself_counts_for_nothing(self):
        self.assertEqual(self.through("127.7.0.3", extra=["X-Forwarded-For: 198.51.100.1"]).status, 101)
        self.assertEqual(self.addresses(), ["127.7.0.3"])


class OverAUnixSocket(unittest.TestCase):
    def test_a_proxy_on_this_machine(self):
        folder = tempfile.mkdtemp(prefix="gatehouse-unix-")
        self.addCleanup(shutil.rmtree, folder, True)
        path = os.path.join(folder, "socket")
        admin = free_port()
        server = GatehouseServer({"LISTEN": f"unix:{path}", "ADMIN_LISTEN": f"127.0.0.1:{admin}", "PROXY_PROTOCOL": "on", "TRUSTED_PROXIES": "unix"})
        self.addCleanup(server.discard)
        server.process = subprocess.Popen(server.command("serve"), env=server.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                          stderr=subprocess.DEVNULL)
        self.assertTrue(eventually(lambda: os.path.exists(path)))
        server.port = admin

        def say(data):
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(30)
                connection.connect(path)
                connection.sendall(data)
                answer = connection.recv(4096)
                addresses = [each["address"] for each in server.get(ADMIN + "connections").json()["connections"]] if b" 101 " in answer else []
                return int(answer.split()[1]), addresses

        self.assertTrue(eventually(lambda: self.is_ready(server)))
        self.assertEqual(say(line("203.0.113.9") + upgrade_head().encode()), (101, ["203.0.113.9"]))
        self.assertEqual(say(upgrade_head().encode()), (400, []))

    def is_ready(self, server):
        try:
            return server.request("GET", "/readyz").status == 200
        except OSError:
            return False


class Settings(unittest.TestCase):
    def test_without_proxies_nobody_could_connect(self):
        server = GatehouseServer({"PROXY_PROTOCOL": "true"})
        self.addCleanup(server.discard)
        for command in ("serve", "check"):
            done = server.run(command)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn("PROXY_PROTOCOL", done.stdout + done.stderr)
            self.assertIn("TRUSTED_PROXIES is empty", done.stdout + done.stderr)

    def test_nonsense_is_named(self):
        server = GatehouseServer({"PROXY_PROTOCOL": "v2", "TRUSTED_PROXIES": "127.0.0.1"})
        self.addCleanup(server.discard)
        done = server.run("serve")
        self.assertEqual(done.returncode, 2)
        self.assertIn("PROXY_PROTOCOL", done.stderr)


if __name__ == "__main__":
    unittest.main()
