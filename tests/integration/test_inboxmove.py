# SPDX-License-Identifier: GPL-3.0-or-later
"""The inboxes of a server that was alone come along when it becomes a node of a cluster, and come back when it is alone again: everything,
once, whatever kills it meanwhile."""
import asyncio
import json
import os
import random
import time
import unittest

from gatehouse_server import GatehouseServer, GatehouseTestCase, eventually, make_token, receive_type
from redis_server import FaultProxy, RedisServer

MANY = 600
KILLS = 4


class MoveTestCase(GatehouseTestCase):
    def setUp(self):
        self.redis = RedisServer(durable=False)
        self.addCleanup(self.redis.discard)
        self.redis.start()
        self.keys = self.redis.client()
        self.proxy = FaultProxy(self.redis.port)
        self.addCleanup(self.proxy.close)
        self.server = self.add_server()
        self.server.start()

    def add_server(self, **settings):
        server = GatehouseServer({"MAX_CONNECTIONS_PER_IP": 1000, "MAX_RECONNECT_ATTEMPTS": 10000, "MAX_CONNECTIONS_PER_USER": 1000, **settings})
        self.addCleanup(server.discard)
        return server

    def publish(self, to, title, **more):
        self.assertEqual(self.server.publish({"to": to, "title": title, **more}).status, 202)

    async def list_of(self, user, server=None, groups=()):
        """Everything that is unread, as a list says it."""
        async with (server or self.server).connect(make_token(user, groups=list(groups))) as socket:
            return (await receive_type(socket, "notifications_list"))["notifications"]

    async def titles_of(self, user, server=None, groups=()):
        return [each["title"] for each in await self.list_of(user, server, groups)]

    async def mark_read(self, user, titles, groups=()):
        async with self.server.connect(make_token(user, groups=list(groups))) as socket:
            listed = (await receive_type(socket, "notifications_list"))["notifications"]
            await socket.send(json.dumps({"type": "mark_read", "ids": [each["id"] for each in listed if each["title"] in titles],
                                          "id": 1}))
            await receive_type(socket, "ack")

    def move(self, how="stop"):
        """Restarts it as a node."""
        self.server.settings["REDIS_URL"] = self.proxy.url()
        self.server.restart(how)

    async def wait_moved(self):
        self.assertTrue(await asyncio.to_thread(eventually, self.is_moved, 60), self.server.stderr()[-2000:])

    def reached(self):
        """How far Redis says that it has come."""
        return max((int(value) for name, value in self.keys.hgetall("gatehouse:moved").items() if not name.endswith(":complete")), default=0)

    async def wait_further(self, than):
        self.assertTrue(await asyncio.to_thread(eventually, lambda: self.reached() > than, 60, 0.005), self.server.stderr()[-2000:])
        return self.reached()

    def is_moved(self):
        """Whether Redis says that all is there, those who are known included."""
        moved = self.keys.hgetall("gatehouse:moved")
        return any(name.endswith(":complete") and value not in ("-1",) and value == moved[name.removesuffix(":complete")]
                   for name, value in moved.items()) and "inboxes_brought" in self.server.stderr()


