# SPDX-License-Identifier: GPL-3.0-or-later
"""The channel's messages, as documented, with an independent WebSocket client."""
import asyncio
import json
import unittest

import websockets

from gatehouse_server import ServerTestCase, exchange, make_token, receive, receive_type


class FirstMessage(ServerTestCase):
    async def test_notifications_list_comes_first_and_is_whole(self):
        socket = await self.open_channel()
        self.assertEqual(socket.first["type"], "notifications_list")
        self.assertEqual(socket.first["notifications"], [])
        self.assertEqual(socket.first["unread"], 0)
        self.assertIs(socket.first["truncated"], False)
        self.assertIn("cursor", socket.first)

    async def test_every_connection_gets_its_own(self):
        self.server.publish({"to": {"users": ["42"]}, "title": "For 42"})
        first = await self.open_channel()
        second = await self.open_channel()
        other = await self.open_channel(make_token("43"))
        self.assertEqual([len(each.first["notifications"]) for each in (first, second, other)], [1, 1, 0])


class Commands(ServerTestCase):
    async def test_ping_pong(self):
        socket = await self.open_channel()
        self.assertEqual(await exchange(socket, {"type": "ping"}), {"type": "pong"})
        self.assertEqual(await exchange(socket, {"type": "ping", "id": "a-7"}), {"type": "pong", "id": "a-7"})
        self.assertEqual(await exchange(socket, {"type": "ping", "id": 7}), {"type": "pong", "id": 7})

    async def test_what_is_wrong_gets_an_error_and_never_a_disconnect(self):
        socket = await self.open_channel()
        cases = [("unknown_type", '{"type": "dance"}'), ("unknown_type", '{"type": ""}'),
                 ("bad_request", "hello"), ("bad_request", ""), ("bad_request", "{"), ("bad_request", "[]"), ("bad_request", "null"),
                 ("bad_request", "5"), ("bad_request", "{}"), ("bad_request", '{"type": 5}'), ("bad_request", '{"type": null}'),
                 ("bad_request", '{"type": "mark_read"}'), ("bad_request", '{"type": "mark_read", "ids": "x"}'),
                 ("bad_request", '{"type": "mark_read", "ids": [5]}'), ("bad_request", '{"type": "mark_read", "ids": []}'),
                 ("bad_request", '{"type": "ping", "id": {"a": 1}}'), ("bad_request", '{"type": "ping", "id": "%s"}' % ("x" * 200)),
                 ("bad_request", '{"type": "ping", "a": ' + "[" * 2000 + "]" * 2000 + "}")]
        for code, text in cases:
            with self.subTest(text=text[:60]):
                await socket.send(text)
                error = await receive_type(socket, "error")
                self.assertEqual(error["code"], code, error)
                self.assertTrue(error["detail"])
        self.assertEqual((await exchange(socket, {"type": "ping"}))["type"], "pong")

    async def test_an_error_names_the_id_of_its_command(self):
        socket = await self.open_channel()
        error = await exchange(socket, {"type": "dance", "id": "x1"})
        self.assertEqual((error["type"], error["code"], error["id"]), ("error", "unknown_type", "x1"))

    async def test_a_long_unknown_type_is_not_echoed_whole(self):
        socket = await self.open_channel()
        error = await exchange(socket, {"type": "x" * 50_000})
        self.assertLess(len(json.dumps(error)), 1000)

    async def test_a_binary_message_gets_an_error(self):
        socket = await self.open_channel()
        await socket.send(b"\x00\x01\xff")
        self.assertEqual((await receive_type(socket, "error"))["code"], "bad_request")
        self.assertEqual((await exchange(socket, {"type": "ping"}))["type"], "pong")

    async def test_protocol_ping_is_answered(self):
        socket = await self.open_channel()
        await asyncio.wait_for(await socket.ping(b"hello"), 30)

    async def test_client_close_is_answered_with_its_code(self):
        socket = await self.open_channel()
        await socket.close(1000, "bye")
        self.assertEqual(socket.close_code, 1000)


class Reading(ServerTestCase):
    def publish(self, count=3):
        answer = self.server.publish([{"to": {"users": ["42"]}, "title": f"Number {number}"} for number in range(count)])
        self.assertEqual(answer.status, 202, answer)
        return answer.json()["ids"]

    async def list_of(self, user="42"):
        async with self.server.connect(make_token(user)) as socket:
            return await receive(socket)

    async def test_mark_read_takes_them_from_the_next_list(self):
        ids = self.publish()
        socket = await self.open_channel()
        self.assertEqual([each["id"] for each in socket.first["notifications"]], ids)
        self.assertEqual(socket.first["unread"], 3)
        answer = await exchange(socket, {"type": "mark_read", "ids": ids[:2], "id": 9})
        self.assertEqual(answer, {"type": "ack", "id": 9, "unread": 1})
        after = await self.list_of()
        self.assertEqual([each["id"] for each in after["notifications"]], ids[2:])
        self.assertEqual(after["unread"], 1)

    async def test_mark_all_read(self):
        self.publish()
        socket = await self.open_channel()
        answer = await exchange(socket, {"type": "mark_all_read", "id": "all"})
        self.assertEqual(answer, {"type": "ack", "id": "all", "unread": 0})
        self.assertEqual((await self.list_of())["notifications"], [])

    async def test_other_connections_of_the_user_are_told(self):
        ids = self.publish()
        reader = await self.open_channel()
        other = await self.open_channel()
        stranger = await self.open_channel(make_token("43"))
        await reader.send(json.dumps({"type": "mark_read", "ids": [ids[0]], "id": 1}))
        told = await receive_type(other, "read")
        self.assertEqual((told["ids"], told["unread"]), ([ids[0]], 2))
        self.assertEqual((await exchange(stranger, {"type": "ping"}))["type"], "pong")

    async def test_foreign_and_unknown_ids_change_nothing(self):
        ids = self.publish()
        stranger = await self.open_channel(make_token("43"))
        for wrong in (ids, ["01ARYZ6S410000000000000000"], ["'; DROP TABLE notifications; --"]):
            await stranger.send(json.dumps({"type": "mark_read", "ids": wrong, "id": 1}))
            self.assertEqual((await receive(stranger))["type"], "ack")
        self.assertEqual((await self.list_of())["unread"], 3)

    async def test_read_marks_survive_a_kill(self):
        ids = self.publish()
        socket = await self.open_channel()
        await exchange(socket, {"type": "mark_read", "ids": ids[:1], "id": 1})
        self.server.restart("kill")
        self.assertEqual([each["id"] for each in (await self.list_of())["notifications"]], ids[1:])


class Shutdown(ServerTestCase):
    async def test_clients_are_closed_with_1012_or_1001_and_the_exit_code_is_0(self):
        socket = await self.open_channel()
        self.expect_end = True
        loop = asyncio.get_running_loop()
        stopping = loop.run_in_executor(None, self.server.stop, 40)
        with self.assertRaises(websockets.ConnectionClosed) as caught:
            await asyncio.wait_for(socket.recv(), 30)
        self.assertIn(caught.exception.rcvd.code, (1001, 1012))
        self.assertEqual(await stopping, 0)


if __name__ == "__main__":
    unittest.main()
