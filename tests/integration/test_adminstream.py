# SPDX-License-Identifier: GPL-3.0-or-later
"""The live stream that the console watches."""
import asyncio
import json
import os
import signal
import time
import unittest

import websockets

from gatehouse_server import ADMIN, GatehouseServer, ServerTestCase, eventually, exchange, make_token, receive, receive_type
from rawconnection import RawConnection, try_upgrade

TOPICS = ["metrics", "decisions", "connections", "alerts", "limits"]


class AdminStream(ServerTestCase):
    async def open_stream(self, *topics, role="viewer", user="root"):
        stream = await self.server.connect_admin(self.server.admin_token(role, user))
        self.addAsyncCleanup(stream.close)
        stream.hello = await receive(stream)
        if topics:
            await stream.send(json.dumps({"type": "subscribe", "topics": list(topics)}))
            self.assertEqual(await receive_type(stream, "subscribed"), {"type": "subscribed", "topics": list(topics)})
        return stream

    async def in_thread(self, function, *arguments, **more):
        return await asyncio.get_running_loop().run_in_executor(None, lambda: function(*arguments, **more))

    async def test_hello_first(self):
        stream = await self.open_stream()
        self.assertEqual(stream.hello["type"], "hello")
        self.assertEqual((stream.hello["server"]["role"], stream.hello["server"]["user"]), ("viewer", "root"))
        self.assertIn("active_connections", [metric["name"] for metric in stream.hello["metadata"]])

    async def test_a_metrics_frame_each_second(self):
        stream = await self.open_stream("metrics")
        started = time.monotonic()
        frames = [await receive_type(stream, "metrics") for _ in range(4)]
        self.assertGreater(time.monotonic() - started, 2.0)
        self.assertLess(time.monotonic() - started, 10.0)
        for frame in frames:
            self.assertEqual(len(frame["frame"]["values"]), len(stream.hello["metadata"]))
            self.assertEqual(len(frame["totals"]), 7)
            for name in ("peak_connections", "refusals_per_minute", "addresses_near_limit"):
                self.assertIn(name, frame)
        times = [frame["frame"]["t"] for frame in frames]
        self.assertEqual(times, sorted(set(times)))

    async def test_refusals_are_seen_as_they_happen(self):
        stream = await self.open_stream("metrics", "decisions")
        problem = (await self.in_thread(try_upgrade, self.server, origin="https://evil.example")).json()
        place = [metric["name"] for metric in stream.hello["metadata"]].index("refused_origin")
        seen, counted, frames_after = [], 0, 0
        while frames_after < 3:  # the frame that counts it may come before the decision
            message = await receive(stream)
            if message["type"] == "decisions":
                seen += [decision["id"] for decision in message["decisions"]]
            elif message["type"] == "metrics":
                counted += message["frame"]["values"][place]
                frames_after += bool(seen)
        self.assertEqual(seen, [problem["instance"]])
        self.assertEqual(counted, 1)

    async def test_connections_alerts_and_limits(self):
        stream = await self.open_stream(*TOPICS)
        connection = await self.in_thread(RawConnection, self.server)
        self.addCleanup(connection.close)
        await self.in_thread(connection.open)
        message = await receive_type(stream, "connections", 10)
        self.assertEqual(message["active"], 1)
        answer = await self.in_thread(self.server.set_limits, {"max_connections_per_ip": 9})
        self.assertEqual(answer.status, 200)
        message = await receive_type(stream, "limits", 10)
        self.assertEqual(message["document"]["revision"], answer.json()["revision"])
        self.assertEqual(message["revision"]["changes"][0]["key"], "max_connections_per_ip")
        await self.in_thread(self.server.request, "PUT", ADMIN + "switch", self.server.admin_token(), {"enabled": False})
        self.assertEqual((await receive_type(stream, "switch", 10))["enabled"], False)

    async def test_unsubscribed_topics_stay_silent(self):
        stream = await self.open_stream("limits")
        with self.assertRaises(asyncio.TimeoutError):
            await asyncio.wait_for(stream.recv(), 2.5)

    async def test_bad_messages_get_an_error(self):
        stream = await self.open_stream()
        for code, text in (("unknown_topic", '{"type": "subscribe", "topics": ["lemons"]}'),
                           ("bad_request", '{"type": "subscribe"}'), ("bad_request", '{"type": "subscribe", "topics": "metrics"}'),
                           ("bad_request", '{"type": "subscribe", "topics": [5]}'), ("bad_request", '{"type": "dance"}'),
                           ("bad_request", "hello"), ("bad_request", "[]")):
            with self.subTest(text=text):
                await stream.send(text)
                error = await receive_type(stream, "error")
                self.assertIn(error["code"], (code, "unknown_topic") if "[5]" in text else (code,))
                self.assertTrue(error["detail"])

    async def test_who_may_watch(self):
        for token, status in ((make_token(), 403), (self.server.admin_token("publisher"), 403), ("garbage", 401)):
            with self.assertRaises(websockets.InvalidStatusCode) as caught:
                await self.server.connect_admin(token)
            self.assertEqual(caught.exception.status_code, status)
        self.assertEqual(try_upgrade(self.server, path="/ws/admin/", query=False, origin=None).status, 401)

    async def test_a_foreign_page_may_not_watch(self):
        with self.assertRaises(websockets.InvalidStatusCode) as caught:
            await self.server.connect_admin(origin="https://evil.example")
        self.assertEqual(caught.exception.status_code, 403)

    async def test_consoles_are_neither_limited_nor_counted(self):
        await self.in_thread(self.server.set_limits, {"max_connections_per_ip": 1, "max_reconnect_attempts": 1})
        for _ in range(4):
            await self.open_stream("metrics")
        self.assertEqual(self.server.get("/api/monitoring/websocket/active-connections/").json()["active_connections"], 0)
        self.assertEqual((await self.in_thread(try_upgrade, self.server)).status, 101)


