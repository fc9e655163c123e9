# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens to the state file: pages that are damaged, files that are deleted or replaced while the server runs, a disk that does not
answer. Nobody who is banned gets in, nothing that was acknowledged is lost without a word, and the server says what is wrong."""
import asyncio
import http.client
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import websockets

from cluster import ClusterTestCase
from gatehouse_server import (ADMIN, CHANNEL, ORIGIN, PUBLISH, GatehouseServer, GatehouseTestCase, ServerTestCase, binary, eventually, make_token,
                              receive)

PAGE = 4096
MANY = {"MAX_RECONNECT_ATTEMPTS": "100000", "MAX_CONNECTIONS_PER_IP": "900"}


class StateFile:
    """The state file of a server that does not run."""

    def __init__(self, server):
        self.directory = server.state_dir
        self.path = os.path.join(server.state_dir, "gatehouse.db")

    def pages(self, table, kind="leaf"):
        """The numbers of a table's (or an index's) pages."""
        with sqlite3.connect(self.path) as database:
            try:
                rows = database.execute("SELECT pageno FROM dbstat WHERE name = ? AND pagetype = ? ORDER BY pageno", (table, kind))
                return [row[0] for row in rows]
            except sqlite3.OperationalError:  # this SQLite cannot say; the command line's can
                sql = f"SELECT pageno FROM dbstat WHERE name = '{table}' AND pagetype = '{kind}' ORDER BY pageno"
                done = subprocess.run(["sqlite3", self.path, sql], capture_output=True, text=True, check=True)
                return [int(line) for line in done.stdout.split()]

    def damage(self, pages, content=b"\xff" * 64, at=0):
        with open(self.path, "r+b") as file:
            for page in pages:
                file.seek((page - 1) * PAGE + at)
                file.write(content)

    def files(self, part):
        return sorted(name for name in os.listdir(self.directory) if part in name and not name.endswith(("-wal", "-shm")))

    def losses(self):
        return [json.loads(Path(self.directory, name).read_text(encoding="utf-8")) for name in self.files(".loss-")]


class StateFileTestCase(ServerTestCase):
    settings = MANY

    def setUp(self):
        super().setUp()
        self.state = StateFile(self.server)

    def api(self, method, path, body=None, **more):
        return self.server.request(method, ADMIN + path, self.server.admin_token(), body, **more)

    def ban(self, user):
        answer = self.api("POST", "bans", {"kind": "user", "value": user})
        self.assertIn(answer.status, (200, 201), answer)
        return answer.json()["id"]

    def limit(self):
        return next(one["value"] for one in self.api("GET", "limits").json()["limits"] if one["key"] == "max_connections_per_user")

    async def is_let_in(self, user):
        try:
            async with self.server.connect(make_token(user)) as channel:
                await receive(channel)
            return True
        except websockets.exceptions.InvalidStatusCode as refusal:
            self.assertEqual(refusal.status_code, 403)
            return False

    def alert(self):
        """The alert of the state file, if it is raised."""
        return next((one for one in self.api("GET", "alerts?active=true").json()["alerts"] if one["rule"] == "state_file"), None)

    def assert_told(self, words, is_ready=True):
        """What is wrong is in the log, /readyz and an alert."""
        ready = self.server.request("GET", "/readyz")
        self.assertEqual(ready.status, 200 if is_ready else 503, ready)
        self.assertIn(words, ready.json()["state_file"] if is_ready else ready.json()["detail"])
        self.assertTrue(eventually(self.alert), "no alert was raised")
        self.assertIn(words, self.alert()["detail"])
        self.assertTrue(eventually(lambda: words in self.server.stderr()), self.server.stderr())


class DamagedPages(StateFileTestCase):
    def fill(self):
        """Something of everything; answers what was acknowledged."""
        for number in range(5):
            self.ban(f"bad-{number}")
        self.assertEqual(self.server.set_limits({"max_connections_per_user": 2}).status, 200)
        ids = []
        for batch in range(10):
            answer = self.server.publish([{"to": {"users": ["42"]}, "title": f"{batch}.{number}", "body": "x" * 100} for number in range(20)])
            self.assertEqual(answer.status, 202)
            ids += answer.json()["ids"]
        for number in range(60):  # refusals, for the archive
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)
                connection.request("GET", "/ws/notifications/", headers={"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
                                                                          "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "User-Agent": "x" * 200})
                connection.getresponse().read()
            finally:
                connection.close()
        self.assertTrue(eventually(lambda: len(self.api("GET", "decisions?limit=1000").json()["decisions"]) >= 50))
        self.server.stop()
        return ids

    async def listed(self, user="42"):
        async with self.server.connect(make_token(user)) as channel:
            first = await receive(channel)
            return [each["id"] for each in first["notifications"]], first

    async def test_a_page_of_the_archive_of_refusals(self):
        ids = await asyncio.to_thread(self.fill)
        self.state.damage(self.state.pages("decisions")[-1:])
        self.server.start()
        self.assertFalse(await self.is_let_in("bad-3"))
        self.assertEqual(self.limit(), 2)
        self.assertEqual((await self.listed())[0], ids)
        self.assertEqual([loss["incomplete"] for loss in self.state.losses()], [["decisions"]])
        await asyncio.to_thread(self.assert_told, "decisions")
        self.assertEqual(len(self.state.files(".corrupt-")), 1)

    async def test_it_is_told_after_every_start_until_somebody_has_seen_it(self):
        await asyncio.to_thread(self.fill)
        self.state.damage(self.state.pages("decisions")[:1], b"\0" * PAGE)
        self.server.start()
        await asyncio.to_thread(self.assert_told, "decisions")
        self.server.restart("kill")
        await asyncio.to_thread(self.assert_told, "decisions")
        for name in self.state.files(".loss-"):
            os.remove(os.path.join(self.state.directory, name))
        self.assertTrue(await asyncio.to_thread(eventually, lambda: not self.alert()), "the alert stays")
        self.assertNotIn("state_file", self.server.request("GET", "/readyz").json())

    async def test_the_pages_of_the_bans_and_limits(self):
        for table in ("access_rule", "limit_revision"):
            with self.subTest(table=table):
                await asyncio.to_thread(self.fill)
                self.state.damage(self.state.pages(table), b"\0" * 512)
                self.server.start()
                self.assertFalse(await self.is_let_in("bad-0"))
                self.assertFalse(await self.is_let_in("bad-4"))
                self.assertEqual(self.limit(), 2)
                self.assertIn(table, self.state.losses()[-1]["from_copy"])
                self.assertEqual(self.state.losses()[-1]["unguarded"], [])

    async def test_bans_that_can_be_read_nowhere(self):
        await asyncio.to_thread(self.fill)
        self.state.damage(self.state.pages("access_rule"), b"\0" * 512)
        with open(self.state.path + ".guards", "r+b") as copy:
            copy.write(b"no database " * 500)
        self.server.start()
        await asyncio.to_thread(self.assert_told, "access_rule", is_ready=False)
        self.assertEqual(self.limit(), 2)  # what else there is holds
        for name in self.state.files(".loss-"):
            os.remove(os.path.join(self.state.directory, name))
        self.assertTrue(await asyncio.to_thread(eventually, lambda: self.server.request("GET", "/readyz").status == 200))

    async def test_pages_of_notifications(self):
        ids = await asyncio.to_thread(self.fill)
        pages = self.state.pages("notification")
        self.assertGreater(len(pages), 6)
        self.state.damage([pages[1], pages[len(pages) // 2], pages[-1]])
        self.server.start()
        listed, first = await self.listed()
        self.assertGreater(len(listed), len(ids) // 3)
        self.assertEqual(listed, [one for one in ids if one in set(listed)])  # in order, nothing twice
        self.assertEqual(first["unread"], len(listed))  # nothing counts that is gone
        path = f"{CHANNEL}?cursor={first['cursor']}&token={make_token('42')}"
        async with self.server.connect(path=path, query=False) as channel:
            self.assertEqual((await receive(channel))["notifications"], [])
        answer = await asyncio.to_thread(self.server.publish, {"to": {"users": ["42"]}, "title": "after"})
        self.assertEqual(answer.status, 202)
        self.assertEqual((await self.listed())[0], listed + answer.json()["ids"])
        await asyncio.to_thread(self.assert_told, "notification")

    async def test_the_first_page_of_all(self):
        await asyncio.to_thread(self.fill)
        self.state.damage([1], b"\0" * PAGE)
        self.server.start()
        self.assertFalse(await self.is_let_in("bad-1"))
        self.assertEqual(self.limit(), 2)
        await asyncio.to_thread(self.assert_told, "notification")

    async def test_an_index_costs_nothing(self):
        ids = await asyncio.to_thread(self.fill)
        self.state.damage(self.state.pages("audience_by_seq")[:1])
        self.server.start()
        self.assertEqual((await self.listed())[0], ids)
        self.assertFalse(await self.is_let_in("bad-1"))
        await asyncio.to_thread(self.assert_told, "nothing was lost")


class DeletedFiles(StateFileTestCase):
    def delete(self, suffix=""):
        os.remove(self.state.path + suffix)

    def replace(self):
        shutil.copy(self.state.path, self.state.path + ".new")
        os.replace(self.state.path + ".new", self.state.path)

    def move_directory(self):
        os.rename(self.state.directory, self.state.directory + ".away")

    async def hold(self, act, words):
        self.ban("bad")
        self.assertEqual(self.server.publish({"to": {"users": ["42"]}, "title": "before"}).status, 202)
        act()
        ready = lambda: self.server.request("GET", "/readyz")
        self.assertTrue(await asyncio.to_thread(eventually, lambda: ready().status == 503), "nobody has noticed")
        self.assertIn(words, ready().json()["detail"])
        changes = [("POST", PUBLISH, {"to": {"users": ["42"]}, "title": "lost"}), ("POST", ADMIN + "bans", {"kind": "user", "value": "other"}),
                   ("PUT", ADMIN + "switch", {"enabled": False})]
        for method, path, body in changes:
            answer = await asyncio.to_thread(self.server.request, method, path, self.server.admin_token(), body)
            self.assert_problem(answer, 503, "store_unavailable")
            self.assertIn("retry-after", answer.headers)
        self.assertTrue(await asyncio.to_thread(eventually, self.alert), "no alert was raised")
        self.assertIn(words, self.alert()["detail"])
        self.assertTrue(await asyncio.to_thread(eventually, lambda: "state_file_trouble" in self.server.stderr()))
        self.assertFalse(await self.is_let_in("bad"))
        self.assertEqual(self.api("GET", "switch").json()["enabled"], True)

    async def test_deleted(self):
        await self.hold(self.delete, "not there")
        self.server.restart("kill")
        self.assertFalse(await self.is_let_in("bad"))  # as the copy says
        await asyncio.to_thread(self.assert_told, "was gone")

    async def test_replaced(self):
        await self.hold(self.replace, "replaced")

    async def test_its_log_deleted(self):
        await self.hold(lambda: self.delete("-wal"), "-wal is not there")

    async def test_the_directory_moved_and_put_back(self):
        await self.hold(self.move_directory, "not there")
        os.rename(self.state.directory + ".away", self.state.directory)
        self.assertTrue(await asyncio.to_thread(eventually, lambda: self.server.request("GET", "/readyz").status == 200))
        self.assertEqual(self.server.publish({"to": {"users": ["42"]}, "title": "after"}).status, 202)
        self.server.restart("kill")
        async with self.server.connect() as channel:
            self.assertEqual([one["title"] for one in (await receive(channel))["notifications"]], ["before", "after"])


class FaultyDisk:
    """A disk for one server, that does what it is told."""

    def __init__(self, test):
        library = os.path.join(os.path.dirname(binary()), "faultydisk.so")
        if not os.path.exists(library):
            raise unittest.SkipTest(f"{library} is not built")
        folder = tempfile.mkdtemp(prefix="gatehouse-disk-")
        test.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        self.control = os.path.join(folder, "control")
        self.settings = {"LD_PRELOAD": library, "FAULTY_DISK": self.control, "ASAN_OPTIONS": "verify_asan_link_order=0"}

    def does(self, what):
        with open(self.control + ".new", "w", encoding="utf-8") as file:
            file.write(what)
        os.replace(self.control + ".new", self.control)

    def is_well(self):
        if os.path.exists(self.control):
            os.remove(self.control)


class HangingDisk(StateFileTestCase):
    def setUp(self):
        self.disk = FaultyDisk(self)
        self.settings = {**MANY, **self.disk.settings}
        super().setUp()
        self.addCleanup(self.disk.is_well)
        self.assertEqual(self.server.publish({"to": {"users": ["42", "known"]}, "title": "before"}).status, 202)

    def publish_keyed(self, key):
        return self.server.request("POST", PUBLISH, self.server.admin_token("publisher", "backend"), {"to": {"users": ["42"]}, "title": key},
                                   {"Idempotency-Key": key})

    async def test_who_waits_is_told_and_nothing_is_stored_twice(self):
        async with self.server.connect() as channel:
            await receive(channel)
            self.disk.does("hang")
            begun = time.monotonic()
            under_way, ban, list_of_bans, newcomer = await asyncio.gather(
                asyncio.to_thread(self.publish_keyed, "first"), asyncio.to_thread(self.api, "POST", "bans", {"kind": "user", "value": "bad"}),
                asyncio.to_thread(self.api, "GET", "bans"), self.first_message("newcomer"))
            for answer in (under_way, ban, list_of_bans):
                self.assert_problem(answer, 503, "store_unavailable")
                self.assertIn("retry-after", answer.headers)
            self.assertEqual(newcomer["type"], "notifications_list")
            self.assertEqual((newcomer["notifications"], newcomer["truncated"]), ([], True))
            self.assertEqual(self.server.request("GET", "/readyz").status, 503)
            self.assertTrue(await asyncio.to_thread(eventually, self.alert), "no alert was raised")
            self.assertIn("does not answer", self.alert()["detail"])
            self.assertTrue(await asyncio.to_thread(eventually, lambda: "does not answer" in self.server.stderr()))
            # Whoever comes now is not kept, and told that nothing is stored.
            for key in ("first", "second"):
                answer = await asyncio.to_thread(self.publish_keyed, key)
                self.assert_problem(answer, 503, "store_unavailable")
            self.assertTrue(os.path.exists(self.disk.control), f"it hung for {time.monotonic() - begun} s")

            self.disk.is_well()
            self.assertTrue(await asyncio.to_thread(eventually, lambda: self.server.request("GET", "/readyz").status == 200))
            answer = await asyncio.to_thread(self.publish_keyed, "first")
            self.assertEqual(answer.status, 202, answer)
            answer = await asyncio.to_thread(self.publish_keyed, "last")
            self.assertEqual(answer.status, 202, answer)
            got = []
            while "last" not in got:
                message = await receive(channel)
                if message["type"] == "notification":
                    got.append(message["notification"]["title"])
            self.assertEqual(got, ["first", "last"])  # one, and not the one that was said not to be stored
        self.server.restart("kill")
        self.assertEqual([one["title"] for one in (await self.first_message("42"))["notifications"]], ["before", "first", "last"])

    async def first_message(self, user):
        async with self.server.connect(make_token(user), open_timeout=60) as channel:
            return await receive(channel, 60)

    async def test_sigterm_ends_it(self):
        self.disk.does("hang")
        publish = asyncio.create_task(asyncio.to_thread(self.publish_keyed, "first"))
        self.assertTrue(await asyncio.to_thread(eventually, lambda: self.server.request("GET", "/readyz").status == 503))
        self.assertEqual((await publish).status, 503)
        self.expect_end = True
        code = await asyncio.to_thread(self.server.stop, 60)
        self.assertEqual(code, 1)
        self.assertIn("state_file_abandoned", self.server.stderr())
        self.disk.is_well()
        self.server.start()
        self.assertEqual((await self.first_message("42"))["notifications"][0]["title"], "before")


class HangingDiskOfANode(ClusterTestCase):
    """What a cluster decides holds at a node whose disk does not answer, too."""

    settings = MANY

    def add_node(self, name, **settings):
        if name == "alpha":
            self.disk = FaultyDisk(self)
            self.addCleanup(self.disk.is_well)
            settings.update(self.disk.settings)
        return super().add_node(name, **settings)

    def wait_until_ready(self, node):
        self.wait_until_it_takes_changes(node)

    async def test_a_ban_holds_there(self):
        alpha, beta = self.nodes
        self.disk.does("hang")
        for user in ("first", "second"):  # one that hangs on its way to the disk, and one behind it
            answer = await asyncio.to_thread(beta.request, "POST", ADMIN + "bans", beta.admin_token(), {"kind": "user", "value": user})
            self.assertEqual(answer.status, 201, answer)

        def is_refused(user):
            path = f"{CHANNEL}?token={make_token(user)}"
            headers = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Origin": ORIGIN,
                       "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
            return alpha.request("GET", path, headers=headers, is_described=False).status == 403
        for user in ("first", "second"):
            self.assertTrue(await asyncio.to_thread(eventually, lambda user=user: is_refused(user), 60), f"{user} is let in")
        self.assertTrue(os.path.exists(self.disk.control))
        answer = await asyncio.to_thread(alpha.publish, {"to": {"users": ["42"]}, "title": "by Redis"})
        self.assertEqual(answer.status, 202, answer)
        self.assertEqual(alpha.request("GET", "/readyz").status, 503)
        self.disk.is_well()
        self.assertTrue(await asyncio.to_thread(eventually, lambda: alpha.request("GET", "/readyz").status == 200))
        bans = lambda: {ban["value"] for ban in alpha.get(ADMIN + "bans").json()["bans"]}
        self.assertTrue(await asyncio.to_thread(eventually, lambda: bans() == {"first", "second"}))


class LongStart(GatehouseTestCase):
    """A start after a kill reads the state file through; here each page takes 20 ms."""

    def setUp(self):
        self.disk = FaultyDisk(self)
        self.folder = tempfile.mkdtemp(prefix="gatehouse-notify-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.notify.close)
        self.notify.bind(os.path.join(self.folder, "notify"))
        self.notify.settimeout(60)
        self.server = GatehouseServer({**self.disk.settings, "NOTIFY_SOCKET": os.path.join(self.folder, "notify")})
        self.addCleanup(self.server.discard)
        self.server.start()
        body = [{"to": {"users": ["42"]}, "title": "x", "body": "y" * 4000} for _ in range(100)]
        for _ in range(10):  # pages enough for half a minute
            self.assertEqual(self.server.publish(body).status, 202)
        self.server.kill()

    def start_without_waiting(self):
        with open(self.server.stderr_path, "ab") as stderr:
            self.server.process = subprocess.Popen(self.server.command("serve"), env=self.server.environment(), cwd=self.server._folder,
                                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr)
        self.addCleanup(self.server.process.stdout.close)

    def wait_for_notice(self, words):
        while True:
            message = self.notify.recv(4096).decode()
            if words in message:
                return message

    def test_it_asks_for_time_says_so_and_hears_sigterm(self):
        self.disk.does("slow")
        self.start_without_waiting()
        self.wait_for_notice("STATUS=the state file")
        self.assertIn("60000000", self.wait_for_notice("EXTEND_TIMEOUT_USEC="))
        self.assertTrue(eventually(lambda: "state_file_read" in self.server.stderr()), self.server.stderr())
        self.server.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.server.process.wait(30), 0)
        self.assertEqual(StateFile(self.server).files(".corrupt-"), [])  # what was not read to its end is not damaged
        self.disk.is_well()
        self.server.start()
        self.wait_for_notice("READY=1")
        self.assertEqual(self.server.request("GET", "/readyz").json(), {"status": "ready"})

    def test_a_damaged_one_too(self):
        state = StateFile(self.server)
        self.server.start()
        self.server.stop()
        state.damage(state.pages("decisions")[:1] or state.pages("store_probe")[:1] or [state.pages("audience")[0]])
        self.disk.does("slow")
        self.start_without_waiting()
        self.assertIn("damaged", self.wait_for_notice("STATUS=the state file is damaged"))
        self.server.process.send_signal(signal.SIGINT)
        self.assertEqual(self.server.process.wait(60), 0)
        self.assertTrue(os.path.exists(state.path))
        self.assertEqual(state.files(".loss-"), [])


if __name__ == "__main__":
    unittest.main()
