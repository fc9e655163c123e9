# SPDX-License-Identifier: GPL-3.0-or-later
"""The orderly end of a server: readiness, spread closings with a delay, early and forced ends."""
import asyncio
import http.client
import json
import re
import signal
import time
import unittest

import websockets

from gatehouse_server import (ADMIN, CHANNEL, HOST, ORIGIN, ServerTestCase, bearer, eventually, make_token, receive,
                              receive_type)
from rawconnection import RawConnection

CROWD = 900
WEBSOCKET = {"Host": HOST, "Origin": ORIGIN, "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
             "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}


class DrainTestCase(ServerTestCase):
    def begin(self):
        """SIGTERM; returns when the drain has begun."""
        self.expect_end = True
        self.server.process.send_signal(signal.SIGTERM)
        self.assertTrue(eventually(lambda: " stopping" in self.server.stderr()), self.server.stderr())

    async def exit_code(self, timeout=20):
        return await asyncio.get_running_loop().run_in_executor(None, self.server.process.wait, timeout)

    async def closing_of(self, socket, timeout=30):
        """(when, code, reason) of a connection that the server closes."""
        try:
            while True:
                await asyncio.wait_for(socket.recv(), timeout)
        except websockets.ConnectionClosed as closed:
            return time.monotonic(), closed.rcvd.code, json.loads(closed.rcvd.reason)


class Spread(DrainTestCase):
    settings = {"DRAIN_SECONDS": 600, "WORKERS": 1, "MAX_CONNECTIONS_PER_IP": 1000, "MAX_RECONNECT_ATTEMPTS": 1000}

    async def test_clients_are_closed_a_few_at_a_time_and_told_when_to_come_back(self):
        sockets = [await self.open_channel(make_token(str(number))) for number in range(200)]
        closings = [asyncio.create_task(self.closing_of(socket)) for socket in sockets]
        await asyncio.to_thread(self.begin)
        closed = sorted(await asyncio.gather(*closings), key=lambda each: each[0])
        self.assertEqual(await self.exit_code(), 0)
        self.assertEqual({code for _, code, _ in closed}, {1012})
        self.assertEqual({reason["r"] for _, _, reason in closed}, {"shutdown"})
        # Two hundred have two seconds, whatever the longest is: half of them go in the first half.
        self.assertGreater(closed[-1][0] - closed[0][0], 1)
        self.assertGreater(closed[100][0] - closed[0][0], 0.5)
        for when, _, reason in closed:
            self.assertGreaterEqual(when + reason["ra"], closed[-1][0], "nobody is asked back while the server drains")
            self.assertLessEqual(reason["ra"], 3 + 2)
        self.assertGreater(len({round(when + reason["ra"]) for when, _, reason in closed}), 1, "all come back at once")

    async def test_three_clients_need_next_to_no_time(self):
        sockets = [await self.open_channel(make_token(str(number))) for number in range(3)]
        closings = [asyncio.create_task(self.closing_of(socket)) for socket in sockets]
        await asyncio.to_thread(self.begin)
        self.assertEqual([closing[1:] for closing in await asyncio.gather(*closings)], [(1012, {"r": "shutdown", "ra": 1})] * 3)
        self.assertEqual(await self.exit_code(), 0)  # long before the ten minutes that it may take


class Long(DrainTestCase):
    """There are more clients than can be told during a test: what ends earlier has a reason."""
    settings = {"DRAIN_SECONDS": 600, "WORKERS": 1, "ADMIN_LISTEN": "127.0.0.1:0", "MAX_RECONNECT_ATTEMPTS": 10000,
                "MAX_CONNECTIONS_PER_IP": 10000}

    def enter_crowd(self):
        """Each client takes ten milliseconds, and does not say goodbye."""
        for number in range(CROWD):
            connection = RawConnection(self.server)
            self.addCleanup(connection.close)
            self.assertEqual(connection.upgrade(token=make_token(f"crowd-{number}")).status, 101)

    def admin_port(self):
        found = eventually(lambda: re.search(r"admin_url=\"?http://127\.0\.0\.1:(\d+)", self.server.stderr()))
        return int(found.group(1))

    def keep_alive(self):
        """A connection that has had an answer and may ask again."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)
        self.addCleanup(connection.close)
        self.assertEqual(self.ask(connection, "/readyz")[0], 200)
        return connection

    def ask(self, connection, path, headers=None):
        connection.request("GET", path, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read()), {name.lower(): value for name, value in answer.getheaders()}

    async def test_http_is_answered_and_nobody_new_is_let_in(self):
        await asyncio.to_thread(self.enter_crowd)
        before, handshake = self.keep_alive(), self.keep_alive()
        console = await websockets.connect(f"ws://127.0.0.1:{self.admin_port()}/ws/admin/",
                                           extra_headers=bearer(self.server.admin_token()), compression=None)
        self.addAsyncCleanup(console.close)
        self.assertEqual((await receive(console))["type"], "hello")
        await asyncio.to_thread(self.begin)

        status, problem, headers = self.ask(before, "/readyz")
        self.assertEqual((status, problem["code"], problem["detail"]), (503, "not_ready", "draining"))
        self.assertEqual(headers["connection"], "close")  # the next request finds whoever listens then
        self.assertEqual(self.ask(before, "/healthz")[0], 200)
        status, problem, headers = self.ask(handshake, CHANNEL + "?token=" + make_token(), WEBSOCKET)
        self.assertEqual((status, problem["code"]), (503, "draining"))
        self.assertGreater(int(headers["retry-after"]), 0)
        # Also on new connections: publishing, tickets, metrics.
        answer = self.server.publish({"to": "all", "title": "while it ends"})
        self.assertEqual(answer.status, 202)
        self.assertGreater(answer.json()["reached"], 0)
        self.assertEqual(self.server.request("POST", "/api/ticket/", None, None, {"Origin": ORIGIN, **bearer(make_token())}).status, 201)
        with self.assertRaises(websockets.InvalidStatusCode) as refused:
            await self.open_channel(make_token())
        self.assertEqual(refused.exception.status_code, 503)

        admin = http.client.HTTPConnection("127.0.0.1", self.admin_port(), timeout=30)
        self.addCleanup(admin.close)
        self.assertEqual(self.ask(admin, "/readyz")[1]["detail"], "draining")

        admin.request("GET", "/metrics", headers=bearer(self.server.admin_token()))
        answer = admin.getresponse()
        self.assertEqual((answer.status, b"gatehouse_connections" in answer.read()), (200, True))
        status, connections, _ = self.ask(admin, ADMIN + "connections", bearer(self.server.admin_token()))
        self.assertEqual(status, 200)
        self.assertGreater(connections["total"], 0)
        await console.ping()
        self.assertTrue(console.open)

        self.server.process.send_signal(signal.SIGTERM)
        self.assertEqual(await self.exit_code(), 0)

    async def test_those_still_connected_are_served_until_their_turn(self):
        await asyncio.to_thread(self.enter_crowd)
        sockets = [await self.open_channel(make_token(str(number))) for number in range(8)]
        publisher = self.keep_alive()
        await asyncio.to_thread(self.begin)
        body = json.dumps({"to": "all", "title": "before the end"})
        publisher.request("POST", "/api/notifications/", body, bearer(self.server.admin_token("publisher")))
        answer = publisher.getresponse()
        self.assertEqual((answer.status, json.loads(answer.read())["reached"] > 0), (202, True))
        got = await asyncio.gather(*(receive_type(socket, "notification") for socket in sockets), return_exceptions=True)
        titles = [each["notification"]["title"] for each in got if isinstance(each, dict)]
        closed = [each.rcvd.code for each in got if isinstance(each, websockets.ConnectionClosed)]  # those whose turn it was
        self.assertEqual((titles, closed), (["before the end"] * len(titles), [1012] * (8 - len(titles))))
        self.assertGreater(len(titles), 0)
        self.server.process.send_signal(signal.SIGTERM)
        self.assertEqual(await self.exit_code(), 0)

    async def test_ends_when_the_last_client_has_left(self):
        sockets = [await self.open_channel(make_token(str(number))) for number in range(3)]
        await asyncio.to_thread(self.begin)
        for socket in sockets:
            await socket.close()
        self.assertEqual(await self.exit_code(), 0)

    async def test_ends_at_once_without_clients(self):
        console = await websockets.connect(f"ws://127.0.0.1:{self.admin_port()}/ws/admin/",
                                           extra_headers=bearer(self.server.admin_token()), compression=None)
        closing = asyncio.create_task(self.closing_of(console))
        await asyncio.to_thread(self.begin)
        self.assertEqual((await closing)[1:], (1012, {"r": "shutdown", "ra": 1}))
        self.assertEqual(await self.exit_code(), 0)


class AtOnce(DrainTestCase):
    """DRAIN_SECONDS=0, the tests' default."""

    async def test_all_are_told_at_once(self):
        sockets = [await self.open_channel(make_token(str(number))) for number in range(4)]
        closings = [asyncio.create_task(self.closing_of(socket)) for socket in sockets]
        await asyncio.to_thread(self.begin)
        for _, code, reason in await asyncio.gather(*closings):
            self.assertEqual((code, reason["r"]), (1012, "shutdown"))
            self.assertEqual(reason["ra"], 1)
        self.assertEqual(await self.exit_code(), 0)


class Budget(DrainTestCase):
    """The clients that a server tells to come back find their reconnect budget untouched at the next one."""
    settings = {"MAX_RECONNECT_ATTEMPTS": 2}

    async def status_of_attempt(self, user, source=None):
        try:
            await self.open_channel(make_token(user), source=source)
            return 101
        except websockets.InvalidStatusCode as refused:
            return refused.status_code

    async def restart(self, **settings):
        self.server.settings.update(settings)
        await asyncio.to_thread(self.server.restart)

    async def test_coming_back_uses_none(self):
        for user in ("ann", "bob"):
            await self.open_channel(make_token(user))
        await self.restart(MAX_RECONNECT_ATTEMPTS=1)
        self.assertEqual([await self.status_of_attempt(user) for user in ("ann", "bob")], [101, 101])
        # The one attempt of each budget is still there, and no more than that.
        for user in ("ann", "bob", "cy"):
            self.assertEqual([await self.status_of_attempt(user) for _ in range(2)], [101, 429], user)
        self.assertEqual([await self.status_of_attempt("eve", "127.0.0.9") for _ in range(2)], [101, 429])

    async def test_those_who_were_not_back_yet_are_not_forgotten(self):
        for user in ("ann", "bob"):
            await self.open_channel(make_token(user))
        await self.restart(MAX_RECONNECT_ATTEMPTS=1)
        self.assertEqual(await self.status_of_attempt("ann"), 101)
        await self.restart()
        self.assertEqual([await self.status_of_attempt("bob") for _ in range(3)], [101, 101, 429])
        self.assertEqual([await self.status_of_attempt("ann") for _ in range(3)], [101, 101, 429])

    async def test_a_server_that_was_killed_grants_nothing(self):
        for user in ("ann", "bob"):
            await self.open_channel(make_token(user))
        self.server.settings["MAX_RECONNECT_ATTEMPTS"] = 1
        self.server.restart("kill")
        self.assertEqual([await self.status_of_attempt(user) for user in ("ann", "ann", "bob", "bob")], [101, 429, 101, 429])

    async def test_a_drain_that_is_cut_short_counts(self):
        for user in ("ann", "bob"):
            await self.open_channel(make_token(user))
        await self.restart(DRAIN_SECONDS=600, WORKERS=1)
        self.assertEqual([await self.status_of_attempt(user) for user in ("ann", "bob")], [101, 101])
        self.server.process.send_signal(signal.SIGTERM)
        self.assertTrue(eventually(lambda: self.server.stderr().count(" stopping") == 2))
        self.server.process.send_signal(signal.SIGTERM)
        self.assertEqual(await self.exit_code(), 0)
        self.server.settings["MAX_RECONNECT_ATTEMPTS"] = 1
        self.server.start()
        self.assertEqual([await self.status_of_attempt(user) for user in ("ann", "ann", "ann")], [101, 101, 429])
        self.assertEqual([await self.status_of_attempt(user) for user in ("bob", "bob", "cy", "cy")], [101, 101, 101, 429])


if __name__ == "__main__":
    unittest.main()
