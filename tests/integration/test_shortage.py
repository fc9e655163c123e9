# SPDX-License-Identifier: GPL-3.0-or-later
"""When file descriptors run short, idle connections go first; who comes when all are used is closed at once, and it is told."""
import os
import re
import signal
import socket
import subprocess
import tempfile
import time
import unittest

from gatehouse_server import ADMIN, GatehouseServer, GatehouseTestCase, eventually, make_token
from rawconnection import TEXT, Closed, RawConnection, frame
from test_frames import PING_TEXT
from test_memory import allow_descriptors
from test_strangers import HEALTH, head, metric

OWN = {"MAX_CONNECTIONS_PER_IP": 1000, "MAX_CONNECTIONS_PER_USER": 1000, "MAX_RECONNECT_ATTEMPTS": 100000, "METRICS_PUBLIC": "true"}


class ShortageTestCase(GatehouseTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        allow_descriptors(3000)

    def setUp(self):
        self.crowd = []
        self.addCleanup(self.leave)

    def start(self, descriptors, **settings):
        server = GatehouseServer({**OWN, **settings}, program_prefix=["prlimit", f"--nofile={descriptors}"])
        self.addCleanup(server.discard)
        return server.start()

    def leave(self):
        while self.crowd:
            self.crowd.pop().close()

    def metrics(self, server):
        return server.request("GET", "/metrics", source="127.77.0.1").body.decode()

    def come(self, server, count, first, addresses, path=None):
        for number in range(count):
            connection = socket.socket(socket.AF_UNIX if path else socket.AF_INET)
            self.crowd.append(connection)
            try:
                if not path:
                    connection.bind((f"127.66.{number % addresses // 250}.{number % addresses % 250 + 1}", 0))
                connection.connect(path or ("127.0.0.1", server.port))
                connection.sendall(first)
            except OSError:
                pass

    def fill(self, server):
        """Good clients, until the next is turned away."""
        while True:
            client = RawConnection(server, "127.70.0.1")
            try:
                client.open(token=make_token(str(len(self.crowd))))
            except (Closed, OSError):
                client.close()
                return
            self.crowd.append(client)

    def is_closed(self, connection):
        """Before the deadline for a head could have ended it."""
        connection.settimeout(4)
        try:
            return connection.recv(1) == b""
        except ConnectionError:
            return True
        except TimeoutError:
            return False

    def assert_others_are_served(self, server, number):
        self.assertEqual(server.request("GET", HEALTH, source=f"127.77.1.{number}").status, 200)
        with RawConnection(server, f"127.77.2.{number}") as client:
            client.open(token=make_token("other"))
            client.send(frame(TEXT, PING_TEXT))
            self.assertIn(b"pong", client.read_frame()[1])


class IdleConnections(ShortageTestCase):
    KINDS = {"silent": b"", "half a head": b"GET / HTTP/1.1\r\nHo", "kept": head("GET", HEALTH).encode(),
             "half a body": head("POST", "/api/notifications/", length=1000).encode()}

    def test_one_address_takes_nothing_from_others(self):
        for kind, first in self.KINDS.items():
            with self.subTest(kind):
                self.leave()
                server = self.start(256)
                self.come(server, 600, first, addresses=1)
                for number in range(1, 20):
                    self.assert_others_are_served(server, number)
                self.assertLessEqual(metric(self.metrics(server), "gatehouse_http_connections"), 66)
                self.assertEqual(metric(self.metrics(server), "gatehouse_clients_turned_away_total"), 0)

    def test_many_addresses_take_nothing_from_others(self):
        for kind, first in self.KINDS.items():
            with self.subTest(kind):
                self.leave()
                server = self.start(256)
                self.come(server, 1000, first, addresses=1000)
                for number in range(1, 20):
                    self.assert_others_are_served(server, number)
                self.assertGreater(metric(self.metrics(server), "gatehouse_http_dropped_total"), 100)

    def test_a_unix_socket_takes_nothing_from_others(self):
        folder = tempfile.TemporaryDirectory(prefix="gatehouse-test-")
        self.addCleanup(folder.cleanup)
        path = os.path.join(folder.name, "admin.sock")
        server = self.start(256, ADMIN_LISTEN=f"unix:{path}")
        self.come(server, 600, head("GET", HEALTH).encode(), 1, path)
        for connection in self.crowd:  # until each was answered, or closed, whoever comes with them may be the one that has waited longest
            self.is_closed(connection)
        for number in range(1, 20):
            self.assert_others_are_served(server, number)

    def test_clients_are_not_idle(self):
        """Nobody who has a channel goes for somebody who has nothing."""
        server = self.start(256)
        for number in range(100):
            client = RawConnection(server, f"127.70.0.{number + 1}")
            self.crowd.append(client)
            client.open(token=make_token(str(number)))
        clients = list(self.crowd)
        self.come(server, 1000, b"", addresses=1000)
        for client in clients:
            client.send(frame(TEXT, PING_TEXT))
            self.assertIn(b"pong", client.read_frame()[1])


class AllAreUsed(ShortageTestCase):
    def test_who_comes_is_closed_at_once_counted_and_told(self):
        for workers in (1, 2):
            with self.subTest(workers=workers):
                server = self.start(110, WORKERS=workers)
                self.fill(server)
                clients = list(self.crowd)
                newcomers = [socket.create_connection(("127.0.0.1", server.port), 5) for _ in range(100)]
                self.crowd += newcomers
                self.assertEqual([self.is_closed(one) for one in newcomers], [True] * 100)
                for client in clients:  # are served as ever
                    client.send(frame(TEXT, PING_TEXT))
                    self.assertIn(b"pong", client.read_frame()[1])
                for client in clients[:12]:
                    client.close()
                # An alert holds for five seconds before it is raised.
                raised = lambda: [one for one in server.get(ADMIN + "alerts?active=true").json()["alerts"] if one["rule"] == "out_of_descriptors"]
                self.assertTrue(eventually(raised, 30))
                self.assertGreaterEqual(metric(self.metrics(server), "gatehouse_clients_turned_away_total"), 100)
                self.assertTrue(eventually(lambda: re.search(r"out_of_descriptors .*turned_away=\d+", server.stderr())), server.stderr())
                self.assert_others_are_served(server, 1)
                self.leave()

    def test_where_even_the_own_ones_are_gone_it_goes_on(self):
        """Somebody lowers the limit below what is open: accept(2) fails, and there is nothing to close a client with but the reserve."""
        server = self.start(200, WORKERS=2)
        for number in range(20):
            self.crowd.append(RawConnection(server, f"127.70.0.{number + 1}"))
            self.crowd[-1].open(token=make_token(str(number)))
        pid = server.process.pid
        used = {int(number) for number in os.listdir(f"/proc/{pid}/fd")}
        first_free = next(number for number in range(200) if number not in used)
        subprocess.run(["prlimit", f"--pid={pid}", f"--nofile={first_free}:200"], check=True)
        newcomers = [socket.create_connection(("127.0.0.1", server.port), 5) for _ in range(50)]
        self.crowd += newcomers
        self.assertEqual([self.is_closed(one) for one in newcomers], [True] * 50)
        subprocess.run(["prlimit", f"--pid={pid}", "--nofile=200:200"], check=True)
        self.assert_others_are_served(server, 1)
        text = self.metrics(server)
        self.assertGreater(metric(text, "gatehouse_accept_failures_total"), 0)
        self.assertGreaterEqual(metric(text, "gatehouse_clients_turned_away_total"), 50)


class BlockedWorkers(ShortageTestCase):
    def test_a_worker_that_stood_still_shows(self):
        server = self.start(200)
        self.assertEqual(metric(self.metrics(server), "gatehouse_worker_blocked_total"), 0)
        os.kill(server.process.pid, signal.SIGSTOP)
        time.sleep(2.5)
        os.kill(server.process.pid, signal.SIGCONT)
        self.assertTrue(eventually(lambda: metric(self.metrics(server), "gatehouse_worker_blocked_total") >= 1))
        self.assertGreater(metric(self.metrics(server), "gatehouse_worker_blocked_seconds_total"), 2)
        self.assertTrue(eventually(lambda: "worker_blocked" in server.stderr()))
        self.assertTrue(eventually(lambda: metric(self.metrics(server), "gatehouse_worker_blocked_now_seconds") == 0))


if __name__ == "__main__":
    unittest.main()
