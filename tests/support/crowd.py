# SPDX-License-Identifier: GPL-3.0-or-later
"""Thousands of clients that only answer heartbeats, held open by `gatehouse bench idle`."""
import signal
import subprocess
import threading

END_SECONDS = 60


class Crowd:
    """`count` connections to `node` for as long as it is entered, each of its own user, from `addresses` addresses of 127.1.0.0/16. The
    limits of the node hold for them."""

    def __init__(self, node, count, addresses=1000):
        self.node = node
        self.count = count
        self.command = node.command("bench", "idle", "--url", node.url, "--connections", str(count), "--source-addresses", str(addresses),
                                    "--duration", "3600s", "--rounds", "1")
        self.process = None

    def __enter__(self):
        self.process = subprocess.Popen(self.command, env=self.node.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE, text=True)
        said = []
        for line in self.process.stderr:  # "round 1 …" comes once all are connected
            said.append(line)
            if line.startswith("round "):
                threading.Thread(target=self._listen, daemon=True).start()
                return self
        self.process.wait()
        raise AssertionError("the crowd could not connect: " + "".join(said))

    def _listen(self):
        """It must not have to wait for somebody who reads what it says."""
        with self.process.stderr as said:
            for _ in said:
                pass

    def __exit__(self, *_):
        """Ends it; when the node died it has ended by itself."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        self.process.wait(END_SECONDS)
