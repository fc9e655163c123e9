# SPDX-License-Identifier: GPL-3.0-or-later
"""Bans, revoked tokens and exemptions, live: who is refused, and what is closed that was open."""
import asyncio
import json
import re
import threading
import time

import websockets

from gatehouse_server import ACTIVE, ADMIN, ORIGIN, ServerTestCase, eventually, exchange, make_token, receive
from rawconnection import RawConnection, try_upgrade, try_upgrade_when_free

A, B = "127.1.7.1", "127.1.9.1"
ORIGIN_OF_NOBODY = "https://evil.example"
AT_ONCE = 1.0  # seconds from the answer, which waits for the disk, until an open connection must be closed


class BansTestCase(ServerTestCase):
    settings = {"MAX_CONNECTIONS_PER_IP": 1000, "MAX_RECONNECT_ATTEMPTS": 100000}

    def api(self, method, path, body=None, token=None, **more):
        return self.server.request(method, ADMIN + path, token or self.server.admin_token("operator"), body, **more)

    def ban(self, kind, value, status=201, **more):
        answer = self.api("POST", "bans", {"kind": kind, "value": value, **more})
        self.assertEqual(answer.status, status, answer)
        return answer.json()

    def lift(self, rule, path="bans"):
        self.assertEqual(self.api("DELETE", f"{path}/{rule['id']}").status, 204)

    async def close_code(self, socket, since):
        """The close code and the reason's `r`, which must come in time."""
        with self.assertRaises(websockets.ConnectionClosed):
            while True:
                await asyncio.wait_for(socket.recv(), 5)
        self.assertLess(time.monotonic() - since, AT_ONCE)
        return socket.close_code, json.loads(socket.close_reason)["r"]

    async def assert_alive(self, socket):
        self.assertEqual((await exchange(socket, {"type": "ping"}))["type"], "pong")


class Users(BansTestCase):
    async def test_a_user_is_closed_and_refused_until_it_is_lifted(self):
        connections = [await self.open_channel(make_token("ann"), source=source) for source in (A, A, B, B)]
        other = await self.open_channel(make_token("ben"), source=A)
        ban = self.ban("user", "ann", reason="spam")
        since = time.monotonic()
        for socket in connections:
            self.assertEqual(await self.close_code(socket, since), (4504, "banned"))
        await self.assert_alive(other)
        problem = self.assert_problem(try_upgrade(self.server, B, token=make_token("ann")), 403, "banned", "user")
        self.assertNotIn("spam", json.dumps(problem))
        asked = await self.server.connect(make_token("ann") + "&refusal=close", source=B)  # where a browser can read it
        self.assertEqual(await self.close_code(asked, time.monotonic()), (4504, "banned"))
        self.lift(ban)
        await self.open_channel(make_token("ann"), source=B)

    async def test_a_token_is_revoked_by_its_id(self):
        stolen, kept = make_token("ann", jti="stolen"), make_token("ann", jti="kept")
        victim, other = await self.open_channel(stolen), await self.open_channel(kept)
        self.ban("token_id", "stolen")
        since = time.monotonic()
        self.assertEqual(await self.close_code(victim, since), (4504, "token_revoked"))
        await self.assert_alive(other)
        self.assert_problem(try_upgrade(self.server, token=stolen), 403, "token_revoked", "token")
        self.assertEqual(try_upgrade(self.server, token=kept).status, 101)

    async def test_log_out_everywhere(self):
        now = int(time.time())
        old, new = make_token("ann", iat=now - 60), make_token("ann", iat=now - 10)
        ageless = make_token("ann", drop=("iat",))
        closed = [await self.open_channel(token, source=source) for token, source in ((old, A), (old, B), (ageless, A))]
        kept = [await self.open_channel(new), await self.open_channel(make_token("ben", iat=now - 60))]
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now - 30))
        rule = self.ban("user", "ann", issued_before=moment)
        since = time.monotonic()
        self.assertEqual(rule["issued_before"], moment.replace("Z", ".000Z"))
        for socket in closed:
            self.assertEqual(await self.close_code(socket, since), (4504, "token_revoked"))
        for socket in kept:
            await self.assert_alive(socket)
        self.assert_problem(try_upgrade(self.server, token=old), 403, "token_revoked", "token")
        self.assert_problem(try_upgrade(self.server, token=ageless), 403, "token_revoked", "token")
        self.assertEqual(try_upgrade(self.server, token=new).status, 101)

    async def test_a_revoked_token_does_not_prolong_a_connection(self):
        socket = await self.open_channel(make_token("ann", jti="first"))
        self.ban("token_id", "second")
        answer = await exchange(socket, {"type": "refresh", "token": make_token("ann", jti="second"), "id": 1})
        self.assertEqual((answer["type"], answer["code"]), ("error", "token_revoked"))
        answer = await exchange(socket, {"type": "refresh", "token": make_token("ann", jti="third"), "id": 2})
        self.assertEqual(answer["type"], "ack")
        self.ban("token_id", "first")
        await self.assert_alive(socket)
        self.ban("token_id", "third")
        since = time.monotonic()
        self.assertEqual(await self.close_code(socket, since), (4504, "token_revoked"))

    async def test_the_admin_api_and_its_stream(self):
        bad, good = self.server.admin_token("admin", "mallory", jti="stolen"), self.server.admin_token("admin", "mallory")
        stream = await self.server.connect_admin(bad)
        self.addAsyncCleanup(stream.close)
        await receive(stream)
        self.ban("token_id", "stolen")
        since = time.monotonic()
        self.assertEqual(await self.close_code(stream, since), (4504, "token_revoked"))
        self.assert_problem(self.api("GET", "limits", token=bad), 403, "token_revoked")
        self.assertEqual(self.api("GET", "limits", token=good).status, 200)
        with self.assertRaises(websockets.InvalidStatusCode):
            await self.server.connect_admin(bad)
        self.ban("user", "mallory")
        self.assert_problem(self.api("GET", "limits", token=good), 403, "banned")
        self.assert_problem(self.server.publish({"to": "all", "title": "x"}, good), 403, "banned")


