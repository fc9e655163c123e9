# SPDX-License-Identifier: GPL-3.0-or-later
"""Whoever has shown no token fills neither the server's memory nor its time: heads, bodies and answers are bounded."""
import http.client
import os
import re
import selectors
import socket
import time
import unittest

from gatehouse_server import ADMIN, CHANNEL, PUBLISH, ServerTestCase, eventually, make_token
from rawconnection import Closed, RawConnection
from test_frames import memory_kib
from test_memory import allow_descriptors

MIB = 1024 * 1024
CROWD = 1000
GROWTH_KIB = 40 * 1024  # what is bounded to 16 MiB, and what a heap needs around it
TICKET = "/api/ticket/"
HEALTH = "/healthz"


def head(method, path, *lines, length=None):
    fields = ["Host: x", *lines] + ([] if length is None else [f"Content-Length: {length}"])
    return "\r\n".join([f"{method} {path} HTTP/1.1", *fields]) + "\r\n\r\n"


def authorization(token):
    return f"Authorization: Bearer {token}"


def metric(text, name):
    """The value of one series, or the sum of all with that name."""
    return sum(float(value) for value in re.findall(rf"^{name}(?:{{[^}}]*}})? ([0-9.e+-]+)$", text, re.MULTILINE))


class StrangerTestCase(ServerTestCase):
    settings = {"METRICS_PUBLIC": "true"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        allow_descriptors(2 * CROWD + 500)

    def setUp(self):
        super().setUp()
        self.pid = self.server.process.pid
        self.crowd = []
        self.addCleanup(self.leave)

    def leave(self):
        while self.crowd:
            self.crowd.pop().close()

    def metrics(self):
        return self.server.request("GET", "/metrics", source="127.77.0.1").body.decode()

    def come(self, count, first, addresses=200, buffer=None, family=None):
        """So many connections, from as many addresses; each says `first`, as far as it gets."""
        for number in range(count):
            if family:
                connection = socket.socket(socket.AF_UNIX)
                connection.connect(family)
            else:
                connection = socket.socket()
                if buffer:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
                connection.bind((f"127.9.0.{number % addresses + 1}", 0))
                connection.connect(("127.0.0.1", self.server.port))
            self.crowd.append(connection)
            try:
                connection.sendall(first)
                connection.setblocking(False)
            except OSError:
                pass  # it has been closed already

    def press(self, total):
        """All send bytes, up to so many each, as long as the server takes any. Returns the most memory that it had."""
        most, left = memory_kib(self.pid), dict.fromkeys(self.crowd, total)
        chunk = b"x" * 65536
        selector = selectors.DefaultSelector()
        self.addCleanup(selector.close)
        for connection in self.crowd:
            selector.register(connection, selectors.EVENT_WRITE)
        while selector.get_map():
            ready = selector.select(1)
            if not ready:
                break  # nothing more is taken
            for key, _ in ready:
                try:
                    left[key.fileobj] -= key.fileobj.send(chunk[:left[key.fileobj]])
                except BlockingIOError:
                    continue
                except OSError:
                    left[key.fileobj] = 0
                if left[key.fileobj] == 0:
                    selector.unregister(key.fileobj)
            most = max(most, memory_kib(self.pid))
        return most

    def most_memory(self):
        return max(memory_kib(self.pid) for _ in range(30) if not time.sleep(0.1))

    def assert_others_are_served(self):
        answer = self.server.request("GET", HEALTH, source="127.77.0.1")
        self.assertEqual(answer.status, 200)


class Bodies(StrangerTestCase):
    def test_a_thousand_unfinished_bodies_take_no_memory(self):
        low = make_token("u", role="viewer")
        kinds = {
            "no token": head("POST", PUBLISH, length=MIB),
            "a bad token": head("POST", PUBLISH, authorization("nonsense"), length=MIB),
            "a weak role": head("PATCH", ADMIN + "limits", authorization(low), length=MIB),
            "a ticket": head("POST", TICKET, authorization("nonsense"), length=MIB),
            "a public page": head("GET", HEALTH, length=MIB),
            "no page": head("POST", "/nothing/here", length=MIB),
            "the channel": head("GET", CHANNEL, length=MIB),
            "a wrong method": head("PUT", PUBLISH, length=MIB),
        }
        for kind, first in kinds.items():
            with self.subTest(kind):
                before = memory_kib(self.pid)
                self.come(CROWD, first.encode())
                self.assert_others_are_served()
                most = self.press(MIB - 1)
                self.assertLess(most - before, GROWTH_KIB, kind)
                self.assert_others_are_served()
                self.leave()

    def test_bodies_on_a_unix_socket_take_no_memory(self):
        path = os.path.join(self.server.state_dir, "admin.sock")
        self.server.kill()
        self.server.settings["ADMIN_LISTEN"] = f"unix:{path}"
        self.server.start()
        self.pid = self.server.process.pid
        before = memory_kib(self.pid)
        self.come(CROWD, head("PATCH", ADMIN + "limits", authorization("nonsense"), length=MIB).encode(), family=path)
        most = self.press(MIB - 1)
        self.assertLess(most - before, GROWTH_KIB)
        self.assert_others_are_served()

    def test_a_refusal_comes_before_the_body(self):
        low = authorization(make_token("u", role="viewer"))
        for method, path, token, status in (("POST", PUBLISH, None, 401), ("POST", PUBLISH, authorization("x"), 401), ("POST", PUBLISH, low, 403),
                                            ("PUT", PUBLISH, None, 405), ("POST", "/nothing", None, 404), ("PUT", TICKET, None, 405),
                                            ("POST", TICKET, None, 401), ("PATCH", ADMIN + "limits", low, 403),
                                            ("POST", CHANNEL, None, 405), ("POST", "/api/problems/not_found", None, 405)):
            for expect in ((), ("Expect: 100-continue",)):
                with self.subTest(method=method, path=path, token=token, expect=expect), RawConnection(self.server, f"127.8.{status % 256}.1") as peer:
                    peer.send(head(method, path, *([token] if token else []), *expect, length=MIB))
                    answer = peer.read_answer()  # no 100 stands before it
                    self.assertEqual(answer.status, status)
                    self.assertEqual(answer.headers["connection"], "close")
                    with self.assertRaises(Closed):
                        peer.read_answer()
        for length in (MIB + 1, 10 ** 12):
            with RawConnection(self.server) as peer:
                peer.send(head("POST", PUBLISH, length=length))
                self.assertEqual(peer.read_answer().status, 413)

    def test_a_refusal_reaches_who_sends_all_of_the_body_first(self):
        for length in (MIB, 8 * MIB):
            with self.subTest(length=length):
                connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)
                connection.request("POST", PUBLISH, b"x" * length)
                self.assertEqual(connection.getresponse().status, 401 if length <= MIB else 413)
                connection.close()


