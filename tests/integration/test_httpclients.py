# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP as clients, health checks and balancers really speak it: half-closed, in chunks, by HTTP/1.0, with a host in the target."""
import http.client
import json
import re
import socket
import unittest

from gatehouse_server import ACTIVE, ADMIN, ORIGIN, PUBLISH, ServerTestCase, eventually, make_token
from rawconnection import PING, Closed, RawConnection, frame, try_upgrade, upgrade_head

ROUNDS = 20
HEALTH = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


def metric(server, name, **labels):
    """The value of one series."""
    text = server.request("GET", "/metrics").body.decode()
    wanted = ",".join(f'{label}="{value}"' for label, value in labels.items())
    return float(re.search(rf"^{name}{{{re.escape(wanted)}}} (\S+)$", text, re.MULTILINE).group(1))


class ClientTestCase(ServerTestCase):
    settings = {"METRICS_PUBLIC": "true", "MAX_CONNECTIONS_PER_IP": "1000", "MAX_RECONNECT_ATTEMPTS": "1000"}

    def publish(self, body, *lines, length=True):
        """A whole publish; `body` as it is on the wire."""
        fields = ["Host: x", "Authorization: Bearer " + self.server.admin_token(), *lines] + ([f"Content-Length: {len(body)}"] if length else [])
        return (f"POST {PUBLISH} HTTP/1.1\r\n" + "\r\n".join(fields) + "\r\n\r\n").encode() + body

    def chunked(self, *chunks, trailer=b""):
        return self.publish(b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n" + trailer + b"\r\n",
                            "Transfer-Encoding: chunked", length=False)

    def stored(self, user="42"):
        """What waits for a user."""
        with RawConnection(self.server) as connection:
            self.assertEqual(connection.upgrade(token=make_token(user)).status, 101)
            return [each["title"] for each in json.loads(connection.read_frame()[1])["notifications"]]

    def all_of(self, data):
        """Everything that is answered to somebody who says this and no more."""
        with RawConnection(self.server) as connection:
            connection.send(data)
            connection.socket.shutdown(socket.SHUT_WR)
            connection.wait_for_end()
            return connection.buffer


class HalfClosed(ClientTestCase):
    """RFC 9112 section 9.6."""

    def test_each_is_answered(self):
        for fields in ("", "Connection: close\r\n"):
            for _ in range(ROUNDS):
                self.assertTrue(self.all_of(HEALTH.replace("\r\n\r\n", "\r\n" + fields + "\r\n")).startswith(b"HTTP/1.1 200 "))

    def test_what_is_stored_is_answered(self):
        body = b'{"to": {"users": ["42"]}, "title": "half"}'
        for _ in range(ROUNDS):
            self.assertTrue(self.all_of(self.publish(body)).startswith(b"HTTP/1.1 202 "))
        self.assertEqual(self.stored(), ["half"] * ROUNDS)

    def test_all_that_was_pipelined_is_answered(self):
        body = b'{"to": {"users": ["43"]}, "title": "one of many"}'
        heard = self.all_of(self.publish(body) * 7 + HEALTH.encode() * 3)
        self.assertEqual((heard.count(b"HTTP/1.1 202 "), heard.count(b"HTTP/1.1 200 ")), (7, 3))
        self.assertEqual(len(self.stored("43")), 7)

    def test_a_large_answer_is_sent_to_its_end(self):
        head = f"GET {ADMIN}history?points=5000&from=2026-01-01T00:00:00Z HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.server.admin_token()}\r\n\r\n"
        answer = self.all_of(head)
        size = int(re.search(rb"Content-Length: (\d+)", answer).group(1))
        self.assertGreater(size, 500_000)
        self.assertEqual(len(answer.partition(b"\r\n\r\n")[2]), size)

    def test_a_request_that_is_cut_off_is_not_carried_out(self):
        whole = self.publish(b'{"to": {"users": ["44"]}, "title": "half"}')
        chunks = self.chunked(b'{"to": {"users": ["44"]}, "title": "half"}')
        for name, data in (("in its head", whole[:60]), ("in its body", whole[:-5]), ("before its body", whole.partition(b"{")[0]),
                           ("before the last chunk", chunks[:-5]), ("in the last chunk", chunks[:-2])):
            with self.subTest(name):
                answer = self.all_of(data)
                self.assertTrue(answer.startswith(b"HTTP/1.1 400 "), answer[:200])
                self.assertIn(b"ended before it was complete", answer)
        self.assertEqual(self.stored("44"), [])
        self.assertEqual(metric(self.server, "gatehouse_http_malformed_total", kind="cut_off"), 5)

    def test_an_upgrade_leaves_nothing_behind(self):
        for data in (upgrade_head(), upgrade_head() + "\x89\x00", upgrade_head(origin="https://evil.example"), HEALTH + upgrade_head()):
            self.assertIn(b"HTTP/1.1 ", self.all_of(data)[:20])
        self.assertTrue(eventually(lambda: self.server.get(ACTIVE).json()["active_connections"] == 0))
        with RawConnection(self.server) as connection:
            connection.open().send(frame(PING, b"still here"))
            self.assertEqual(connection.read_frame(), (10, b"still here"))


