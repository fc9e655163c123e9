# SPDX-License-Identifier: GPL-3.0-or-later
"""What systemd is told (sd_notify): this file holds the socket. A stuck worker is one that a tracer has stopped."""
import ctypes
import os
import signal
import socket
import time
import unittest
from pathlib import Path

from gatehouse_server import GatehouseServer, eventually
from rawconnection import RawConnection

WATCHDOG_SECONDS = 1
SEIZE, INTERRUPT, DETACH, ALL_THREADS = 0x4206, 0x4207, 17, 0x40000000


class StoppedThread:
    """One thread of another process, stopped while in the context; the others go on."""

    def __init__(self, thread):
        self.thread = thread
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]

    def trace(self, request):
        if self.libc.ptrace(request, self.thread, None, None) != 0:
            raise OSError(ctypes.get_errno(), "ptrace: " + os.strerror(ctypes.get_errno()))

    def __enter__(self):
        self.trace(SEIZE)
        self.trace(INTERRUPT)
        os.waitpid(self.thread, ALL_THREADS)
        return self

    def __exit__(self, *failure):
        self.trace(DETACH)


class Notifications(unittest.TestCase):
    def start(self, **settings):
        self.server = GatehouseServer()
        self.addCleanup(self.server.discard)
        path = os.path.join(self.server._folder, "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.socket.close)
        self.socket.bind(path)
        self.server.settings.update({"NOTIFY_SOCKET": path, **settings})
        self.server.start()

    def next(self, timeout=30):
        self.socket.settimeout(timeout)
        return self.socket.recv(1000).decode()

    def waiting(self):
        """All messages that have come."""
        messages = []
        self.socket.setblocking(False)
        try:
            while True:
                messages.append(self.socket.recv(1000).decode())
        except BlockingIOError:
            return messages

    def is_silent(self, seconds):
        """Whether nothing comes within the next seconds."""
        self.waiting()
        time.sleep(seconds)
        return self.waiting() == []

    def worker(self):
        tasks = Path(f"/proc/{self.server.process.pid}/task")
        return next(int(task.name) for task in tasks.iterdir() if (task / "comm").read_text().strip() == "worker-1")

    def test_ready_and_stopping(self):
        self.start(DRAIN_SECONDS=600, WORKERS=1)
        self.assertEqual(self.next(), "READY=1")
        self.assertEqual(self.server.request("GET", "/readyz").status, 200)
        with RawConnection(self.server) as first, RawConnection(self.server) as second:
            first.open()
            second.open()
            self.server.process.send_signal(signal.SIGTERM)
            self.assertEqual(self.next(), "STOPPING=1")
            self.assertGreaterEqual(int(self.next().removeprefix("EXTEND_TIMEOUT_USEC=")), 600_000_000)
        self.assertEqual(self.server.process.wait(30), 0)

    def test_reloading_and_ready_again(self):
        self.start()
        self.assertEqual(self.next(), "READY=1")
        self.server.process.send_signal(signal.SIGHUP)
        # systemd's Type=notify-reload wants the moment with the word.
        self.assertRegex(self.next(), r"^RELOADING=1\nMONOTONIC_USEC=\d+$")
        self.assertEqual(self.next(), "READY=1")
        self.assertTrue(eventually(lambda: "keys_reloaded" in self.server.stderr()), self.server.stderr())

    def test_a_failed_start_is_never_ready(self):
        self.start()
        self.assertEqual(self.next(), "READY=1")
        other = GatehouseServer({**self.server.settings, "LISTEN": f"127.0.0.1:{self.server.port}", "STATE_DIR": "/proc/no"})
        self.addCleanup(other.discard)
        self.assertEqual(other.run("serve").returncode, 1)
        self.assertEqual(self.waiting(), [])

    def test_the_watchdog_is_told_while_every_worker_answers(self):
        self.start(WATCHDOG_USEC=WATCHDOG_SECONDS * 1_000_000)
        self.assertEqual([self.next() for _ in range(4)], ["READY=1"] + ["WATCHDOG=1"] * 3)
        with StoppedThread(self.worker()):
            # The worker may have answered the last question already: then the watchdog is told once more, with the next tick.
            self.assertTrue(eventually(lambda: self.is_silent(2 * WATCHDOG_SECONDS), 10), "the watchdog is still told")
            self.assertTrue(self.server.is_running())
        self.assertEqual([self.next() for _ in range(2)], ["WATCHDOG=1"] * 2)
        self.assertTrue(eventually(lambda: self.server.request("GET", "/readyz").status == 200))


if __name__ == "__main__":
    unittest.main()