class Addresses(BansTestCase):
    def fill(self, count):
        """So many bans of other networks of every size, from several threads at once."""
        numbers = iter(range(count))
        lock = threading.Lock()
        failures = []

        def work():
            while True:
                with lock:
                    number = next(numbers, None)
                if number is None:
                    return
                value = f"10.{number >> 8 & 255}.{number & 255}.{number >> 16}/{24 + number % 9}"
                answer = self.api("POST", "bans", {"kind": "cidr", "value": value})
                if answer.status not in (200, 201):
                    failures.append(answer)

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])

    async def test_a_network_is_banned_live_among_ten_thousand(self):
        self.fill(10_000)
        self.assertEqual(self.api("GET", "bans?limit=1").json()["total"], 10_000)
        inside = [await self.open_channel(make_token(str(number)), source=f"127.1.7.{number}") for number in range(1, 41)]
        outside = [await self.open_channel(make_token(str(number)), source=f"127.1.8.{number}") for number in range(1, 11)]
        ban = self.ban("cidr", "127.1.7.0/24", reason="flood")
        since = time.monotonic()
        for socket in inside:
            self.assertEqual(await self.close_code(socket, since), (4504, "banned"))
        for socket in outside:
            await self.assert_alive(socket)
        self.assert_problem(try_upgrade(self.server, A), 403, "banned", "address")
        # Nobody sees whether the rest would have been right, and nobody's budget is used.
        self.assert_problem(try_upgrade(self.server, A, origin=ORIGIN_OF_NOBODY, token="x"), 403, "banned", "address")
        self.server.restart("kill")
        self.assertEqual(self.api("GET", "bans?limit=1").json()["total"], 10_001)
        self.assert_problem(try_upgrade(self.server, A), 403, "banned", "address")
        self.lift(ban)
        self.assertEqual(try_upgrade(self.server, A).status, 101)

    async def test_the_api_is_reached_from_a_banned_address(self):
        own = self.api("POST", "bans", {"kind": "cidr", "value": "127.0.0.0/8"})
        problem = self.assert_problem(own, 409, "would_ban_yourself")
        self.assertEqual(problem["errors"][0]["field"], "value")
        ban = self.ban("cidr", "127.0.0.0/8", force=True)
        self.assert_problem(try_upgrade(self.server), 403, "banned", "address")
        self.assertEqual(self.api("GET", "bans").json()["bans"], [ban])
        self.lift(ban)
        self.assertEqual(try_upgrade(self.server).status, 101)

    async def test_a_ban_expires(self):
        self.ban("address", A, expires_in="6s")  # from the request, whose answer waits for the disk
        self.assertEqual(try_upgrade(self.server, A).status, 403)
        self.assertTrue(eventually(lambda: try_upgrade(self.server, A).status == 101, 30))
        self.assertTrue(eventually(lambda: self.api("GET", "bans").json()["total"] == 0))

    async def test_an_attacker_cannot_flush_the_ban(self):
        self.ban("address", A)
        for number in range(1, 600):
            try_upgrade(self.server, f"127.2.{number >> 8}.{number & 255}", token="bad")
            if number % 100 == 0:
                self.assertEqual(try_upgrade(self.server, A).status, 403)
        self.assert_problem(try_upgrade(self.server, A), 403, "banned", "address")

    async def test_refusals_are_counted_and_recorded_by_reason(self):
        self.ban("address", A)
        self.ban("user", "ann")
        self.ban("token_id", "stolen")
        for _ in range(2):
            try_upgrade(self.server, A)
        try_upgrade(self.server, B, token=make_token("ann"))
        try_upgrade(self.server, B, token=make_token("ben", jti="stolen"))

        def counted():
            text = self.server.get("/metrics").body.decode()
            found = re.findall(r'gatehouse_guard_refusals_total\{([^}]*)\} (\d+)', text)
            return {tuple(sorted(re.findall(r'(?:guard|reason)="(\w+)"', labels))): int(value)
                    for labels, value in found if int(value)}
        expected = {("address", "banned"): 2, ("banned", "user"): 1, ("token", "token_revoked"): 1}
        self.assertTrue(eventually(lambda: counted() == expected), counted())

        def decided():
            decisions = self.server.get(ADMIN + "decisions?reason=banned").json()["decisions"]
            return {(decision["guard"], decision["address"], decision["user"]) for decision in decisions}
        self.assertTrue(eventually(lambda: decided() == {("address", A, ""), ("user", B, "ann")}), decided())


