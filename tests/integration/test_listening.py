# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the server can be reached: every address on every kernel, and Unix-domain sockets by whom they are meant for."""
import ctypes
import os
import platform
import re
import shutil
import signal
import socket
import stat
import struct
import subprocess
import tempfile
import unittest

from gatehouse_server import GatehouseServer, binary

IS_ROOT = os.geteuid() == 0
NOBODY = 65534
SOCKET_CALLS = {"x86_64": 41, "aarch64": 198}
REQUEST = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def without_ipv6():
    """Makes socket(AF_INET6) fail in this process, as in a kernel without IPv6."""
    load, jump, give = 0x20, 0x15, 0x06
    program = [(load, 0, 0, 0), (jump, 0, 3, SOCKET_CALLS[platform.machine()]), (load, 0, 0, 16), (jump, 0, 1, socket.AF_INET6),
               (give, 0, 0, 0x00050000 | 97), (give, 0, 0, 0x7FFF0000)]  # EAFNOSUPPORT, else as ever
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *each) for each in program))
    filters = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(program), ctypes.addressof(code)))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(38, 1, 0, 0, 0) != 0 or libc.prctl(22, 2, filters, 0, 0) != 0:
        os._exit(77)


class Started(unittest.TestCase):
    def start(self, settings, **more):
        """A server whose first line need not be an http address; returns it and that line."""
        server = GatehouseServer(settings)
        self.addCleanup(server.discard)
        os.chmod(server._folder, 0o755)
        os.makedirs(server.state_dir, 0o700, exist_ok=True)
        if "user" in more:
            os.chown(server.state_dir, more["user"], more["user"])
        command = [*more.pop("prefix", []), binary(), "serve"]
        process = subprocess.Popen(command, env=server.environment(), cwd=server._folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   text=True, **more)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.send_signal, signal.SIGTERM)
        line = process.stdout.readline()
        self.assertTrue(line.startswith("listening on "), line or process.stderr.read())
        return server, line.strip().removeprefix("listening on ")


