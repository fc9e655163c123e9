# SPDX-License-Identifier: GPL-3.0-or-later
"""What a client that was away gets when it comes back with its cursor, and read marks between a user's connections."""
import asyncio
import json
import time
import unittest

from gatehouse_server import ServerTestCase, make_token, receive, receive_type

NOWHERE = "Mjo3OjU"  # "2:7:5": the form of a cursor, but nobody gave it out


def titles(message):
    return [each["title"] for each in message["notifications"]]


class Recovery(ServerTestCase):
    settings = {"MAX_CONNECTIONS_PER_IP": "100", "MAX_RECONNECT_ATTEMPTS": "100000", "MAX_MESSAGES_PER_MINUTE": "100000"}

    def say(self, *names, to=None, **more):
        answer = self.server.publish([{"to": to or {"users": ["42"]}, "title": name, **more} for name in names])
        self.assertEqual(answer.status, 202, answer)
        return answer.json()["ids"]

    async def come(self, cursor=None, user="42", **claims):
        query = "" if cursor is None else "&cursor=" + cursor
        return await self.open_channel(make_token(user, **claims) + query)

    async def first(self, cursor=None, **more):
        socket = await self.come(cursor, **more)
        await socket.close()
        return socket.first

    async def test_what_came_after_the_cursor(self):
        start = (await self.first(groups=["staff"]))["cursor"]
        self.say("a", "b")
        self.say("staff", to={"groups": ["staff"]})
        self.say("all", to="all")
        self.say("another's", to={"users": ["43"]})
        for _ in range(2):  # as often as it is asked
            first = await self.first(start, groups=["staff"])
            self.assertEqual(titles(first), ["a", "b", "staff", "all"])
            self.assertEqual((first["unread"], first["truncated"]), (4, False))
        self.assertEqual(titles(await self.first(first["cursor"], groups=["staff"])), [])
        self.server.restart("kill")
        self.say("c")
        again = await self.first(first["cursor"], groups=["staff"])
        self.assertEqual((titles(again), again["truncated"]), (["c"], False))

    async def test_what_was_read_meanwhile_is_marked(self):
        start = (await self.first())["cursor"]
        ids = self.say("a", "b")
        other = await self.come()
        await other.send(json.dumps({"type": "mark_read", "ids": [ids[0]], "id": 1}))
        self.assertEqual((await receive(other))["unread"], 1)
        first = await self.first(start)
        self.assertEqual([(each["title"], each["read"]) for each in first["notifications"]], [("a", True), ("b", False)])
        self.assertEqual(first["unread"], 1)

    async def test_a_live_one_moves_the_cursor(self):
        socket = await self.come()
        self.say("a", "b")
        seen = await receive_type(socket, "notification")
        self.assertEqual(titles(await self.first(seen["cursor"])), ["b"])

    async def test_cursors_that_are_none_of_this_history(self):
        ids = self.say("read")
        socket = await self.come()
        await socket.send(json.dumps({"type": "mark_read", "ids": ids, "id": 1}))
        await receive_type(socket, "ack")
        self.say("unread")
        for cursor in ("nonsense", NOWHERE, "%00", "x" * 3000):
            with self.subTest(cursor=cursor[:10]):
                first = await self.first(cursor)
                self.assertEqual((titles(first), first["truncated"], first["unread"]), (["unread"], True, 1))
                self.assertEqual(titles(await self.first(first["cursor"])), [])
        self.assertFalse((await self.first(""))["truncated"])  # no cursor at all

    async def test_more_than_one_list_takes_while_others_publish(self):
        start = (await self.first())["cursor"]
        body = "x" * 4000
        for batch in range(6):
            self.say(*(f"{batch * 100 + number}" for number in range(100)), body=body)
        socket = await self.server.connect(make_token() + "&cursor=" + start, max_size=None)
        self.addAsyncCleanup(socket.close)
        publishing = asyncio.get_running_loop().run_in_executor(
            None, lambda: [self.say(str(600 + number)) for number in range(200)])
        seen, lists = [], 0
        while len(seen) < 800:
            message = await receive(socket)
            if message["type"] == "notifications_list":
                lists += 1
                self.assertFalse(message["truncated"])
                seen += titles(message)
            else:
                self.assertEqual(message["type"], "notification")
                seen.append(message["notification"]["title"])
        await publishing
        self.assertEqual(seen, [str(number) for number in range(800)])
        self.assertGreater(lists, 4)  # 2.4 MB in parts of 512 KiB

    async def test_the_history_of_a_user_is_bounded(self):
        start = (await self.first())["cursor"]
        self.say(*(str(number) for number in range(1000)))
        self.say("1000", "1001")
        first = await self.first(start)
        self.assertTrue(first["truncated"])
        self.assertEqual(titles(first), [str(number) for number in range(2, 1002)])

    async def test_get_notifications(self):
        socket = await self.come()
        start = socket.first["cursor"]
        self.say("a", "b", "c")
        for _ in range(3):
            await receive_type(socket, "notification")
        listed, cursor = [], start
        while True:  # page by page
            await socket.send(json.dumps({"type": "get_notifications", "since": cursor, "limit": 2, "id": cursor}))
            page = await receive(socket)
            self.assertEqual(page["type"], "notifications_list")
            self.assertEqual(await receive(socket), {"type": "ack", "id": cursor})
            if not page["notifications"]:
                break
            listed += titles(page)
            cursor = page["cursor"]
        self.assertEqual(listed, ["a", "b", "c"])
        await socket.send('{"type": "get_notifications"}')
        self.assertEqual(titles(await receive(socket)), ["a", "b", "c"])
        for member, value in (("since", "x"), ("since", 5), ("limit", 0), ("limit", 1001), ("limit", "5"), ("limit", 1.5)):
            with self.subTest(member=member, value=value):
                await socket.send(json.dumps({"type": "get_notifications", member: value, "id": 9}))
                error = await receive(socket)
                self.assertEqual((error["type"], error["code"], error["id"]), ("error", "bad_request", 9))
                self.assertIn(member, error["detail"])
        self.say("d")
        self.assertEqual((await receive(socket))["notification"]["title"], "d")

    async def test_what_has_expired_is_neither_listed_nor_counted(self):
        start = (await self.first())["cursor"]
        ttl = 10  # it begins before both are on disk
        self.say("brief", ttl=ttl)
        self.say("long")
        self.assertEqual(titles(await self.first(start)), ["brief", "long"])
        deadline = time.monotonic() + ttl + 5
        while titles(await self.first(start)) != ["long"] and time.monotonic() < deadline:
            await asyncio.sleep(0.2)
        for cursor in (start, None):
            first = await self.first(cursor)
            self.assertEqual((titles(first), first["unread"], first["truncated"]), (["long"], 1, False))


