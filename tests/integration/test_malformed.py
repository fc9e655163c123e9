# SPDX-License-Identifier: GPL-3.0-or-later
"""Heads that no honest client sends, and connections that say nothing: a clear answer or an end, never an upgrade."""
import socket
import threading
import time
import unittest

from gatehouse_server import METRICS, ServerTestCase, make_token
from rawconnection import PING, PONG, TEXT, Closed, RawConnection, frame, new_key, try_upgrade, upgrade_head

LATEST_SECONDS = 10  # for a deadline of five: a server that could not run for more than two seconds puts it off by that
MANY = {"MAX_CONNECTIONS_PER_IP": 10000, "MAX_RECONNECT_ATTEMPTS": 10000}


class MalformedHeads(ServerTestCase):
    settings = MANY

    def answer_to(self, head):
        """The answer to a head; None when the server just closes."""
        with RawConnection(self.server) as connection:
            connection.send(head)
            try:
                return connection.read_answer(15)
            except Closed:
                return None

    def assert_refused(self, head, *statuses):
        answer = self.answer_to(head)
        self.assertIsNotNone(answer, "closed without an answer")
        self.assertIn(answer.status, statuses, answer)
        if answer.body:
            self.assertEqual(answer.headers["content-type"], "application/problem+json")
            self.assertTrue(answer.json()["detail"])
        return answer

    def test_the_good_head_is_good(self):
        self.assertEqual(self.answer_to(upgrade_head()).status, 101)

    def test_syntax(self):
        good = upgrade_head()
        line, rest = good.split("\r\n", 1)
        cases = {
            "bare LF": good.replace("\r\n", "\n"), "one bare LF": good.replace("\r\nOrigin", "\nOrigin"),
            "NUL in a value": good.replace("Origin: h", "Origin: \0h"), "CR in a value": good.replace("Origin: h", "Origin: \rh"),
            "space before colon": good.replace("Host:", "Host :"), "folded field": good.replace("Origin: ", "Origin:\r\n "),
            "XYZ/1.1": good.replace("HTTP/1.1", "XYZ/1.1"),
            "no version": good.replace(" HTTP/1.1", ""), "lower-case version": good.replace("HTTP/1.1", "http/1.1"),
            "another scheme": good.replace("GET /", "GET ftp://app.example.com/"), "two spaces": good.replace("GET /", "GET  /"),
            "tab": good.replace("GET /", "GET\t/"), "trailing space": good.replace("HTTP/1.1", "HTTP/1.1 "),
            "no target": "GET HTTP/1.1\r\n" + rest, "star": "GET * HTTP/1.1\r\n" + rest,
            "field without colon": good.replace("\r\n\r\n", "\r\nnonsense\r\n\r\n"),
            "field without name": good.replace("\r\n\r\n", "\r\n: x\r\n\r\n"),
            "name with a space": good.replace("\r\n\r\n", "\r\nA b: x\r\n\r\n"),
            "line of leading space": line + "\r\n X: y\r\n" + rest,
            "binary": "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + "\x00" * 200 + "\r\n\r\n",
            "fragment": good.replace(" HTTP/1.1", "#x HTTP/1.1"), "8-bit target": good.replace("?token", "\xe9?token"),
        }
        for name, head in cases.items():
            with self.subTest(name):
                answer = self.answer_to(head)
                self.assertIsNotNone(answer, "closed without an answer")
                self.assertIn(answer.status, (400, 404) if name == "8-bit target" else (400,), answer)

    def test_versions_of_http(self):
        for version in ("HTTP/2.0", "HTTP/1.2", "HTTP/0.9", "HTTP/3.0"):
            with self.subTest(version):
                self.assertEqual(self.assert_refused(upgrade_head(version=version), 505).json()["code"], "unsupported_version")
        problem = self.assert_refused(upgrade_head(version="HTTP/1.0"), 505).json()
        self.assertEqual(problem["code"], "unsupported_version")
        self.assertIn("proxy_http_version 1.1", problem["detail"])

    def test_a_target_with_its_host(self):
        self.assertEqual(self.answer_to(upgrade_head().replace("GET /", "GET http://app.example.com/")).status, 101)

    def test_duplicates(self):
        for extra in ("Host: app.example.com", "Host: evil.example", "Origin: https://evil.example",
                      "Sec-WebSocket-Key: " + new_key(), "Sec-WebSocket-Version: 13"):
            with self.subTest(extra):
                self.assert_refused(upgrade_head(extra=[extra]), 400)
        authorization = "Authorization: Bearer " + make_token()
        self.assert_refused(upgrade_head(query=False, extra=[authorization, authorization]), 400)

    def test_missing_fields(self):
        self.assert_refused(upgrade_head(host=None), 400)
        good = upgrade_head()
        key_line = next(line for line in good.split("\r\n") if line.startswith("Sec-WebSocket-Key"))
        self.assert_refused(good.replace(key_line + "\r\n", ""), 400, 426)
        self.assert_refused(good.replace("Sec-WebSocket-Version: 13\r\n", ""), 400, 426)

    def test_bodies_and_lengths(self):
        good = upgrade_head()
        post = (f"POST /api/notifications/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.server.admin_token()}\r\n")
        cases = {
            "body on an upgrade": good.replace("\r\n\r\n", "\r\nContent-Length: 5\r\n\r\nhello"),
            "chunked upgrade": good.replace("\r\n\r\n", "\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
            "both": post + "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nX",
            "two lengths": post + "Content-Length: 6\r\nContent-Length: 5\r\n\r\nhello!",
            "list of lengths": post + "Content-Length: 5, 5\r\n\r\nhello",
            "negative": post + "Content-Length: -1\r\n\r\n", "plus": post + "Content-Length: +5\r\n\r\nhello",
            "hexadecimal": post + "Content-Length: 0x5\r\n\r\nhello", "huge": post + "Content-Length: 99999999999999999999\r\n\r\n",
            "empty": post + "Content-Length:\r\n\r\n",
            "odd encoding": post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        }
        for name, head in cases.items():
            with self.subTest(name):
                answer = self.answer_to(head)
                if answer is not None:
                    self.assertIn(answer.status, (400, 411, 413, 501), answer)

    def test_nothing_is_smuggled(self):
        smuggled = f"GET {METRICS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.server.admin_token()}\r\n\r\n"
        body = "0\r\n\r\n" + smuggled
        head = f"POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\nTransfer-Encoding: chunked\r\n\r\n"
        with RawConnection(self.server) as connection:
            connection.send(head + body)
            connection.wait_for_end(20)
            self.assertNotIn(b"connections_today", connection.buffer)

    def test_sizes(self):
        cases = {
            "17 KiB in all": upgrade_head(extra=[f"X-{number}: " + "a" * 7000 for number in range(3)]),
            "65 fields": upgrade_head(extra=[f"X-{number}: a" for number in range(65)]),
            "one field over 8,000 bytes": upgrade_head(extra=["X-Long: " + "a" * 8001]),
        }
        for name, head in cases.items():
            with self.subTest(name):
                self.assert_refused(head, 431)
        self.assertEqual(self.answer_to(upgrade_head(extra=["X-Long: " + "a" * 7000])).status, 101)
        self.assertEqual(self.answer_to(upgrade_head(extra=[f"X-{number}: a" for number in range(50)])).status, 101)

    def test_endless_head_is_cut_off(self):
        with RawConnection(self.server) as connection:
            try:
                for _ in range(64):
                    connection.send("X-Endless: " + "a" * 1000 + "\r\n")
                status = connection.read_answer().status
            except (Closed, ConnectionError):
                status = None
        self.assertIn(status, (None, 400, 431))

    def test_keys(self):
        import base64
        for key in ("x", "", base64.b64encode(b"a" * 15).decode(), base64.b64encode(b"a" * 17).decode(), "!" * 24,
                    new_key()[:-2], new_key() + "AA"):
            with self.subTest(key=key):
                self.assert_refused(upgrade_head(key=key), 400)

    def test_versions(self):
        for version in ("8", "12", "0", "14", "999"):
            with self.subTest(version=version):
                answer = self.assert_refused(upgrade_head(websocket_version=version), 426)
                self.assertEqual(answer.headers["sec-websocket-version"], "13")
        self.assert_refused(upgrade_head(websocket_version="thirteen"), 400, 426)

    def test_methods_and_paths(self):
        for method in ("POST", "PUT", "TRACE", "DELETE", "PATCH"):
            with self.subTest(method=method):
                answer = self.assert_refused(upgrade_head(method=method), 405)
                self.assertIn("GET", answer.headers["allow"])
        self.assert_refused(upgrade_head(path="/nowhere/"), 404)
        plain = f"GET /ws/notifications/?token={make_token()} HTTP/1.1\r\nHost: x\r\n\r\n"
        answer = self.assert_refused(plain, 426)
        self.assertEqual(answer.headers["upgrade"].lower(), "websocket")
        self.assertIn("upgrade", answer.headers.get("connection", "").lower())

    def test_an_upgrade_to_something_else(self):
        answer = self.answer_to(upgrade_head().replace("Upgrade: websocket", "Upgrade: h2c"))
        self.assertIn(answer.status, (400, 426))

    def test_upgrade_tokens_in_any_case_and_list(self):
        for changed in (upgrade_head().replace("websocket\r", "WebSocket\r"),
                        upgrade_head().replace("Connection: Upgrade", "Connection: keep-alive, upgrade")):
            self.assertEqual(self.answer_to(changed).status, 101)


class InOrder(ServerTestCase):
    settings = MANY

    def test_frames_sent_with_the_handshake_are_answered_after_it(self):
        with RawConnection(self.server) as connection:
            connection.send(upgrade_head().encode() + frame(TEXT, b'{"type": "ping", "id": 1}') + frame(PING, b"early"))
            self.assertEqual(connection.read_answer().status, 101)
            seen = [connection.read_frame() for _ in range(3)]
        self.assertIn((PONG, b"early"), seen)
        texts = [payload for opcode, payload in seen if opcode == TEXT]
        self.assertIn(b"notifications_list", texts[0])
        self.assertIn(b"pong", texts[1])

    def test_a_handshake_in_single_bytes(self):
        with RawConnection(self.server) as connection:
            for byte in upgrade_head().encode():
                connection.send(bytes([byte]))
            self.assertEqual(connection.read_answer().status, 101)

    def test_pipelined_requests_are_answered_in_order(self):
        one = f"GET {METRICS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.server.admin_token()}\r\n\r\n"
        with RawConnection(self.server) as connection:
            connection.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" + one + "GET /nope HTTP/1.1\r\nHost: x\r\n\r\n")
            self.assertEqual([connection.read_answer().status for _ in range(3)], [200, 200, 404])

    def test_an_upgrade_after_a_request_on_the_same_connection(self):
        with RawConnection(self.server) as connection:
            connection.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            self.assertEqual(connection.read_answer().status, 200)
            connection.send(upgrade_head())
            self.assertEqual(connection.read_answer().status, 101)


class Deadlines(ServerTestCase):
    """In real time, once: all of them wait side by side."""

    settings = MANY

    def test_silence_and_trickle_end_at_five_seconds(self):
        ends = {}

        def silent(name, first):
            with RawConnection(self.server, timeout=LATEST_SECONDS + 2) as connection:
                connection.send(first)
                ends[name] = (connection.wait_for_end(), connection.buffer)

        def trickle():
            with RawConnection(self.server, timeout=LATEST_SECONDS + 2) as connection:
                stop = time.monotonic() + LATEST_SECONDS
                for byte in upgrade_head().encode():
                    try:
                        connection.send(bytes([byte]))
                        connection.socket.settimeout(0.5)
                        data = connection.socket.recv(4096)
                        if data:
                            connection.buffer += data
                            connection.wait_for_end(3)
                        break
                    except (socket.timeout, TimeoutError):
                        if time.monotonic() > stop:
                            break
                    except (Closed, ConnectionError):
                        break
                ends["trickle"] = (connection.age(), connection.buffer)

        threads = [threading.Thread(target=silent, args=arguments) for arguments in
                   (("nothing", b""), ("one byte", b"G"), ("half a head", upgrade_head()[:60]))]
        threads.append(threading.Thread(target=trickle))
        for thread in threads:
            thread.start()
        self.assertEqual(self.server.request("GET", "/healthz").status, 200)
        with RawConnection(self.server) as other:
            other.open()
        for thread in threads:
            thread.join()
        self.assertEqual(set(ends), {"nothing", "one byte", "half a head", "trickle"})  # each came to its end
        for name, (age, received) in ends.items():
            with self.subTest(name):
                self.assertGreater(age, 4)
                self.assertLess(age, LATEST_SECONDS)
                if name in ("half a head", "trickle"):
                    self.assertIn(b" 408 ", received)

    def test_many_silent_connections_hurt_nobody(self):
        held = [RawConnection(self.server, f"127.8.{number // 200}.{number % 200 + 1}") for number in range(400)]
        for connection in held:
            self.addCleanup(connection.close)
        started = time.monotonic()
        self.assertEqual(self.server.request("GET", "/healthz").status, 200)
        self.assertEqual(try_upgrade(self.server).status, 101)
        self.assertLess(time.monotonic() - started, 4)  # they wait for five
        self.assertGreater(held[0].wait_for_end(15), 0)


if __name__ == "__main__":
    unittest.main()