class EveryAddress(Started):
    def asked(self, address, url):
        with socket.create_connection((address, int(re.search(r":(\d+)$", url).group(1))), 20) as client:
            client.sendall(REQUEST)
            return client.recv(100)

    def test_ipv4_and_ipv6(self):
        for setting in (":0", "[::]:0"):
            _, url = self.start({"LISTEN": setting})
            self.assertTrue(self.asked("127.0.0.1", url).startswith(b"HTTP/1.1 200"), url)
            if "[" in url:
                self.assertTrue(self.asked("::1", url).startswith(b"HTTP/1.1 200"), url)

    @unittest.skipUnless(platform.machine() in SOCKET_CALLS, "the number of socket(2) is not known here")
    def test_a_kernel_without_ipv6(self):
        _, url = self.start({"LISTEN": ":0", "ADMIN_LISTEN": ":0"}, preexec_fn=without_ipv6)
        self.assertTrue(url.startswith("http://0.0.0.0:"), url)
        self.assertTrue(self.asked("127.0.0.1", url).startswith(b"HTTP/1.1 200"))
        server = GatehouseServer({"LISTEN": "[::1]:0"})
        self.addCleanup(server.discard)
        done = subprocess.run([binary(), "serve"], env=server.environment(), capture_output=True, text=True, preexec_fn=without_ipv6, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("LISTEN: [::1]:0 cannot be listened on", done.stderr)  # one that was asked for is not replaced

    @unittest.skipUnless(shutil.which("unshare") and shutil.which("ip"), "needs unshare and ip")
    def test_a_kernel_whose_ipv6_sockets_are_ipv6_alone(self):
        unshare = ["unshare", "--net"] if IS_ROOT else ["unshare", "--map-root-user", "--net"]
        prepare = "ip link set lo up && echo 1 >/proc/sys/net/ipv6/bindv6only"
        if subprocess.run([*unshare, "sh", "-c", prepare], capture_output=True, check=False).returncode != 0:
            self.skipTest("no network of its own may be made here")
        server = GatehouseServer({"LISTEN": ":18140"})
        self.addCleanup(server.discard)
        script = f"""{prepare}; "$0" serve >ready 2>/dev/null & server=$!
            until grep -q listening ready 2>/dev/null; do kill -0 $server || exit 1; done
            curl -s -m 20 http://127.0.0.1:18140/healthz; curl -s -m 20 'http://[::1]:18140/healthz'; kill $server; wait"""
        done = subprocess.run([*unshare, "sh", "-c", script, binary()], env=server.environment(), cwd=server._folder, capture_output=True,
                              text=True, check=False, timeout=120)
        self.assertEqual(done.stdout.count('"ok"'), 2, done.stdout + done.stderr)


class UnixSockets(Started):
    def setUp(self):
        self.run_dir = tempfile.mkdtemp(prefix="gatehouse-run-")
        self.addCleanup(shutil.rmtree, self.run_dir)
        os.chmod(self.run_dir, 0o755)  # as RuntimeDirectory= makes it
        self.paths = [os.path.join(self.run_dir, name) for name in ("channel", "admin")]

    def settings(self, **more):
        return {"LISTEN": "unix:" + self.paths[0], "ADMIN_LISTEN": "unix:" + self.paths[1], "TRUSTED_PROXIES": "unix", **more}

    def modes(self):
        return [oct(stat.S_IMODE(os.stat(path).st_mode)) for path in self.paths]

    def test_modes(self):
        own = str(os.getegid())
        cases = (({}, ["0o666", "0o660"]), ({"LISTEN_GROUP": own}, ["0o660", "0o660"]),
                 ({"LISTEN_MODE": "0600", "ADMIN_LISTEN_MODE": "666", "ADMIN_LISTEN_GROUP": own}, ["0o600", "0o666"]))
        for more, modes in cases:
            with self.subTest(more):
                self.start(self.settings(**more), umask=0o077)
                self.assertEqual(self.modes(), modes)
                self.doCleanups()
                self.setUp()

    def test_the_modes_are_shown(self):
        server = GatehouseServer(self.settings(LISTEN_GROUP=str(os.getegid())))
        self.addCleanup(server.discard)
        shown = server.run("config").stdout
        self.assertRegex(shown, r"(?m)^LISTEN_MODE +0660 +default$")
        self.assertRegex(shown, r"(?m)^ADMIN_LISTEN_MODE +0660 +default$")

    def reaches(self, path, **who):
        program = f"import socket; s = socket.socket(socket.AF_UNIX); s.connect({path!r}); s.sendall({REQUEST!r}); print(s.recv(100))"
        done = subprocess.run(["/usr/bin/python3", "-c", program], capture_output=True, text=True, check=False, **who)
        return "200" in done.stdout

    @unittest.skipUnless(IS_ROOT, "needs to be several users")
    def test_who_reaches_them(self):
        server_user = {"user": NOBODY, "group": NOBODY, "extra_groups": [4242]}
        proxy = {"user": 4001, "group": 4001, "extra_groups": []}
        colleague = {"user": 4002, "group": 4002, "extra_groups": [4242]}
        os.chown(self.run_dir, NOBODY, NOBODY)
        if subprocess.run(["test", "-x", binary()], user=NOBODY, check=False).returncode != 0:
            self.skipTest("the program cannot be run as another user")
        self.start(self.settings(ADMIN_LISTEN_GROUP="4242"), umask=0o077, **server_user)
        self.assertTrue(self.reaches(self.paths[0], **proxy))
        self.assertFalse(self.reaches(self.paths[1], **proxy), "the admin API is for its group alone")
        self.assertTrue(self.reaches(self.paths[1], **colleague))

    @unittest.skipUnless(IS_ROOT, "needs to be another user")
    def test_a_group_that_the_server_is_not_in(self):
        os.chown(self.run_dir, NOBODY, NOBODY)
        server = GatehouseServer(self.settings(ADMIN_LISTEN_GROUP="4242"))
        self.addCleanup(server.discard)
        os.chmod(server._folder, 0o755)
        os.makedirs(server.state_dir, 0o700)
        os.chown(server.state_dir, NOBODY, NOBODY)
        for command in ("check", "serve"):
            done = subprocess.run([binary(), command], env=server.environment(), capture_output=True, text=True, check=False, timeout=60,
                                  user=NOBODY, group=NOBODY, extra_groups=[])
            self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
            self.assertIn("ADMIN_LISTEN: unix:", done.stdout + done.stderr)
            self.assertIn("cannot be given to group 4242", done.stdout + done.stderr)
        self.assertEqual(os.listdir(self.run_dir), [])


if __name__ == "__main__":
    unittest.main()
