# SPDX-License-Identifier: GPL-3.0-or-later
"""A server alone that publishes what backends append to a stream in Redis (INGEST_REDIS_URL): stored once, whatever happens to either."""
import asyncio
import json
import re
import unittest

from gatehouse_server import GatehouseServer, GatehouseTestCase, eventually, make_token, receive_type
from redis_server import FaultProxy, RedisServer

STREAM, REFUSED, GROUP = "gatehouse:publish", "gatehouse:publish:refused", "gatehouse"
PASSWORD = "the-password-of-redis"
MANY = 300


class IngestTestCase(GatehouseTestCase):
    def setUp(self):
        self.redis = RedisServer(durable=True, password=PASSWORD)
        self.addCleanup(self.redis.discard)
        self.redis.start()
        self.keys = self.redis.client()
        self.proxy = FaultProxy(self.redis.port)
        self.addCleanup(self.proxy.close)
        self.server = GatehouseServer({"INGEST_REDIS_URL": self.proxy.url(password=PASSWORD), "MAX_CONNECTIONS_PER_IP": 100,
                                       "MAX_RECONNECT_ATTEMPTS": 1000})
        self.addCleanup(self.server.discard)

    def append(self, **fields):
        return self.keys.xadd(STREAM, fields)

    def is_done(self):
        """Nothing is left of what was appended, also not handed out."""
        return self.keys.xlen(STREAM) == 0 and self.keys.xpending(STREAM, GROUP)["pending"] == 0

    async def come(self, user="42", groups=()):
        socket = await self.server.connect(make_token(user, groups=list(groups)))
        self.addAsyncCleanup(socket.close)
        socket.first = await receive_type(socket, "notifications_list")
        return socket

    async def titles(self, socket, count):
        return [(await receive_type(socket, "notification"))["notification"]["title"] for _ in range(count)]

    async def unread(self, user="42"):
        """The titles of everything that the user has not read, in their order."""
        return [each["title"] for each in (await self.come(user)).first["notifications"]]

    def metric(self, name):
        text = self.server.get("/metrics").body.decode()
        found = re.search(rf"^gatehouse_{re.escape(name)} (\S+)$", text, re.MULTILINE)
        return int(float(found.group(1)))

    async def wait_done(self):
        self.assertTrue(await asyncio.to_thread(eventually, self.is_done, 40), self.keys.xrange(STREAM))


class Ingest(IngestTestCase):
    async def test_one_xadd_publishes(self):
        self.server.start()
        socket = await self.come(groups=["staff"])
        self.append(to='{"users":["42"]}', title="fields", body="ภาษาไทย", level="success", data='{"order":7}', ttl="60")
        self.append(json=json.dumps([{"to": {"groups": ["staff"]}, "title": "list"}, {"to": "all", "title": "all"},
                                     {"to": "all", "title": "gone soon", "ephemeral": True}]))
        self.assertEqual(sorted(await self.titles(socket, 4)), ["all", "fields", "gone soon", "list"])
        self.append(to="all", title="ephemeral", ephemeral="true")
        self.assertEqual(await self.titles(socket, 1), ["ephemeral"])
        later = await self.come(groups=["staff"])
        self.assertEqual(later.first["unread"], 3)
        await self.wait_done()
        self.assertEqual((self.metric('ingested_total{outcome="ok"}'), self.metric("ingest_redis_up")), (3, 1))

    async def test_what_waited_before_the_server_was_there(self):
        for number in range(40):  # more than it takes at once
            self.append(to='{"users":["42"]}', title=str(number))
        self.server.start()
        await self.wait_done()
        self.assertEqual(sorted(await self.unread(), key=int), [str(number) for number in range(40)])

    async def test_what_cannot_be_published_is_set_aside_and_named(self):
        self.server.start()
        bad = {self.append(title="for nobody"): "to", self.append(to="all", title="x", level="loud"): "level",
               self.append(json="secret words"): "", self.append(to="all", title="x", colour="red"): "colour",
               self.append(to="all", title="x", body="x" * 2_000_000): ""}
        self.append(to='{"users":["42"]}', title="good")
        self.assertTrue(await asyncio.to_thread(eventually, lambda: self.keys.xlen(REFUSED) == len(bad)))
        for _, entry in self.keys.xrange(REFUSED):
            self.assertEqual(entry["field"], bad[entry["entry"]])
            self.assertTrue(entry["reason"])
        await self.wait_done()
        self.assertEqual(await self.unread(), ["good"])
        self.assertEqual(self.metric('ingested_total{outcome="refused"}'), len(bad))
        self.assertIn("publish_refused", self.server.stderr())
        self.assertNotIn("secret words", self.server.stderr())

    async def test_once_whatever_happens(self):
        self.server.start()

        def append():
            for number in range(MANY):
                self.append(to='{"users":["42"]}', title=str(number))
                if number in (60, 140):
                    self.server.kill()
                    self.server.start()
                if number == 220:
                    self.proxy.drop()

        await asyncio.to_thread(append)
        await self.wait_done()  # what was under way is handed out anew after ten seconds
        self.assertEqual(sorted(await self.unread(), key=int), [str(number) for number in range(MANY)])

    async def test_what_cannot_be_taken_out_is_not_published_again(self):
        self.server.start()
        for right in ("-xdel", "+xdel"):
            self.keys.execute_command("ACL", "SETUSER", "default", right)
            self.append(to='{"users":["42"]}', title=right)
            self.assertEqual((await asyncio.to_thread(self.wait_unread, right)), [right])
        await self.wait_done()
        self.assertEqual(await self.unread(), ["-xdel", "+xdel"])
        self.assertEqual(self.metric('ingested_total{outcome="ok"}'), 2)

    def wait_unread(self, title):
        """Until it is stored: how often it is there."""
        def found():
            return [each for each in asyncio.run(self.list_once()) if each == title]
        return eventually(found)

    async def list_once(self):
        async with self.server.connect(make_token("42")) as socket:
            return [each["title"] for each in (await receive_type(socket, "notifications_list"))["notifications"]]

    async def test_the_same_again_is_another_one(self):
        """Two entries that hold the same are two, also where a Redis that was emptied gives an id once more."""
        self.server.start()
        for _ in range(2):
            self.keys.execute_command("XADD", STREAM, "1-1", "to", '{"users":["42"]}', "title", "first")
            await self.wait_done()
            self.keys.delete(STREAM)
            self.assertTrue(await asyncio.to_thread(eventually, lambda: self.keys.exists(STREAM)))  # the group is made anew
        self.keys.execute_command("XADD", STREAM, "1-1", "to", '{"users":["42"]}', "title", "other")
        await self.wait_done()
        self.append(to='{"users":["42"]}', title="same")
        self.append(to='{"users":["42"]}', title="same")
        await self.wait_done()
        # The first one came twice with one id and one content: it is the same.
        self.assertEqual(await self.unread(), ["first", "other", "same", "same"])