class GoodRequests(StrangerTestCase):
    """What is let in works as ever."""

    def setUp(self):
        super().setUp()
        self.body = b'{"to": "all", "title": "news"}'
        self.token = authorization(self.server.admin_token("publisher", "backend"))

    def publish(self, *lines, body=None):
        body = self.body if body is None else body
        return head("POST", PUBLISH, self.token, *lines, length=len(body)).encode() + body

    def test_a_connection_is_kept_whatever_way_the_body_comes(self):
        with RawConnection(self.server) as peer:
            whole = self.publish()
            for cut in (len(whole), len(whole) - len(self.body), len(whole) - 7, 20):
                peer.send(whole[:cut])
                if cut < len(whole):
                    time.sleep(0.05)  # so that it comes in two pieces
                    peer.send(whole[cut:])
                self.assertEqual(peer.read_answer().status, 202)
            peer.send(whole * 3)  # pipelined
            self.assertEqual([peer.read_answer().status for _ in range(3)], [202] * 3)
            large = b'[' + b",".join([b'{"to": {"users": ["1"]}, "title": "%s"}' % (b"t" * 100)] * 1000) + b']'
            peer.send(self.publish(body=large) + whole)
            self.assertEqual([peer.read_answer().status for _ in range(2)], [202] * 2)

    def test_who_asks_first_is_told_to_go_on(self):
        with RawConnection(self.server) as peer:
            whole = self.publish("Expect: 100-continue")
            peer.send(whole[:-len(self.body)])
            self.assertEqual(peer.read_answer().status, 100)
            peer.send(self.body)
            self.assertEqual(peer.read_answer().status, 202)
            peer.send(self.publish())
            self.assertEqual(peer.read_answer().status, 202)

    def test_a_body_that_nobody_needs_is_read_past(self):
        with RawConnection(self.server) as peer:
            for _ in range(3):
                peer.send(head("POST", TICKET, self.token, length=8) + '{"a":')
                self.assertEqual(peer.read_answer().status, 201)
                peer.send(" 1}" + head("GET", HEALTH, length=5) + "hello")
                self.assertEqual(peer.read_answer().status, 200)

    def test_chunks_count_as_they_come(self):
        first = head("POST", PUBLISH, self.token, "Transfer-Encoding: chunked").encode()
        self.come(40, first, addresses=1)  # each has room for little
        self.assertTrue(eventually(lambda: metric(self.metrics(), "gatehouse_http_held_bytes") == 40 * 16 * 1024))
        for connection in self.crowd:
            connection.sendall(b"40000\r\n" + b"x" * 100_000)
        self.assertTrue(eventually(lambda: b" 503 " in self.crowd_heard()))  # 8 MiB is one address' share
        self.assertLessEqual(metric(self.metrics(), "gatehouse_http_held_bytes"), 8 * MIB)
        self.assert_others_are_served()

    def test_more_bodies_at_once_than_there_is_room_for(self):
        first = head("POST", PUBLISH, self.token, length=MIB).encode()
        self.come(12, first + b"[", addresses=2)  # 6 MiB of each address
        self.assertTrue(eventually(lambda: metric(self.metrics(), "gatehouse_http_held_bytes") == 12 * MIB))
        with RawConnection(self.server, "127.77.0.9") as peer:
            peer.send(first)
            answer = peer.read_answer()
            self.assert_problem(answer, 503, "server_busy")
            self.assertEqual(answer.headers["retry-after"], "1")
        with RawConnection(self.server) as peer:  # what is there at once waits for nobody
            peer.send(self.publish())
            self.assertEqual(peer.read_answer().status, 202)
        self.leave()
        self.assertTrue(eventually(lambda: metric(self.metrics(), "gatehouse_http_held_bytes") == 0))
        self.come(9, first + b"[", addresses=1)  # 8 MiB is one address' share
        self.assertTrue(eventually(lambda: b" 503 " in self.crowd_heard()))
        self.assertEqual(metric(self.metrics(), "gatehouse_http_held_bytes"), 8 * MIB)

    def crowd_heard(self):
        heard = b""
        for connection in self.crowd:
            try:
                heard += connection.recv(4096, socket.MSG_PEEK)
            except OSError:
                pass
        return heard