class Exemptions(BansTestCase):
    settings = {"MAX_CONNECTIONS_PER_IP": 2, "MAX_RECONNECT_ATTEMPTS": 3}

    async def test_limits_of_addresses_do_not_count_them(self):
        for _ in range(3):
            self.assertTrue(eventually(lambda: try_upgrade(self.server, A).status == 101))
        self.assertTrue(eventually(lambda: self.server.get(ACTIVE).json()["active_connections"] == 0))
        self.assert_problem(try_upgrade_when_free(self.server, A), 429, "too_many_reconnects")
        answer = self.api("POST", "exemptions", {"kind": "cidr", "value": "127.1.7.0/24", "reason": "the office"})
        self.assertEqual(answer.status, 201, answer)
        sockets = [await self.open_channel(make_token(str(number)), source=A) for number in range(6)]
        self.assertEqual({row["address"] for row in self.server.get(ADMIN + "connections").json()["connections"]}, {A})
        # A ban wins.
        ban = self.ban("address", A)
        since = time.monotonic()
        for socket in sockets:
            self.assertEqual(await self.close_code(socket, since), (4504, "banned"))
        self.assert_problem(try_upgrade(self.server, A), 403, "banned")
        self.lift(ban)
        self.assertEqual(try_upgrade(self.server, A).status, 101)
        self.server.restart("kill")
        for _ in range(5):
            self.assertEqual(try_upgrade(self.server, A).status, 101)
        self.lift(answer.json(), "exemptions")
        self.assertEqual(self.api("GET", "exemptions").json()["total"], 0)
        for _ in range(3):
            self.assertTrue(eventually(lambda: try_upgrade(self.server, A).status == 101))
        self.assertTrue(eventually(lambda: self.server.get(ACTIVE).json()["active_connections"] == 0))
        self.assert_problem(try_upgrade_when_free(self.server, A), 429, "too_many_reconnects")


