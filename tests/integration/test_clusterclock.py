# SPDX-License-Identifier: GPL-3.0-or-later
"""Two nodes of which one has a clock that is an hour off: what they share goes by Redis' clock, and the difference is told."""
import asyncio
import glob
import time
import unittest

from cluster import ClusterTestCase
from gatehouse_server import ADMIN, eventually, make_token, receive, receive_type
from rawconnection import try_upgrade

LIBRARY = next(iter(glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")), None)
WIDE = {"iat": int(time.time()) - 100_000, "exp": int(time.time()) + 100_000}  # tokens are judged by the clock of the node


@unittest.skipUnless(LIBRARY, "libfaketime is not installed")
class Behind(ClusterTestCase):
    settings = {"MAX_CONNECTIONS_PER_IP": 100, "MAX_RECONNECT_ATTEMPTS": 10000}
    offset = -3600

    @property
    def settings_of(self):
        return {"beta": {"LD_PRELOAD": LIBRARY, "FAKETIME": f"{self.offset:+d}", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}}

    def add_node(self, name, **settings):
        node = super().add_node(name, **settings)
        node.admin_token = lambda role="admin", user="root", **claims: make_token(user, role=role, **{**WIDE, **claims})
        return node

    def status(self, node, user):
        return try_upgrade(node, token=make_token(user, **WIDE)).status

    async def test_notifications_that_end(self):
        sockets = []
        for node in self.nodes:
            sockets.append(await node.connect(make_token("42", **WIDE)))
            self.addAsyncCleanup(sockets[-1].close)
            await receive(sockets[-1])
        titles = set()
        for node in self.nodes:
            for more in ({}, {"ttl": 600}, {"ephemeral": True}, {"ephemeral": True, "ttl": 600}):
                title = f"{node.name} {more}"
                answer = await asyncio.to_thread(node.publish, {"to": {"users": ["42"]}, "title": title, **more})
                self.assertEqual(answer.status, 202, answer)
                titles.add(title)
        for socket in sockets:
            self.assertEqual({(await receive_type(socket, "notification"))["notification"]["title"] for _ in titles}, titles)
        for node in self.nodes:
            late = await node.connect(make_token("42", **WIDE))
            listed = await receive(late)
            await late.close()
            self.assertEqual({one["title"] for one in listed["notifications"]}, {t for t in titles if "ephemeral" not in t})

    def test_bans_that_end(self):
        for maker in self.nodes:
            user = "of-" + maker.name
            ban = maker.request("POST", ADMIN + "bans", maker.admin_token(), {"kind": "user", "value": user, "expires_in": "10m"})
            self.assertEqual(ban.status, 201, ban)
            short = maker.request("POST", ADMIN + "bans", maker.admin_token(),
                                  {"kind": "user", "value": user + "-short", "expires_in": "5s"})
            self.assertEqual(short.status, 201, short)
            for node in self.nodes:
                self.assertTrue(eventually(lambda node=node, user=user: self.status(node, user) == 403))
            for node in self.nodes:  # looked for and taken out once a second
                self.assertTrue(eventually(lambda node=node, user=user: self.status(node, user + "-short") == 101, 30))
            for node in self.nodes:
                self.assertEqual(self.status(node, user), 403, node.name)

    def test_a_ban_outlives_a_restart(self):
        alpha, beta = self.nodes
        self.assertEqual(alpha.request("POST", ADMIN + "bans", alpha.admin_token(),
                                       {"kind": "user", "value": "eve", "expires_in": "10m"}).status, 201)
        self.assertTrue(eventually(lambda: self.status(beta, "eve") == 403))
        self.end_node(beta)
        self.start(beta)
        deadline = time.monotonic() + 4  # longer than it takes to look for what has expired
        while time.monotonic() < deadline:
            self.assertEqual(self.status(beta, "eve"), 403)
            time.sleep(0.2)

    def test_the_difference_is_told(self):
        alpha, beta = self.nodes
        for node in self.nodes:
            skews = lambda node=node: {one["name"]: one["clock_skew_ms"] for one in node.get(ADMIN + "nodes").json()["nodes"]}
            self.assertTrue(eventually(lambda: None not in skews().values()), skews())
            self.assertLess(abs(skews()["alpha"]), 1000)
            self.assertLess(abs(skews()["beta"] - 1000 * self.offset), 1000)
        raised = lambda: [(one["rule"], one["node"]) for one in alpha.get(ADMIN + "alerts?active=true").json()["alerts"]]
        self.assertTrue(eventually(lambda: ("clock_skew", "beta") in raised(), 40), raised())
        self.assertNotIn(("clock_skew", "alpha"), raised())
        self.assertIn("clock_skew", beta.stderr())
        self.assertNotIn("clock_skew", alpha.stderr())


class Ahead(Behind):
    offset = 3600


if __name__ == "__main__":
    unittest.main()
