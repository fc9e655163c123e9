# SPDX-License-Identifier: GPL-3.0-or-later
"""The Redis of two nodes dies, and Sentinel makes its replica the master: the nodes follow by themselves, and nobody notices much."""
import asyncio
import json
import os
import time
import unittest

from cluster import ClusterTestCase, LimitsTestCase, attempts_of
from gatehouse_server import ADMIN, PUBLISH, eventually, make_token, receive
from rawconnection import RawConnection
from redis_server import RedisSentinel, RedisServer, wait_until

FOLLOW_SECONDS = 30  # Sentinel takes about 1 s to notice, and a link waits up to 5 s between two attempts
PLENTY = {"MAX_CONNECTIONS_PER_IP": 1000, "MAX_RECONNECT_ATTEMPTS": 100000, "MAX_CONNECTIONS_PER_USER": 1000}


class SentinelMixin:
    """A master, its replica, and a Sentinel that watches them."""

    def start_redis(self):
        self.master = self.add_redis(RedisServer(durable=False)).start()
        self.replica = self.add_redis(RedisServer(durable=False, replica_of=self.master)).start()
        self.sentinel = self.add_redis(RedisSentinel(self.master)).start()
        self.sentinel.wait_for_replica()
        self.redis = self.master
        self.keys = self.master.client()

    def redis_url(self, name):
        return self.sentinel.url()

    def kill_master(self):
        """From here on `self.keys` is of the server that is to take over."""
        self.redis.kill()
        self.killed_at = time.monotonic()
        self.redis = self.replica if self.redis is self.master else self.master
        self.keys = self.redis.client()

    def bring_master_back(self):
        """The server that was killed comes back, and Sentinel makes it a replica of the one that took over."""
        self.master.start()
        wait_until("the old master is a replica", lambda: self.master.role() == "slave", FOLLOW_SECONDS)
        self.replica.wait_for_replica()
        self.sentinel.wait_for_replica()

    def wait_until_followed(self):
        """Until both nodes have all they need from the new master."""
        wait_until("Sentinel has chosen the other server", lambda: self.redis.role() == "master", FOLLOW_SECONDS)
        chosen = time.monotonic() - self.killed_at
        for node in self.nodes:
            self.assertTrue(eventually(lambda node=node: self.redis_of(node)["up"] and self.redis_of(node)["server"].endswith(
                f":{self.redis.port}"), FOLLOW_SECONDS), self.redis_of(node))
            self.wait_until_it_publishes(node)
            self.wait_until_it_takes_changes(node)
            self.wait_until_it_shares(node)
        print(f"\nthe replica was the master at most {chosen:.1f} s after the kill; both nodes had followed in every way after at most "
              f"{time.monotonic() - self.killed_at:.1f} s", flush=True)

    def cut_replica_off(self):
        """From here on the replica gets nothing any more."""
        self.replica.client().config_set("masteruser", "nobody")
        self.replica.client().config_set("masterauth", "nothing")
        self.keys.execute_command("CLIENT", "KILL", "TYPE", "replica")
        wait_until("the replica has lost its master",
                   lambda: self.replica.client().info("replication")["master_link_status"] == "down")


