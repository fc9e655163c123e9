# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide's two endpoints, and what orchestrators and Prometheus ask."""
import asyncio
import re
import time
import unittest

from gatehouse_server import ACTIVE, ADMIN, METRICS, ServerTestCase, eventually, exchange, make_token
from rawconnection import RawConnection, try_upgrade

SEVEN = ["active_connections", "connections_today", "messages_sent", "messages_received", "avg_connection_duration",
         "messages_per_minute", "timestamp"]
TIMESTAMP = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")


def leave_midnight_behind(seconds=60):
    """What is counted by day begins anew at midnight: waits where that would come in the middle of a test."""
    left = 86400 - time.time() % 86400  # the days of the tests' servers are those of UTC
    if left < seconds:
        time.sleep(left + 2)


class TheGuidesEndpoints(ServerTestCase):
    settings = {"ADMIN_USERS": "7, 8"}

    def metrics(self):
        return self.server.get(METRICS).json()

    def test_exactly_the_seven_keys(self):
        answer = self.server.get(METRICS)
        self.assertEqual(answer.status, 200)
        self.assertTrue(answer.headers["content-type"].startswith("application/json"))
        metrics = answer.json()
        self.assertEqual(sorted(metrics), sorted(SEVEN))
        self.assertRegex(metrics["timestamp"], TIMESTAMP)
        for name in SEVEN[:4] + SEVEN[5:6]:
            self.assertIs(type(metrics[name]), int, name)
            self.assertEqual(metrics[name], 0, name)
        self.assertEqual(metrics["avg_connection_duration"], 0.0)

    def test_active_connections(self):
        answer = self.server.get(ACTIVE)
        self.assertEqual(sorted(answer.json()), ["active_connections", "timestamp"])
        self.assertRegex(answer.json()["timestamp"], TIMESTAMP)
        with RawConnection(self.server) as connection:
            connection.open()
            self.assertEqual(self.server.get(ACTIVE).json()["active_connections"], 1)
        self.assertTrue(eventually(lambda: self.server.get(ACTIVE).json()["active_connections"] == 0))

    def test_with_and_without_the_trailing_slash(self):
        for path in (METRICS, ACTIVE):
            self.assertEqual(sorted(self.server.get(path).json()), sorted(self.server.get(path.rstrip("/")).json()))

    def test_401_and_403_say_why(self):
        for path in (METRICS, ACTIVE):
            answer = self.server.request("GET", path)
            self.assertEqual(answer.status, 401)
            self.assertTrue(answer.json()["detail"])
            self.assertTrue(answer.headers["www-authenticate"].startswith("Bearer"))
            self.assertEqual(self.server.get(path, "garbage").status, 401)
            self.assertEqual(self.server.get(path, make_token(exp=int(time.time()) - 100)).status, 401)
            answer = self.server.get(path, make_token("42"))
            self.assertEqual(answer.status, 403)
            self.assertTrue(answer.json()["detail"])

    def test_who_has_admin_rights(self):
        tokens = {"is_staff": make_token("1", is_staff=True), "viewer": make_token("1", role="viewer"),
                  "admin": make_token("1", role="admin"), "ADMIN_USERS": make_token("7"), "ADMIN_USERS, a number": make_token(8)}
        for name, token in tokens.items():
            with self.subTest(name):
                self.assertEqual(self.server.get(METRICS, token).status, 200)
        for name, token in {"is_staff false": make_token("1", is_staff=False), "is_staff text": make_token("1", is_staff="true"),
                            "publisher": make_token("1", role="publisher"), "role unknown": make_token("1", role="boss"),
                            "another user": make_token("78")}.items():
            with self.subTest(name):
                self.assertEqual(self.server.get(METRICS, token).status, 403)

    def test_a_token_in_the_query_opens_nothing_here(self):
        self.assertEqual(self.server.request("GET", METRICS + "?token=" + self.server.admin_token()).status, 401)

    def test_other_methods(self):
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            answer = self.server.request(method, METRICS, self.server.admin_token())
            self.assertEqual(answer.status, 405, answer)
            self.assertIn("GET", answer.headers["allow"])

    async def test_counts_move_and_survive_a_restart(self):
        leave_midnight_behind()
        socket = await self.open_channel()
        for _ in range(3):
            await exchange(socket, {"type": "ping"})
        metrics = eventually(lambda: (lambda m: m if m["messages_received"] == 3 else None)(self.metrics()))
        self.assertTrue(metrics, self.metrics())
        self.assertEqual((metrics["active_connections"], metrics["connections_today"]), (1, 1))
        self.assertGreaterEqual(metrics["messages_sent"], 4)  # the list and three pongs
        self.assertGreaterEqual(metrics["messages_per_minute"], 7)
        await socket.close()
        self.assertTrue(eventually(lambda: self.metrics()["active_connections"] == 0))
        self.assertTrue(eventually(lambda: self.metrics()["avg_connection_duration"] > 0))
        before = self.metrics()
        self.assertEqual(self.server.stop(), 0)
        self.server.start()
        after = self.metrics()
        for name in ("connections_today", "messages_sent", "messages_received", "avg_connection_duration"):
            self.assertEqual(after[name], before[name], name)
        self.assertEqual(after["active_connections"], 0)

    def test_refused_connections_are_not_counted_as_connections(self):
        self.assertEqual(try_upgrade(self.server, origin="https://evil.example").status, 403)
        self.assertEqual(self.metrics()["connections_today"], 0)


