# SPDX-License-Identifier: GPL-3.0-or-later
"""The memory budget: near it the droppable goes first, then slow consumers, then newcomers; and then all is well again."""
import json
import os
import pathlib
import unittest

from gatehouse_server import ADMIN, ORIGIN, ServerTestCase, eventually, make_token
from rawconnection import TEXT, RawConnection, frame, try_upgrade
from test_slowconsumers import block, head_of, queued_of, small_connection

MIB = 1024 * 1024
BUDGET = 64 * MIB
BIG = 1_000_000  # bytes of a message that a client does not end
HOARDERS = 75
UNLIMITED = {"MAX_CONNECTIONS_PER_IP": 1000, "MAX_RECONNECT_ATTEMPTS_MODE": "off", "MAX_MESSAGES_PER_MINUTE_MODE": "off"}


class MemoryTestCase(ServerTestCase):
    def metrics(self):
        text = self.server.get("/metrics", self.server.admin_token()).body.decode()
        return {row.rsplit(" ", 1)[0]: float(row.rsplit(" ", 1)[1]) for row in text.splitlines() if row[0] != "#"}

    def level(self):
        return self.metrics()["gatehouse_memory_level"]

    def connect_raw(self, user, source=None):
        client = RawConnection(self.server, source)
        self.addCleanup(client.close)
        return client.open(token=make_token(user))


class Budget(MemoryTestCase):
    settings = {**UNLIMITED, "MEMORY_BUDGET": "64M", "MAX_MESSAGE_BYTES": "1048576"}

    def test_newcomers_are_refused_until_there_is_room_again(self):
        self.assertEqual(self.metrics()["gatehouse_memory_budget_bytes"], BUDGET)
        self.assertEqual(self.level(), 0)
        friend = self.connect_raw("friend")
        hoard = [self.connect_raw(f"h{number}") for number in range(HOARDERS)]
        for client in hoard:  # nobody can take this from them but the deadline of a message
            client.send(frame(TEXT, b"x" * BIG, length=BIG + 1))
        self.assertTrue(eventually(lambda: self.level() == 3, 8))
        answer = try_upgrade(self.server, token=make_token("late"))
        problem = self.assert_problem(answer, 503, "server_full", "server")
        self.assertIn("memory", problem["detail"])
        self.assertNotIn("limit", problem)
        self.assertGreaterEqual(int(answer.headers["retry-after"]), 1)
        self.assertEqual(self.server.get("/healthz").status, 200)
        friend.send(frame(TEXT, b'{"type":"ping","id":1}'))
        self.assertEqual(json.loads(friend.read_frame()[1]), {"type": "pong", "id": 1})
        friend.send(frame(TEXT, b'{"type":"get_notifications","id":2}'))
        refused = json.loads(friend.read_frame()[1])
        self.assertEqual((refused["type"], refused["code"], refused["id"]), ("error", "busy", 2))
        for client in hoard:
            client.close()
        self.assertTrue(eventually(lambda: self.level() == 0, 15))
        self.connect_raw("late")
        friend.send(frame(TEXT, b'{"type":"get_notifications","id":3}'))
        self.assertEqual(json.loads(friend.read_frame()[1])["type"], "notifications_list")

    def test_an_operator_is_told(self):
        rules = self.server.get(ADMIN + "alerts/rules", self.server.admin_token()).json()["rules"]
        rule = next(rule for rule in rules if rule["key"] == "memory_high")
        self.assertEqual((rule["metric"], rule["raise_above"], rule["clear_below"]), ("memory_percent", 85, 75))
        changed = [{**each, "for_seconds": 0} if each["key"] == "memory_high" else each for each in rules]
        self.assertEqual(self.server.request("PUT", ADMIN + "alerts/rules", self.server.admin_token(), {"rules": changed}).status, 200)
        hoard = [self.connect_raw(f"h{number}") for number in range(HOARDERS)]
        for client in hoard:
            client.send(frame(TEXT, b"x" * BIG, length=BIG + 1))

        def alerts():
            listed = self.server.get(ADMIN + "alerts", self.server.admin_token()).json()["alerts"]
            return [one for one in listed if one["rule"] == "memory_high"]
        self.assertTrue(eventually(alerts, 9))
        names = self.server.get(ADMIN + "overview", self.server.admin_token()).json()["metadata"]
        self.assertIn("memory_bytes", [each["name"] for each in names])
        for client in hoard:
            client.close()
        self.assertTrue(eventually(lambda: alerts()[0].get("cleared_at"), 20))
        self.assertIn("memory_level", self.server.stderr())


