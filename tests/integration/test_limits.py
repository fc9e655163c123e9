# SPDX-License-Identifier: GPL-3.0-or-later
"""The three limits of the guide, their windows, their modes, and that they change live."""
import asyncio
import json
import time
import unittest

from gatehouse_server import ORIGIN, ServerTestCase, eventually, make_token, receive, receive_type
from rawconnection import RawConnection, try_upgrade, try_upgrade_when_free

A, B = "127.3.0.1", "127.3.0.2"


class ConnectionsPerAddress(ServerTestCase):
    def fill(self, source, count=5):
        connections = []
        for _ in range(count):
            connection = RawConnection(self.server, source)
            self.addCleanup(connection.close)
            self.assertEqual(connection.upgrade().status, 101)
            connections.append(connection)
        return connections

    def test_the_sixth_is_refused_with_a_problem_and_retry_after(self):
        self.fill(A)
        answer = try_upgrade(self.server, A)
        problem = self.assert_problem(answer, 429, "too_many_connections", "address")
        self.assertEqual((problem["limit"], problem["observed"]), (5, 6))
        self.assertGreaterEqual(int(answer.headers["retry-after"]), 1)
        self.assertEqual(int(answer.headers["retry-after"]), problem["retry_after"])

    def test_other_addresses_are_not_touched(self):
        self.fill(A)
        self.assertEqual(try_upgrade(self.server, A).status, 429)
        self.assertEqual(try_upgrade(self.server, B).status, 101)

    def test_when_one_closes_the_next_is_admitted(self):
        connections = self.fill(A)
        self.assertEqual(try_upgrade(self.server, A).status, 429)
        connections[2].close()
        self.assertTrue(eventually(lambda: try_upgrade(self.server, A).status == 101))

    def test_a_live_edit_counts_for_the_next_decision(self):
        self.fill(A)
        self.assertEqual(try_upgrade(self.server, A).status, 429)
        self.assertEqual(self.server.set_limits({"max_connections_per_ip": 6}).status, 200)
        sixth = RawConnection(self.server, A)
        self.addCleanup(sixth.close)
        self.assertEqual(sixth.upgrade().status, 101)
        self.assertEqual(try_upgrade(self.server, A).status, 429)
        self.assertEqual(self.server.set_limits({"max_connections_per_ip": 2}).status, 200)
        self.assertEqual(try_upgrade(self.server, A).json()["limit"], 2)
        self.assertEqual(try_upgrade(self.server, B).status, 101)

    def test_observe_lets_pass_and_records(self):
        self.assertEqual(self.server.set_limits({"max_connections_per_ip": {"value": 1, "mode": "observe"}}).status, 200)
        self.fill(A, 3)
        decisions = self.server.get("/api/admin/v1/decisions?reason=too_many_connections").json()["decisions"]
        self.assertEqual({decision["action"] for decision in decisions}, {"observed"})
        self.assertEqual(len(decisions), 2)

    def test_off_does_not_look(self):
        self.assertEqual(self.server.set_limits({"max_connections_per_ip": {"mode": "off"}}).status, 200)
        self.fill(A, 7)

    def test_admin_requests_are_neither_limited_nor_counted(self):
        self.fill(A, 4)
        for _ in range(8):
            self.assertEqual(self.server.get("/api/admin/v1/overview", source=A).status, 200)
        self.fill(A, 1)


