# SPDX-License-Identifier: GPL-3.0-or-later
"""Two nodes on one Redis: what is published on one reaches the clients of both, in one order, whatever happens in between."""
import asyncio
import json
import os
import unittest

import redis

from cluster import ClusterTestCase
from gatehouse_server import eventually, make_token, receive, receive_type
from redis_server import FaultProxy

PARTITION_SECONDS = float(os.environ.get("GATEHOUSE_PARTITION", "0"))  # how long a node is cut off at least
SETTINGS = {"MAX_CONNECTIONS_PER_IP": "1000", "MAX_RECONNECT_ATTEMPTS": "100000", "MAX_MESSAGES_PER_MINUTE": "100000", "WORKERS": "2"}
STREAMS = 16


class Nodes(ClusterTestCase):
    """Two nodes; the second has its Redis behind a proxy."""

    settings = SETTINGS
    node_names = ("a", "b")
    is_durable = False

    def start_redis(self):
        super().start_redis()
        self.proxy = FaultProxy(self.redis.port)
        self.addCleanup(self.proxy.close)

    def redis_url(self, name):
        return self.proxy.url() if name == "b" else self.redis.url()

    def wait_until_ready(self, node):
        """Until it has also subscribed to what is not stored, and waits for what comes in the streams."""
        self.wait_until_it_publishes(node)

        def listens():
            links = {each["name"]: each for each in self.keys.client_list()}
            subscriber, stream = (links.get(f"gatehouse:{node.name}:{purpose}", {}) for purpose in ("subscriber", "stream"))
            return int(subscriber.get("sub", 0)) > 0 and stream.get("cmd") == "xread"
        self.assertTrue(eventually(listens), self.keys.client_list())

    @staticmethod
    def say(node, *titles, to=None, **more):
        return node.publish([{"to": to or {"users": ["42"]}, "title": title, **more} for title in titles])

    def published(self, node, *titles, **more):
        answer = self.say(node, *titles, **more)
        self.assertEqual(answer.status, 202, answer)
        return answer.json()

    async def come(self, node, user="42", **claims):
        socket = await node.connect(make_token(user, **claims))
        self.addAsyncCleanup(socket.close)
        socket.first = await receive(socket)
        self.assertEqual(socket.first["type"], "notifications_list")
        return socket

    async def titles(self, socket, count, timeout=30):
        """The titles of the next notifications, alone or in lists, until there are so many."""
        seen = []
        while len(seen) < count:
            message = await receive(socket, timeout)
            if message["type"] == "notification":
                seen.append(message["notification"]["title"])
            elif message["type"] == "notifications_list":
                seen += [each["title"] for each in message["notifications"]]
        return seen

    async def quiet(self, socket):
        """Nothing more has come: what answers a ping comes next."""
        await socket.send('{"type":"ping"}')
        self.assertEqual((await receive(socket))["type"], "pong")