class SlowConsumersFirst(MemoryTestCase):
    settings = {**UNLIMITED, "MEMORY_BUDGET": "64M", "MAX_MESSAGE_BYTES": "1048576"}

    def test_whoever_does_not_read_makes_room(self):
        users = [f"u{number}" for number in range(8)]
        for user in users + ["good"]:  # the server gets to know them
            with RawConnection(self.server) as client:
                client.open(token=make_token(user))
        for number in range(32):
            self.assertEqual(self.server.publish({"to": "all", "title": f"n{number}", "data": "d" * 16000}).status, 202)
        good = self.connect_raw("good")
        hoard = [self.connect_raw(f"h{number}") for number in range(HOARDERS)]
        deaf = {}
        for user in users:
            deaf[user] = small_connection(self.server)
            self.addCleanup(deaf[user].close)
            deaf[user].send(head_of(user))
        block(self, deaf)
        for client in hoard:  # now the memory is needed
            client.send(frame(TEXT, b"x" * BIG, length=BIG + 1))
        self.assertTrue(eventually(lambda: self.level() >= 2, 8))
        self.assertTrue(eventually(lambda: not set(queued_of(self.server)) & set(users), 10))
        refusals = 'gatehouse_guard_refusals_total{guard="queue",reason="slow_consumer",mode="enforce"}'
        self.assertEqual(self.metrics()[refusals], len(users))
        for client in hoard:
            client.close()
        self.assertTrue(eventually(lambda: self.level() == 0, 20))
        good.send(frame(TEXT, b'{"type":"ping","id":9}'))
        self.assertEqual(json.loads(good.read_frame()[1]), {"type": "pong", "id": 9})
        self.check_alive()


def own_memory_group():
    """A memory cgroup that this test may make groups in; None where there is none."""
    for root, limit in ((pathlib.Path("/sys/fs/cgroup/memory"), "memory.limit_in_bytes"),
                        (pathlib.Path("/sys/fs/cgroup"), "memory.max")):
        group = root / f"gatehouse-test-{os.getpid()}"
        try:
            group.mkdir()
        except OSError:
            continue
        if (group / limit).exists():
            return group, limit
        group.rmdir()
    return None


class Cgroup(MemoryTestCase):
    settings = UNLIMITED

    def test_the_groups_limit_is_followed(self):
        made = own_memory_group()
        if not made:
            self.skipTest("no memory cgroup may be made here")
        group, name = made
        limit, inner = group / name, group / "inner"
        inner.mkdir()

        def clean_up():
            (group.parent / "cgroup.procs").write_text(str(self.server.process.pid))
            inner.rmdir()
            group.rmdir()
        self.addCleanup(clean_up)
        self.assertEqual(self.metrics()["gatehouse_memory_budget_bytes"], 0)
        limit.write_text(str(512 * MIB))
        (group / "cgroup.procs").write_text(str(self.server.process.pid))
        self.assertTrue(eventually(
            lambda: self.metrics().get("gatehouse_memory_budget_bytes") == 512 * MIB // 5 * 4, 5))
        self.assertEqual(try_upgrade(self.server).status, 101)
        (inner / "cgroup.procs").write_text(str(self.server.process.pid))
        limit.write_text(str(256 * MIB))  # of the group above its own
        self.assertTrue(eventually(
            lambda: self.metrics().get("gatehouse_memory_budget_bytes") == 256 * MIB // 5 * 4, 5))
        limit.write_text("-1" if name.endswith("in_bytes") else "max")
        self.assertTrue(eventually(lambda: self.metrics()["gatehouse_memory_budget_bytes"] == 0, 5))


if __name__ == "__main__":
    unittest.main()
