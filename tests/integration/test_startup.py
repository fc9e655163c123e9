# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad starts: one clear line that names the faulty thing, the documented exit code, within a second."""
import os
import re
import signal
import shutil
import socket
import subprocess
import tempfile
import time
import unittest

from gatehouse_server import ADMIN, GatehouseServer, ServerTestCase, eventually
from rawconnection import RawConnection

STARTED_WITHIN = 1.0
ATTEMPTS = 10  # the best of them counts
ENDS_WITHIN = 10.0  # what is queued is stored first, by a disk that may be busy


class BadStarts(unittest.TestCase):
    def server(self, settings=None, **more):
        server = GatehouseServer(settings, **more)
        self.addCleanup(server.discard)
        return server

    def assert_fails(self, server, code, *words, arguments=(), quick=True):
        took, done = self.run_timed(server, arguments)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        self.assertEqual(len(lines), 1, done.stderr)
        for word in words:
            self.assertIn(word, lines[0])
        self.assertNotIn("listening on", done.stdout)
        for _ in range(ATTEMPTS if quick else 0):  # the machine may have been busy with something else
            if took < STARTED_WITHIN:
                break
            took = min(took, self.run_timed(server, arguments)[0])
        if quick:
            self.assertLess(took, STARTED_WITHIN)
        return lines[0]

    def run_timed(self, server, arguments):
        """How long it took to end, and what it said."""
        started = time.monotonic()
        try:
            done = server.run("serve", *arguments, timeout=20)
        except subprocess.TimeoutExpired:
            self.fail("the server started")
        return time.monotonic() - started, done

    def test_port_in_use(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            self.assert_fails(self.server({"LISTEN": f"127.0.0.1:{port}"}), 1, " LISTEN:", f"127.0.0.1:{port}", "in use")
            server = self.server({"ADMIN_LISTEN": f"127.0.0.1:{port}"})
            self.assert_fails(server, 1, "ADMIN_LISTEN:", f"127.0.0.1:{port}", "in use")
        server.start()  # once the port is free: the failed start left nothing behind

    def test_unix_path_in_use(self):
        path = os.path.join(tempfile.mkdtemp(), "socket")
        self.addCleanup(os.rmdir, os.path.dirname(path))
        with socket.socket(socket.AF_UNIX) as taken:
            taken.bind(path)
            taken.listen()
            self.assert_fails(self.server({"LISTEN": f"unix:{path}"}), 1, "LISTEN:", path, "in use")
            self.assertTrue(os.path.exists(path), "another program's socket was taken away")
        os.remove(path)

    def test_a_unix_path_where_something_else_is(self):
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        file, link, directory = (os.path.join(folder, name) for name in ("precious.db", "link", "directory"))
        with open(file, "w", encoding="utf-8") as made:
            made.write("data")
        os.symlink(file, link)
        os.mkdir(directory)
        for name in ("LISTEN", "ADMIN_LISTEN"):
            for path, what in ((file, "is a file"), (link, "is a symbolic link"), (directory, "is a directory")):
                with self.subTest(name=name, path=path):
                    self.assert_fails(self.server({"LISTEN": "127.0.0.1:0", name: f"unix:{path}"}), 1, f"{name}:", path, what)
        self.assertEqual(sorted(os.listdir(folder)), ["directory", "link", "precious.db"])
        with open(link, encoding="utf-8") as kept:
            self.assertEqual(kept.read(), "data")

    def test_address_of_another_machine(self):
        self.assert_fails(self.server({"LISTEN": "203.0.113.1:8080"}), 1, "203.0.113.1")

    def test_state_directory_that_cannot_be(self):
        with tempfile.NamedTemporaryFile() as file:
            self.assert_fails(self.server({"STATE_DIR": file.name}), 1, file.name)
            self.assert_fails(self.server({"STATE_DIR": file.name + "/below"}), 1, file.name)
        self.assert_fails(self.server({"STATE_DIR": "/proc/gatehouse"}), 1, "/proc/gatehouse")

    @unittest.skipIf(os.geteuid() == 0 and not os.path.exists("/usr/bin/setpriv"), "as root every directory is writable")
    def test_state_directory_that_is_not_writable(self):
        prefix = ["/usr/bin/setpriv", "--reuid=65534", "--clear-groups", "--bounding-set=-all", "--inh-caps=-all"] \
            if os.geteuid() == 0 else []
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o755)
            state = os.path.join(folder, "state")
            os.mkdir(state, 0o555)
            server = self.server({"STATE_DIR": state}, program_prefix=prefix)
            probe = subprocess.run([*prefix, "test", "-x", server.command("x")[-2]], check=False)
            if probe.returncode != 0:
                self.skipTest("the program cannot be run as another user")
            os.chmod(server._folder, 0o755)
            self.assert_fails(server, 1, state)

    def test_a_second_server_on_the_same_state(self):
        first = self.server()
        first.start()
        second = self.server(state_dir=first.state_dir)
        self.assert_fails(second, 1, first.state_dir)
        self.assertTrue(first.is_running())
        self.assertEqual(first.request("GET", "/healthz").status, 200)

    def test_wrong_settings_are_named(self):
        cases = {
            "LISTEN": ["nonsense", "127.0.0.1", "127.0.0.1:99999", "127.0.0.1:-1", "example.com:80:80", ""],
            "MAX_CONNECTIONS_PER_IP": ["0", "-5", "1000001", "five", "5.5", "", "99999999999999999999"],
            "MAX_MESSAGES_PER_MINUTE": ["0", "x"], "MAX_RECONNECT_ATTEMPTS": ["0"],
            "MAX_CONNECTIONS_PER_IP_MODE": ["maybe", "true"],
            "DEBUG": ["maybe", "2", "tru"], "USE_PRODUCTION_WEBSOCKET_MIDDLEWARE": ["enabled"], "METRICS_PUBLIC": ["x"],
            "ALLOW_MISSING_ORIGIN": ["perhaps"], "TRUSTED_PROXIES": ["10.0.0.0/33", "nonsense", "300.1.1.1"],
            "TIME_ZONE": ["Mars/Olympus"], "WORKERS": ["0", "-1", "many"], "LOG_LEVEL": ["loud"], "LOG_FORMAT": ["xml"],
            "METRICS_RETENTION_DAYS": ["0", "-1", "x"], "DRAIN_SECONDS": ["-1", "601", "soon"],
            "MEMORY_BUDGET": ["0", "63M", "1025G", "much", "512MB", "-512M", ""],
            "ALERT_WEBHOOK_URL": ["nonsense", "ftp://example.com/"],
            "ALLOWED_HOSTS": ["https://", "exa mple.com"],
        }
        for name, values in cases.items():
            for value in values:
                with self.subTest(name=name, value=value):
                    self.assert_fails(self.server({name: value}), 2, name)

    def test_short_secret(self):
        line = self.assert_fails(self.server({"JWT_SECRET": "short-canary"}), 2, "JWT_SECRET")
        self.assertNotIn("short-canary", line)
        self.assert_fails(self.server({"JWT_SECRET": ""}), 2, "JWT_SECRET")

    def test_wrong_arguments(self):
        server = self.server()
        self.assert_fails(server, 2, "--nonsense", arguments=["--nonsense"])
        self.assert_fails(server, 2, "extra", arguments=["extra"])
        self.assert_fails(server, 2, "--max-connections-per-ip", arguments=["--max-connections-per-ip"])
        self.assert_fails(server, 2, "MAX_CONNECTIONS_PER_IP", arguments=["--max-connections-per-ip", "0"])

    def test_env_files(self):
        server = self.server()
        missing = os.path.join(server._folder, "missing.env")
        self.assert_fails(server, 2, missing, arguments=["--env-file", missing])
        broken = os.path.join(server._folder, "broken.env")
        with open(broken, "w", encoding="utf-8") as file:
            file.write("# a comment\nDEBUG=false\nLISTEN 127.0.0.1:8080\n")
        line = self.assert_fails(server, 2, broken, arguments=["--env-file", broken])
        self.assertIn(":3: LISTEN", line)

    def test_an_env_file_that_is_shared_with_others(self):
        server = self.server({"ALLOWED_HOSTS": None, "LOG_FORMAT": "json"})
        with open(os.path.join(server._folder, ".env"), "wb") as file:
            file.write(b"\xef\xbb\xbf# Django's, \xe4\r\nSECRET_KEY='a\\'b'\r\nSENTRY_DSN\r\n2FA_ISSUER=x\r\n; systemd's\r\n[section]\r\n"
                       b"PRIVATE_KEY=\"-----BEGIN\r\nLISTEN=x\r\n-----END\"\r\nexport ALLOWED_HOSTS='a.example' # who\r\nMAX_CONECTIONS=3\r\n")
        server.start()
        warnings = [line for line in server.stderr().splitlines() if '"setting"' in line]
        for words in (".env:3: SENTRY_DSN has no value", ".env:4: 2FA_ISSUER begins with a digit", ".env:6: ", ".env:8: LISTEN is inside of the quotes",
                      ".env:11: MAX_CONECTIONS is not a setting and is ignored; did you mean MAX_CONNECTIONS?"):
            self.assertTrue(any(words in line for line in warnings), (words, warnings))
        self.assertEqual(len(warnings), 5, warnings)
        self.assertRegex(server.run("config").stdout, r"(?m)^ALLOWED_HOSTS +a.example +.*\.env:10$")