class HeadsAndAnswers(StrangerTestCase):
    def test_half_heads_take_no_memory(self):
        before = memory_kib(self.pid)
        self.come(2 * CROWD, b"GET / HTTP/1.1\r\nHost: x\r\n" + b"Cookie: " + b"c" * 7900 + b"\r\nCookie: " + b"d" * 7900, addresses=40)
        self.assertLess(memory_kib(self.pid) - before, GROWTH_KIB)
        text = self.metrics()
        self.assertLessEqual(metric(text, "gatehouse_http_held_bytes"), 16 * MIB)
        self.assertGreater(metric(text, "gatehouse_http_dropped_total"), 0)
        self.assert_others_are_served()

    def test_one_address_has_sixty_four(self):
        for first in (b"", b"GET / HT", head("GET", HEALTH).encode()):
            with self.subTest(first):
                self.come(200, first, addresses=1)
                self.assertTrue(eventually(lambda: metric(self.metrics(), "gatehouse_http_connections") <= 65), self.metrics())
                self.assertEqual(self.server.request("GET", HEALTH, source="127.9.0.1").status, 200)
                self.leave()
                self.assertTrue(eventually(lambda: metric(self.metrics(), "gatehouse_http_connections") <= 1))

    def test_a_herd_of_one_address_is_served_to_the_last(self):
        # More come at once than may wait: but none of them has anything left to say.
        self.come(400, head("GET", HEALTH, "Connection: close").encode(), addresses=1)
        heard = []
        for connection in self.crowd:
            connection.settimeout(30)
            heard.append(connection.recv(64)[:12])
        self.assertEqual(heard, [b"HTTP/1.1 200"] * 400)

    def test_answers_that_nobody_reads_take_no_memory(self):
        before = memory_kib(self.pid)
        self.come(CROWD, head("GET", "/metrics").encode() * 50, buffer=2048)
        self.assertLess(self.most_memory() - before, GROWTH_KIB)
        self.assert_others_are_served()

    def test_slow_readers_of_large_answers_take_no_memory(self):
        path = ADMIN + "history?points=5000&from=2026-01-01T00:00:00Z"
        large = len(self.server.get(path, is_described=False).body)
        self.assertGreater(large, 500_000)
        before = memory_kib(self.pid)
        token = authorization(self.server.admin_token("viewer"))
        self.come(100, head("GET", path, token).encode(), addresses=1, buffer=2048)
        self.assertTrue(eventually(lambda: metric(self.metrics(), "gatehouse_http_dropped_total") > 0))
        self.assertLess(memory_kib(self.pid) - before, 3 * GROWTH_KIB)
        self.assertLessEqual(metric(self.metrics(), "gatehouse_http_held_bytes"), 4 * MIB + large)
        self.assert_others_are_served()


