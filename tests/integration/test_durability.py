# SPDX-License-Identifier: GPL-3.0-or-later
"""What is acknowledged is kept: a disk that is full, a state file that may not be written, SIGKILL between two publishes. The long
form of the last is tests/crash/run."""
import asyncio
import os
import resource
import shutil
import unittest

from gatehouse_server import GatehouseServer, ServerTestCase, eventually, exchange, receive, receive_type

UNLIMITED = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)


def write_ahead_log(server):
    return next(os.path.join(server.state_dir, name) for name in os.listdir(server.state_dir) if name.endswith("-wal"))


class FullDisk(ServerTestCase):
    """No file of the server may grow: for its writes that is a full disk."""

    def fill_disk(self, spare):
        self.limit_files(os.path.getsize(write_ahead_log(self.server)) + spare)

    def limit_files(self, size):
        resource.prlimit(self.server.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def empty_disk(self):
        resource.prlimit(self.server.process.pid, resource.RLIMIT_FSIZE, UNLIMITED)

    def publish_until_refused(self):
        """The ids that were acknowledged before the disk was full."""
        ids = []
        for number in range(2000):
            answer = self.server.publish({"to": {"users": ["42"]}, "title": f"full {number}", "body": "x" * 2000})
            if answer.status != 202:
                self.assert_problem(answer, 503, "store_unavailable")
                self.assertIn("retry-after", answer.headers)
                return ids
            ids += answer.json()["ids"]
        self.fail("the disk was never full")

    async def test_refused_and_not_lost_and_back_by_itself(self):
        async with self.server.connect() as socket:
            await receive(socket)
            self.fill_disk(spare=64 * 1024)
            ids = await asyncio.to_thread(self.publish_until_refused)
            self.assertTrue(ids)
            self.limit_files(1)  # what was refused left room: the store tries a small write a second later, which must not fit
            for identifier in ids:
                self.assertEqual((await receive_type(socket, "notification"))["notification"]["id"], identifier)

            ready = self.server.request("GET", "/readyz")
            self.assertEqual(ready.status, 503, ready)
            self.assertIn("store", ready.body.decode())
            self.assertEqual(self.server.request("GET", "/healthz").status, 200)
            # The channel serves on: what needs no disk works, what needs it is refused by name.
            self.assertEqual(self.server.publish({"to": {"users": ["42"]}, "title": "now", "ephemeral": True}).status, 202)
            self.assertEqual((await receive_type(socket, "notification"))["notification"]["title"], "now")
            answer = await exchange(socket, {"type": "mark_read", "ids": ids[:1], "id": 7})
            self.assertEqual((answer["type"], answer["code"], answer["id"]), ("error", "store_unavailable", 7))

            self.empty_disk()
            self.assertTrue(eventually(lambda: self.server.request("GET", "/readyz").status == 200, timeout=30))
            answer = await asyncio.to_thread(self.server.publish, {"to": {"users": ["42"]}, "title": "after"})
            self.assertEqual(answer.status, 202, answer)
            ids += answer.json()["ids"]
            self.assertEqual((await receive_type(socket, "notification"))["notification"]["id"], ids[-1])

        self.server.restart("kill")
        async with self.server.connect() as socket:
            listed = [each["id"] for each in (await receive(socket))["notifications"]]
        self.assertEqual(listed, ids)  # nothing that was refused, nothing twice


class UnwritableState(unittest.TestCase):
    @unittest.skipIf(os.geteuid() == 0 and not shutil.which("setpriv"), "as root every directory is writable")
    def test_a_state_file_that_may_only_be_read_is_named(self):
        server = GatehouseServer()
        self.addCleanup(server.discard)
        server.start()
        server.stop()
        names = os.listdir(server.state_dir)
        for name in names:
            os.chmod(os.path.join(server.state_dir, name), 0o444)
        os.chmod(server.state_dir, 0o555)
        os.chmod(server._folder, 0o755)
        if os.geteuid() == 0:
            server.program_prefix = [shutil.which("setpriv"), "--reuid=65534", "--clear-groups", "--bounding-set=-all", "--inh-caps=-all"]
        done = server.run("serve")
        self.assertEqual(done.returncode, 1, done)
        self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)
        self.assertIn(server.state_dir, done.stderr)
        # Nothing was touched, and with the right back everything is as before.
        self.assertEqual(sorted(os.listdir(server.state_dir)), sorted(names))
        os.chmod(server.state_dir, 0o700)
        for name in names:
            os.chmod(os.path.join(server.state_dir, name), 0o600)
        server.program_prefix = []
        server.start()
        self.assertEqual(server.publish({"to": "all", "title": "x"}).status, 202)


class SuddenEnd(ServerTestCase):
    async def test_every_acknowledged_one_is_there_after_sigkill(self):
        ids = []
        for number in range(5):
            answer = self.server.publish([{"to": {"users": ["42"]}, "title": f"{number}.{each}"} for each in range(100)])
            self.assertEqual(answer.status, 202)
            ids += answer.json()["ids"]
            self.server.restart("kill")
        async with self.server.connect() as socket:
            self.assertEqual([each["id"] for each in (await receive(socket))["notifications"]], ids)


if __name__ == "__main__":
    unittest.main()
