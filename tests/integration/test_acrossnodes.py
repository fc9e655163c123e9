# SPDX-License-Identifier: GPL-3.0-or-later
"""What only a node itself knows, asked of any node of the cluster: its connections, who it refused, its days; and how it stands to Redis."""
import asyncio
import os
import signal
import unittest

import websockets

from cluster import ClusterTestCase
from gatehouse_server import ADMIN, eventually, make_token, receive, receive_type

ADMISSIONS = "gatehouse_cluster_admission_seconds_count"


class AcrossNodes(ClusterTestCase):
    settings = {"MAX_CONNECTIONS_PER_IP": "100", "MAX_RECONNECT_ATTEMPTS": "1000"}
    is_durable = False  # a disk that is slow to sync lets nodes judge alone

    def wait_until_ready(self, node):
        """Until all also answer each other's questions, which come by another link than their reports."""
        super().wait_until_ready(node)
        for each in self.nodes:
            self.assertTrue(eventually(lambda each=each: self.list(each)["missing_nodes"] == []), f"{each.name} gets no answers")

    async def open(self, node, user):
        socket = await node.connect(make_token(user))
        self.addAsyncCleanup(socket.close)
        await receive(socket)
        return socket

    async def refuse(self, node, user):
        with self.assertRaises(websockets.InvalidStatusCode):
            await node.connect(make_token(user), origin="https://foreign.example")

    def list(self, node, query="", what="connections"):
        answer = node.get(ADMIN + what + query)
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json()

    def metrics(self, node):
        return node.get("/metrics").body.decode().splitlines()

    async def test_connections_of_all_and_of_one(self):
        alpha, beta = self.nodes
        for number in range(3):
            await self.open(alpha, f"a{number}")
            await self.open(beta, f"b{number}")
        for node in self.nodes:
            page = self.list(node, "?sort=user")
            self.assertEqual([row["user"] for row in page["connections"]], ["a0", "a1", "a2", "b0", "b1", "b2"])
            self.assertEqual([row["node"] for row in page["connections"]], ["alpha"] * 3 + ["beta"] * 3)
            self.assertEqual((page["total"], page["missing_nodes"]), (6, []))
            self.assertEqual(len({row["id"] for row in page["connections"]}), 6)
            self.assertEqual(self.list(node, "?node=beta")["total"], 3)
        seen, cursor = [], ""
        while cursor is not None:
            page = self.list(alpha, f"?limit=2&cursor={cursor}")
            seen += [row["user"] for row in page["connections"]]
            cursor = page["next_cursor"]
        self.assertEqual(seen, ["a0", "b0", "a1", "b1", "a2", "b2"])
        self.assertEqual(alpha.get(ADMIN + "connections?node=gamma").status, 404)

    async def test_a_kick_finds_its_connection(self):
        alpha, beta = self.nodes
        sockets = {"a": await self.open(alpha, "a"), "b": await self.open(beta, "b")}
        rows = {row["user"]: row for row in self.list(alpha)["connections"]}
        path = ADMIN + "connections/" + rows["b"]["id"]
        self.assertEqual(alpha.get(path).json()["user"], "b")
        self.assertEqual(alpha.request("DELETE", path, alpha.admin_token("viewer")).status, 403)
        self.assertEqual(alpha.request("DELETE", path, alpha.admin_token()).status, 204)
        with self.assertRaises(websockets.ConnectionClosed) as closed:
            await receive(sockets["b"])
        self.assertEqual(closed.exception.rcvd.code, 4133)
        users = lambda: [row["user"] for row in self.list(beta)["connections"]]
        self.assertTrue(eventually(lambda: users() == ["a"]), users())  # the node may see its end after the client
        self.assertEqual(alpha.request("DELETE", path, alpha.admin_token()).status, 404)
        audited = lambda: [each["target"] for each in self.list(alpha, what="audit")["entries"] if each["action"] == "connection.kick"]
        self.assertTrue(eventually(lambda: audited() == [rows["b"]["id"]]), audited())

    async def test_who_is_refused_anywhere(self):
        alpha, beta = self.nodes
        async with alpha.connect_admin() as console:
            await receive_type(console, "hello")
            await console.send('{"type":"subscribe","topics":["decisions"]}')
            await receive_type(console, "subscribed")
            await self.refuse(beta, "b")
            live = (await receive_type(console, "decisions"))["decisions"]
            self.assertEqual([(one["reason"], one["node"]) for one in live], [("origin_not_allowed", "beta")])
            await self.refuse(alpha, "a")
            live = (await receive_type(console, "decisions"))["decisions"]
            self.assertEqual([one["node"] for one in live], ["alpha"])
        await self.refuse(alpha, "a")
        nodes = lambda node: [one["node"] for one in self.list(node, what="decisions")["decisions"]]
        for node in self.nodes:
            self.assertTrue(eventually(lambda node=node: nodes(node) == ["alpha", "alpha", "beta"]), nodes(node))
            top = self.list(node, "?by=reason", "decisions/top")["top"]
            self.assertEqual(top, [{"value": "origin_not_allowed", "count": 3}])
        self.assertEqual(len(self.list(alpha, "?node=beta", "decisions")["decisions"]), 1)

    async def test_why_a_token_was_refused_anywhere(self):
        alpha, beta = self.nodes
        faults = {make_token("b", exp=1): "expired", make_token("b", secret="a-third-secret-that-is-long-enough-for-hs256"): "fit any key"}
        async with alpha.connect_admin() as console:
            await receive_type(console, "hello")
            await console.send('{"type":"subscribe","topics":["decisions"]}')
            await receive_type(console, "subscribed")
            for token, words in faults.items():
                with self.assertRaises(websockets.InvalidStatusCode):
                    await beta.connect(token)
                live = (await receive_type(console, "decisions"))["decisions"]
                self.assertIn(words, live[0]["detail"])
        details = lambda: [one["detail"] for one in self.list(alpha, what="decisions")["decisions"]]
        self.assertTrue(eventually(lambda: len(details()) == 2), details())
        for words, detail in zip(reversed(faults.values()), details()):
            self.assertIn(words, detail)

    async def test_the_summary_is_of_all(self):
        alpha, beta = self.nodes
        await self.open(alpha, "a")
        await self.open(beta, "b")
        total = lambda node, query="": self.list(node, query, "summary")["total"]["connections"]
        self.assertTrue(eventually(lambda: total(alpha) == 2), total(alpha))
        self.assertEqual((total(alpha, "?node=beta"), total(beta, "?node=beta")), (1, 1))
        csv = alpha.get(ADMIN + "summary?format=csv&node=beta")
        self.assertEqual(csv.status, 200)
        self.assertIn(",1,1,", csv.body.decode())

    async def test_how_a_node_stands_to_redis(self):
        alpha = self.nodes[0]
        self.wait_until_it_shares(alpha)
        self.assertTrue(eventually(lambda: alpha.get("/readyz").json() == {"status": "ready", "redis": "up", "limits": "shared"}))
        await self.ask_about_an_attempt(alpha)
        self.redis.kill()
        self.assertTrue(eventually(lambda: alpha.get("/readyz").json() == {"status": "ready", "redis": "down", "limits": "local"}))
        for line in ("gatehouse_cluster_redis_up 0", 'gatehouse_cluster_nodes{state="unknown"} 1'):
            self.assertTrue(eventually(lambda line=line: line in self.metrics(alpha)), line)
        rest = lambda: (self.list(alpha)["total"], self.list(alpha)["missing_nodes"])
        self.assertTrue(eventually(lambda: rest() == (1, ["beta"])), rest())
        self.assertEqual(alpha.get(ADMIN + "connections?node=beta").status, 503)
        self.redis.start()
        self.assertTrue(eventually(lambda: self.list(alpha)["missing_nodes"] == []))

    async def ask_about_an_attempt(self, node, times=20):
        """Leaves a connection that was let in by Redis, and is counted so. One that the node let in by itself is none: it is closed again."""
        asked = lambda: next(int(line.split()[1]) for line in self.metrics(node) if line.startswith(ADMISSIONS))
        for _ in range(times):
            await asyncio.to_thread(self.wait_until_it_shares, node)
            expected = {"gatehouse_cluster_redis_up 1", "gatehouse_cluster_limits_shared 1", 'gatehouse_cluster_nodes{state="up"} 2',
                        f"{ADMISSIONS} {asked() + 1}"}
            socket = await self.open(node, "a")
            missing = expected - set(self.metrics(node))
            if not missing:
                return
            await socket.close()
        self.fail(f"not there: {missing}")

    async def test_a_node_that_hangs_is_named_and_waited_for_no_longer_than_two_seconds(self):
        alpha, beta = self.nodes
        await self.open(alpha, "a")
        os.kill(beta.process.pid, signal.SIGSTOP)
        try:
            page = self.list(alpha)  # it is still up for the others: they ask it
            self.assertEqual((page["total"], page["missing_nodes"]), (1, ["beta"]))
        finally:
            os.kill(beta.process.pid, signal.SIGCONT)

    def test_hostile_questions_are_not_answered(self):
        alpha = self.nodes[0]
        client = self.redis.client()
        run = next(node["run"] for node in alpha.get(ADMIN + "nodes").json()["nodes"] if node["name"] == "alpha")
        listener = client.pubsub()
        listener.subscribe("gatehouse:signal")
        for fields in ('"method":"POST","path":"/api/admin/v1/bans","user":"x","role":"admin","address":"127.0.0.1","query":[]',
                       '"method":"GET","path":"/api/admin/v1/connections","user":"","role":"admin","address":"127.0.0.1"',
                       '"method":"GET","path":"connections","user":"x","role":"god","address":"::"'):
            client.publish("gatehouse:signal", '{"type":"ask","from":"stranger","to":"%s","id":1,%s}' % (run, fields))
        client.publish("gatehouse:signal", '{"type":"answer","from":"stranger","to":"%s","id":1,"status":200,"body":{}}' % run)
        self.assertEqual(self.list(alpha, what="bans")["bans"], [])
        self.assertEqual(alpha.get("/readyz").status, 200)


if __name__ == "__main__":
    unittest.main()
