# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may connect: where a token may be, and which tokens are accepted."""
import asyncio
import base64
import json
import os
import re
import sqlite3
import time
import unittest
from contextlib import closing

import websockets

from gatehouse_server import ADMIN, SECRET, ServerTestCase, bearer, eventually, make_token, receive
from rawconnection import RawConnection, try_upgrade


def part(value):
    return base64.urlsafe_b64encode(value if isinstance(value, bytes) else json.dumps(value).encode()).rstrip(b"=").decode()


class WhereTheTokenMayBe(ServerTestCase):
    def test_query(self):
        self.assertEqual(try_upgrade(self.server).status, 101)

    def test_path_without_trailing_slash(self):
        self.assertEqual(try_upgrade(self.server, path="/ws/notifications").status, 101)

    def test_header(self):
        answer = try_upgrade(self.server, query=False, extra=["Authorization: Bearer " + make_token()])
        self.assertEqual(answer.status, 101)
        self.assertNotIn("sec-websocket-protocol", answer.headers)

    def test_subprotocol_echoes_only_the_protocol(self):
        answer = try_upgrade(self.server, query=False, extra=["Sec-WebSocket-Protocol: gatehouse.v1, bearer." + make_token()])
        self.assertEqual(answer.status, 101)
        self.assertEqual(answer.headers.get("sec-websocket-protocol"), "gatehouse.v1")

    async def test_subprotocol_with_an_independent_client(self):
        async with self.server.connect(query=False, subprotocols=["gatehouse.v1", "bearer." + make_token()]) as socket:
            self.assertEqual(socket.subprotocol, "gatehouse.v1")
            self.assertEqual((await receive(socket))["type"], "notifications_list")

    def test_header_comes_before_query(self):
        answer = try_upgrade(self.server, token="bad", extra=["Authorization: Bearer " + make_token()])
        self.assertEqual(answer.status, 101)
        answer = try_upgrade(self.server, extra=["Authorization: Bearer bad"])
        self.assert_problem(answer, 401, "token_invalid", "token")

    async def test_unknown_subprotocols_are_not_echoed(self):
        with self.assertRaises(websockets.InvalidStatusCode) as refused:  # a browser would end it itself, after the 101
            await self.server.connect(subprotocols=["chat", "superchat"])
        self.assertEqual(refused.exception.status_code, 400)
        async with self.server.connect(subprotocols=["chat", "gatehouse.v1"]) as socket:
            self.assertEqual(socket.subprotocol, "gatehouse.v1")