class ManyThatAreKept(StrangerTestCase):
    settings = {"METRICS_PUBLIC": "true", "TRUSTED_PROXIES": "127.5.0.0/16"}

    def kept(self, count, source, *lines):
        connections = []
        for _ in range(count):
            connections.append(RawConnection(self.server, source))
            self.crowd.append(connections[-1].socket)
            connections[-1].send(head("GET", "/readyz", *lines))
            self.assertEqual(connections[-1].read_answer().status, 200)
        return connections

    def test_a_proxy_keeps_as_many_as_it_wants(self):
        connections = self.kept(300, "127.5.0.1", "X-Forwarded-For: 203.0.113.9")
        for connection in connections:
            connection.send(head("GET", "/readyz", "X-Forwarded-For: 203.0.113.9"))
            self.assertEqual(connection.read_answer().status, 200)

    def test_a_stranger_behind_the_network_of_a_proxy_keeps_sixty_four(self):
        connections = self.kept(100, "127.6.0.1", "X-Forwarded-For: 203.0.113.9")  # is no proxy
        self.assertEqual(sum(self.is_open(connection) for connection in connections), 64)

    def is_open(self, connection):
        try:
            connection.send(head("GET", "/readyz"))
            return connection.read_answer().status == 200
        except (Closed, OSError):
            return False

    def test_whoever_has_shown_a_token_keeps_more(self):
        token = authorization(self.server.admin_token("viewer"))
        connections = [RawConnection(self.server, "127.6.0.2") for _ in range(50)]
        self.crowd += [connection.socket for connection in connections]
        for _ in range(4):
            for connection in connections:
                connection.send(head("GET", ADMIN + "overview", token))
                self.assertEqual(connection.read_answer().status, 200)
            more = [RawConnection(self.server, "127.6.0.2") for _ in range(40)]
            self.crowd += [connection.socket for connection in more]
            connections += more
            for connection in more:
                connection.send(head("GET", ADMIN + "overview", token))
                self.assertEqual(connection.read_answer().status, 200)
        self.come(100, b"", addresses=1)  # and no stranger takes that from it


class ProblemPages(ServerTestCase):
    settings = {"ADMIN_LISTEN": "127.0.0.1:0"}

    def test_each_listener_has_the_pages_that_it_refers_to(self):
        ports = eventually(lambda: re.findall(r"admin_url=http://127\.0\.0\.1:(\d+)", self.server.stderr()))
        public = self.server.port
        for port in (public, int(ports[-1])):
            self.server.port = port
            for method, path in (("GET", CHANNEL), ("POST", PUBLISH), ("PUT", PUBLISH), ("GET", "/nothing"), ("GET", ADMIN + "overview"),
                                 ("GET", "/api/problems/nonsense"), ("POST", "/api/problems/not_found")):
                with self.subTest(port=port, method=method, path=path):
                    refusal = self.server.request(method, path, is_described=False)
                    self.assertGreaterEqual(refusal.status, 400)
                    page = self.server.request("GET", refusal.json()["type"], is_described=False)
                    self.assertEqual(page.status, 200)
                    self.assertIn(refusal.json()["code"], page.body.decode())
        self.server.port = public
        self.assertEqual(self.server.request("GET", ADMIN + "overview", self.server.admin_token(), is_described=False).status, 404)


if __name__ == "__main__":
    unittest.main()