class Delivery(Nodes):
    def assert_own_reached(self, reached):
        """Each node says that it reached its own one client, or none if that took longer than a publish waits for it (a quarter of a second)."""
        for counts in reached:
            self.assertLessEqual(counts, {0, 1})
            self.assertIn(1, counts)

    async def test_both_nodes_deliver_what_one_was_given(self):
        sockets = [await self.come(node, groups=["staff"]) for node in self.nodes]
        expected, reached = [], [set(), set()]
        for number in range(60):
            to = ({"users": ["42"]}, {"groups": ["staff"]}, "all")[number % 3]
            answer = await asyncio.to_thread(self.published, self.nodes[number % 2], str(number), to=to)
            reached[number % 2].add(answer["reached"])
            expected.append(str(number))
        self.assert_own_reached(reached)
        await asyncio.to_thread(self.published, self.nodes[0], *map(str, range(60, 160)))
        expected += map(str, range(60, 160))
        for socket in sockets:
            self.assertEqual(await self.titles(socket, 160), expected)
            await self.quiet(socket)

    async def test_ephemeral_ones_reach_the_other_node_once(self):
        sockets = [await self.come(node) for node in self.nodes]
        reached = [set(), set()]
        for number in range(20):
            answer = await asyncio.to_thread(self.published, self.nodes[number % 2], str(number), ephemeral=True)
            reached[number % 2].add(answer["reached"])
            for socket in sockets:
                message = await receive_type(socket, "notification")
                self.assertEqual(message["notification"]["title"], str(number))
                self.assertNotIn("cursor", message)
        self.assert_own_reached(reached)
        for socket in sockets:
            await self.quiet(socket)

    async def test_what_is_read_on_one_is_told_on_the_other(self):
        sockets = [await self.come(node) for node in self.nodes]
        ids = (await asyncio.to_thread(self.published, self.nodes[0], "a", "b"))["ids"]
        for socket in sockets:
            await self.titles(socket, 2)
        await sockets[0].send(json.dumps({"type": "mark_read", "ids": ids[:1]}))
        read = await receive_type(sockets[1], "read")
        self.assertEqual((read["ids"], read["unread"]), (ids[:1], 1))
        await sockets[1].send(json.dumps({"type": "mark_all_read"}))
        read = await receive_type(sockets[0], "read")
        self.assertEqual((read["ids"], read["unread"]), (ids[1:], 0))

    async def test_order_per_user_with_publishers_on_both(self):
        users = ["1", "2", "3", "4"]
        each = 100
        sockets = {(user, index): await self.come(node, user) for user in users for index, node in enumerate(self.nodes)}
        collected = {key: asyncio.create_task(self.collect(socket, 2 * each)) for key, socket in sockets.items()}

        def publish(index):
            for number in range(each):
                for user in users:
                    self.published(self.nodes[index], f"{index}-{number}", to={"users": [user]})

        await asyncio.gather(*(asyncio.to_thread(publish, index) for index in (0, 1)))
        for user in users:
            first, second = [await collected[user, index] for index in (0, 1)]
            self.assertEqual(first, second)  # titles and cursors: one order on both nodes
            for index in "01":
                own = [title for title, _ in first if title.startswith(index + "-")]
                self.assertEqual(own, [f"{index}-{number}" for number in range(each)])
            self.assertEqual(len({cursor for _, cursor in first}), 2 * each)

    @staticmethod
    async def collect(socket, count):
        seen = []
        while len(seen) < count:
            message = await receive_type(socket, "notification", 60)
            seen.append((message["notification"]["title"], message["cursor"]))
        return seen


class Partition(Nodes):
    """FAULTS: a node that was cut off from Redis catches up, without loss and without a duplicate."""

    async def test_cut_off_for_a_while(self):
        for cut, mend in ((self.proxy.hold, self.proxy.release), (self.proxy.refuse, self.proxy.accept)):
            with self.subTest(cut.__name__):
                for node in self.nodes:  # who comes while a node has no store yet gets all that is unread later
                    await asyncio.to_thread(self.wait_until_it_publishes, node)
                sockets = [await self.come(node) for node in self.nodes]
                await asyncio.to_thread(self.published, self.nodes[0], "before")
                for socket in sockets:
                    self.assertEqual(await self.titles(socket, 1), ["before"])
                cut()
                names = [f"{cut.__name__}-{number}" for number in range(300)]
                for name in names[:50]:
                    await asyncio.to_thread(self.published, self.nodes[0], name)
                    await asyncio.sleep(PARTITION_SECONDS / 50)
                await asyncio.to_thread(self.published, self.nodes[0], *names[50:])
                self.assertEqual(await self.titles(sockets[0], 300), names)
                mend()
                self.assertEqual(await self.titles(sockets[1], 300, 60), names)
                await asyncio.to_thread(self.published, self.nodes[0], "after")
                for socket in sockets:
                    self.assertEqual(await self.titles(socket, 1, 60), ["after"])
                    await self.quiet(socket)
                    await socket.close()

    async def test_the_streams_were_trimmed_meanwhile(self):
        sockets = [await self.come(node, str(user)) for user in range(10) for node in self.nodes]
        self.proxy.refuse()
        names = [str(number) for number in range(200)]
        await asyncio.to_thread(self.published, self.nodes[0], *names, to="all")
        for socket in sockets[::2]:  # the first node's, which has read all of it then: that it is stored does not say so
            self.assertEqual(await self.titles(socket, 200), names)
        for shard in range(STREAMS):
            self.keys.xtrim(f"gatehouse:stream:{shard}", maxlen=5, approximate=False)
        self.proxy.accept()
        await asyncio.to_thread(self.published, self.nodes[0], "later", to="all")
        for index, socket in enumerate(sockets):
            expected = [*names, "later"] if index % 2 else ["later"]
            self.assertEqual(await self.titles(socket, len(expected), 60), expected)
            await self.quiet(socket)
        self.assertTrue(eventually(lambda: "streams_trimmed" in self.nodes[1].stderr()))
        self.assertNotIn("streams_trimmed", self.nodes[0].stderr())
        await asyncio.to_thread(self.published, self.nodes[0], "live again", to="all")
        for socket in sockets:
            self.assertEqual(await self.titles(socket, 1), ["live again"])