class WhichTokensAreAccepted(ServerTestCase):
    settings = {"MAX_CONNECTIONS_PER_IP": 1000, "MAX_RECONNECT_ATTEMPTS": 1000}

    def test_missing(self):
        for path in ("/ws/notifications/", "/ws/notifications/?token="):
            answer = try_upgrade(self.server, path=path, query=False)
            self.assert_problem(answer, 401, "token_missing", "token")
            self.assertTrue(answer.headers.get("www-authenticate", "").startswith("Bearer"), answer)

    def test_expired(self):
        answer = try_upgrade(self.server, token=make_token(exp=int(time.time()) - 3600))
        self.assert_problem(answer, 401, "token_expired", "token")
        self.assertTrue(answer.headers.get("www-authenticate", "").startswith("Bearer"), answer)

    def test_accepted_forms(self):
        now = int(time.time())
        tokens = {
            "as simplejwt issues it": make_token(),
            "numeric user_id": make_token(user=42),
            "sub instead of user_id": make_token(drop=("user_id",), sub="42"),
            "more claims": make_token(is_staff=True, groups=["staff"], anything={"a": [1]}),
            "not before, passed": make_token(nbf=now - 60),
            "of another issuer, without token_type": make_token(drop=("token_type",)),
            "expiry with a fraction": make_token(exp=now + 600.5),
        }
        for name, token in tokens.items():
            with self.subTest(name):
                self.assertEqual(try_upgrade(self.server, token=token).status, 101)

    def test_refused_forms(self):
        now = int(time.time())
        good = make_token()
        head, body, signature = good.split(".")
        claims = {"token_type": "access", "exp": now + 600, "iat": now, "jti": "x", "user_id": "42"}
        flipped = ("A" if signature[0] != "A" else "B") + signature[1:]
        tokens = {
            "garbage": "garbage", "dots": "..", "four parts": good + ".x", "two parts": f"{head}.{body}",
            "one bit off": f"{head}.{body}.{flipped}", "truncated": good[:-1], "padding": good + "=",
            "no signature": f"{head}.{body}.", "empty head": f".{body}.{signature}", "empty body": f"{head}..{signature}",
            "another secret": make_token(secret="another-secret-that-is-long-enough-for-hs256"),
            "alg none": f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims)}.",
            "alg None": f"{part({'alg': 'None'})}.{part(claims)}.",
            "alg none with signature": f"{part({'alg': 'none'})}.{part(claims)}.{signature}",
            "HS384": make_token(algorithm="HS384"), "HS512": make_token(algorithm="HS512"),
            "crit": make_token(headers={"crit": ["exp"]}), "jku": make_token(headers={"jku": "http://127.0.0.1:1/keys"}),
            "refresh token": make_token(token_type="refresh"), "token_type null": make_token(token_type=None),
            "no exp": make_token(drop=("exp",)),
            "no user": make_token(drop=("user_id",)), "empty user": make_token(user=""), "user null": make_token(user=None),
            "user list": make_token(user=["42"]), "user true": make_token(user=True), "user 1.5": make_token(user=1.5),
            "body no JSON": f"{head}.{part(b'hello')}.{signature}", "body a list": f"{head}.{part([1])}.{signature}",
            "4 KiB of letters": "a" * 4096,
        }
        for name, token in tokens.items():
            with self.subTest(name):
                answer = try_upgrade(self.server, token=token)
                problem = self.assert_problem(answer, 401, "token_invalid", "token")
                if len(token) > 20:
                    self.assertNotIn(token[:20], answer.body.decode())
                self.assertTrue(problem["detail"])

    def test_odd_times_are_refused(self):
        import jwt
        now = int(time.time())
        for name, claims in {"exp text": {"exp": "tomorrow"}, "exp list": {"exp": [1]}, "exp null": {"exp": None},
                             "exp true": {"exp": True}, "nbf in the future": {"exp": now + 7200, "nbf": now + 3600},
                             "iat in the future": {"exp": now + 7200, "iat": now + 3600}}.items():
            with self.subTest(name):
                payload = {"token_type": "access", "exp": now + 600, "iat": now, "jti": "x", "user_id": "42", **claims}
                token = jwt.api_jws.encode(json.dumps(payload).encode(), SECRET, "HS256")
                self.assertEqual(try_upgrade(self.server, token=token).status, 401)

    def test_a_token_of_a_mebibyte_is_refused_in_bounds(self):
        started = time.monotonic()
        with RawConnection(self.server) as connection:
            try:
                connection.send("GET /ws/notifications/?token=" + "a" * 1024 * 1024)
            except ConnectionError:
                pass  # refused while it was still being sent
            else:
                self.assertIn(connection.read_answer().status, (400, 414, 431))
        self.assertLess(time.monotonic() - started, 6)