class Machines(ServerTestCase):
    def test_health_and_readiness_need_no_token(self):
        for path in ("/healthz", "/readyz"):
            self.assertEqual(self.server.request("GET", path).status, 200, path)

    def test_prometheus_needs_a_token(self):
        self.assertEqual(self.server.request("GET", "/metrics").status, 401)
        self.assertEqual(self.server.get("/metrics", make_token()).status, 403)
        answer = self.server.get("/metrics")
        self.assertEqual(answer.status, 200)
        self.assertTrue(answer.headers["content-type"].startswith("text/plain"))

    def test_prometheus_text_is_well_formed_and_counts(self):
        try_upgrade(self.server, "127.4.0.1", origin="https://evil.example")
        with RawConnection(self.server) as connection:
            connection.open()
            text = eventually(lambda: (lambda t: t if re.search(r"^gatehouse_connections(\{[^}]*\})? 1$", t, re.M) else None)(
                self.server.get("/metrics").body.decode()))
        self.assertTrue(text, self.server.get("/metrics").body.decode())
        line = re.compile(r'^[a-z_:][a-z0-9_:]*(\{([a-z_]+="[^"\\]*",?)*\})? [-+0-9.eEInfNa]+$')
        for each in text.splitlines():
            self.assertTrue(each.startswith("# ") or line.match(each), each)
        self.assertRegex(text, r'gatehouse_guard_refusals_total\{[^}]*guard="origin"[^}]*\} 1')
        for name in ("gatehouse_handshakes_total", "gatehouse_messages_total", "gatehouse_limits_revision", "process_"):
            self.assertIn(name, text)
        self.assertNotIn("127.4.0.1", text)

    def prometheus(self):
        """Each sample of /metrics by its name and labels."""
        text = self.server.get("/metrics").body.decode()
        return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2])
                for line in text.splitlines() if line and not line.startswith("#")}

    async def test_closes_are_told_by_code_and_by_who_began(self):
        first = await self.open_channel()
        await first.close(code=1001)
        second = await self.open_channel()
        await second.close(code=3999)
        third = await self.open_channel(make_token("43"))
        connection = self.server.get(ADMIN + "connections?filter=43").json()["connections"][0]["id"]
        self.server.request("DELETE", ADMIN + "connections/" + connection, self.server.admin_token())
        await third.wait_closed()
        expected = {'{code="1001",initiator="client"}': 1, '{code="other",initiator="client"}': 1,
                    '{code="4133",initiator="server"}': 1}

        def closes():
            return {name.removeprefix("gatehouse_closes_total"): value for name, value in self.prometheus().items()
                    if name.startswith("gatehouse_closes_total") and value}
        self.assertTrue(eventually(lambda: closes() == expected), closes())

    async def test_how_long_publishing_takes(self):
        socket = await self.open_channel()
        before = self.prometheus()
        self.assertEqual(self.server.publish({"to": "all", "title": "Hello"}).status, 202)
        await asyncio.wait_for(socket.recv(), 30)
        # What was handed out may be counted a moment later.
        self.assertTrue(eventually(lambda: self.prometheus()["gatehouse_fanout_seconds_count"] == 1), self.prometheus())
        after = self.prometheus()
        for name in ("gatehouse_publish_seconds", "gatehouse_fanout_seconds"):
            self.assertEqual((before[name + "_count"], after[name + "_count"]), (0, 1), name)
            self.assertGreater(after[name + "_sum"], 0, name)
            self.assertEqual(after[name + '_bucket{le="+Inf"}'], 1, name)
        self.assertGreater(after["gatehouse_store_write_seconds_count"], before["gatehouse_store_write_seconds_count"])
        self.assertEqual(after["gatehouse_notifications_published_total"], 1)

    def test_unknown_paths(self):
        for path in ("/", "/nope", "/api/", "/api/monitoring/", "/api/monitoring/websocket/", "/ws/", "/metrics/x",
                     METRICS + "x", "/API/monitoring/websocket/metrics/", METRICS.replace("metrics", "%6detrics")):
            answer = self.server.get(path)
            self.assertEqual(answer.status, 404, path)
            self.assertEqual(answer.headers["content-type"], "application/problem+json")


class PublicMetrics(ServerTestCase):
    settings = {"METRICS_PUBLIC": "yes"}

    def test_only_the_prometheus_text_is_public(self):
        self.assertEqual(self.server.request("GET", "/metrics").status, 200)
        self.assertEqual(self.server.request("GET", METRICS).status, 401)


if __name__ == "__main__":
    unittest.main()
