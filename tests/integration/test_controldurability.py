# SPDX-License-Identifier: GPL-3.0-or-later
"""What is changed is kept: each kind of change that is answered 2xx is there after SIGKILL right behind the answer, and with a disk
that fills up while they are made; what cannot be stored is refused and changes nothing. Every route that changes something is held to it."""
import asyncio
import os
import resource
import unittest

import websockets

from cluster import ClusterTestCase
from gatehouse_server import ADMIN, API, PUBLISH, ServerTestCase, eventually, make_token

ROUNDS = 4
SETTINGS = {"MAX_CONNECTIONS": 1000, "MAX_CONNECTIONS_PER_IP": 900, "MAX_RECONNECT_ATTEMPTS": 100000, "MAX_CONNECTIONS_PER_USER": 900}
MADE = (200, 201, 202, 204)
UNLIMITED = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)


# Of each kind of change the route that makes it.
ROUTES = {
    "limits": ("PATCH", ADMIN + "limits"),
    "restore": ("POST", ADMIN + "limits/revisions/{n}/restore"),
    "switch": ("PUT", ADMIN + "switch"),
    "rules": ("PUT", ADMIN + "alerts/rules"),
    "ban": ("POST", ADMIN + "bans"),
    "unban": ("DELETE", ADMIN + "bans/{id}"),
    "exemption": ("POST", ADMIN + "exemptions"),
    "unexempt": ("DELETE", ADMIN + "exemptions/{id}"),
    "ack": ("POST", ADMIN + "alerts/{id}/ack"),
    "kick": ("DELETE", ADMIN + "connections/{id}"),
    "publish": ("POST", PUBLISH),
}
# Routes that leave nothing to be kept, and why.
KEEPING_NOTHING = {
    ("POST", "/api/ticket/"): "a ticket is good for 30 seconds, of this process alone or in Redis",
    ("DELETE", ADMIN + "nodes/{name}"): "what is forgotten was in Redis alone; test_nodes",
}