class Reconnects(ServerTestCase):
    def connect_and_leave(self, count, source=A):
        for _ in range(count):
            self.assertTrue(eventually(lambda: try_upgrade(self.server, source).status == 101))

    def test_the_eleventh_is_refused_with_the_exact_wait(self):
        started = time.time()
        self.connect_and_leave(10)
        answer = try_upgrade_when_free(self.server, A)
        problem = self.assert_problem(answer, 429, "too_many_reconnects", "reconnect")
        passed = time.time() - started
        wait = int(answer.headers["retry-after"])
        # Not a second before the first attempt leaves the window; at most one percent of the window after.
        self.assertGreaterEqual(wait, 60 - passed - 1)
        self.assertLessEqual(wait, 60 + 1)
        self.assertEqual(problem["retry_after"], wait)
        self.assertEqual(problem["limit"], 10)
        self.assertEqual(try_upgrade(self.server, B).status, 101)

    def test_colleagues_behind_one_address_have_budgets_of_their_own(self):
        for user in ("ann", "ben"):
            for _ in range(10):
                self.assertTrue(eventually(lambda: try_upgrade(self.server, A, token=make_token(user)).status == 101))
        for user in ("ben", "ann"):
            refused = try_upgrade_when_free(self.server, A, token=make_token(user))
            self.assert_problem(refused, 429, "too_many_reconnects", "reconnect")
        self.assertEqual(try_upgrade_when_free(self.server, A, token=make_token("cy")).status, 101)
        self.assertEqual(try_upgrade(self.server, B, token=make_token("ann")).status, 101)
        decisions = self.server.get("/api/admin/v1/decisions?reason=too_many_reconnects").json()["decisions"]
        self.assertEqual(sorted(each["user"] for each in decisions), ["ann", "ben"])

    def test_attempts_without_a_good_token_are_counted_by_their_address(self):
        bad = ("", "bad", make_token(exp=int(time.time()) - 60))
        for number in range(10):
            self.assertEqual(try_upgrade(self.server, A, token=bad[number % 3]).status, 401)
        for token in bad:
            self.assert_problem(try_upgrade(self.server, A, token=token), 429, "too_many_reconnects", "reconnect")
        self.assertEqual(try_upgrade(self.server, B, token="bad").status, 401)
        preflight = self.server.get("/ws/notifications/preflight/", token="bad", source=A, headers={"Origin": ORIGIN}).json()
        refusing = [each for each in preflight["guards"] if each["pass"] is False]
        self.assertEqual(refusing[0]["code"], "too_many_reconnects")
        self.connect_and_leave(10)  # users lose nothing by it

    def test_the_window_is_a_limit_like_the_others(self):
        answer = self.server.set_limits({"reconnect_window": 2, "max_reconnect_attempts": 2})
        self.assertEqual(answer.status, 200)
        limits = {each["key"]: each for each in answer.json()["limits"]}
        self.assertEqual((limits["reconnect_window"]["unit"], limits["reconnect_window"]["min"], limits["reconnect_window"]["max"]),
                         ("seconds", 1, 3600))
        self.assertEqual((limits["max_reconnect_attempts"]["window_seconds"], limits["reconnect_window"]["window_seconds"]), (2, None))
        self.connect_and_leave(2)
        answer = try_upgrade_when_free(self.server, A)
        self.assert_problem(answer, 429, "too_many_reconnects")
        self.assertIn(int(answer.headers["retry-after"]), (1, 2, 3))
        self.assertTrue(eventually(lambda: try_upgrade(self.server, A).status == 101))
        for bad, field in (({"reconnect_window": 0}, "reconnect_window"), ({"reconnect_window": 3601}, "reconnect_window"),
                           ({"reconnect_window": {"value": 60, "mode": "observe"}}, "reconnect_window.mode")):
            refused = self.server.set_limits(bad)
            self.assertEqual(refused.status, 422)
            self.assertEqual([error["field"] for error in refused.json()["errors"]], [field])

    def test_refused_attempts_use_no_budget(self):
        for _ in range(15):
            self.assertEqual(try_upgrade(self.server, A, origin="https://evil.example").status, 403)
        connections = [RawConnection(self.server, A) for _ in range(5)]
        for connection in connections:
            self.addCleanup(connection.close)
            self.assertEqual(connection.upgrade().status, 101)
        for _ in range(15):
            self.assert_problem(try_upgrade(self.server, A), 429, "too_many_connections")
        for connection in connections:
            connection.close()
        self.connect_and_leave(5)
        self.assert_problem(try_upgrade_when_free(self.server, A), 429, "too_many_reconnects")

    def test_a_live_edit_gives_back_what_it_adds(self):
        self.connect_and_leave(10)
        self.assertEqual(try_upgrade_when_free(self.server, A).status, 429)
        self.assertEqual(self.server.set_limits({"max_reconnect_attempts": 12}).status, 200)
        self.connect_and_leave(2)
        self.assertEqual(try_upgrade_when_free(self.server, A).status, 429)


class Messages(ServerTestCase):
    async def send_pings(self, socket, count, first=0):
        """Sends pings and returns what came back, by type."""
        for number in range(first, first + count):
            await socket.send(json.dumps({"type": "ping", "id": str(number)}))
        answers = {}
        for _ in range(count):
            message = await receive(socket)
            while message["type"] == "warning":
                message = await receive(socket)
            answers.setdefault(message["type"], []).append(message)
        return answers

    async def test_the_61st_is_not_processed(self):
        socket = await self.open_channel()
        answers = await self.send_pings(socket, 60)
        self.assertEqual(len(answers["pong"]), 60)
        answers = await self.send_pings(socket, 1, 60)
        self.assertNotIn("pong", answers)
        error = answers["error"][0]
        self.assertEqual(error["code"], "rate_limited")
        self.assertGreater(error["retry_after"], 50)
        self.assertLessEqual(error["retry_after"], 61)
        self.assertTrue(error["detail"])

    async def test_broken_messages_count_too(self):
        socket = await self.open_channel()
        for _ in range(60):
            await socket.send("no JSON")
            self.assertEqual((await receive_type(socket, "error"))["code"], "bad_request")
        await socket.send("no JSON")
        self.assertEqual((await receive_type(socket, "error"))["code"], "rate_limited")

    async def test_a_live_edit_counts_for_open_connections(self):
        socket = await self.open_channel()
        answers = await self.send_pings(socket, 61)
        self.assertEqual((len(answers["pong"]), len(answers["error"])), (60, 1))
        self.assertEqual(self.server.set_limits({"max_messages_per_minute": 70}).status, 200)
        answers = await self.send_pings(socket, 11, 61)
        self.assertIn(len(answers["pong"]), (9, 10))  # whether the refused one counts is not said
        self.assertGreaterEqual(len(answers["error"]), 1)
        self.assertEqual(self.server.set_limits({"max_messages_per_minute": 5}).status, 200)
        self.assertEqual(list(await self.send_pings(socket, 1, 80)), ["error"])

    async def test_each_connection_has_its_own_budget(self):
        first = await self.open_channel()
        second = await self.open_channel()
        self.assertEqual(len((await self.send_pings(first, 61))["error"]), 1)
        self.assertEqual(len((await self.send_pings(second, 60))["pong"]), 60)

    async def test_twenty_strikes_close_with_4131(self):
        import websockets
        self.assertEqual(self.server.set_limits({"max_messages_per_minute": 1, "message_limit_strikes": 20}).status, 200)
        socket = await self.open_channel()
        with self.assertRaises(websockets.ConnectionClosed) as caught:
            for number in range(30):
                await socket.send(json.dumps({"type": "ping", "id": str(number)}))
            while True:
                await asyncio.wait_for(socket.recv(), 30)
        self.assertEqual(caught.exception.rcvd.code, 4131)

    async def test_observe_processes_all(self):
        self.assertEqual(self.server.set_limits({"max_messages_per_minute": {"value": 3, "mode": "observe"}}).status, 200)
        socket = await self.open_channel()
        self.assertEqual(len((await self.send_pings(socket, 10))["pong"]), 10)