class ReadMarks(ServerTestCase):
    settings = {"MAX_CONNECTIONS_PER_IP": "100", "MAX_RECONNECT_ATTEMPTS": "1000", "WORKERS": "3"}

    async def test_all_connections_of_the_user_learn_it(self):
        sockets = [await self.open_channel() for _ in range(6)]  # on every worker
        stranger = await self.open_channel(make_token("43"))
        ids = self.server.publish([{"to": {"users": ["42"]}, "title": str(number)} for number in range(3)]).json()["ids"]
        for socket in sockets:
            for _ in ids:
                await receive_type(socket, "notification")
        await sockets[0].send(json.dumps({"type": "mark_read", "ids": [ids[1], "nonsense", ids[1]], "id": "a"}))
        self.assertEqual(await receive(sockets[0]), {"type": "ack", "id": "a", "unread": 2})
        for socket in sockets[1:]:
            self.assertEqual(await receive(socket), {"type": "read", "ids": [ids[1]], "unread": 2})
        await sockets[1].send(json.dumps({"type": "mark_read", "ids": [ids[1]], "id": "b"}))  # was read already
        self.assertEqual(await receive(sockets[1]), {"type": "ack", "id": "b", "unread": 2})
        await sockets[2].send('{"type": "mark_all_read"}')
        for socket in (*sockets[:2], *sockets[3:]):
            self.assertEqual(await receive(socket), {"type": "read", "ids": [ids[0], ids[2]], "unread": 0})
        await stranger.send('{"type": "ping"}')
        self.assertEqual((await receive(stranger))["type"], "pong")
        again = await self.open_channel()
        self.assertEqual((again.first["notifications"], again.first["unread"]), ([], 0))

    async def test_the_count_agrees_whatever_comes_between(self):
        reader, watcher = await self.open_channel(), await self.open_channel()
        unread = set()
        for number in range(30):
            identifier = self.server.publish({"to": {"users": ["42"]}, "title": str(number)}).json()["ids"][0]
            unread.add(identifier)
            if number % 3 == 2:
                gone = sorted(unread)[0]
                unread.discard(gone)
                await reader.send(json.dumps({"type": "mark_read", "ids": [gone], "id": number}))
                self.assertEqual((await receive_type(reader, "ack"))["unread"], len(unread))
                # A notification is told before the read mark of somebody who has seen it.
                seen = await receive_type(watcher, "read")
                self.assertEqual((seen["ids"], seen["unread"]), ([gone], len(unread)))
                self.assertEqual((await self.open_channel()).first["unread"], len(unread))


if __name__ == "__main__":
    unittest.main()