class Changes:
    """One change of each kind, with a different value each time, and whether a server knows it. By name: (make, is_there, what is
    in the audit)."""

    def __init__(self):
        self.number = 0
        self.kinds = {
            "limits": (self.edit_limit, self.has_limit, "limits.api"),
            "restore": (self.restore_limits, self.has_limit, "limits.restore"),
            "switch": (self.throw_switch, None, "switch.set"),  # the switch of a server alone ends with it
            "rules": (self.change_rule, self.has_rule, "alerts.rules"),
            "ban": (self.ban, self.has_ban, "ban.add"),
            "unban": (self.lift_ban, self.lacks_ban, "ban.lift"),
            "exemption": (self.exempt, self.has_exemption, "exemption.add"),
            "unexempt": (self.lift_exemption, self.lacks_exemption, "exemption.lift"),
            "ack": (self.acknowledge, self.has_acknowledged, "alert.acknowledge"),
            "kick": (self.kick, None, "connection.kick"),
            "publish": (self.publish, self.has_published, None),
        }

    @staticmethod
    def api(server, method, path, body=None, **more):
        return server.request(method, ADMIN + path, server.admin_token(), body, **more)

    def next(self):
        self.number += 1
        return self.number

    # Each returns the answer, and what is_there() wants to know to find it again.

    def edit_limit(self, server):
        value = 500 + self.next()
        return server.set_limits({"max_messages_per_minute": value}), value

    def has_limit(self, server, value):
        return self.value_of_limit(server) == value

    def value_of_limit(self, server):
        limits = self.api(server, "GET", "limits").json()["limits"]
        return next(limit["value"] for limit in limits if limit["key"] == "max_messages_per_minute")

    def restore_limits(self, server):
        """Back to the revision before, which had another value."""
        revisions = self.api(server, "GET", "limits/revisions?limit=2").json()["revisions"]
        before = next(change["before"]["value"] for change in revisions[0]["changes"] if change["key"] == "max_messages_per_minute")
        return self.api(server, "POST", f"limits/revisions/{revisions[1]['revision']}/restore"), before

    def publish(self, server):
        key = f"key-{self.next()}-{os.getpid()}"
        return self.publish_keyed(server, key), key

    @staticmethod
    def publish_keyed(server, key):
        return server.request("POST", PUBLISH, server.admin_token("publisher", "backend"), {"to": {"users": ["42"]}, "title": key},
                              {"Idempotency-Key": key})

    def has_published(self, server, key):
        return self.publish_keyed(server, key).headers.get("idempotent-replayed") == "true"

    def kick(self, server):
        identifier = self.api(server, "GET", "connections").json()["connections"][0]["id"]
        return self.api(server, "DELETE", f"connections/{identifier}"), identifier

    def throw_switch(self, server):
        enabled = not self.api(server, "GET", "switch").json()["enabled"]
        return self.api(server, "PUT", "switch", {"enabled": enabled}), enabled

    def change_rule(self, server):
        rule = self.rule(server, "rate_limit_violations")
        rule["raise_above"] = 100 + self.next()
        return self.api(server, "PUT", "alerts/rules", {"rules": [rule]}), rule["raise_above"]

    def has_rule(self, server, value):
        return self.rule(server, "rate_limit_violations")["raise_above"] == value

    def rule(self, server, key):
        return next(rule for rule in self.api(server, "GET", "alerts/rules").json()["rules"] if rule["key"] == key)

    def ban(self, server):
        answer = self.api(server, "POST", "bans", {"kind": "user", "value": f"user-{self.next()}"})
        return answer, answer.json().get("id")

    def has_ban(self, server, identifier):
        return identifier in [ban["id"] for ban in self.api(server, "GET", "bans?limit=1000").json()["bans"]]

    def lift_ban(self, server):
        bans = self.api(server, "GET", "bans?limit=1").json()["bans"]
        if not bans:
            answer, identifier = self.ban(server)
            if answer.status not in MADE:
                return answer, None
        else:
            identifier = bans[0]["id"]
        return self.api(server, "DELETE", f"bans/{identifier}"), identifier

    def lacks_ban(self, server, identifier):
        return not self.has_ban(server, identifier)

    def lift_exemption(self, server):
        exemptions = self.api(server, "GET", "exemptions?limit=1").json()["exemptions"]
        if not exemptions:
            answer, identifier = self.exempt(server)
            if answer.status not in MADE:
                return answer, None
        else:
            identifier = exemptions[0]["id"]
        return self.api(server, "DELETE", f"exemptions/{identifier}"), identifier

    def lacks_exemption(self, server, identifier):
        return not self.has_exemption(server, identifier)

    def exempt(self, server):
        answer = self.api(server, "POST", "exemptions", {"kind": "cidr", "value": f"10.{self.next() // 256}.{self.number % 256}.0/24"})
        return answer, answer.json().get("id")

    def has_exemption(self, server, identifier):
        return identifier in [each["id"] for each in self.api(server, "GET", "exemptions?limit=1000").json()["exemptions"]]

    def acknowledge(self, server):
        user = f"operator-{self.next()}"
        alert = next(alert for alert in self.api(server, "GET", "alerts").json()["alerts"] if not alert["acknowledged_at"])
        return server.request("POST", ADMIN + f"alerts/{alert['id']}/ack", server.admin_token(user=user)), (alert["id"], user)

    def has_acknowledged(self, server, known):
        identifier, user = known
        return any(alert["id"] == identifier and alert["acknowledged_by"] == user
                   for alert in self.api(server, "GET", "alerts").json()["alerts"])

    def audited(self, server, action):
        """How often somebody did it; what a start did by itself is the environment's."""
        count, cursor = 0, ""
        while cursor is not None:
            page = self.api(server, "GET", f"audit?limit=1000&cursor={cursor}").json()
            count += [entry["action"] for entry in page["entries"] if entry["by"] != "environment"].count(action)
            cursor = page["next_cursor"]
        return count

    # What there must be before

    def prepare(self, server):
        """Something to restore, and to lift."""
        for _ in range(2):
            assert self.edit_limit(server)[0].status == 200
        for _ in range(ROUNDS + 10):
            assert self.ban(server)[0].status == 201
            assert self.exempt(server)[0].status == 201

    def let_alerts_be_raised(self, server):
        rule = {**self.rule(server, "high_connections"), "raise_above": 0.1, "clear_below": 0.05, "for_seconds": 1}
        answer = self.api(server, "PUT", "alerts/rules", {"rules": [rule]})
        assert answer.status == 200, answer

    def unacknowledged(self, server):
        return [alert for alert in self.api(server, "GET", "alerts").json()["alerts"] if not alert["acknowledged_at"]]

    async def raise_alert(self, server):
        """Leaves one more alert that nobody has acknowledged: the last one clears, then many are connected."""
        def is_quiet():
            return not any(alert["cleared_at"] is None for alert in self.api(server, "GET", "alerts").json()["alerts"])
        assert await asyncio.to_thread(eventually, is_quiet, 60), "the last alert was not cleared"
        sockets = [await server.connect(make_token("42")) for _ in range(3)]
        assert await asyncio.to_thread(eventually, lambda: self.unacknowledged(server), 60), "no alert was raised"
        for socket in sockets:
            await socket.close()


