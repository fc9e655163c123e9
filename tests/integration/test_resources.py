# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever clients do to their connections, nothing of them stays behind in the server."""
import os
import socket
import struct
import time
import unittest

from gatehouse_server import ACTIVE, GatehouseServer, ServerTestCase, eventually
from rawconnection import BINARY, CLOSE, CONTINUATION, PING, TEXT, Closed, RawConnection, frame, upgrade_head
from test_frames import PING_TEXT, cpu_seconds, memory_kib

ROUNDS = int(os.environ.get("GATEHOUSE_BREAK_ROUNDS", "6000"))  # 100000 for a long run


def reset(connection):
    connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def half_close(connection):
    connection.socket.shutdown(socket.SHUT_WR)
    connection.close()


ENDINGS = (reset, RawConnection.close, half_close)

# Points of a connection's life at which it may break: what was sent before, and whether the handshake has been answered.
HEAD_PARTS = (0, 1, 3, 20, 60, -4, -2, -1, None)
FRAME_PARTS = (b"", frame(TEXT, PING_TEXT)[:1], frame(TEXT, PING_TEXT)[:4], frame(TEXT, PING_TEXT)[:15], frame(TEXT, PING_TEXT),
               frame(TEXT, b"{", final=False), frame(PING, b"p"), frame(CLOSE, struct.pack(">H", 1000)), frame(CLOSE), frame(3),
               frame(TEXT, b"x", length=65536))


class Resources(ServerTestCase):
    settings = {"MAX_CONNECTIONS_PER_IP": 5, "MAX_CONNECTIONS_PER_USER": 5, "MAX_RECONNECT_ATTEMPTS": 1000000,
                "MAX_MESSAGES_PER_MINUTE": 100000}

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.server.process.pid}/fd"))

    def is_idle(self):
        return self.server.get(ACTIVE).json()["active_connections"] == 0

    def break_once(self, number):
        points = len(HEAD_PARTS) + len(FRAME_PARTS)
        point, ending = number % points, ENDINGS[number // points % len(ENDINGS)]
        connection = RawConnection(self.server)
        try:
            if point < len(HEAD_PARTS):
                head = upgrade_head()
                connection.send(head if HEAD_PARTS[point] is None else head[:HEAD_PARTS[point]])
            else:
                answer = connection.upgrade()
                if answer.status == 429:  # the slots of the last ones are on their way back
                    return False
                self.assertEqual(answer.status, 101)
                connection.read_frame()
                connection.send(FRAME_PARTS[point - len(HEAD_PARTS)])
            ending(connection)
        finally:
            connection.close()
        return True

    def test_connections_that_break_anywhere_leave_nothing_behind(self):
        RawConnection(self.server).open().close()
        self.assertTrue(eventually(self.is_idle))
        base = self.descriptors()
        for number in range(ROUNDS):
            self.assertTrue(eventually(lambda number=number: self.break_once(number), 10, 0.01), f"round {number}: no slot comes free")
        self.assertTrue(eventually(self.is_idle))
        self.assertTrue(eventually(lambda: self.descriptors() <= base + 1), f"{self.descriptors()} descriptors, {base} at first")
        # Every slot of the address is back: exactly five fit.
        seen = []
        eventually(lambda: seen.append(self.statuses_of_six()) or seen[-1] == [101] * 5 + [429])
        self.assertEqual(seen[-1], [101] * 5 + [429])

    def statuses_of_six(self):
        """Once nobody is there. The slot of the last comes back a moment after it has gone."""
        self.assertTrue(eventually(self.is_idle))
        connections = [RawConnection(self.server) for _ in range(6)]
        statuses = [connection.upgrade().status for connection in connections]
        for connection in connections:
            connection.close()
        return statuses

    def test_a_million_empty_continuations_cost_next_to_nothing(self):
        pid = self.server.process.pid
        other = RawConnection(self.server).open()
        self.addCleanup(other.close)
        flood = RawConnection(self.server).open()
        self.addCleanup(flood.close)
        before_cpu, before_memory = cpu_seconds(pid), memory_kib(pid)
        many = frame(CONTINUATION, final=False) * 10000
        try:
            flood.send(frame(BINARY, final=False))
            for _ in range(100):
                flood.send(many)
        except ConnectionError:
            pass
        try:
            self.assertIn(flood.read_close(), (1008, None))
        except ConnectionError:
            pass
        other.send(frame(TEXT, PING_TEXT))
        self.assertIn(b"pong", other.read_frame()[1])
        self.assertLess(cpu_seconds(pid) - before_cpu, 1)
        self.assertLess(memory_kib(pid) - before_memory, 2048)

    def test_pings_to_a_peer_that_reads_nothing_stay_in_two_mebibytes(self):
        pid = self.server.process.pid
        flood = RawConnection(self.server).open()
        flood.socket.settimeout(3)  # until the kernel takes no more
        self.addCleanup(flood.close)
        before = memory_kib(pid)
        many = frame(PING, b"p" * 125) * 2000
        end = time.monotonic() + 3
        try:
            while time.monotonic() < end:
                flood.send(many)
        except (TimeoutError, ConnectionError, Closed):
            pass
        self.assertLess(memory_kib(pid) - before, 2048)
        other = RawConnection(self.server).open()
        self.addCleanup(other.close)
        other.send(frame(TEXT, PING_TEXT))
        self.assertIn(b"pong", other.read_frame()[1])


class Descriptors(unittest.TestCase):
    """Each client is an open file of the server."""

    def start(self, limit, **settings):
        server = GatehouseServer({"MAX_CONNECTIONS_PER_IP": 1000, "MAX_CONNECTIONS_PER_USER": 1000, "MAX_RECONNECT_ATTEMPTS": 1000, "WORKERS": 1,
                                  **settings}, program_prefix=["prlimit", f"--nofile={limit}"])
        self.addCleanup(server.discard)
        server.start()
        return server

    def test_the_soft_limit_bounds_nobody(self):
        server = self.start("64:500", MAX_CONNECTIONS=400)
        crowd = [RawConnection(server).open() for _ in range(200)]
        self.assertEqual(server.get(ACTIVE).json()["active_connections"], 200)
        self.assertIn(b"process_max_fds 500\n", server.get("/metrics").body)
        for connection in crowd:
            connection.close()
        self.assertNotIn("few_descriptors", server.stderr())

    def test_too_few_for_the_connections_that_may_be_are_named(self):
        server = self.start("64:120")
        self.assertTrue(eventually(lambda: "few_descriptors" in server.stderr()))
        line = next(line for line in server.stderr().splitlines() if "few_descriptors" in line)
        self.assertIn("descriptors=120 max_connections=10000", line)
        # Who finds none left is closed at once; the others stay, and so does the server.
        crowd, closed = [], 0
        for _ in range(135):
            connection = RawConnection(server)
            try:
                crowd.append(connection.open())
            except (Closed, OSError):
                closed += 1
                connection.close()
        self.assertGreater(closed, 10)
        self.assertGreater(len(crowd), 50)
        for connection in crowd:
            connection.close()
        self.assertTrue(eventually(lambda: server.get(ACTIVE).json()["active_connections"] == 0))


if __name__ == "__main__":
    unittest.main()