class Delivery(SentinelMixin, ClusterTestCase):
    settings = PLENTY
    node_names = ("a", "b")

    def wait_until_ready(self, node):
        self.wait_until_it_publishes(node)

    async def come(self, node, user="42", cursor=None):
        socket = await node.connect(make_token(user) + (f"&cursor={cursor}" if cursor else ""))
        self.addAsyncCleanup(socket.close)
        socket.first = await receive(socket)
        self.assertEqual(socket.first["type"], "notifications_list")
        return socket

    def publish(self, node, title, user="42", seconds=FOLLOW_SECONDS):
        """Publishes until it is acknowledged; returns the id."""
        key = os.urandom(8).hex()
        end = time.monotonic() + seconds
        while True:
            answer = node.request("POST", PUBLISH, node.admin_token("publisher", "backend"), {"to": {"users": [user]}, "title": title},
                                  {"Idempotency-Key": key})
            if answer.status == 202:
                return answer.json()["ids"][0]
            self.assertEqual(answer.status, 503, answer)
            self.assertLess(time.monotonic(), end, f"{title} is not taken: {answer}")
            time.sleep(0.05)

    def publish_all(self, titles, user="42"):
        """In this order, at both nodes in turn."""
        return [self.publish(self.nodes[number % 2], title, user) for number, title in enumerate(titles)]

    async def notifications(self, socket, count, timeout=FOLLOW_SECONDS):
        """The next ones, alone or in lists, with the cursor that came with each."""
        seen = []
        while len(seen) < count:
            message = await receive(socket, timeout)
            if message["type"] == "notification":
                seen.append({**message["notification"], "cursor": message["cursor"]})
            elif message["type"] == "notifications_list":
                seen += [{**each, "cursor": message["cursor"]} for each in message["notifications"]]
        return seen

    async def titles(self, socket, count, timeout=FOLLOW_SECONDS):
        return [each["title"] for each in await self.notifications(socket, count, timeout)]

    async def assert_quiet(self, socket):
        """The connection is open, and nothing more has come: what answers a ping comes next."""
        await socket.send('{"type":"ping"}')
        self.assertEqual((await receive(socket))["type"], "pong")

    async def test_what_was_acknowledged_comes_once_and_in_order(self):
        sockets = [await self.come(node, user) for node in self.nodes for user in ("42", "42", "7")]
        mine, others = [each for each in sockets if each not in (sockets[2], sockets[5])], [sockets[2], sockets[5]]
        before = [f"before-{number}" for number in range(60)]
        await asyncio.to_thread(self.publish_all, before)
        away = [f"away-{number}" for number in range(5)]
        await asyncio.to_thread(self.publish_all, away, "77")
        await asyncio.to_thread(self.publish_all, ["other"], "7")
        self.master.wait_for_replica()
        self.kill_master()
        # Publishers go on, and repeat what is not taken meanwhile.
        during = [f"during-{number}" for number in range(60)]
        await asyncio.to_thread(self.publish_all, during)
        for socket in mine:
            self.assertEqual(await self.titles(socket, 120), before + during)
        for socket in others:
            self.assertEqual(await self.titles(socket, 1), ["other"])
        await asyncio.to_thread(self.wait_until_followed)
        for socket in sockets:
            await self.assert_quiet(socket)
        for node in self.nodes:
            late = await self.come(node, "77")
            self.assertEqual([each["title"] for each in late.first["notifications"]], away)
            self.assertEqual(late.first["unread"], 5)
        await asyncio.to_thread(self.wait_until_joined)

    async def test_what_the_replica_never_had(self):
        """It was delivered, and is lost with the old master: nothing comes in its place, and nothing comes twice."""
        sockets = [await self.come(node) for node in self.nodes]
        kept = [f"kept-{number}" for number in range(10)]
        await asyncio.to_thread(self.publish_all, kept)
        seen = [await self.notifications(socket, 10) for socket in sockets]
        self.master.wait_for_replica()
        self.cut_replica_off()
        lost = [f"lost-{number}" for number in range(30)]
        await asyncio.to_thread(self.publish_all, lost)
        for socket, known in zip(sockets, seen):
            known += await self.notifications(socket, 30)
            self.assertEqual([each["title"] for each in known], kept + lost)
        self.kill_master()
        after = [f"after-{number}" for number in range(30)]
        await asyncio.to_thread(self.publish_all, after)
        for socket, known in zip(sockets, seen):
            known += await self.notifications(socket, 30)
            self.assertEqual([each["title"] for each in known], kept + lost + after)
            self.assertEqual(len({each["id"] for each in known}), 70)
        await asyncio.to_thread(self.wait_until_followed)
        for socket in sockets:
            await self.assert_quiet(socket)
        for node in self.nodes:
            # One who stood among what was lost is told so, and gets what came since, or what is unread.
            back = await self.come(node, cursor=seen[0][24]["cursor"])
            self.assertTrue(back.first["truncated"], back.first)
            titles = [each["title"] for each in back.first["notifications"]]
            self.assertLessEqual(set(titles), set(kept + after))
            self.assertLessEqual(set(after), set(titles))
            # One who stood before gets all there is.
            back = await self.come(node, cursor=seen[0][4]["cursor"])
            self.assertEqual([each["title"] for each in back.first["notifications"]], kept[5:] + after)
            back = await self.come(node, cursor=seen[0][-1]["cursor"])
            self.assertEqual((back.first["notifications"], back.first["truncated"]), ([], False))

    async def test_there_and_back(self):
        """The old master comes back as a replica, which changes nothing, and then takes over again."""
        sockets = [await self.come(node) for node in self.nodes]
        self.master.wait_for_replica()
        self.kill_master()
        await asyncio.to_thread(self.publish_all, ["first"])
        await asyncio.to_thread(self.wait_until_followed)
        await asyncio.to_thread(self.bring_master_back)
        await asyncio.to_thread(self.publish_all, ["second", "third"])
        self.replica.wait_for_replica()
        self.kill_master()
        await asyncio.to_thread(self.publish_all, ["fourth", "fifth"])
        for socket in sockets:
            self.assertEqual(await self.titles(socket, 5), ["first", "second", "third", "fourth", "fifth"])
            await self.assert_quiet(socket)
        await asyncio.to_thread(self.wait_until_followed)