class EveryRoute(unittest.TestCase):
    def test_what_changes_something_is_held_to_it(self):
        """The OpenAPI file is held against the server's table of routes by a test of its own."""
        served = {(method.upper(), path) for path, item in API.document["paths"].items() for method in item
                  if method in ("post", "put", "patch", "delete")}
        self.assertGreater(len(served), 10)
        self.assertEqual(served, {*ROUTES.values(), *KEEPING_NOTHING})
        self.assertEqual(set(ROUTES), set(Changes().kinds))


class SuddenEndMixin:
    """What both tests of SIGKILL do, with a server `self.server` and `self.kill_and_start()`."""

    async def hold_after_kill(self):
        changes = Changes()
        await asyncio.to_thread(changes.let_alerts_be_raised, self.server)
        await asyncio.to_thread(changes.prepare, self.server)
        for _ in range(ROUNDS):
            for name, (make, is_there, action) in changes.kinds.items():
                if name == "ack":
                    await changes.raise_alert(self.server)
                socket = await self.server.connect() if name == "kick" else None
                with self.subTest(change=name):
                    before = changes.audited(self.server, action)
                    answer, known = await asyncio.to_thread(make, self.server)
                    await asyncio.to_thread(self.kill_and_start)
                    self.assertIn(answer.status, MADE, answer)
                    if is_there:
                        self.assertTrue(is_there(self.server, known), f"{name} was answered {answer.status}, and is gone")
                    if action:
                        self.assertGreater(changes.audited(self.server, action), before, f"{action} in the audit")
                if socket:
                    await socket.close()


class SuddenEnd(SuddenEndMixin, ServerTestCase):
    settings = SETTINGS

    def kill_and_start(self):
        self.server.restart("kill")

    async def test_every_answered_change_is_there_after_sigkill(self):
        await self.hold_after_kill()


class SuddenEndOfANode(SuddenEndMixin, ClusterTestCase):
    settings = SETTINGS
    node_names = ("a",)

    def setUp(self):
        super().setUp()
        self.server = self.nodes[0]

    def wait_until_ready(self, node):
        self.wait_until_it_takes_changes(node)

    def kill_and_start(self):
        self.end_node(self.server, "kill")
        self.start(self.server)

    async def test_every_answered_change_is_there_after_sigkill(self):
        await self.hold_after_kill()