class OtherCaps(ServerTestCase):
    settings = {"MAX_CONNECTIONS_PER_USER": 2, "MAX_CONNECTIONS_PER_IP": 50}

    def test_connections_per_user(self):
        for number in range(2):
            connection = RawConnection(self.server, f"127.3.1.{number + 1}")
            self.addCleanup(connection.close)
            self.assertEqual(connection.upgrade().status, 101)
        self.assert_problem(try_upgrade(self.server, "127.3.1.9"), 429, "too_many_connections", "user")
        self.assertEqual(try_upgrade(self.server, "127.3.1.9", token=make_token("43")).status, 101)

    def test_connections_in_all(self):
        self.assertEqual(self.server.set_limits({"max_connections": 1}).status, 200)
        connection = RawConnection(self.server)
        self.addCleanup(connection.close)
        self.assertEqual(connection.upgrade().status, 101)
        answer = try_upgrade(self.server, token=make_token("43"))
        self.assert_problem(answer, 503, "server_full", "server")
        self.assertIn("retry-after", answer.headers)


class Rollback(ServerTestCase):
    settings = {"USE_PRODUCTION_WEBSOCKET_MIDDLEWARE": "false"}

    def test_rate_limits_are_off_but_origin_and_token_stay(self):
        connections = []
        for _ in range(12):
            connection = RawConnection(self.server, A)
            self.addCleanup(connection.close)
            self.assertEqual(connection.upgrade().status, 101)
            connections.append(connection)
        self.assertEqual(try_upgrade(self.server, A, origin="https://evil.example").status, 403)
        self.assertEqual(try_upgrade(self.server, A, token="bad").status, 401)


class SwitchTable(unittest.TestCase):
    """Each row of the table of USE_PRODUCTION_WEBSOCKET_MIDDLEWARE and DEBUG."""

    def test_rows(self):
        from gatehouse_server import GatehouseServer
        rows = [("true", None, True), ("TRUE", "true", True), ("1", "true", True), (None, None, True), (None, "false", True),
                (None, "true", False), ("false", None, False), ("no", "false", False), ("OFF", "true", False)]
        for switch, debug, guarding in rows:
            with self.subTest(switch=switch, debug=debug):
                server = GatehouseServer({"USE_PRODUCTION_WEBSOCKET_MIDDLEWARE": switch, "DEBUG": debug,
                                          "MAX_CONNECTIONS_PER_IP": 1, "WORKERS": 1})
                self.addCleanup(server.discard)
                server.start()
                with RawConnection(server) as first, RawConnection(server) as second:
                    self.assertEqual(first.upgrade(origin=ORIGIN).status, 101)
                    self.assertEqual(second.upgrade(origin=ORIGIN).status, 429 if guarding else 101)
                server.kill()


class LiveSwitch(ServerTestCase):
    settings = {"MAX_CONNECTIONS_PER_IP": 1}

    def test_off_and_on_and_back_to_the_configured_value(self):
        first = RawConnection(self.server)
        self.addCleanup(first.close)
        self.assertEqual(first.upgrade().status, 101)
        self.assertEqual(try_upgrade(self.server).status, 429)
        put = lambda on, role: self.server.request("PUT", "/api/admin/v1/switch", self.server.admin_token(role),
                                                   {"enabled": on, "note": "rollback"})
        self.assertEqual(put(False, "operator").status, 403)
        self.assertEqual(put(False, "admin").json(), {"enabled": False})
        self.assertEqual(try_upgrade(self.server).status, 101)
        self.assertEqual(put(True, "admin").json(), {"enabled": True})
        self.assertTrue(eventually(lambda: try_upgrade(self.server).status == 429))
        put(False, "admin")
        self.server.restart("kill")
        self.assertEqual(self.server.get("/api/admin/v1/switch").json(), {"enabled": True})


if __name__ == "__main__":
    unittest.main()
