# SPDX-License-Identifier: GPL-3.0-or-later
"""What thousands of connections took is given back when they leave at once: memory, descriptors and processor time."""
import os
import resource
import time
import unittest

from gatehouse_server import ACTIVE, ServerTestCase, eventually, make_token
from rawconnection import PING, TEXT, RawConnection, frame, upgrade_head
from test_frames import PING_TEXT, cpu_seconds, memory_kib

CONNECTIONS = int(os.environ.get("GATEHOUSE_CROWD", "1500"))  # 15000 for a large one, which needs ulimit -n 20000
USERS = 50
TRIM_SECONDS = 20  # by then the server has noticed that the crowd has gone, and has trimmed its heap


def allow_descriptors(count):
    """For this process and the servers that it starts from now on."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard != resource.RLIM_INFINITY and hard < count:
        raise AssertionError(f"{CONNECTIONS} connections need ulimit -n {count}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))


class Memory(ServerTestCase):
    settings = {"MAX_CONNECTIONS": 100000, "MAX_CONNECTIONS_PER_IP": 100000, "MAX_CONNECTIONS_PER_USER": 100000,
                "MAX_RECONNECT_ATTEMPTS_MODE": "off"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        allow_descriptors(CONNECTIONS + 500)

    def setUp(self):
        super().setUp()
        self.pid = self.server.process.pid
        self.tokens = [make_token(str(number)) for number in range(USERS)]
        self.crowd = []
        self.addCleanup(self.leave)

    def leave(self):
        while self.crowd:
            self.crowd.pop().close()

    def gather(self, count, says):
        """Opens so many connections, some at a time; each says something and reads the greeting."""
        for begin in range(0, count, 50):
            batch = [RawConnection(self.server) for _ in range(min(50, count - begin))]
            self.crowd += batch
            for number, connection in enumerate(batch):
                connection.send(upgrade_head(self.tokens[number % USERS]))
            for connection in batch:
                self.assertEqual(connection.read_answer().status, 101)
                self.assertIn(b"notifications_list", connection.read_frame()[1])
                if says:
                    connection.send(says)

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def active(self):
        return self.server.get(ACTIVE).json()["active_connections"]

    def cpu_share(self, seconds):
        before = cpu_seconds(self.pid)
        time.sleep(seconds)
        return (cpu_seconds(self.pid) - before) / seconds

    def leaves_nothing_behind(self, says):
        self.gather(200, says)  # what is made once, and kept, is made now
        self.leave()
        self.assertTrue(eventually(lambda: self.active() == 0, 10))
        base_descriptors, base_memory = self.descriptors(), memory_kib(self.pid)
        self.gather(CONNECTIONS, says)
        self.assertEqual(self.active(), CONNECTIONS)
        time.sleep(3)  # the server looks once a second how many there are
        full_memory, before_cpu, left_at = memory_kib(self.pid), cpu_seconds(self.pid), time.monotonic()
        self.leave()
        self.assertTrue(eventually(lambda: self.active() == 0, 30), f"{self.active()} connections have not been noticed to have left")
        gone_after = time.monotonic() - left_at
        self.assertTrue(eventually(lambda: self.cpu_share(1) < 0.1, 15), "the server is still busy")
        spent = cpu_seconds(self.pid) - before_cpu
        self.assertTrue(eventually(lambda: self.descriptors() <= base_descriptors + 2, 10), f"{self.descriptors()} descriptors, {base_descriptors} before")
        # What the tables' buckets and the poller's places take is kept for the next crowd: some 100 bytes a connection.
        bound = base_memory + 3072 + CONNECTIONS // 5
        self.assertTrue(eventually(lambda: memory_kib(self.pid) < bound, TRIM_SECONDS, 0.5),
                        f"{memory_kib(self.pid)} KiB are held, {base_memory} KiB before, {full_memory} KiB with all")
        print(f"{CONNECTIONS} connections: {base_memory} KiB before, {full_memory} KiB with all, {memory_kib(self.pid)} KiB after;"
              f" gone after {gone_after:.2f} s, which took {spent:.2f} s of CPU; {base_descriptors} descriptors before,"
              f" {self.descriptors()} after")

    def test_listeners_that_leave_at_once_leave_nothing_behind(self):
        self.leaves_nothing_behind(b"")

    def test_speakers_that_leave_at_once_leave_nothing_behind(self):
        self.leaves_nothing_behind(frame(TEXT, PING_TEXT) + frame(PING, b"p"))


if __name__ == "__main__":
    unittest.main()