class FullDisk(ServerTestCase):
    """No file of the server may grow: for its writes that is a full disk."""

    settings = SETTINGS

    def limit_files(self, size):
        resource.prlimit(self.server.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def fill_disk(self, spare):
        wal = next(name for name in os.listdir(self.server.state_dir) if name.endswith("-wal"))
        self.limit_files(os.path.getsize(os.path.join(self.server.state_dir, wal)) + spare)

    def empty_disk(self):
        resource.prlimit(self.server.process.pid, resource.RLIMIT_FSIZE, UNLIMITED)

    def make_until_refused(self, make):
        """What was acknowledged before the disk was full."""
        known = []
        for _ in range(2000):
            answer, one = make(self.server)
            if answer.status not in MADE:
                self.assert_problem(answer, 503, "store_unavailable")
                return known
            known.append(one)
        self.fail("the disk was never full")

    async def test_what_is_answered_is_kept_and_what_is_refused_changes_nothing(self):
        changes = Changes()
        await asyncio.to_thread(changes.let_alerts_be_raised, self.server)
        await changes.raise_alert(self.server)
        await asyncio.to_thread(changes.prepare, self.server)
        for name in changes.kinds.keys() - {"ack", "kick"}:  # for these see below
            with self.subTest(change=name):
                make, is_there, action = changes.kinds[name]
                self.server.restart()  # with an empty log, which soon has no room
                await asyncio.to_thread(changes.prepare, self.server)
                before = changes.audited(self.server, action)
                limit = changes.value_of_limit(self.server)
                self.fill_disk(spare=24 * 1024)
                known = await asyncio.to_thread(self.make_until_refused, make)
                self.limit_files(1)
                if name == "restore" and not known:
                    self.assertEqual(changes.value_of_limit(self.server), limit, "what was refused is in force")
                switch = changes.api(self.server, "GET", "switch").json()["enabled"]
                if known and name in ("limits", "rules"):
                    self.assertTrue(is_there(self.server, known[-1]), "what was refused is in force")
                if known and name == "switch":
                    self.assertEqual(switch, known[-1], "what was refused is in force")
                self.server.restart("kill")
                for one in known[-1:] if name in ("limits", "restore", "rules", "switch") else known:
                    if is_there:
                        self.assertTrue(is_there(self.server, one), "it was answered 2xx, and is gone")
                if action:
                    self.assertEqual(changes.audited(self.server, action), before + len(known), action)

    async def test_an_alert_stays_unacknowledged_and_a_kick_is_said_to_be_unrecorded(self):
        changes = Changes()
        await asyncio.to_thread(changes.let_alerts_be_raised, self.server)
        await changes.raise_alert(self.server)
        async with self.server.connect() as socket:
            await socket.recv()
            self.limit_files(1)
            answer, _ = await asyncio.to_thread(changes.acknowledge, self.server)
            self.assert_problem(answer, 503, "store_unavailable")
            self.assertEqual(len(changes.unacknowledged(self.server)), 1)

            identifier = changes.api(self.server, "GET", "connections").json()["connections"][0]["id"]
            answer = await asyncio.to_thread(changes.api, self.server, "DELETE", f"connections/{identifier}")
            self.assert_problem(answer, 503, "store_unavailable")
            self.assertIn("the connection has been closed", answer.json()["detail"])
            with self.assertRaises(websockets.ConnectionClosed) as closed:
                await socket.recv()
            self.assertEqual(closed.exception.code, 4133)
        self.assertEqual(changes.audited(self.server, "connection.kick"), 0)

        self.empty_disk()  # and all goes on by itself
        self.assertTrue(eventually(lambda: self.server.request("GET", "/readyz").status == 200, timeout=30))
        answer, known = await asyncio.to_thread(changes.acknowledge, self.server)
        self.assertEqual(answer.status, 200, answer)
        self.server.restart("kill")
        self.assertTrue(changes.has_acknowledged(self.server, known))


if __name__ == "__main__":
    unittest.main()
