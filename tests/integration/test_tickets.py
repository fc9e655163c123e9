# SPDX-License-Identifier: GPL-3.0-or-later
"""A ticket stands in for a token, once."""
import time
import unittest

import websockets

from gatehouse_server import (ADMIN, CHANNEL, ORIGIN, PUBLISH, ServerTestCase, bearer, make_token, receive,
                              receive_type)
from rawconnection import try_upgrade, try_upgrade_when_free

PREFLIGHT = CHANNEL + "preflight/"
TICKET = "/api/ticket/"


class Pages(ServerTestCase):
    def ask(self, path, token=None, origin=ORIGIN, method="GET", **headers):
        if origin is not None:
            headers["Origin"] = origin
        if token is not None:
            headers.update(bearer(token))
        return self.server.request(method, path, None, None, headers)

    def ticket(self, token=None):
        answer = self.ask(TICKET, token or make_token(), method="POST")
        self.assertEqual(answer.status, 201, answer)
        self.assertEqual(answer.json()["expires_in"], 30)
        return answer.json()["ticket"]


class Tickets(Pages):
    settings = {"MAX_RECONNECT_ATTEMPTS": 1000}

    async def test_opens_the_channel_once(self):
        token = make_token("7")
        ticket = self.ticket(token)
        path = CHANNEL + "?ticket=" + ticket
        async with self.server.connect(path=path, query=False) as socket:
            self.assertEqual((await receive(socket))["type"], "notifications_list")
            self.assertEqual(self.server.publish({"to": {"users": ["7"]}, "title": "for 7"}).json()["reached"], 1)
            self.assertEqual((await receive_type(socket, "notification"))["notification"]["title"], "for 7")
        problem = self.assert_problem(try_upgrade(self.server, path=path, query=False), 401, "token_invalid", "token")
        self.assertIn("ticket", problem["detail"])
        self.assert_problem(try_upgrade(self.server, path=CHANNEL + "?ticket=" + "A" * 32, query=False), 401, "token_invalid")

    def test_stays_good_where_an_earlier_guard_refuses(self):
        path = CHANNEL + "?ticket=" + self.ticket()
        self.assertEqual(try_upgrade(self.server, path=path, query=False, origin="https://evil.example").status, 403)
        self.assertEqual(try_upgrade(self.server, path=path, query=False).status, 101)

    async def test_stays_good_where_a_later_guard_refuses(self):
        self.assertEqual(self.server.set_limits({"max_connections_per_user": 1}).status, 200)
        path = CHANNEL + "?ticket=" + self.ticket(make_token("7"))
        open_one = await self.server.connect(make_token("7"))
        for _ in range(3):
            self.assert_problem(try_upgrade(self.server, path=path, query=False), 429, "too_many_connections", "user")
        closing = try_upgrade(self.server, path=path.replace("?", "?refusal=close&"), query=False)
        self.assertEqual(closing.status, 101)  # and is closed at once: that is a refusal too
        await open_one.close()
        self.assertEqual(try_upgrade_when_free(self.server, path=path, query=False).status, 101)
        self.assert_problem(try_upgrade(self.server, path=path, query=False), 401, "token_invalid", "token")

    def test_used_ones_take_no_place(self):
        for _ in range(40):  # sixteen may wait at a time
            self.assertEqual(try_upgrade_when_free(self.server, path=CHANNEL + "?ticket=" + self.ticket(), query=False).status, 101)

    async def test_ends_with_its_token(self):
        # Long enough to get in on a machine that is busy; and servers allow a second's difference between clocks.
        path = CHANNEL + "?ticket=" + self.ticket(make_token(exp=int(time.time()) + 6))
        async with self.server.connect(path=path, query=False) as socket:
            with self.assertRaises(websockets.ConnectionClosed) as closed:
                while True:
                    await receive(socket, 20)
        self.assertEqual(closed.exception.rcvd.code, 4001)

    async def test_the_revoked_token_behind_it_counts(self):
        ticket = self.ticket(make_token(jti="stolen"))
        ban = {"kind": "token_id", "value": "stolen"}
        self.assertEqual(self.server.request("POST", ADMIN + "bans", self.server.admin_token(), ban).status, 201)
        self.assert_problem(try_upgrade(self.server, path=CHANNEL + "?ticket=" + ticket, query=False), 403, "token_revoked")
        self.assert_problem(self.ask(TICKET, make_token(jti="stolen"), method="POST"), 403, "token_revoked")

    def test_the_order_of_places(self):
        good, bad = make_token(), "nonsense"
        ticket = self.ticket()
        def answer(path, *extra):
            return try_upgrade(self.server, path=CHANNEL + path, query=False, extra=extra).status
        self.assertEqual(answer(f"?ticket={ticket}", "Authorization: Bearer " + bad), 401)
        self.assertEqual(answer(f"?ticket={ticket}", "Sec-WebSocket-Protocol: gatehouse.v1, bearer." + bad), 401)
        self.assertEqual(answer(f"?token={bad}&ticket={ticket}"), 101)  # also: nothing of the above has used it up
        self.assertEqual(answer(f"?token={good}&ticket={ticket}"), 401)
        self.assertEqual(answer(f"?token={bad}", "Authorization: Bearer " + good), 101)

    def test_cors_for_listed_origins(self):
        answer = self.ask(TICKET, method="OPTIONS", **{"Access-Control-Request-Method": "POST"})
        self.assertEqual((answer.status, answer.headers["access-control-allow-origin"]), (204, ORIGIN))
        self.assertEqual(answer.headers["access-control-allow-headers"], "Authorization")
        for method in ("OPTIONS", "POST"):
            answer = self.ask(TICKET, make_token(), method=method, origin="https://evil.example")
            self.assert_problem(answer, 403, "origin_not_allowed")
            self.assertEqual([name for name in answer.headers if name.startswith("access-control")], [])

    def test_who_may_ask(self):
        self.assert_problem(self.ask(TICKET, method="POST"), 401, "token_missing")
        answer = self.ask(TICKET, make_token(exp=int(time.time()) - 60), method="POST")
        self.assert_problem(answer, 401, "token_expired")
        self.assertEqual(answer.headers["access-control-allow-origin"], ORIGIN)
        self.assert_problem(self.ask(TICKET, make_token()), 405, "method_not_allowed")
        for _ in range(5):
            self.ask(TICKET, "nonsense", method="POST")
        self.assert_problem(self.ask(TICKET, "nonsense", method="POST"), 429, "too_many_failures")
        self.assertEqual(self.ask(TICKET, make_token(), method="POST").status, 201)  # a good one is let in all the same

    def test_a_user_has_so_many_at_a_time(self):
        for _ in range(16):
            self.ticket()
        self.assert_problem(self.ask(TICKET, make_token(), method="POST"), 429, "too_many_tickets")
        self.ticket(make_token("another"))

    def test_a_restart_forgets_it(self):
        ticket = self.ticket()
        self.server.restart()
        self.assertEqual(try_upgrade(self.server, path=CHANNEL + "?ticket=" + ticket, query=False).status, 401)


class OwnAdminListener(Pages):
    settings = {"ADMIN_LISTEN": "127.0.0.1:0"}

    def test_pages_find_both_where_the_channel_is(self):
        path = PREFLIGHT + "?ticket=" + self.ticket()
        for _ in range(2):  # it is only looked at
            self.assertTrue(self.ask(path).json()["admitted"])
        self.assertEqual(self.ask(PUBLISH, make_token(), method="POST").status, 403)
        self.assertEqual(self.server.get(ADMIN + "overview", is_described=False).status, 404)


if __name__ == "__main__":
    unittest.main()
