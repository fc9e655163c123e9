# SPDX-License-Identifier: GPL-3.0-or-later
"""The configurations in packaging/proxies, in the real nginx, HAProxy and Caddy, with TLS: only ports, places and names are replaced."""
import asyncio
import base64
import datetime
import http.client
import ipaddress
import json
import os
import re
import shutil
import signal
import ssl
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import websockets
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gatehouse_server import CHANNEL, HOST, METRICS, ORIGIN, ROOT, ServerTestCase, eventually, exchange, make_token, receive, receive_type
from redis_server import free_port
from test_nginx import NGINX_FRAME, PORT_ATTEMPTS

FOLDER = ROOT / "packaging/proxies"
HEARTBEAT_SECONDS = 25
# Without the last three Caddy would listen on port 80, and make this machine trust a certificate authority of its own.
CADDY_MAIN = """	admin off
	auto_https off
	skip_install_trust
	default_bind 127.0.0.1
	storage file_system {folder}
"""


def make_certificate(folder):
    """A key and a certificate for the host of the tests and for this machine, that vouches for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Gatehouse tests")])
    now = datetime.datetime.utcnow()
    names = x509.SubjectAlternativeName([x509.DNSName(HOST), x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
                   .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(minutes=5))
                   .not_valid_after(now + datetime.timedelta(days=1)).add_extension(names, critical=False)
                   .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True).sign(key, hashes.SHA256()))
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    for file, content in (("fullchain.pem", pem), ("privkey.pem", secret), ("site.pem", pem + secret)):
        Path(folder, file).write_bytes(content)


def replaced(name, **replacements):
    """The file with each of these texts replaced; each must be in it."""
    text = (FOLDER / name).read_text(encoding="utf-8")
    for old, new in replacements.items():
        if old not in text:
            raise AssertionError(f"{name} does not hold {old}")
        text = text.replace(old, new)
    return text


class Nginx:
    program = "nginx"

    def command(self, folder, port, upstream):
        Path(folder, "gatehouse.conf").write_text(replaced("nginx.conf", **{
            "listen 443": f"listen 127.0.0.1:{port}", "127.0.0.1:8080": f"127.0.0.1:{upstream}", "/etc/ssl/gatehouse": folder,
            "/var/log/nginx": folder, "your-domain.com www.your-domain.com": HOST}), encoding="utf-8")
        Path(folder, "nginx.conf").write_text(NGINX_FRAME.format(folder=folder, sites=f"include {folder}/gatehouse.conf;"), encoding="utf-8")
        return ["-p", folder, "-c", folder + "/nginx.conf", "-e", folder + "/error.log"]


class NginxBesideASite:
    """The locations in a server block of somebody else."""

    program = "nginx"
    site = """
    server {{
        listen 127.0.0.1:{port} ssl;
        server_name {host};
        ssl_certificate {folder}/fullchain.pem;
        ssl_certificate_key {folder}/privkey.pem;
        access_log {folder}/site.log;
        location / {{ return 404; }}
        include {folder}/locations.conf;
    }}
    """

    def command(self, folder, port, upstream):
        Path(folder, "locations.conf").write_text(replaced("nginx-location.conf", **{"127.0.0.1:8080": f"127.0.0.1:{upstream}", "/var/log/nginx": folder}),
                                                  encoding="utf-8")
        site = self.site.format(folder=folder, port=port, host=HOST)
        Path(folder, "nginx.conf").write_text(NGINX_FRAME.format(folder=folder, sites=site), encoding="utf-8")
        return ["-p", folder, "-c", folder + "/nginx.conf", "-e", folder + "/error.log"]


class HaProxy:
    program = "haproxy"

    def command(self, folder, port, upstream):
        Path(folder, "haproxy.cfg").write_text(replaced("haproxy.cfg", **{
            "bind :443": f"bind 127.0.0.1:{port}", "127.0.0.1:8080": f"127.0.0.1:{upstream}", "/etc/ssl/gatehouse": folder,
            "log /dev/log local0": "log stdout format raw local0"}), encoding="utf-8")
        return ["-db", "-f", folder + "/haproxy.cfg"]


class Caddy:
    program = "caddy"

    def command(self, folder, port, upstream):
        site = replaced("Caddyfile", **{
            "{\n\t# Tokens": "{\n" + CADDY_MAIN.format(folder=folder) + "\t# Tokens",
            "your-domain.com, www.your-domain.com {\n": f"https://{HOST}:{port}, https://127.0.0.1:{port} {{\n\ttls {folder}/fullchain.pem {folder}/privkey.pem\n",
            "127.0.0.1:8080": f"127.0.0.1:{upstream}"})
        Path(folder, "Caddyfile").write_text(site, encoding="utf-8")
        return ["run", "--adapter", "caddyfile", "--config", folder + "/Caddyfile"]


class RunningProxy:
    """One of the proxies in front of a server: started for a test, and ended with it. Has a folder of its own, a port, and a context that trusts it."""

    def __init__(self, case, proxy, upstream):
        self.folder = tempfile.mkdtemp(prefix="gatehouse-tls-")
        case.addCleanup(shutil.rmtree, self.folder, True)
        os.chmod(self.folder, 0o755)
        make_certificate(self.folder)
        program = shutil.which(proxy.program) or shutil.which(proxy.program, path="/usr/sbin:/sbin:/usr/bin")
        case.assertIsNotNone(program, f"{proxy.program} is not installed (packaging/debian-packages-test.txt)")
        self.trust = ssl.create_default_context(cafile=self.folder + "/fullchain.pem")  # no other proxy has this certificate
        output = Path(self.folder, "output")
        for _ in range(PORT_ATTEMPTS):
            self.port = free_port()
            if self.start(case, [program, *proxy.command(self.folder, self.port, upstream)], output):
                return
        case.fail(output.read_text(errors="replace")[:2000])

    def start(self, case, command, output):
        """Whether it came up. It ends where somebody else has taken its port."""
        with open(output, "wb") as file:
            process = subprocess.Popen(command, cwd=self.folder, env={"PATH": os.environ["PATH"], "HOME": self.folder}, stdin=subprocess.DEVNULL,
                                       stdout=file, stderr=subprocess.STDOUT)
        case.addCleanup(process.wait, 60)
        case.addCleanup(process.terminate)  # not killed: nginx would leave its workers behind
        return eventually(lambda: self.is_answering() or process.poll() is not None, 60) and process.poll() is None

    def is_answering(self):
        try:
            return self.https("GET", METRICS)[0] == 401
        except OSError:
            return False

    def https(self, method, path, headers=None, body=None):
        """Status, headers and body of a request to the proxy, whose certificate is looked at."""
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=15, context=self.trust)
        try:
            connection.request(method, path, body, {"Host": HOST, **(headers or {})})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()


class BehindTls:
    """The tests; each class below is one proxy."""

    settings = {"TRUSTED_PROXIES": "127.0.0.1"}
    proxy = None

    def setUp(self):
        super().setUp()
        running = RunningProxy(self, self.proxy, self.server.port)
        self.folder, self.port, self.trust, self.https = running.folder, running.port, running.trust, running.https

    def connect(self, source="127.0.0.1", path=CHANNEL, **more):
        return websockets.connect(f"wss://{HOST}:{self.port}{path}?token={make_token()}", host="127.0.0.1", ssl=self.trust,
                                  server_hostname=HOST, origin=ORIGIN, local_addr=(source, 0), open_timeout=10, close_timeout=5, **more)

    async def test_the_channel_works(self):
        async with self.connect() as channel:
            self.assertEqual((await receive(channel))["type"], "notifications_list")
            self.assertEqual(await exchange(channel, {"type": "ping", "id": 1}), {"type": "pong", "id": 1})
            self.assertEqual(self.server.publish({"to": {"users": ["42"]}, "title": "Hello", "data": "x" * 12_000}).json()["reached"], 1)
            self.assertEqual((await receive_type(channel, "notification"))["notification"]["title"], "Hello")

    async def test_the_channel_works_without_its_last_slash(self):
        async with self.connect(path=CHANNEL.rstrip("/")) as channel:
            self.assertEqual((await receive(channel))["type"], "notifications_list")

    async def test_limits_count_the_real_client(self):
        for _ in range(5):
            self.addAsyncCleanup((await self.connect("127.7.0.1")).close)
        with self.assertRaises(websockets.InvalidStatusCode) as refused:
            await self.connect("127.7.0.1")
        self.assertEqual(refused.exception.status_code, 429)
        self.assertIn("retry-after", refused.exception.headers)
        self.addAsyncCleanup((await self.connect("127.7.0.2")).close)
        addresses = {each["address"] for each in self.server.get("/api/admin/v1/connections").json()["connections"]}
        self.assertEqual(addresses, {"127.7.0.1", "127.7.0.2"})

    async def test_a_client_cannot_choose_its_address(self):
        channel = await self.connect("127.7.0.3", extra_headers={"X-Forwarded-For": "203.0.113.7"})
        self.addAsyncCleanup(channel.close)
        connections = self.server.get("/api/admin/v1/connections").json()["connections"]
        self.assertEqual([each["address"] for each in connections], ["127.7.0.3"])

    async def test_who_is_refused_learns_why(self):
        with self.assertRaises(websockets.InvalidStatusCode) as refused:
            await websockets.connect(f"wss://{HOST}:{self.port}{CHANNEL}?token={make_token()}", host="127.0.0.1", ssl=self.trust, server_hostname=HOST,
                                     origin="https://evil.example")
        self.assertEqual(refused.exception.status_code, 403)
        channel = await websockets.connect(f"wss://{HOST}:{self.port}{CHANNEL}?refusal=close&token=no", host="127.0.0.1", ssl=self.trust,
                                           server_hostname=HOST, origin=ORIGIN)
        with self.assertRaises(websockets.ConnectionClosed) as closed:
            await channel.recv()
        self.assertEqual(json.loads(closed.exception.rcvd.reason)["r"], "token_invalid")

    def test_the_api_works_and_the_rest_is_not_shown(self):
        authorization = {"Authorization": "Bearer " + self.server.admin_token()}
        status, _, body = self.https("GET", METRICS, authorization)
        self.assertEqual((status, len(json.loads(body))), (200, 7))
        status, _, body = self.https("POST", "/api/notifications/", {**authorization, "Content-Type": "application/json"},
                                     json.dumps([{"to": "all", "title": "x", "body": "y" * 2000}] * 400))
        self.assertEqual((status, len(json.loads(body)["ids"])), (202, 400))
        for path in ("/api/problems/token_invalid", f"{CHANNEL}preflight/", "/api/monitoring/websocket/active-connections/"):
            self.assertEqual(self.https("GET", path, {**authorization, "Origin": ORIGIN})[0], 200, path)
        self.assertEqual(self.https("POST", "/api/ticket/", {**authorization, "Origin": ORIGIN})[0], 201)

    def test_what_is_for_operators_is_not_shown(self):
        authorization = {"Authorization": "Bearer " + self.server.admin_token()}
        self.assertEqual(self.server.get("/api/admin/v1/overview").status, 200)
        for path in ("/metrics", "/healthz", "/readyz", "/anything", "/", "/api/", "/api/admin/v1/overview", "/api/admin/v1/limits", "/ws/admin/",
                     "/api//admin/v1/overview", "/api/%61dmin/v1/overview", "/api/notifications/../admin/v1/overview",
                     "/ws/notifications/%2e%2e/admin/", "/ws/notifications/../admin/", "/api/problems/..%2fadmin/v1/overview", "/ws/notifications/../../api/admin/v1/limits"):
            status, _, body = self.https("GET", path, {**authorization, "Origin": ORIGIN})
            self.assertIn(status, (400, 404), path)
            self.assertNotIn(b"max_connections", body, path)

    async def test_a_restart_of_the_server_reaches_the_client(self):
        channel = await self.connect()
        await receive(channel)
        self.expect_end = True
        self.server.process.send_signal(signal.SIGTERM)
        with self.assertRaises(websockets.ConnectionClosed) as closed:
            await asyncio.wait_for(channel.recv(), 30)
        self.assertEqual(closed.exception.rcvd.code, 1012)

    def test_no_token_is_in_what_the_proxy_writes(self):
        token = make_token()
        path = f"{CHANNEL}?token={token}"
        self.assertEqual(self.https("GET", path)[0], 426)
        self.expect_end = True
        self.server.kill()
        self.assertIn(self.https("GET", path)[0], (502, 503))  # what fails is logged elsewhere than what succeeds
        time.sleep(0.3)  # until it has written what it writes
        for path in Path(self.folder).rglob("*"):
            if path.is_file():
                self.assertNotIn(token[-40:].encode(), path.read_bytes(), path)


class BehindNginx(BehindTls, ServerTestCase):
    proxy = Nginx()


class BehindNginxBesideASite(BehindTls, ServerTestCase):
    proxy = NginxBesideASite()


class BehindHaProxy(BehindTls, ServerTestCase):
    proxy = HaProxy()


class BehindCaddy(BehindTls, ServerTestCase):
    proxy = Caddy()


class Silent(ServerTestCase):
    """Behind all three at once, as it takes its time."""

    settings = {"TRUSTED_PROXIES": "127.0.0.1"}

    async def wait_for_ping(self, proxy):
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [f"GET {CHANNEL}?token={make_token()} HTTP/1.1", f"Host: {HOST}", "Upgrade: websocket", "Connection: Upgrade",
                 "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key}", f"Origin: {ORIGIN}"]
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port, ssl=proxy.trust, server_hostname=HOST)
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        started, received = time.monotonic(), b""
        while not re.search(rb'"unread":0[^\x89]*\x89[\x00-\x7d]', received, re.DOTALL):  # the list of notifications, then a ping
            chunk = await asyncio.wait_for(reader.read(4096), HEARTBEAT_SECONDS + 20)
            self.assertNotEqual(chunk, b"", f"cut after {time.monotonic() - started:.0f} s")
            received += chunk
        writer.close()
        self.assertTrue(received.startswith(b"HTTP/1.1 101 "), received[:100])
        self.assertGreater(time.monotonic() - started, HEARTBEAT_SECONDS - 5)

    async def test_a_client_is_kept_by_heartbeats(self):
        proxies = [RunningProxy(self, proxy, self.server.port) for proxy in (Nginx(), HaProxy(), Caddy())]
        await asyncio.gather(*(self.wait_for_ping(proxy) for proxy in proxies))


class Files(unittest.TestCase):
    @unittest.skipUnless(os.geteuid() == 0 and shutil.which("unshare"), "needs root")
    def test_nginx_takes_them_where_the_documentation_puts_them(self):
        """As an administrator does, with Debian's own nginx.conf: in a mount namespace of this test."""
        script = """mount -t tmpfs none /etc/nginx/conf.d && mount -t tmpfs none /etc/nginx/sites-enabled
            mount -t tmpfs none /etc/ssl && mkdir /etc/ssl/gatehouse && cp "$0"/*.pem /etc/ssl/gatehouse/ && mount -t tmpfs none /var/log/nginx && mount -t tmpfs none /run
            cp "$1"/nginx.conf /etc/nginx/conf.d/gatehouse.conf
            printf 'server { listen 8443; server_name site.example; include %s/nginx-location.conf; }' "$1" >/etc/nginx/sites-enabled/site
            exec nginx -t"""
        with tempfile.TemporaryDirectory() as folder:
            make_certificate(folder)
            done = subprocess.run(["unshare", "--mount", "sh", "-ec", script, folder, FOLDER], capture_output=True, text=True, check=False,
                                  env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("[warn]", done.stderr)

    def test_timeouts_are_longer_than_the_heartbeat(self):
        for name, pattern in (("proxies/nginx.conf", r"proxy_(?:read|send)_timeout (\d+)s"), ("proxies/nginx-location.conf", r"proxy_(?:read|send)_timeout (\d+)s"), ("docker/nginx.conf", r"proxy_(?:read|send)_timeout (\d+)s"),
                              ("proxies/haproxy.cfg", r"timeout (?:client|server|tunnel) (\d+)s")):
            found = re.findall(pattern, (ROOT / "packaging" / name).read_text(encoding="utf-8"))
            self.assertTrue(found, name)
            for seconds in found:
                self.assertGreater(int(seconds), 2 * HEARTBEAT_SECONDS, name)


if __name__ == "__main__":
    unittest.main()