class Move(MoveTestCase):
    async def fill(self):
        """Several users, groups, all; some have read; one is known from half of it on."""
        await self.list_of("ann", groups=["staff"])
        await self.list_of("bob")
        self.publish({"users": ["ann", "bob"]}, "both", data={"order": 7}, body="ภาษาไทย", level="success")
        self.publish({"groups": ["staff"]}, "staff")
        self.publish("all", "early")
        await self.list_of("cy")
        self.publish("all", "late", ttl=3600)
        self.publish({"users": ["nobody-yet"]}, "for later")
        self.publish({"users": ["ann"]}, "short", ttl=1)
        await self.mark_read("ann", ["early"], groups=["staff"])
        await self.mark_read("bob", ["both", "late"])
        await asyncio.sleep(1.1)  # its ttl

    EXPECTED = {"ann": ["both", "staff", "late"], "bob": ["early"], "cy": ["late"], "nobody-yet": ["for later"], "new": []}

    async def check(self, server=None):
        for user, titles in self.EXPECTED.items():
            self.assertEqual(await self.titles_of(user, server, ["staff"] if user == "ann" else []), titles, user)

    async def test_what_everybody_has_comes_along(self):
        await self.fill()
        before = await self.list_of("ann", groups=["staff"])
        self.move()
        await self.wait_moved()
        self.assertEqual(await self.list_of("ann", groups=["staff"]), before)  # with ids, times and contents
        await self.check()
        other = self.add_server(REDIS_URL=self.redis.url(), NODE_NAME="other")
        other.start()
        await self.check(other)

    async def test_it_comes_once(self):
        await self.fill()
        self.move()
        await self.wait_moved()
        self.publish({"users": ["bob"]}, "in the cluster")
        await self.mark_read("ann", ["both"], groups=["staff"])
        said = self.server.stderr().count("inboxes_brought")
        for how in ("stop", "kill"):
            self.server.restart(how)
            self.assertEqual(await self.titles_of("ann", groups=["staff"]), ["staff", "late"])
            self.assertEqual(await self.titles_of("bob"), ["early", "in the cluster"])
        self.assertEqual(self.server.stderr().count("inboxes_brought"), said)

    async def test_what_comes_after_a_time_alone_comes_too(self):
        await self.fill()
        self.move()
        await self.wait_moved()
        del self.server.settings["REDIS_URL"]
        self.server.restart()
        self.publish({"users": ["bob"]}, "alone again")
        self.move()
        self.assertTrue(await asyncio.to_thread(eventually, lambda: self.server.stderr().count("inboxes_brought") == 2))
        self.assertEqual(await self.titles_of("bob"), ["early", "alone again"])

    async def test_an_empty_redis_gets_everything(self):
        await self.fill()
        self.move()
        await self.wait_moved()
        self.server.kill()
        self.keys.flushall()
        self.server.start()
        self.assertTrue(await asyncio.to_thread(eventually, lambda: self.server.stderr().count("inboxes_brought") == 2))
        await self.check()

    async def test_who_is_there_already_gets_it_once(self):
        for number in range(100):
            self.publish({"users": ["ann"]}, str(number))
        self.proxy.delay = 0.05
        self.move()
        async with self.server.connect(make_token("ann")) as socket:  # before or while it comes
            titles = []
            while len(titles) < 100:
                message = await receive_type(socket, "notifications_list")
                titles += [each["title"] for each in message["notifications"]]
            self.assertEqual(titles, [str(number) for number in range(100)])
            await self.wait_moved()
            await socket.send(json.dumps({"type": "ping", "id": 1}))
            self.assertEqual(json.loads(await socket.recv())["type"], "pong", "no list comes after all of it")

    async def test_a_killed_node_goes_on_where_it_was(self):
        seed = random.randrange(1 << 30)
        print(f"\nseed {seed}", flush=True)
        chance = random.Random(seed)
        await self.list_of("ann", groups=["staff"])
        body = [{"to": chance.choice([{"users": ["ann"]}, {"users": ["ann", "bob"]}, {"groups": ["staff"]}, "all"]), "title": str(number)}
                for number in range(MANY)]
        self.assertEqual(self.server.publish(body).status, 202)
        await self.mark_read("ann", [str(number) for number in range(0, MANY, 3)], ["staff"])
        expected = [str(number) for number in range(MANY) if number % 3]
        self.assertEqual(await self.titles_of("ann", groups=["staff"]), expected)
        self.proxy.delay = 0.01
        self.move("kill")
        reached = 0
        for _ in range(KILLS):
            reached = await self.wait_further(reached)
            self.server.kill()
            self.server.start()
        self.assertLess(reached, MANY, "each was killed in the midst of it")
        await self.wait_moved()
        self.assertEqual(await self.titles_of("ann", groups=["staff"]), expected)

    async def test_redis_that_goes_away_meanwhile_is_waited_for(self):
        await self.fill()
        for number in range(MANY):
            self.publish({"users": ["dan"]}, str(number))
        self.proxy.delay = 0.01
        self.move()
        reached = await self.wait_further(0)
        self.proxy.refuse()
        self.proxy.drop()
        self.assertLess(reached, MANY)
        self.assertTrue(await asyncio.to_thread(eventually, lambda: "redis_down" in self.server.stderr()))
        self.proxy.accept()
        await self.wait_moved()
        await self.check()
        self.assertEqual(await self.titles_of("dan"), [str(number) for number in range(MANY)])


