# SPDX-License-Identifier: GPL-3.0-or-later
"""?refusal=close: every refusal reaches a page as a close code and a reason that it can read."""
import json
import struct
import time
import unittest

import websockets

from browser import Chromium, Site
from gatehouse_server import ADMIN, CHANNEL, METRICS, ServerTestCase, make_token
from rawconnection import CLOSE, RawConnection, upgrade_head

PATH = CHANNEL + "?refusal=close"
PAGE = """<!doctype html><meta charset="utf-8"><title>test</title><script>
const ws = new WebSocket(%s);
ws.onclose = (event) => fetch('/report', {method: 'POST',
    body: JSON.stringify({event: 'close', code: event.code, reason: event.reason, clean: event.wasClean})});
</script>"""


class CloseMode(ServerTestCase):
    def attempt(self, source=None, token=None, **more):
        """The handshake's answer in close mode, then (code, reason) of the close frame; None if it is admitted."""
        token = make_token() if token is None else token
        with RawConnection(self.server, source) as connection:
            path = PATH + ("&token=" + token if token else "")
            answer = connection.upgrade(path=path, query=False, **more)
            self.assertEqual(answer.status, 101, answer)
            opcode, payload = connection.read_frame()
            if opcode != CLOSE:
                return None
            self.assertLessEqual(len(payload), 125)
            connection.wait_for_end(5)
            self.assertEqual(connection.buffer, b"")
            return struct.unpack(">H", payload[:2])[0], payload[2:]

    def assert_refused(self, code, reason, waits, *arguments, **more):
        """Refused so, with an id that the decisions know; `waits`: whether it says how long to wait. Returns the wait."""
        attempt = self.attempt(*arguments, **more)
        self.assertIsNotNone(attempt, "was admitted")
        self.assertEqual(attempt[0], code, attempt)
        said = json.loads(attempt[1])
        self.assertEqual(attempt[1].decode(), json.dumps(said, separators=(",", ":"), ensure_ascii=False))
        detail = said.pop("d", "")
        self.assertEqual(list(said), ["r", "ra", "id"] if waits else ["r", "id"])
        self.assertEqual(said["r"], reason)
        decision = self.server.get(ADMIN + "decisions").json()["decisions"][0]
        self.assertEqual((decision["id"], decision["reason"], decision.get("retry_after")), (said["id"], reason, said.get("ra")))
        self.assertEqual(bool(detail), reason in ("token_invalid", "token_expired"), "what is wrong with a token is said, cut to what fits")
        self.assertTrue(decision["detail"].startswith(detail.removesuffix("…")), (detail, decision["detail"]))
        return said.get("ra")


class EachReason(CloseMode):
    def ban(self, kind, value):
        self.assertEqual(self.server.request("POST", ADMIN + "bans", self.server.admin_token(), {"kind": kind, "value": value}).status, 201)

    def test_origin(self):
        self.assert_refused(4503, "origin_not_allowed", False, origin="https://evil.example")
        self.assert_refused(4503, "origin_not_allowed", False, origin=None)

    def test_token(self):
        self.assert_refused(4501, "token_missing", False, token="")
        self.assert_refused(4501, "token_invalid", False, token="nonsense")
        self.assert_refused(4001, "token_expired", False, token=make_token(exp=int(time.time()) - 60))

    def test_revoked_and_banned(self):
        self.ban("token_id", "stolen")
        self.assert_refused(4504, "token_revoked", False, token=make_token(jti="stolen"))
        self.ban("user", "66")
        self.assert_refused(4504, "banned", False, token=make_token("66"))
        self.ban("address", "127.9.0.1")
        self.assert_refused(4504, "banned", False, "127.9.0.1")

    async def test_connections_of_an_address(self):
        for number in range(5):
            await self.open_channel(make_token(str(number)))
        self.assertGreater(self.assert_refused(4129, "too_many_connections", True), 0)

    async def test_connections_of_a_user(self):
        self.server.set_limits({"max_connections_per_user": 1})
        await self.open_channel()
        self.assert_refused(4129, "too_many_connections", True, "127.9.0.2")

    def test_reconnects(self):
        self.server.set_limits({"max_connections_per_ip": 100})  # those before may still hold their places
        for _ in range(10):
            self.assertIsNone(self.attempt())
        wait = self.assert_refused(4130, "too_many_reconnects", True)
        self.assertTrue(50 < wait <= 60, wait)

    async def test_full(self):
        self.server.set_limits({"max_connections": 1})
        await self.open_channel()
        self.assert_refused(1013, "server_full", True, "127.9.0.3", make_token("7"))


class HoldsNothing(CloseMode):
    settings = {"MAX_RECONNECT_ATTEMPTS": 3}

    def test_refusals_use_no_budget_and_count_as_nothing_else(self):
        for number in range(20):
            self.assertEqual(self.attempt(token="nonsense")[0], 4501 if number < 3 else 4130)
            self.assertEqual(self.attempt(origin="https://evil.example")[0], 4503)
        metrics = self.server.get(METRICS).json()
        self.assertEqual((metrics["active_connections"], metrics["connections_today"]), (0, 0))
        self.assertIsNone(self.attempt())

    def test_one_who_does_not_close_is_let_go_of(self):
        with RawConnection(self.server) as connection:
            connection.send(upgrade_head(path=PATH + "&token=x", query=False))
            self.assertEqual(connection.read_answer().status, 101)
            self.assertEqual(connection.read_close(), 4501)
            connection.wait_for_end(5)  # the server's half: it comes without our doing
            self.assertEqual(self.server.get(METRICS).json()["active_connections"], 0)

    async def test_an_independent_client_sees_the_code(self):
        async with self.server.connect(path=PATH + "&token=x", query=False) as socket:
            with self.assertRaises(websockets.ConnectionClosed) as closed:
                await socket.recv()
        self.assertEqual(closed.exception.rcvd.code, 4501)
        self.assertEqual(json.loads(closed.exception.rcvd.reason)["r"], "token_invalid")


class StaysHttp(CloseMode):
    settings = {"SERVED_HOSTS": "push.example"}

    def test_another_host_and_malformed_heads(self):
        def answer(**more):
            with RawConnection(self.server) as connection:
                return connection.upgrade(path=PATH + "&token=" + make_token(), query=False, **more)
        self.assert_problem(answer(host="other.example"), 421, "wrong_host")
        self.assertEqual(answer(host="push.example", key="x").status, 400)
        self.assertEqual(answer(host="push.example", method="POST").status, 405)
        self.assertEqual(answer(host="push.example", websocket_version="8").status, 426)
        self.assertEqual(answer(host="push.example").status, 101)


class RealBrowser(ServerTestCase):
    settings = {"ALLOWED_HOSTS": "localhost"}

    def test_a_page_reads_why(self):
        for host, token, code, reason in (("localhost", "x", 4501, "token_invalid"), ("127.0.0.1", make_token(), 4503, "origin_not_allowed")):
            url = f"ws://127.0.0.1:{self.server.port}{PATH}&token={token}"
            site = Site({"/": PAGE % json.dumps(url)})
            self.addCleanup(site.end)
            self.addCleanup(Chromium(f"http://{host}:{site.server_port}/").end)
            report = site.report("close")
            self.assertEqual((report["code"], json.loads(report["reason"])["r"], report["clean"]), (code, reason, True))


if __name__ == "__main__":
    unittest.main()
