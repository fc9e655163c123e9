# SPDX-License-Identifier: GPL-3.0-or-later
"""How a backend publishes, whom it reaches, and that nothing that was acknowledged is lost."""
import asyncio
import json
import re
import unittest

from gatehouse_server import PUBLISH, ServerTestCase, make_token, receive, receive_type

ULID = re.compile(r"^[0-7][0-9A-HJKMNP-TV-Z]{25}$")


class Audiences(ServerTestCase):
    async def test_a_user_on_all_connections_and_nobody_else(self):
        first, second = await self.open_channel(), await self.open_channel()
        other = await self.open_channel(make_token("43"))
        answer = self.server.publish({"to": {"users": ["42"]}, "title": "Hello", "body": "สวัสดี 🚀", "level": "success",
                                      "data": {"order": 7, "list": [None, True, 1.5]}})
        self.assertEqual(answer.status, 202, answer)
        self.assertEqual(answer.json()["reached"], 2)
        identifier = answer.json()["ids"][0]
        self.assertRegex(identifier, ULID)
        for socket in (first, second):
            message = await receive_type(socket, "notification")
            self.assertTrue(message["cursor"])
            notification = message["notification"]
            self.assertEqual(set(notification), {"id", "title", "body", "level", "data", "created_at", "read"})
            self.assertEqual(notification["id"], identifier)
            self.assertEqual(notification["body"], "สวัสดี 🚀")
            self.assertEqual(notification["data"], {"order": 7, "list": [None, True, 1.5]})
            self.assertEqual((notification["level"], notification["read"]), ("success", False))
            self.assertRegex(notification["created_at"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")
        await other.send('{"type": "ping"}')
        self.assertEqual((await receive(other))["type"], "pong")

    async def test_groups_of_the_token(self):
        staff = await self.open_channel(make_token("1", groups=["staff", "sales"]))
        sales = await self.open_channel(make_token("2", groups=["sales"]))
        nobody = await self.open_channel(make_token("3"))
        self.assertEqual(self.server.publish({"to": {"groups": ["staff"]}, "title": "Staff"}).json()["reached"], 1)
        self.assertEqual(self.server.publish({"to": {"groups": ["sales", "staff"]}, "title": "Both"}).json()["reached"], 2)
        self.assertEqual((await receive_type(staff, "notification"))["notification"]["title"], "Staff")
        self.assertEqual((await receive_type(staff, "notification"))["notification"]["title"], "Both")
        self.assertEqual((await receive_type(sales, "notification"))["notification"]["title"], "Both")
        await nobody.send('{"type": "ping"}')
        self.assertEqual((await receive(nobody))["type"], "pong")

    async def test_everybody(self):
        sockets = [await self.open_channel(make_token(str(user))) for user in range(4)]
        self.assertEqual(self.server.publish({"to": "all", "title": "All"}).json()["reached"], 4)
        for socket in sockets:
            self.assertEqual((await receive_type(socket, "notification"))["notification"]["title"], "All")

    async def test_a_batch_arrives_in_order(self):
        socket = await self.open_channel()
        answer = self.server.publish([{"to": {"users": ["42"]}, "title": str(number)} for number in range(100)])
        self.assertEqual(len(answer.json()["ids"]), 100)
        self.assertEqual(sorted(answer.json()["ids"]), answer.json()["ids"])
        titles = [(await receive_type(socket, "notification"))["notification"]["title"] for _ in range(100)]
        self.assertEqual(titles, [str(number) for number in range(100)])

    async def test_ephemeral_is_delivered_and_not_kept(self):
        socket = await self.open_channel()
        answer = self.server.publish({"to": {"users": ["42"]}, "title": "Now", "ephemeral": True})
        self.assertEqual(answer.status, 202, answer)
        self.assertEqual((await receive_type(socket, "notification"))["notification"]["title"], "Now")
        async with self.server.connect() as later:
            self.assertEqual((await receive(later))["notifications"], [])


class WhileAway(ServerTestCase):
    async def first_of(self, user="42", **claims):
        async with self.server.connect(make_token(user, **claims)) as socket:
            return await receive(socket)

    async def test_it_is_in_the_next_list(self):
        self.assertEqual(self.server.publish({"to": {"users": ["42", "43"]}, "title": "While away"}).json()["reached"], 0)
        for user in ("42", "43"):
            listed = await self.first_of(user)
            self.assertEqual([each["title"] for each in listed["notifications"]], ["While away"])
            self.assertIs(listed["notifications"][0]["read"], False)

    async def test_a_numeric_user_id_is_the_same_user(self):
        self.server.publish({"to": {"users": [42]}, "title": "Number"})
        self.assertEqual((await self.first_of(42))["unread"], 1)
        self.assertEqual((await self.first_of("42"))["unread"], 1)

    async def test_groups_and_all_are_kept_for_users_the_server_has_seen(self):
        await self.first_of("42", groups=["staff"])
        self.server.publish({"to": {"groups": ["staff"]}, "title": "Staff"})
        self.server.publish({"to": "all", "title": "All"})
        seen = await self.first_of("42", groups=["staff"])
        self.assertEqual([each["title"] for each in seen["notifications"]], ["Staff", "All"])
        self.assertEqual((await self.first_of("77", groups=["staff"]))["notifications"], [])

    async def test_it_survives_a_stop_and_a_kill(self):
        ids = [self.server.publish({"to": {"users": ["42"]}, "title": "1"}).json()["ids"][0]]
        self.assertEqual(self.server.stop(), 0)
        self.server.start()
        ids.append(self.server.publish({"to": {"users": ["42"]}, "title": "2"}).json()["ids"][0])
        self.server.restart("kill")
        self.assertEqual([each["id"] for each in (await self.first_of())["notifications"]], ids)


class WhatIsRefused(ServerTestCase):
    def test_who_may_publish(self):
        body = {"to": "all", "title": "x"}
        self.assert_problem(self.server.request("POST", PUBLISH, body=body), 401, "token_missing")
        for token in (make_token(), self.server.admin_token("viewer")):
            answer = self.server.publish(body, token)
            self.assertEqual(answer.status, 403, answer)
            self.assertTrue(answer.json()["detail"])
        for role in ("publisher", "operator", "admin"):
            self.assertEqual(self.server.publish(body, self.server.admin_token(role)).status, 202)

    def test_each_wrong_member_is_named(self):
        good = {"to": {"users": ["42"]}, "title": "x"}
        cases = {"to": {"title": "x"}, "title": {"to": "all"}, "to.users": {"to": {"users": []}, "title": "x"},
                 "level": {**good, "level": "fatal"}, "ttl": {**good, "ttl": -1}, "ephemeral": {**good, "ephemeral": "yes"},
                 "body": {**good, "body": 5}, "urgency": {**good, "urgency": 1}, "[1].title": [good, {"to": "all"}]}
        for field, body in cases.items():
            with self.subTest(field=field):
                answer = self.server.publish(body)
                self.assertIn(answer.status, (400, 422), answer)
                self.assertIn(field, answer.json()["detail"] + json.dumps(answer.json().get("errors", [])))

    def test_what_is_no_json(self):
        for body in (b"", b"hello", b"{", b"[]", b"\xff\xfe", b"[" * 1000 + b"]" * 1000, b"{}x",
                     b'{"to":"all","title":"x","to":{"users":["42"]}}', b'{"to":"all","title":"x","data":{"a":1,"a":2}}',
                     b'{"to":"all","title":"\\ud800"}'):
            with self.subTest(body=body[:20]):
                answer = self.server.publish(body)
                self.assertIn(answer.status, (400, 422), answer)
                self.assertEqual(answer.headers["content-type"], "application/problem+json")

    def test_a_refused_batch_publishes_nothing(self):
        self.assertIn(self.server.publish([{"to": {"users": ["42"]}, "title": "x"}, {"title": "y"}]).status, (400, 422))
        async def listed():
            async with self.server.connect() as socket:
                return await receive(socket)
        self.assertEqual(asyncio.run(listed())["notifications"], [])

    def test_other_methods_and_too_much(self):
        answer = self.server.request("GET", PUBLISH, self.server.admin_token())
        self.assertEqual(answer.status, 405)
        self.assertIn("POST", answer.headers["allow"])
        try:
            answer = self.server.publish(b"[" + b" " * (64 * 1024 * 1024) + b"]")
        except (ConnectionError, BrokenPipeError):
            return  # refused while it was still being sent
        self.assertEqual(answer.status, 413)


class Retries(ServerTestCase):
    async def listed(self):
        async with self.server.connect() as socket:
            return [each["id"] for each in (await receive(socket))["notifications"]]

    def send(self, body, key, token=None):
        return self.server.request("POST", PUBLISH, token or self.server.admin_token("publisher", "backend"), body,
                                   {"Idempotency-Key": key})

    async def test_the_same_ids_and_nothing_twice(self):
        socket = await self.open_channel()
        body = [{"to": {"users": ["42"]}, "title": "a"}, {"to": {"users": ["42"]}, "title": "now", "ephemeral": True},
                {"to": {"users": ["42"]}, "title": "b"}]
        first = self.send(body, "key-1")
        self.assertEqual((first.status, first.json()["reached"]), (202, 3))
        self.assertNotIn("idempotent-replayed", first.headers)
        for how in (None, "stop", "kill"):
            if how:
                self.server.restart(how)
            again = self.send(body, "key-1")
            self.assertEqual(again.status, 202, again)
            self.assertEqual(again.json(), {"ids": first.json()["ids"], "reached": 0})
            self.assertEqual(again.headers["idempotent-replayed"], "true")
        self.assertEqual(await self.listed(), [first.json()["ids"][0], first.json()["ids"][2]])
        for title in ("a", "now", "b"):
            self.assertEqual((await receive_type(socket, "notification"))["notification"]["title"], title)

    async def test_whose_key_and_for_what(self):
        body = {"to": {"users": ["42"]}, "title": "a"}
        ids = self.send(body, "k").json()["ids"]
        self.assert_problem(self.send({**body, "title": "b"}, "k"), 422, "idempotency_key_reused")
        other = self.send(body, "k", self.server.admin_token("publisher", "another"))
        self.assertEqual(other.status, 202)
        self.assertNotIn("idempotent-replayed", other.headers)
        self.assertEqual(await self.listed(), ids + other.json()["ids"])
        # What was refused has used no key.
        self.assertEqual(self.send({"to": "all"}, "unused").status, 422)
        self.assertNotIn("idempotent-replayed", self.send(body, "unused").headers)

    def test_keys_that_are_none(self):
        body = {"to": {"users": ["42"]}, "title": "a"}
        for key in ("", "k" * 256, "two words", "a\tb", "k\u00e4"):
            with self.subTest(key=key[:12]):
                problem = self.assert_problem(self.send(body, key), 400, "bad_request")
                self.assertIn("Idempotency-Key", problem["detail"])
        self.assertEqual(self.send(body, "k" * 255).status, 202)

    async def test_many_at_once_publish_once(self):
        body = {"to": {"users": ["42"]}, "title": "a"}
        answers = await asyncio.gather(*(asyncio.to_thread(self.send, body, "k") for _ in range(16)))
        self.assertEqual({answer.status for answer in answers}, {202})
        self.assertEqual(len({answer.json()["ids"][0] for answer in answers}), 1)
        self.assertEqual(sum("idempotent-replayed" not in answer.headers for answer in answers), 1)
        self.assertEqual(len(await self.listed()), 1)


if __name__ == "__main__":
    unittest.main()