class Return(MoveTestCase):
    def be_alone(self, how="stop"):
        self.server.settings.pop("REDIS_URL", None)
        self.server.restart(how)

    async def wait_returned(self, times=1):
        self.assertTrue(await asyncio.to_thread(eventually, lambda: self.server.stderr().count("inboxes_returned") == times, 60),
                        self.server.stderr()[-2000:])

    def remembered(self):
        return os.path.exists(os.path.join(self.server.state_dir, "cluster_redis"))

    async def fill_both(self):
        """Alone first, then in the cluster."""
        await self.list_of("ann")
        await self.list_of("bob")
        self.publish({"users": ["ann", "bob"]}, "alone")
        self.publish("all", "read in the cluster")
        self.move()
        await self.wait_moved()
        await self.mark_read("ann", ["read in the cluster"])
        self.publish({"users": ["ann"]}, "in the cluster", data={"order": 7})
        self.publish("all", "to all")
        await self.list_of("cy")  # new there
        self.publish("all", "since cy")
        self.publish({"users": ["ann"]}, "read there")
        await self.mark_read("ann", ["read there"])
        self.publish({"users": ["ann"]}, "short", ttl=1)
        await asyncio.sleep(1.1)

    EXPECTED = {"ann": ["alone", "in the cluster", "to all", "since cy"], "bob": ["alone", "read in the cluster", "to all", "since cy"],
                "cy": ["since cy"], "new": []}

    async def check(self, more=()):
        for user, titles in self.EXPECTED.items():
            self.assertEqual(await self.titles_of(user), titles + list(more if user == "ann" else ()), user)

    async def test_what_came_in_the_cluster_comes_back(self):
        await self.fill_both()
        before = await self.list_of("ann")
        self.assertTrue(self.remembered())
        self.assertEqual(os.stat(os.path.join(self.server.state_dir, "cluster_redis")).st_mode & 0o777, 0o600)
        self.be_alone()
        await self.wait_returned()
        self.assertEqual(await self.list_of("ann"), before)
        await self.check()
        self.assertFalse(self.remembered())
        self.redis.kill()  # it is not asked any more
        self.publish({"users": ["ann"]}, "alone again")
        self.server.restart("kill")
        await self.check(["alone again"])
        self.assertEqual(self.server.stderr().count("inboxes_returned"), 1)

    async def test_to_and_fro_nothing_comes_twice(self):
        await self.fill_both()
        for times in (1, 2):
            self.be_alone()
            await self.wait_returned(times)
            await self.check()
            self.move()
            self.assertTrue(await asyncio.to_thread(eventually, self.remembered))
            await self.check()

    async def test_a_redis_that_is_away_is_waited_for(self):
        await self.fill_both()
        self.proxy.refuse()
        self.be_alone()
        self.publish({"users": ["ann"]}, "meanwhile")  # it serves
        self.assertEqual(await self.titles_of("bob"), ["alone", "read in the cluster"])
        self.assertTrue(self.remembered())
        async with self.server.connect(make_token("bob")) as socket:
            await receive_type(socket, "notifications_list")
            self.proxy.accept()
            more = await receive_type(socket, "notifications_list")  # who is there gets what comes
            self.assertEqual([each["title"] for each in more["notifications"]][-2:], ["to all", "since cy"])
        await self.wait_returned()
        self.assertEqual(sorted(await self.titles_of("ann")), sorted(self.EXPECTED["ann"] + ["meanwhile"]))

    async def test_a_killed_server_begins_anew(self):
        self.move()
        await self.list_of("ann")
        self.assertTrue(await asyncio.to_thread(eventually, self.remembered))
        body = [{"to": "all" if number % 5 == 0 else {"users": ["ann"]}, "title": str(number)} for number in range(MANY)]
        self.assertEqual(self.server.publish(body).status, 202)
        await self.mark_read("ann", [str(number) for number in range(0, MANY, 3)])
        expected = [str(number) for number in range(MANY) if number % 3]
        self.assertEqual(await self.titles_of("ann"), expected)
        self.proxy.delay = 0.1
        chance = random.Random(MANY)
        self.server.settings.pop("REDIS_URL")
        for _ in range(KILLS):
            self.server.kill()
            ups = self.server.stderr().count("redis_up")
            self.server.start()
            self.assertTrue(await asyncio.to_thread(eventually, lambda ups=ups: self.server.stderr().count("redis_up") > ups, 60, 0.01))
            time.sleep(chance.random() / 4)
            self.assertTrue(self.remembered(), "each was killed in the midst of it")
        self.server.restart("kill")
        self.proxy.delay = 0
        await self.wait_returned()
        self.assertEqual(await self.titles_of("ann"), expected)


if __name__ == "__main__":
    unittest.main()