class WhyATokenIsRefused(ServerTestCase):
    """The operator is told what the client is told: in the log, in the decisions, in what is stored, and by `check --token`."""
    settings = {"JWT_ISSUER": "https://id.example/", "MAX_CONNECTIONS_PER_IP": 1000, "MAX_RECONNECT_ATTEMPTS": 1000}

    @staticmethod
    def faults():
        now = int(time.time())
        ours = {"iss": "https://id.example/"}
        return {
            "signature does not fit": make_token(secret="another-secret-that-is-long-enough-for-hs256", **ours),
            "expired 40 d ago": make_token(exp=now - 40 * 86400, **ours),
            "iat is 5": make_token(iat=now + 330, exp=now + 900, **ours),
            "has no exp": make_token(drop=("exp",), **ours),
            "has no iss": make_token(),
            'iss "https://other.example/" is not JWT_ISSUER': make_token(iss="https://other.example/"),
            "user_id or sub": make_token(drop=("user_id",), **ours),
            "longer than 255": make_token(user="u" * 300, **ours),
            "refresh": make_token(token_type="refresh", **ours),
            'alg "HS384" is not HS256': make_token(algorithm="HS384", **ours),
            "header has jku": make_token(headers={"jku": "http://127.0.0.1:1/"}, **ours),
            "three parts": "nonsense",
        }

    def decisions(self):
        listed = self.server.get(ADMIN + "decisions", self.server.admin_token(iss="https://id.example/")).json()["decisions"]
        return {each["id"]: each["detail"] for each in listed}

    def test_each_fault_is_told_everywhere(self):
        told = {}
        for words, token in self.faults().items():
            problem = self.assert_problem(try_upgrade(self.server, token=token), 401,
                                          "token_expired" if "expired" in words else "token_invalid", "token")
            self.assertIn(words, problem["detail"])
            told[problem["instance"]] = problem["detail"]
            checked = self.server.run("check", "--token", "-", input_text=token)
            self.assertEqual((checked.returncode, checked.stdout.strip()), (1, problem["detail"]), checked)
        self.assertEqual(len(set(told.values())), len(told), "each has a sentence of its own")
        self.assertEqual(self.decisions(), told)
        self.assertTrue(eventually(lambda: len(self.refused()) == len(told)), self.refused())
        for line in self.refused():
            self.assertIn('detail="' + told[re.search(r" id=(\S+)", line)[1]].replace('"', '\\"') + '"', line)
        for name, content in self.server.everything_written().items():
            self.assertNotIn(b"eyJ", content, name)
        self.server.restart()
        self.assertEqual(self.decisions(), told)

    def refused(self):
        return [line for line in self.server.stderr().splitlines() if " refused " in line]

    def test_a_file_of_an_earlier_version_is_taken_over(self):
        try_upgrade(self.server, token="nonsense")
        self.assertEqual(len(self.decisions()), 1)
        self.server.stop()
        with closing(sqlite3.connect(os.path.join(self.server.state_dir, "gatehouse.db"), isolation_level=None)) as database:
            database.execute("ALTER TABLE decisions DROP COLUMN detail")
        self.server.start()
        self.assertEqual(list(self.decisions().values()), [""])
        try_upgrade(self.server, token="nonsense")
        self.assertEqual([bool(detail) for detail in self.decisions().values()], [True, False])

    def test_a_token_that_gets_no_ticket_is_told_of(self):
        for words, token in list(self.faults().items())[:4]:
            self.assertEqual(self.server.request("POST", "/api/ticket/", token).status, 401)
            self.assertTrue(eventually(lambda words=words: any(words in line for line in self.lines("api_refused"))), self.server.stderr())
        ban = {"kind": "user", "value": "66"}
        admin = self.server.admin_token(iss="https://id.example/")
        self.assertEqual(self.server.request("POST", ADMIN + "bans", admin, ban).status, 201)
        self.assertEqual(self.server.request("POST", "/api/ticket/", make_token("66", iss="https://id.example/")).status, 403)
        self.assertTrue(eventually(lambda: any("reason=banned" in line for line in self.lines("api_refused"))), self.server.stderr())
        for line in self.lines("api_refused"):
            self.assertIn(" warning api_refused ", line)
            self.assertIn("path=/api/ticket/", line)
        self.assertEqual(self.server.request("POST", "/api/ticket/").status, 401)
        self.assertTrue(eventually(lambda: any(" info api_refused " in line for line in self.lines("api_refused"))), "no token is no warning")

    def lines(self, event):
        return [line for line in self.server.stderr().splitlines() if f" {event} " in line]

    def test_a_good_token_is_named(self):
        checked = self.server.run("check", "--token", "-", input_text=make_token("2", iss="https://id.example/"))
        self.assertEqual((checked.returncode, checked.stdout), (0, "accepted as user 2\n"), checked)


class WhileConnected(ServerTestCase):
    async def test_expiry_closes_the_connection_with_4001(self):
        await (await self.open_channel()).close()  # the first greeting of a user is stored
        expires = int(time.time()) + 6
        async with self.server.connect(make_token(exp=expires)) as socket:
            with self.assertRaises(websockets.ConnectionClosed) as caught:
                while True:
                    await asyncio.wait_for(socket.recv(), 30)
            self.assertEqual(caught.exception.rcvd.code, 4001)
            self.assertGreaterEqual(time.time(), expires - 0.1)


class OtherClaim(ServerTestCase):
    settings = {"JWT_USER_CLAIM": "uid"}

    def test_only_that_claim_counts(self):
        self.assertEqual(try_upgrade(self.server, token=make_token(drop=("user_id",), uid="7")).status, 101)
        self.assertEqual(try_upgrade(self.server, token=make_token()).status, 401)


class GeneratedSecret(ServerTestCase):
    settings = {"JWT_SECRET": None}

    def test_the_server_makes_a_secret_and_keeps_it(self):
        done = self.server.run("token", "--user", "42", "--role", "admin", "--expires", "1h")
        self.assertEqual(done.returncode, 0, done.stderr)
        token = done.stdout.strip()
        self.assertEqual(token.count("."), 2)
        self.assertEqual(try_upgrade(self.server, token=token).status, 101)
        self.assertEqual(try_upgrade(self.server, token=make_token()).status, 401)
        self.server.restart("kill")
        self.assertEqual(try_upgrade(self.server, token=token).status, 101)
        self.assertEqual(self.server.get("/api/admin/v1/overview", token).status, 200)


if __name__ == "__main__":
    unittest.main()