class Control(SentinelMixin, ClusterTestCase):
    settings = PLENTY
    node_names = ("a", "b")

    def wait_until_ready(self, node):
        self.wait_until_it_takes_changes(node)

    def limit(self, node):
        limits = node.get(ADMIN + "limits").json()["limits"]
        return next(each["value"] for each in limits if each["key"] == "max_connections_per_ip")

    def assert_same(self):
        """Both nodes say the same of all that they share."""
        for path in ("limits", "limits/revisions", "bans", "exemptions", "alerts/rules", "switch", "audit?limit=1000"):
            def both(path=path):
                return [json.dumps(node.get(ADMIN + path).json(), sort_keys=True) for node in self.nodes]
            self.assertTrue(eventually(lambda: len(set(both())) == 1, 15), both())

    def test_edits_go_on(self):
        a, b = self.nodes
        self.assertEqual(a.set_limits({"max_connections_per_ip": 77}).status, 200)
        self.assertEqual(b.request("POST", ADMIN + "bans", b.admin_token(), {"kind": "user", "value": "ann"}).status, 201)
        self.assertTrue(eventually(lambda: self.limit(b) == 77))
        revision = a.get(ADMIN + "limits").json()["revision"]
        self.master.wait_for_replica()
        self.kill_master()
        self.assertTrue(eventually(lambda: a.set_limits({"max_connections_per_ip": 78}).status == 503, 10))
        self.assertEqual((self.limit(a), self.limit(b)), (77, 77))
        self.wait_until_followed()
        self.assertEqual((self.limit(a), self.limit(b)), (77, 77))
        self.assertEqual(b.set_limits({"max_connections_per_ip": 79}).status, 200)
        self.assertTrue(eventually(lambda: self.limit(a) == 79))
        self.assertEqual(a.get(ADMIN + "limits").json()["revision"], revision + 1)
        self.assertEqual([each["value"] for each in a.get(ADMIN + "bans").json()["bans"]], ["ann"])
        self.assert_same()

    def test_edits_that_the_replica_never_had(self):
        """Whether they stand or not, all nodes do the same, and the next edit holds."""
        a, b = self.nodes
        self.assertEqual(a.set_limits({"max_connections_per_ip": 77}).status, 200)
        self.master.wait_for_replica()
        self.cut_replica_off()
        self.assertEqual(a.set_limits({"max_connections_per_ip": 88}).status, 200)
        self.assertEqual(b.request("POST", ADMIN + "bans", b.admin_token(), {"kind": "user", "value": "ann"}).status, 201)
        self.assertTrue(eventually(lambda: self.limit(b) == 88))
        self.kill_master()
        self.wait_until_followed()
        self.assert_same()
        self.assertIn(self.limit(a), (77, 88))
        self.assertEqual(b.set_limits({"max_connections_per_ip": 99}).status, 200)
        self.assertTrue(eventually(lambda: self.limit(a) == 99))
        self.assert_same()