class CorruptDatabase(unittest.TestCase):
    def test_it_is_set_aside_and_never_deleted(self):
        server = GatehouseServer()
        self.addCleanup(server.discard)
        server.start()
        server.stop()
        databases = [name for name in os.listdir(server.state_dir) if name.endswith((".db", ".sqlite", ".sqlite3"))]
        self.assertEqual(len(databases), 1, os.listdir(server.state_dir))
        path = os.path.join(server.state_dir, databases[0])
        with open(path, "r+b") as file:
            file.write(b"This is no database. " * 500)
        with open(path, "rb") as file:
            broken = file.read()
        server.start()
        aside = [name for name in os.listdir(server.state_dir) if ".corrupt-" in name and not name.endswith(("-wal", "-shm"))]
        self.assertEqual(len(aside), 1, os.listdir(server.state_dir))
        with open(os.path.join(server.state_dir, aside[0]), "rb") as file:
            self.assertEqual(file.read(), broken)
        self.assertTrue(eventually(lambda: aside[0] in server.stderr()), server.stderr())
        self.assertEqual(server.publish({"to": "all", "title": "x"}).status, 202)


class Sources(unittest.TestCase):
    """Flags win over the environment, the environment over .env, .env over the defaults."""

    def value_of(self, server, *arguments):
        server.arguments = list(arguments)
        server.start()
        try:
            return {limit["key"]: limit["value"] for limit in server.get("/api/admin/v1/limits").json()["limits"]}[
                "max_connections_per_ip"]
        finally:
            server.kill()

    def test_order(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "site.env")
            with open(path, "w", encoding="utf-8") as file:
                file.write("# limits\nexport MAX_CONNECTIONS_PER_IP='2'\nMAX_CONNECTIONS=77 # all\n")

            def fresh(**settings):
                server = GatehouseServer(settings)
                self.addCleanup(server.discard)
                return server
            self.assertEqual(self.value_of(fresh()), 5)
            self.assertEqual(self.value_of(fresh(), "--env-file", path), 2)
            self.assertEqual(self.value_of(fresh(MAX_CONNECTIONS_PER_IP=3), "--env-file", path), 3)
            self.assertEqual(self.value_of(fresh(MAX_CONNECTIONS_PER_IP=3), "--env-file", path, "--max-connections-per-ip", "4"), 4)
            server = fresh()
            with open(os.path.join(server._folder, ".env"), "w", encoding="utf-8") as file:
                file.write("MAX_CONNECTIONS_PER_IP=8\n")
            self.assertEqual(self.value_of(server), 8)