class Hostile(Nodes):
    """What somebody else writes into Redis is refused by its shape and size, and costs the real ones nothing."""

    def poison_streams(self):
        last = int(self.keys.get("gatehouse:seq"))
        good = {"n": json.dumps({"id": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "title": "forged", "body": "", "level": "info", "data": None,
                                 "created_at": "2025-11-10T12:00:00.000Z", "read": False}), "t": '{"users":["42"]}', "r": "1"}
        entries = [{"s": "x"}, {"nothing": "at all"}, {**good, "s": "-1"}, {**good, "s": str(last + 1000)}, {**good, "s": str(2**63)},
                   {**good, "s": str(last), "n": "[]"}, {**good, "s": str(last), "t": "all"}, {**good, "s": str(last), "r": "run"},
                   {**good, "s": str(last), "n": "[" * 100000}, {**good, "s": str(last), "n": "x" * 1_500_000}]
        for number, entry in enumerate(entries):
            self.keys.xadd(f"gatehouse:stream:{number % STREAMS}", entry)
        return len(entries)

    async def test_streams(self):
        sockets = [await self.come(node) for node in self.nodes]
        for number in range(5):
            await asyncio.to_thread(self.poison_streams)
            await asyncio.to_thread(self.published, self.nodes[number % 2], str(number))
        for socket in sockets:
            self.assertEqual(await self.titles(socket, 5), list("01234"))
            await self.quiet(socket)
        for node in self.nodes:
            self.assertTrue(eventually(lambda node=node: "stream_entries_refused" in node.stderr()))
            self.assertLess(node.stderr().count("stream_entries_refused"), 10)
            self.assertNotIn("forged", node.stderr())

    async def test_an_entry_larger_than_any_answer(self):
        socket = await self.come(self.nodes[0])
        patient = redis.Redis("127.0.0.1", self.redis.port, socket_timeout=120)
        self.addCleanup(patient.close)
        await asyncio.to_thread(patient.xadd, "gatehouse:stream:3", {"s": "1", "n": "x" * 66_000_000})
        # Redis itself is busy with it for a while.
        self.assertTrue(await asyncio.to_thread(eventually, lambda: self.say(self.nodes[0], "real").status == 202, 90))
        self.assertEqual(await self.titles(socket, 1, 90), ["real"])

    async def test_a_key_that_is_no_stream(self):
        sockets = [await self.come(node) for node in self.nodes]
        free = next(shard for shard in range(STREAMS) if not self.keys.exists(f"gatehouse:stream:{shard}"))
        self.keys.set(f"gatehouse:stream:{free}", "no stream")
        await asyncio.to_thread(self.published, self.nodes[0], "real")
        for socket in sockets:
            self.assertEqual(await self.titles(socket, 1, 30), ["real"])

    async def test_messages(self):
        socket = await self.come(self.nodes[0])
        for topic in ("gatehouse:ephemeral", "gatehouse:signal"):
            for payload in ("", "x", "[]", "{}", '{"type":"read"}', '{"type":"read","from":"x","user":"42","ids":"all","unread":-1}',
                            '{"from":"x","to":{"users":["42"]},"notification":{"title":"forged"}}', "[" * 100000, "x" * 3_000_000,
                            b"\xff\xfe\x00"):
                self.keys.publish(topic, payload)
        await asyncio.to_thread(self.published, self.nodes[1], "real", ephemeral=True)
        self.assertEqual(await self.titles(socket, 1), ["real"])
        await self.quiet(socket)