class OwnNumber(BansTestCase):
    settings = {"MAX_CONNECTIONS_PER_IP": 2, "EXEMPT_NETWORKS": "127.1.8.0/24=4,127.1.9.0/24"}

    def fill(self, source, count):
        for _ in range(count):
            connection = RawConnection(self.server, source)
            self.addCleanup(connection.close)
            self.assertEqual(connection.upgrade().status, 101)

    def rules(self, count=2):
        """What the settings exempt, once it is in the list: it is in force before."""
        rules = lambda: {each["value"]: each for each in self.api("GET", "exemptions").json()["exemptions"]}
        self.assertTrue(eventually(lambda: len(rules()) == count))
        return rules()

    def test_an_address_counts_against_the_number_of_its_network(self):
        rules = self.rules()
        self.assertEqual({value: each["limit"] for value, each in rules.items()}, {"127.1.8.0/24": 4, "127.1.9.0/24": None})
        self.assertEqual({each["created_by"] for each in rules.values()}, {"EXEMPT_NETWORKS"})
        audit = self.api("GET", "audit").json()["entries"]
        self.assertEqual({each["action"] for each in audit if each["by"] == "EXEMPT_NETWORKS"}, {"exemption.add"})
        for source in ("127.1.8.1", "127.1.8.2"):
            self.fill(source, 4)
            problem = self.assert_problem(try_upgrade(self.server, source), 429, "too_many_connections", "address")
            self.assertEqual((problem["limit"], problem["observed"]), (4, 5))
        preflight = self.server.get("/ws/notifications/preflight/", token=make_token(), source="127.1.8.1", headers={"Origin": ORIGIN}).json()
        self.assertFalse(preflight["admitted"])
        self.fill("127.1.9.1", 7)
        self.fill("127.1.7.1", 2)
        self.assert_problem(try_upgrade(self.server, "127.1.7.1"), 429, "too_many_connections", "address")
        answer = self.api("POST", "exemptions", {"kind": "address", "value": "127.1.8.1", "limit": 6})
        self.assertEqual((answer.status, answer.json()["limit"]), (201, 6))
        self.fill("127.1.8.1", 2)
        self.assert_problem(try_upgrade(self.server, "127.1.8.1"), 429, "too_many_connections", "address")

    def test_a_number_that_is_none_is_named(self):
        for bad in (0, -1, 1.5, "7", 1000001, True, [5]):
            refused = self.api("POST", "exemptions", {"kind": "cidr", "value": "127.1.8.0/24", "limit": bad})
            self.assertEqual(refused.status, 422, bad)
            self.assertEqual([each["field"] for each in refused.json()["errors"]], ["limit"])
        refused = self.api("POST", "bans", {"kind": "cidr", "value": "127.1.8.0/24", "limit": 5})
        self.assertEqual([each["field"] for each in refused.json()["errors"]], ["limit"])

    def test_what_is_changed_live_stays_until_the_setting_changes(self):
        self.lift(self.rules()["127.1.9.0/24"], "exemptions")
        self.server.restart()
        self.assertEqual(list(self.rules(1)), ["127.1.8.0/24"])
        self.server.settings["EXEMPT_NETWORKS"] = "127.1.9.0/24=9"
        self.server.restart()
        self.assertTrue(eventually(lambda: [(each["value"], each["limit"]) for each in self.api("GET", "exemptions").json()["exemptions"]]
                                   == [("127.1.9.0/24", 9)]))


class Audit(BansTestCase):
    def test_who_did_what_and_why(self):
        rule = self.ban("user", "ann", reason="spam", note="ticket 1")
        self.assertEqual(self.api("DELETE", f"bans/{rule['id']}", {"note": "a mistake"}).status, 204)
        lifted, added = self.server.get(ADMIN + "audit").json()["entries"][:2]
        self.assertEqual((added["action"], added["target"], added["note"]), ("ban.add", rule["id"], "ticket 1"))
        self.assertEqual((added["before"], added["after"]), (None, rule))
        self.assertEqual((lifted["action"], lifted["note"], lifted["by"]), ("ban.lift", "a mistake", "root"))
        self.assertEqual((lifted["before"], lifted["after"]), (rule, None))

    def test_bad_requests(self):
        for body in (b"", b"[]", b"{", b"nonsense"):
            self.assert_problem(self.api("POST", "bans", body), 400, "bad_request")
        problem = self.assert_problem(self.api("POST", "bans", {"kind": "cidr", "value": "10.0.0.1", "until": "x"}), 422,
                                      "invalid_ban")
        self.assertEqual({error["field"] for error in problem["errors"]}, {"value", "until"})
        self.assert_problem(self.api("DELETE", "bans/nothing"), 404, "not_found")
        self.assertEqual(self.api("DELETE", "bans").status, 405)
        viewer = self.server.admin_token("viewer")
        self.assert_problem(self.api("POST", "bans", {"kind": "user", "value": "x"}, viewer), 403, "role_too_weak")
        self.assertEqual(self.api("GET", "bans", token=viewer).status, 200)