class Rights(ServerTestCase):
    """A stream ends when the right to it ends: what SIGHUP reads decides about those that are open, too."""
    SECRETS = ("s" * 40, "t" * 40)

    def write(self, secret=SECRETS[0], **settings):
        with open(os.path.join(self.server._folder, ".env"), "w", encoding="utf-8") as file:
            file.write(f"JWT_SECRET={secret}\n" + "".join(f"{name}={value}\n" for name, value in settings.items()))

    def setUp(self):
        self.server = GatehouseServer({"JWT_SECRET": None})
        self.addCleanup(self.server.discard)
        self.write(ADMIN_USERS="77,78")
        self.server.start()

    async def in_thread(self, function, *arguments):
        return await asyncio.get_running_loop().run_in_executor(None, lambda: function(*arguments))

    async def watch(self, user, **claims):
        stream = await self.server.connect_admin(make_token(user, self.SECRETS[0], **claims))
        self.addAsyncCleanup(stream.close)
        hello = await receive(stream)
        await stream.send(json.dumps({"type": "subscribe", "topics": ["metrics"]}))
        await receive_type(stream, "subscribed")
        return stream, hello["server"]["role"]

    async def reload(self):
        before = self.server.stderr().count("keys_reloaded")
        self.server.process.send_signal(signal.SIGHUP)
        self.assertTrue(await self.in_thread(eventually, lambda: self.server.stderr().count("keys_reloaded") > before))

    async def assert_closed(self, stream, code, reason):
        async def end():
            while True:
                await stream.recv()
        with self.assertRaises(websockets.ConnectionClosed):
            await asyncio.wait_for(end(), 10)
        self.assertEqual(stream.close_code, code)
        self.assertEqual(json.loads(stream.close_reason)["r"], reason)

    async def test_who_leaves_admin_users(self):
        (leaves, role), (stays, _), (falls, _) = await self.watch("77"), await self.watch("78"), await self.watch("77", role="viewer")
        self.assertEqual(role, "admin")
        self.write(ADMIN_USERS="78")
        await self.reload()
        await self.assert_closed(leaves, 4504, "role_too_weak")
        await self.assert_closed(falls, 4133, "role_changed")
        await receive_type(stays, "metrics", 10)
        again, role = await self.watch("77", role="viewer")
        self.assertEqual(role, "viewer")
        await receive_type(again, "metrics", 10)

    async def test_a_reload_that_changes_nothing_ends_nothing(self):
        stream, _ = await self.watch("77")
        await self.reload()
        await receive_type(stream, "metrics", 10)

    async def test_whose_key_is_gone_stays_as_clients_do(self):
        stream, _ = await self.watch("77")
        client = await self.server.connect(make_token(secret=self.SECRETS[0]))
        self.addAsyncCleanup(client.close)
        await receive(client)
        self.write(self.SECRETS[1], ADMIN_USERS="77")
        await self.reload()
        self.assertEqual((await exchange(client, {"type": "ping"}))["type"], "pong")
        await receive_type(stream, "metrics", 10)

    async def test_who_leaves_with_the_key(self):
        stream, _ = await self.watch("77")
        self.write(self.SECRETS[1], ADMIN_USERS="78")
        await self.reload()
        await self.assert_closed(stream, 4504, "role_too_weak")

    async def test_who_is_an_admin_by_the_token(self):
        (stream, role), (leaves, _) = await self.watch("5", role="admin"), await self.watch("77")
        self.assertEqual(role, "admin")
        self.write(ADMIN_USERS="78")
        await self.reload()
        await self.assert_closed(leaves, 4504, "role_too_weak")
        await receive_type(stream, "metrics", 10)

    async def test_the_last_administrator_stays(self):
        stream, _ = await self.watch("77")
        ban = {"kind": "user", "value": "78"}
        token = make_token("9", self.SECRETS[0], role="operator")
        self.assertEqual(self.server.request("POST", ADMIN + "bans", token, ban).status, 201)
        ban["value"] = "77"
        self.assert_problem(self.server.request("POST", ADMIN + "bans", token, ban), 409, "would_ban_last_admin")
        for users in ("78", ""):
            before = self.server.stderr().count("keys_kept")
            self.write(ADMIN_USERS=users)
            self.server.process.send_signal(signal.SIGHUP)
            self.assertTrue(await self.in_thread(eventually, lambda: self.server.stderr().count("keys_kept") > before))
            self.assertIn("ADMIN_USERS", self.server.stderr().splitlines()[-1])
        await receive_type(stream, "metrics", 10)
        self.assertEqual(self.server.request("POST", ADMIN + "bans", token, {**ban, "force": True}).status, 201)
        await self.assert_closed(stream, 4504, "banned")

    async def test_a_bad_file_ends_nothing(self):
        stream, _ = await self.watch("77")
        self.write("short", ADMIN_USERS="78")
        self.server.process.send_signal(signal.SIGHUP)
        self.assertTrue(await self.in_thread(eventually, lambda: "keys_kept" in self.server.stderr()))
        await receive_type(stream, "metrics", 10)


if __name__ == "__main__":
    unittest.main()
