# SPDX-License-Identifier: GPL-3.0-or-later
"""Two nodes as an operator sees them: what they count together, who is up, lost or gone, and what each was like."""
import time
import unittest
from datetime import datetime, timedelta, timezone
from urllib.parse import quote

from cluster import ClusterTestCase
from gatehouse_server import ACTIVE, ADMIN, METRICS, eventually, make_token, receive, receive_type
from test_monitoring import leave_midnight_behind


class Nodes(ClusterTestCase):
    settings = {"MAX_CONNECTIONS_PER_IP": "100", "MAX_RECONNECT_ATTEMPTS": "1000"}

    async def open(self, node, user="42"):
        socket = await node.connect(make_token(user))
        self.addAsyncCleanup(socket.close)
        await receive(socket)
        return socket

    def active(self, node, of=""):
        return node.get(ACTIVE + (f"?node={of}" if of else "")).json()["active_connections"]

    async def test_counts_of_all_and_of_each(self):
        alpha, beta = self.nodes
        leave_midnight_behind()
        for _ in range(3):
            await self.open(alpha)
        await self.open(beta)
        for node in self.nodes:
            self.assertTrue(eventually(lambda node=node: self.active(node) == 4), self.active(node))
            self.assertEqual(self.active(node, "alpha"), 3)
            self.assertEqual(self.active(node, "beta"), 1)
            self.assertEqual(node.get(METRICS).json()["connections_today"], 4)
            self.assertEqual(node.get(ADMIN + "overview").json()["totals"]["active_connections"], 4)
        self.assertEqual(alpha.get(ACTIVE + "?node=gamma").status, 404)

    async def test_the_live_stream_is_of_all(self):
        alpha, beta = self.nodes
        await self.open(beta)
        async with alpha.connect_admin() as console:
            await receive_type(console, "hello")
            await console.send('{"type":"subscribe","topics":["metrics"]}')
            deadline = time.monotonic() + 30
            while (await receive_type(console, "metrics"))["totals"]["active_connections"] != 1:
                self.assertLess(time.monotonic(), deadline)

    async def test_a_killed_node_is_lost_and_raises_one_alert(self):
        alpha, beta = self.nodes
        leave_midnight_behind()
        await self.open(beta)
        self.assertTrue(eventually(lambda: self.active(alpha) == 1))
        self.end_node(beta, "kill")
        self.assertTrue(eventually(lambda: self.states(alpha).get("beta") == "lost", 30))
        self.assertEqual(self.active(alpha), 0)
        self.assertEqual(alpha.get(METRICS).json()["connections_today"], 1)
        alerts = lambda: [one for one in alpha.get(ADMIN + "alerts").json()["alerts"] if one["rule"] == "node_lost"]
        self.assertTrue(eventually(alerts, 30))
        self.assertEqual(len(alerts()), 1)
        # It comes back under its name: not lost any more, and the alert clears by itself.
        self.may_have_ended.clear()
        beta.start()
        self.assertTrue(eventually(lambda: self.states(alpha).get("beta") == "up", 30))
        self.assertTrue(eventually(lambda: alerts()[0]["cleared_at"], 60))

    async def test_a_lost_node_can_be_forgotten(self):
        alpha, beta = self.nodes
        self.assertEqual(alpha.request("DELETE", ADMIN + "nodes/beta", alpha.admin_token()).status, 409)
        self.end_node(beta, "kill")
        self.assertTrue(eventually(lambda: self.states(alpha).get("beta") == "lost", 30))
        self.assertEqual(alpha.request("DELETE", ADMIN + "nodes/beta", alpha.admin_token()).status, 204)
        self.assertEqual(self.states(alpha), {"alpha": "up"})
        self.assertEqual(self.redis.client().hkeys("gatehouse:reports"), ["alpha"])
        self.assertEqual(alpha.request("DELETE", ADMIN + "nodes/beta", alpha.admin_token()).status, 404)

    async def test_a_node_that_ends_has_left(self):
        alpha, beta = self.nodes
        self.end_node(beta, "stop")
        self.assertTrue(eventually(lambda: self.states(alpha).get("beta") == "left"), self.states(alpha))

    async def test_a_third_node_learns_who_there_was(self):
        alpha, beta = self.nodes
        self.end_node(beta, "kill")
        self.assertTrue(eventually(lambda: self.states(alpha).get("beta") == "lost", 30))
        gamma = self.add_node("gamma").start()
        self.assertTrue(eventually(lambda: self.states(gamma) == {"alpha": "up", "beta": "lost", "gamma": "up"}, 30),
                        self.states(gamma))

    async def test_history_of_all_and_of_each(self):
        alpha, beta = self.nodes
        await self.open(alpha)
        await self.open(beta)
        await self.open(beta)

        def most(node, of=""):
            begin = datetime.now(timezone.utc) - timedelta(minutes=1)
            path = ADMIN + f"history?metrics=active_connections&from={quote(begin.isoformat())}"
            series = node.get(path + (f"&node={of}" if of else "")).json()["series"]["active_connections"]["max"]
            return max((value for value in series if value is not None), default=None)

        self.assertTrue(eventually(lambda: most(alpha) == 3, 30), most(alpha))
        self.assertEqual(most(alpha, "alpha"), 1)
        # What another node has kept in Redis: at most ten seconds old.
        self.assertTrue(eventually(lambda: most(alpha, "beta") == 2, 30), most(alpha, "beta"))
        self.end_node(beta, "kill")
        self.assertEqual(most(alpha, "beta"), 2)

    async def test_redis_away(self):
        alpha, beta = self.nodes
        self.redis.kill()
        self.assertTrue(eventually(lambda: not alpha.get(ADMIN + "nodes").json()["redis"]["up"]))
        nodes = alpha.get(ADMIN + "nodes").json()
        self.assertTrue(nodes["redis"]["detail"], nodes)
        self.assertTrue(eventually(lambda: self.states(alpha).get("beta") != "up"))
        self.assertEqual(self.states(alpha), {"alpha": "up", "beta": "unknown"})
        self.assertEqual(alpha.get(ADMIN + "history?node=beta").status, 503)
        self.assertEqual(alpha.get(ADMIN + "overview").status, 200)
        self.redis.start()
        self.wait_until_joined()

    async def test_hostile_reports_are_left_out(self):
        alpha = self.nodes[0]
        client = self.redis.client()
        for text in (b"", b"\x00\xff", b"[" * 5000, b'{"name":"x"}', b'{"name":"' + b"x" * 100000 + b'"}'):
            client.publish("gatehouse:metrics", text)
            client.hset("gatehouse:reports", b"evil" + text[:5], text)
            client.hset("gatehouse:history:*:1", text[:8], text)
        self.wait_until_joined()
        self.assertEqual(set(self.states(alpha)), {"alpha", "beta"})


class TheSameNameTwice(ClusterTestCase):
    node_names = ("alpha",)

    async def test_is_said(self):
        second = self.add_node("alpha").start()
        self.assertTrue(eventually(lambda: "node_name_taken" in second.stderr(), 30))


if __name__ == "__main__":
    unittest.main()