class Limits(SentinelMixin, LimitsTestCase):
    settings = {"MAX_CONNECTIONS_PER_IP": 6, "MAX_RECONNECT_ATTEMPTS": 20, "MAX_CONNECTIONS_PER_USER": 1000, "REDIS_AWAY": "share"}

    def attempt(self, node, source):
        """One attempt whose connection is closed at once: the answer."""
        with RawConnection(node, source) as connection:
            return connection.upgrade(token=make_token("7"))

    def attempt_until_refused(self, node, source):
        """How many are let in before one is not, and that one."""
        for admitted in range(200):
            answer = self.attempt(node, source)
            if answer.status != 101:
                return admitted, answer
        self.fail("nothing limits the attempts")

    def attempt_eight_times(self):
        """An address whose attempts are all with Redis: a node that was alone for a moment kept some of them to itself."""
        for last in range(5, 15):
            source = f"127.0.0.{last}"
            for number in range(8):
                self.admit((self.server, self.other)[number % 2], source, "7").close()
            if eventually(lambda: self.keys.llen(attempts_of(source, "7")) == 8, 3):
                return source
        self.fail("Redis never has all attempts of an address")

    def test_counts_are_right_and_windows_at_most_a_burst_off(self):
        limit = 20
        opened = [self.admit(node) for node in (self.server, self.other, self.server, self.other)]
        source = self.attempt_eight_times()
        wait_until("Redis counts them", lambda: self.counts() == {"127.0.0.1": 4})
        self.master.wait_for_replica()
        self.kill_master()
        for node in self.nodes:
            self.wait_until_alone(node)
        # Meanwhile each node goes by its share: three connections, ten attempts.
        opened += [self.open(node) for node in self.nodes]
        self.assertTrue(all(isinstance(each, RawConnection) for each in opened), opened)
        total = 8
        for node in self.nodes:
            refused = self.assert_problem(self.open(node), 429, "too_many_connections", "address")
            self.assertEqual((refused["limit"], refused["observed"]), (3, 4))
            admitted, answer = self.attempt_until_refused(node, source)
            self.assert_problem(answer, 429, "too_many_reconnects", "reconnect")
            total += admitted
        self.assertLessEqual(total, limit)
        for each in opened:  # all are still open
            each.send(b"\x89\x80\x00\x00\x00\x00")
            self.assertEqual(self.next_pong(each), b"")
        self.wait_until_followed()
        wait_until("Redis counts all", lambda: self.counts() == {"127.0.0.1": 6}, 15)
        for node in self.nodes:
            self.assertEqual(self.refuse(node, "too_many_connections", 6, "address").json()["observed"], 7)
        # What the nodes let in alone is not in the window of all: that is the burst.
        for node in self.nodes:
            admitted, answer = self.attempt_until_refused(node, source)
            self.assert_problem(answer, 429, "too_many_reconnects", "reconnect")
            total += admitted
        print(f"{total} attempts of one address were let in within the hour, with a limit of {limit}", flush=True)
        self.assertLessEqual(total, 2 * limit)
        opened[0].close()
        self.admit(self.other)

    @staticmethod
    def next_pong(connection):
        while True:
            opcode, payload = connection.read_frame()
            if opcode == 10:
                return payload


if __name__ == "__main__":
    unittest.main()