class GoodStarts(ServerTestCase):
    def test_one_line_on_standard_output(self):
        self.assertEqual(self.server.stdout_lines, [f"listening on http://127.0.0.1:{self.server.port}\n"])

    def test_ipv6(self):
        if not socket.has_ipv6 or not os.path.exists("/proc/net/if_inet6"):
            self.skipTest("no IPv6 here")
        server = GatehouseServer({"LISTEN": "[::1]:0"})
        self.addCleanup(server.discard)
        try:
            server.start()
        except AssertionError:
            self.skipTest("no IPv6 loopback here")
        self.assertTrue(server.url.startswith("http://[::1]:"), server.url)

    def test_restart_after_a_kill_binds_at_once(self):
        port = self.server.port
        self.server.settings["LISTEN"] = f"127.0.0.1:{port}"
        for _ in range(3):
            with RawConnection(self.server) as held, RawConnection(self.server):
                held.open()
                self.server.kill()
                # The peers of the dead are still there: the port is not free of connections.
                self.server.start()
                self.assertEqual(self.server.port, port)
            self.assertEqual(self.server.request("GET", "/readyz").status, 200)

    def test_restart_after_a_kill_takes_its_unix_path_back(self):
        path = os.path.join(self.server.state_dir, "socket")
        self.server.kill()
        self.server.settings["ADMIN_LISTEN"] = f"unix:{path}"
        self.server.start()
        self.server.kill()
        self.assertTrue(os.path.exists(path))
        self.server.start()
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(path)
            client.sendall(b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            self.assertTrue(client.recv(100).startswith(b"HTTP/1.1 200"))

    def test_json_log(self):
        import json
        from rawconnection import try_upgrade
        self.server.kill()
        self.server.settings["LOG_FORMAT"] = "json"
        os.truncate(self.server.stderr_path, 0)
        self.server.start()
        instance = try_upgrade(self.server, origin="https://evil.example").json()["instance"]
        self.assertTrue(eventually(lambda: instance in self.server.stderr()))
        for line in self.server.stderr().splitlines():
            self.assertIsInstance(json.loads(line), dict, line)
        refusals = [line for line in self.server.stderr().splitlines() if instance in line]
        self.assertEqual(len(refusals), 1)
        self.assertIn("origin_not_allowed", refusals[0])

    def lines_with(self, **settings):
        """The lines of a server with these settings that has refused an Origin and an API token."""
        from rawconnection import try_upgrade
        self.server.kill()
        self.server.settings.update(settings)
        os.truncate(self.server.stderr_path, 0)
        self.server.start()
        try_upgrade(self.server, origin="https://evil.example")
        self.server.get(ADMIN + "limits", "nonsense")
        lines = lambda: [line for line in self.server.stderr().splitlines() if "refused" in line]
        self.assertTrue(eventually(lambda: len(lines()) == 2), self.server.stderr())
        return lines()

    def test_the_journal_is_told_priorities(self):
        file = os.stat(self.server.stderr_path)
        journal, elsewhere = f"{file.st_dev}:{file.st_ino}", f"{file.st_dev}:{file.st_ino + 1}"
        told = lambda lines: sorted(re.match(r"<(\d)>2|", line)[1] or "" for line in lines)
        self.assertEqual(told(self.lines_with(JOURNAL_STREAM=journal)), ["4", "6"])
        for line in self.server.stderr().splitlines():
            self.assertRegex(line, r"^<[3467]>\d{4}-\d\d-\d\dT")
        self.assertEqual(told(self.lines_with(JOURNAL_STREAM=elsewhere)), ["", ""])
        self.assertEqual(told(self.lines_with(JOURNAL_STREAM="nonsense")), ["", ""])
        self.assertEqual(told(self.lines_with(LOG_FORMAT="journal")), ["4", "6"])
        for line in self.lines_with(LOG_FORMAT="json", JOURNAL_STREAM=journal):
            self.assertTrue(line.startswith('{"time":'), line)

    def test_second_signal_ends_at_once(self):
        server = GatehouseServer({"DRAIN_SECONDS": 600, "WORKERS": 1})
        self.addCleanup(server.discard)
        server.start()
        with RawConnection(server) as first, RawConnection(server) as second:
            first.open()
            second.open()
            server.process.send_signal(signal.SIGTERM)
            # Before it has taken the first, a second one would be the same.
            self.assertTrue(eventually(lambda: " stopping " in server.stderr()), server.stderr())
            self.assertTrue(server.is_running(), "it was to drain")
            started = time.monotonic()
            server.process.send_signal(signal.SIGTERM)
            self.assertEqual(server.process.wait(2 * ENDS_WITHIN), 0)
            self.assertLess(time.monotonic() - started, ENDS_WITHIN)


if __name__ == "__main__":
    unittest.main()
