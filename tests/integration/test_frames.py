# SPDX-License-Identifier: GPL-3.0-or-later
"""What clients may and may not do on an open connection (RFC 6455), and that it costs the others nothing."""
import struct
import time
import unittest

from gatehouse_server import ServerTestCase, eventually
from rawconnection import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, Closed, RawConnection, frame

PING_TEXT = b'{"type": "ping", "id": "x"}'


def memory_kib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


class Frames(ServerTestCase):
    settings = {"MAX_CONNECTIONS_PER_IP": 1000, "MAX_CONNECTIONS_PER_USER": 1000, "MAX_RECONNECT_ATTEMPTS": 100000,
                "MAX_MESSAGES_PER_MINUTE": 1000}

    def open(self, **more):
        connection = RawConnection(self.server, **more)
        self.addCleanup(connection.close)
        return connection.open()

    def assert_closed_with(self, code, *data, **more):
        """A fresh connection that sends this is closed with the code, soon; others are not touched."""
        connection = self.open()
        try:
            for piece in data:
                connection.send(piece)
        except ConnectionError:
            pass
        codes = code if isinstance(code, tuple) else (code,)
        self.assertIn(connection.read_close(**more), codes)

    def assert_pong(self, connection):
        opcode, payload = connection.read_frame()
        self.assertEqual((opcode, b"pong" in payload), (TEXT, True), payload)

    def test_a_masked_text_is_answered(self):
        connection = self.open()
        connection.send(frame(TEXT, PING_TEXT))
        self.assert_pong(connection)

    def test_byte_by_byte(self):
        connection = self.open()
        for byte in frame(TEXT, PING_TEXT):
            connection.send(bytes([byte]))
        self.assert_pong(connection)

    def test_many_in_one_packet(self):
        connection = self.open()
        connection.send(frame(TEXT, PING_TEXT) * 20)
        for _ in range(20):
            self.assert_pong(connection)

    def test_fragments_with_a_ping_between(self):
        connection = self.open()
        connection.send(frame(TEXT, PING_TEXT[:5], final=False) + frame(PING, b"p") + frame(CONTINUATION, PING_TEXT[5:9], final=False)
                        + frame(CONTINUATION, PING_TEXT[9:]))
        self.assertEqual(connection.read_frame(), (PONG, b"p"))
        self.assert_pong(connection)

    def test_protocol_violations_are_1002(self):
        cases = {
            "unmasked text": frame(TEXT, PING_TEXT, mask=False), "unmasked ping": frame(PING, mask=False),
            "reserved bit 1": frame(TEXT, PING_TEXT, reserved=4), "reserved bit 3": frame(TEXT, PING_TEXT, reserved=1),
            "opcode 3": frame(3, b"x"), "opcode 7": frame(7), "opcode 11": frame(11, b"x"), "opcode 15": frame(15),
            "fragmented ping": frame(PING, final=False), "ping of 126": frame(PING, b"x" * 126),
            "continuation of nothing": frame(CONTINUATION, b"x"),
            "text within a text": frame(TEXT, b"a", final=False) + frame(TEXT, b"b"),
            "close of one byte": frame(CLOSE, b"x"),
        }
        for name, data in cases.items():
            with self.subTest(name):
                self.assert_closed_with(1002, data)

    def test_bad_text_is_1007(self):
        for bad in (b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc3", b"ok\x80"):
            with self.subTest(bad=bad):
                self.assert_closed_with(1007, frame(TEXT, bad))
        self.assert_closed_with(1007, frame(CLOSE, struct.pack(">H", 1000) + b"\xff"))

    def test_bad_text_is_refused_before_the_message_ends(self):
        self.assert_closed_with(1007, frame(TEXT, b"good \xff bad", final=False), timeout=3)

    def test_text_split_inside_a_character_at_every_byte(self):
        text = '{"type": "ping", "id": "ก€🚀é"}'.encode()
        connection = self.open()
        for cut in range(1, len(text)):
            connection.send(frame(TEXT, text[:cut], final=False) + frame(CONTINUATION, text[cut:]))
            opcode, payload = connection.read_frame()
            self.assertIn("ก€🚀é", payload.decode(), f"cut at {cut}: {payload}")
            self.assertIn(b"pong", payload)

    def test_size_bound_is_exact_for_frames_and_for_fragments(self):
        limit = 65536
        connection = self.open()
        connection.send(frame(TEXT, b" " * (limit - len(PING_TEXT)) + PING_TEXT))
        self.assert_pong(connection)
        half = limit // 2
        connection.send(frame(TEXT, b" " * half, final=False) + frame(CONTINUATION, b" " * (half - len(PING_TEXT)) + PING_TEXT))
        self.assert_pong(connection)
        self.assert_closed_with(1009, frame(TEXT, b" " * (limit + 1)))
        self.assert_closed_with(1009, frame(TEXT, b" " * half, final=False) + frame(CONTINUATION, b" " * (half + 1)))

    def test_a_claimed_length_allocates_nothing(self):
        self.assert_closed_with(1009, frame(TEXT, b"", length=65537), timeout=3)  # what a first connection takes is not the length's
        before = memory_kib(self.server.process.pid)
        for length in (65537, 8 * 1024 ** 3, 2 ** 62):
            self.assert_closed_with(1009, frame(TEXT, b"", length=length), timeout=3)
        self.assert_closed_with((1002, 1009), frame(BINARY, b"", length=2 ** 63), timeout=3)
        self.assertLess(memory_kib(self.server.process.pid) - before, 4096)

    def test_endless_fragments_are_closed(self):
        connection = self.open()
        started = time.monotonic()
        try:
            connection.send(frame(TEXT, b"", final=False))
            for _ in range(1000):
                connection.send(frame(CONTINUATION, b"", final=False) * 100)
        except ConnectionError:
            pass
        try:
            self.assertIn(connection.read_close(), (1002, 1008, 1009, None))
        except ConnectionError:
            pass
        self.assertLess(time.monotonic() - started, 5)

    def test_half_a_frame_is_closed_at_ten_seconds(self):
        whole = frame(TEXT, b"x" * 1000)
        connections = []
        for pieces in ((whole[:3],), (whole[:3], whole[3:7]), (whole[:8], whole[8:50], whole[50:60]),
                       (frame(TEXT, b"abc", final=False),)):
            connection = self.open(timeout=20)
            for piece in pieces:
                connection.send(piece)
                time.sleep(0.05)
            connections.append((connection, time.monotonic()))
        for connection, started in connections:
            connection.read_close(20)
            self.assertGreater(time.monotonic() - started, 7)
            self.assertLess(time.monotonic() - started, 13)

    def test_a_flood_of_pings_that_nobody_reads_stays_in_bounds(self):
        connection = self.open()
        connection.socket.settimeout(3)
        before = memory_kib(self.server.process.pid)
        try:
            for _ in range(400):
                connection.send(frame(PING, b"x" * 100) * 250)
        except (TimeoutError, ConnectionError):
            pass
        self.assertLess(memory_kib(self.server.process.pid) - before, 8 * 1024)
        self.open().send(frame(TEXT, PING_TEXT))

    def test_unsolicited_pongs_are_ignored(self):
        connection = self.open()
        connection.send(frame(PONG, b"x") * 5 + frame(TEXT, PING_TEXT))
        self.assert_pong(connection)

    def test_close_codes(self):
        for code in (1000, 1001, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999):
            with self.subTest(code=code):
                self.assert_closed_with(code, frame(CLOSE, struct.pack(">H", code) + b"bye"))
        for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 2000, 2999, 5000, 65535):
            with self.subTest(code=code):
                self.assert_closed_with(1002, frame(CLOSE, struct.pack(">H", code)))
        self.assert_closed_with((1000, 1005), frame(CLOSE))

    def test_after_a_close_nothing_is_processed(self):
        connection = self.open()
        connection.send(frame(CLOSE, struct.pack(">H", 1000)) + frame(TEXT, PING_TEXT))
        opcode, payload = connection.read_frame()
        self.assertEqual(opcode, CLOSE)
        self.assertTrue(connection.wait_for_end(5))
        self.assertEqual(connection.buffer, b"")

    def test_a_peer_that_never_answers_our_close_is_gone_at_three_seconds(self):
        connection = self.open()
        connection.send(frame(3, b"x"))
        started = time.monotonic()
        connection.read_close()
        connection.wait_for_end(8)
        self.assertLess(time.monotonic() - started, 4.5)

    def test_connections_that_break_leave_nothing_behind(self):
        import os
        import socket
        pid = self.server.process.pid

        def idle():
            return self.server.get("/api/monitoring/websocket/active-connections/").json()["active_connections"] == 0
        self.open().close()
        self.assertTrue(eventually(idle))
        base = len(os.listdir(f"/proc/{pid}/fd"))
        for number in range(60):
            connection = RawConnection(self.server)
            if number % 3 == 0:
                connection.send(b"GET /ws/noti")
            else:
                connection.open()
            if number % 4 == 0:
                connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            elif number % 4 == 1:
                connection.send(frame(TEXT, PING_TEXT)[:5])
            elif number % 4 == 2:
                connection.socket.shutdown(socket.SHUT_WR)
            connection.close()
        self.assertTrue(eventually(idle, 12))
        self.assertTrue(eventually(lambda: len(os.listdir(f"/proc/{pid}/fd")) <= base + 1, 12))

    def test_idle_connections_cost_no_cpu(self):
        for _ in range(50):
            self.open()
        time.sleep(0.5)
        before = cpu_seconds(self.server.process.pid)
        time.sleep(2)
        self.assertLess(cpu_seconds(self.server.process.pid) - before, 0.4)


if __name__ == "__main__":
    unittest.main()