class Chunks(ClientTestCase):
    """RFC 9112 section 7.1."""

    def test_a_publish_in_chunks(self):
        for number, request in enumerate((self.chunked(b'{"to": {"users": ["42"]}, "title": "0"}'),
                                          self.chunked(b'{"to": {"users": ["42"]}', b', "title": "1"}'),
                                          self.chunked(b'{"to": {"users": ["42"]}, "title": "2"}', trailer=b"Digest: x\r\n"))):
            with RawConnection(self.server) as connection:
                connection.send(request + HEALTH.encode())
                self.assertEqual(connection.read_answer().status, 202, number)
                self.assertEqual(connection.read_answer().status, 200)
            with RawConnection(self.server) as connection:
                for at in range(0, len(request), 7):
                    connection.send(request[at:at + 7])
                self.assertEqual(connection.read_answer().status, 202, number)
        self.assertEqual(sorted(self.stored()), ["0", "0", "1", "1", "2", "2"])

    def test_a_client_of_the_standard_library(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)
        headers = {"Authorization": "Bearer " + self.server.admin_token()}
        for title in ("a", "b"):
            pieces = iter([b'[{"to": {"users": ["50"]}, ', f'"title": "{title}"'.encode(), b"}]"])
            connection.request("POST", PUBLISH, pieces, headers)
            answer = connection.getresponse()
            answer.read()
            self.assertEqual(answer.status, 202)
        connection.close()
        self.assertEqual(self.stored("50"), ["a", "b"])

    def test_a_large_body_in_chunks(self):
        one = b'{"to": {"users": ["51"]}, "title": "large", "body": "' + b"x" * 2000 + b'"}'
        body = b"[" + b",".join([one] * 400) + b"]"
        with RawConnection(self.server) as connection:
            connection.send(self.chunked(*[body[at:at + 10_000] for at in range(0, len(body), 10_000)]))
            answer = connection.read_answer()
        self.assertEqual((answer.status, len(answer.json()["ids"])), (202, 400))

    def test_what_is_refused(self):
        start = self.publish(b"", "Transfer-Encoding: chunked", length=False)
        cases = {
            "no size": (start + b"x\r\n", 400), "a chunk longer than its size": (start + b"1\r\nab\r\n", 400), "bare LF": (start + b"1\na", 400),
            "too large": (start + b"100001\r\n", 413), "both lengths": (self.publish(b"0\r\n\r\n", "Transfer-Encoding: chunked"), 400),
            "another coding": (self.publish(b"", "Transfer-Encoding: gzip", length=False), 501),
            "two codings": (self.publish(b"", "Transfer-Encoding: gzip, chunked", length=False), 501),
            "by HTTP/1.0": (start.replace(b"HTTP/1.1", b"HTTP/1.0"), 400),
        }
        for name, (request, status) in cases.items():
            with self.subTest(name), RawConnection(self.server) as connection:
                answer = connection.send(request).read_answer()
                self.assertEqual(answer.status, status, answer)
                self.assertEqual(answer.headers["connection"], "close")
                connection.wait_for_end()
                self.assertEqual(connection.buffer, b"")

    def test_who_may_not_publish_is_told_before_the_chunks(self):
        with RawConnection(self.server) as connection:
            connection.send(f"POST {PUBLISH} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
            self.assertEqual(connection.read_answer().status, 401)


class OldAndOdd(ClientTestCase):
    def test_http_1_0(self):
        with RawConnection(self.server) as connection:
            answer = connection.send("GET /healthz HTTP/1.0\r\n\r\n").read_answer()
            self.assertEqual((answer.status, answer.headers["connection"]), (200, "close"))
            connection.wait_for_end()
        with RawConnection(self.server) as connection:
            for _ in range(3):
                answer = connection.send("GET /readyz HTTP/1.0\r\nHost: x\r\nConnection: Keep-Alive\r\n\r\n").read_answer()
                self.assertEqual((answer.status, answer.headers["connection"]), (200, "keep-alive"))
        with RawConnection(self.server) as connection:
            request = self.publish(b'{"to": {"users": ["1"]}, "title": "old"}').replace(b"HTTP/1.1", b"HTTP/1.0")
            self.assertEqual(connection.send(request).read_answer().status, 202)

    def test_it_says_for_how_long_a_connection_is_kept(self):
        with RawConnection(self.server) as connection:
            self.assertEqual(connection.send(HEALTH).read_answer().headers["keep-alive"], "timeout=75")

    def test_expectations(self):
        body = b'{"to": {"users": ["1"]}, "title": "asked"}'
        with RawConnection(self.server) as connection:
            connection.send(self.publish(body, "Expect: 100-Continue")[:-len(body)])
            self.assertEqual(connection.read_answer().status, 100)
            self.assertEqual(connection.send(body).read_answer().status, 202)
        whole = self.chunked(body).replace(b"Transfer-Encoding", b"Expect: 100-continue\r\nTransfer-Encoding")
        with RawConnection(self.server) as connection:
            head, _, rest = whole.partition(b"\r\n\r\n")
            connection.send(head + b"\r\n\r\n")
            self.assertEqual(connection.read_answer().status, 100)
            self.assertEqual(connection.send(rest).read_answer().status, 202)
        with RawConnection(self.server) as connection:
            self.assert_problem(connection.send(self.publish(body, "Expect: something else")).read_answer(), 417, "expectation_failed")

    def test_the_host_of_the_target_wins(self):
        with RawConnection(self.server) as connection:
            connection.send("GET http://other.example/healthz?x=1 HTTP/1.1\r\nHost: x\r\n\r\n")
            self.assertEqual(connection.read_answer().status, 200)
            token = "Authorization: Bearer " + self.server.admin_token()
            for target, status in (("http://console.example", 200), ("http://other.example", 403)):  # a page of its own host, and of another
                connection.send(f"GET {target}{ADMIN}overview HTTP/1.1\r\nHost: x\r\nOrigin: https://console.example\r\n{token}\r\n\r\n")
                self.assertEqual(connection.read_answer().status, status, target)


class ServedHosts(ServerTestCase):
    settings = {"SERVED_HOSTS": "app.example.com"}

    def test_the_host_of_the_target_is_judged(self):
        for target, host, status in (("http://app.example.com", "x", 101), ("http://x", "app.example.com", 421), ("", "x", 421)):
            with self.subTest(target=target, host=host), RawConnection(self.server) as connection:
                connection.send(upgrade_head(host=host).replace("GET /", f"GET {target}/"))
                self.assertEqual(connection.read_answer().status, status)


class WeakTags(ServerTestCase):
    """nginx makes "7" W/"7" where it compresses."""

    def patch(self, tag, value):
        return self.server.request("PATCH", ADMIN + "limits", self.server.admin_token(), {"limits": {"max_connections_per_ip": value}},
                                   {"If-Match": tag})

    def test_a_tag_that_a_proxy_made_weak(self):
        tag = self.server.limits_etag()
        self.assertEqual(self.patch("W/" + tag, 11).status, 200)
        problem = self.assert_problem(self.patch("W/" + tag, 12), 412, "revision_conflict")
        self.assertIn("revision", problem["detail"])
        self.assertEqual(self.patch(f'{tag}, W/{self.server.limits_etag()}', 13).status, 200)
        self.assertEqual(self.patch('"something-else"', 14).status, 412)
        self.assert_problem(self.patch("W/7", 14), 400, "bad_request")


class Subprotocols(ServerTestCase):
    """A browser fails a connection that is answered with none of those it has offered, and a page then comes again and again."""

    settings = {"MAX_RECONNECT_ATTEMPTS": "3", "METRICS_PUBLIC": "true"}

    def test_an_offer_that_cannot_be_met_is_named_and_costs_nothing(self):
        for offered in ["notifications", "graphql-ws, chat", "bearer." + make_token()] * 2:
            answer = try_upgrade(self.server, extra=["Sec-WebSocket-Protocol: " + offered])
            problem = self.assert_problem(answer, 400, "bad_request")
            self.assertIn("gatehouse.v1", problem["detail"])
            self.assertNotIn(offered[-20:], answer.body.decode())
        for _ in range(3):
            self.assertEqual(try_upgrade(self.server).status, 101)
        self.assertEqual(metric(self.server, "gatehouse_http_malformed_total", kind="subprotocol"), 6)
        self.assertIn("kind=subprotocol", self.server.stderr())

    def test_a_token_beside_ours_is_answered_with_ours(self):
        for offered in ("gatehouse.v1, bearer.{}", "bearer.{},gatehouse.v1", "chat, gatehouse.v1, bearer.{}"):
            answer = try_upgrade(self.server, "127.7.0.2", query=False, extra=["Sec-WebSocket-Protocol: " + offered.format(make_token())])
            self.assertEqual((answer.status, answer.headers["sec-websocket-protocol"]), (101, "gatehouse.v1"))


class Malformed(ClientTestCase):
    def say(self, data):
        with RawConnection(self.server) as connection:
            try:
                connection.send(data).read_answer()
            except Closed:
                pass

    def test_each_kind_is_counted_and_told_of(self):
        token = make_token()
        cases = {
            "syntax": f"GET /?token={token}  HTTP/1.1\r\nHost: x\r\n\r\n", "tls": b"\x16\x03\x01\x02\x00\x01\x00",
            "proxy_protocol": "PROXY TCP4 203.0.113.7 127.0.0.1 1234 80\r\n" + upgrade_head(), "version": upgrade_head(version="HTTP/1.0"),
            "head_size": upgrade_head(extra=["X: " + "a" * 8001]), "body": self.publish(b"", "Transfer-Encoding: gzip", length=False),
            "expectation": self.publish(b"{}", "Expect: x"), "handshake": upgrade_head(key="short"),
        }
        before = {kind: metric(self.server, "gatehouse_http_malformed_total", kind=kind) for kind in cases}
        for kind, data in cases.items():
            for _ in range(5):
                self.say(data)
            with self.subTest(kind):
                self.assertEqual(metric(self.server, "gatehouse_http_malformed_total", kind=kind) - before[kind], 5)
                self.assertTrue(eventually(lambda kind=kind: f"malformed_request kind={kind} address=127.0.0.1" in self.server.stderr()))
        lines = [line for line in self.server.stderr().splitlines() if "malformed_request" in line]
        self.assertLessEqual(len(lines), 3 * len(cases))  # one of a kind every ten seconds
        self.assertNotIn(token[-20:], self.server.stderr())

    def test_good_requests_are_not_counted(self):
        text = self.server.request("GET", "/metrics").body.decode()
        before = re.findall(r"^gatehouse_http_malformed_total.*$", text, re.MULTILINE)
        self.say(HEALTH)
        self.say(upgrade_head(origin=ORIGIN))
        self.say(HEALTH.replace("/healthz", "/nowhere"))
        text = self.server.request("GET", "/metrics").body.decode()
        self.assertEqual(re.findall(r"^gatehouse_http_malformed_total.*$", text, re.MULTILINE), before)
        self.assertGreater(len(before), 8)


if __name__ == "__main__":
    unittest.main()