class Ingest(Nodes):
    """What backends append to gatehouse:publish."""

    def append(self, **fields):
        return self.keys.xadd("gatehouse:publish", fields)

    async def test_one_xadd_publishes(self):
        sockets = [await self.come(node, groups=["staff"]) for node in self.nodes]
        self.append(to='{"users":["42"]}', title="fields", body="ภาษาไทย", level="success", data='{"order":7}', ttl="60")
        self.append(json=json.dumps([{"to": {"groups": ["staff"]}, "title": "list"}, {"to": "all", "title": "all"}]))
        for socket in sockets:
            self.assertEqual(sorted(await self.titles(socket, 3)), ["all", "fields", "list"])
        self.append(to="all", title="ephemeral", ephemeral="true")
        for socket in sockets:
            message = await receive_type(socket, "notification")
            self.assertEqual(message["notification"]["title"], "ephemeral")
            self.assertNotIn("cursor", message)
            await self.quiet(socket)
        later = await self.come(self.nodes[0], groups=["staff"])
        self.assertEqual(later.first["unread"], 3)
        self.assertTrue(eventually(lambda: self.keys.xlen("gatehouse:publish") == 0))
        self.assertEqual(self.keys.xpending("gatehouse:publish", "gatehouse")["pending"], 0)

    async def test_what_cannot_be_published_is_set_aside(self):
        socket = await self.come(self.nodes[0])
        bad = {self.append(title="for nobody"): "to", self.append(to="all", title="x", level="loud"): "level",
               self.append(json="secret words"): "", self.append(to="all", title="x", body="x" * 2_000_000): ""}
        self.append(to="all", title="good")
        self.assertEqual(await self.titles(socket, 1), ["good"])
        self.assertTrue(eventually(lambda: self.keys.xlen("gatehouse:publish:refused") == len(bad), 10))
        for _, entry in self.keys.xrange("gatehouse:publish:refused"):
            self.assertEqual(entry["field"], bad[entry["entry"]])
            self.assertTrue(entry["reason"])
        self.assertTrue(eventually(lambda: self.keys.xlen("gatehouse:publish") == 0))
        for node in self.nodes:
            self.assertNotIn("secret words", node.stderr())

    async def test_once_whatever_happens_to_the_nodes(self):
        socket = await self.come(self.nodes[0])
        total = 400

        def append():
            for number in range(total):
                self.append(to='{"users":["42"]}', title=str(number))
                if number == 100:
                    self.nodes[1].kill()
                if number == 200:
                    self.start(self.nodes[1])
                if number == 300:
                    self.proxy.drop()

        appending = asyncio.create_task(asyncio.to_thread(append))
        seen = await self.titles(socket, total, 60)
        await appending
        self.assertEqual(sorted(seen, key=int), [str(number) for number in range(total)])
        await self.quiet(socket)
        self.assertTrue(eventually(lambda: self.keys.xlen("gatehouse:publish") == 0))

    async def test_what_waited_before_any_node_was_there(self):
        for node in self.nodes:
            self.end_node(node)
        self.keys.flushall()
        self.append(to='{"users":["42"]}', title="early")
        node = self.start(self.add_node("c"))
        self.assertTrue(eventually(lambda: self.keys.xlen("gatehouse:publish") == 0, 10))
        socket = await self.come(node)
        titles = [each["title"] for each in socket.first["notifications"]]
        self.assertEqual(titles, ["early"])


if __name__ == "__main__":
    unittest.main()