class Away(IngestTestCase):
    async def test_redis_that_is_away_keeps_nobody_out_and_is_told_of(self):
        self.proxy.refuse()
        self.server.start()  # it does not wait for it
        self.assertEqual(self.server.get("/readyz").status, 200)
        self.assertEqual(self.metric("ingest_redis_up"), 0)
        self.assertTrue(await asyncio.to_thread(eventually, lambda: "redis_down" in self.server.stderr()))
        self.assertEqual(self.server.publish({"to": {"users": ["42"]}, "title": "by HTTP"}).status, 202)
        self.append(to='{"users":["42"]}', title="by Redis")
        self.proxy.accept()
        await self.wait_done()
        self.assertEqual(await self.unread(), ["by HTTP", "by Redis"])
        self.assertNotIn(PASSWORD, self.server.stderr())

    async def test_it_goes_on_after_redis_was_restarted(self):
        self.server.start()
        self.append(to='{"users":["42"]}', title="before")
        await self.wait_done()
        self.redis.kill()
        self.assertTrue(await asyncio.to_thread(eventually, lambda: self.metric("ingest_redis_up") == 0))
        self.redis.start()
        self.append(to='{"users":["42"]}', title="after")
        await self.wait_done()
        self.assertEqual(await self.unread(), ["before", "after"])


class Settings(IngestTestCase):
    def refusal(self, **settings):
        server = GatehouseServer(settings)
        self.addCleanup(server.discard)
        done = server.run("serve")
        self.assertEqual(done.returncode, 2, done.stderr)
        return done.stderr

    def test_mistakes_are_named(self):
        both = self.refusal(INGEST_REDIS_URL=self.redis.url(), REDIS_URL=self.redis.url())
        self.assertIn("INGEST_REDIS_URL: REDIS_URL is set too", both)
        self.assertIn("INGEST_REDIS_URL: must begin with redis://", self.refusal(INGEST_REDIS_URL="http://localhost"))
        for said in (both, self.server.run("config").stdout):
            self.assertNotIn(PASSWORD, said)

    def test_check_looks_at_it(self):
        good = self.server.run("check")
        self.assertIn("✅ Redis: Working", good.stdout)
        self.redis.stop()
        bad = self.server.run("check")
        self.assertIn("❌ Redis: Not working", bad.stdout)
        self.assertEqual(bad.returncode, 1)


if __name__ == "__main__":
    unittest.main()
