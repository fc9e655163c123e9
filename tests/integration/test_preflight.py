# SPDX-License-Identifier: GPL-3.0-or-later
"""GET /ws/notifications/preflight/: the decision on an upgrade, told without making it."""
import http.client
import json
import unittest

from browser import Chromium, Site
from gatehouse_server import ADMIN, METRICS, ORIGIN, ServerTestCase, eventually, make_token
from rawconnection import RawConnection, try_upgrade, upgrade_head

PREFLIGHT = "/ws/notifications/preflight/"
EVIL = "https://evil.example"


class Preflight(ServerTestCase):
    def ask(self, token=None, origin=ORIGIN, method="GET", **more):
        token = make_token() if token is None else token
        headers = {"Origin": origin} if origin else {}
        return self.server.request(method, PREFLIGHT, token or None, headers={**headers, **more.pop("headers", {})}, **more)

    def code(self, **more):
        """The code of the guard that would refuse; None if it would admit."""
        answer = self.ask(**more)
        self.assertEqual(answer.status, 200, answer)
        body = answer.json()
        refusing = [guard for guard in body["guards"] if guard["pass"] is False]
        self.assertEqual(body["admitted"], not refusing)
        return refusing[0]["code"] if refusing else None

    async def test_it_foretells_what_happens(self):
        self.assertIsNone(self.code())
        for number in range(5):
            await self.open_channel(make_token(str(number)))
        body = self.ask().json()
        self.assertEqual((body["admitted"], body["close_code"]), (False, 4129))
        told = next(guard for guard in body["guards"] if guard["pass"] is False)
        problem = try_upgrade(self.server).json()
        for name in ("code", "detail", "limit", "observed", "retry_after"):
            self.assertEqual(told[name], problem[name], name)

    def test_it_uses_nothing_up_and_leaves_no_trace(self):
        for _ in range(50):
            self.assertIsNone(self.code())
            self.assertEqual(self.code(token=""), "token_missing")
        self.assertEqual(self.server.get(ADMIN + "decisions").json()["decisions"], [])
        metrics = self.server.get(METRICS).json()
        self.assertEqual(metrics["connections_today"], 0)
        exposed = self.server.get("/metrics").body.decode()
        refusals = [line for line in exposed.splitlines() if line.startswith("gatehouse_guard_refusals_total{")]
        self.assertTrue(all(line.endswith(" 0") for line in refusals), refusals)
        for _ in range(10):
            self.assertTrue(eventually(lambda: self.code() is None))  # the place of the last one is free a moment after it has gone
            self.assertEqual(try_upgrade(self.server).status, 101)
        self.assertTrue(eventually(lambda: self.code() == "too_many_reconnects"), self.code())

    def test_bad_tokens_are_limited(self):
        for _ in range(5):
            self.assertEqual(self.code(token="nonsense", source="127.8.0.1"), "token_invalid")
        self.assert_problem(self.ask("nonsense", source="127.8.0.1"), 429, "too_many_failures")
        self.assertIsNone(self.code(source="127.8.0.1"))
        # The admin API counts with it.
        self.assertEqual(self.server.get(ADMIN + "overview", "nonsense", source="127.8.0.1").status, 429)

    def test_asking_too_often_is_refused(self):
        answers = [self.ask(source="127.8.0.3") for _ in range(310)]
        self.assertEqual(answers[0].status, 200)
        self.assertEqual(sorted({answer.status for answer in answers}), [200, 429])
        refused = next(answer for answer in answers if answer.status == 429)
        self.assert_problem(refused, 429, "too_many_requests")
        self.assertTrue(1 <= int(refused.headers["retry-after"]) <= 60, refused)
        self.assertIsNone(self.code())  # a neighbour
        self.assertEqual(try_upgrade(self.server, "127.8.0.3").status, 101)  # the channel does not mind

    def test_bans_are_told(self):
        for kind, value in (("user", "66"), ("address", "127.8.0.2")):
            answer = self.server.request("POST", ADMIN + "bans", self.server.admin_token(), {"kind": kind, "value": value})
            self.assertEqual(answer.status, 201)
        self.assertEqual(self.code(token=make_token("66")), "banned")
        self.assertEqual(self.code(source="127.8.0.2"), "banned")
        self.assertIsNone(self.code())

    def test_only_listed_pages_may_read(self):
        for method in ("GET", "OPTIONS"):
            for origin in (EVIL, "null", ORIGIN + ".evil.example"):
                answer = self.ask(origin=origin, method=method)
                self.assert_problem(answer, 403, "origin_not_allowed")
                self.assertFalse([name for name in answer.headers if name.startswith("access-control")])
            answer = self.ask(method=method)
            self.assertEqual(answer.status, 200 if method == "GET" else 204)
            self.assertEqual((answer.headers["access-control-allow-origin"], answer.headers["vary"]), (ORIGIN, "Origin"))
        self.assertEqual(answer.headers["access-control-allow-headers"], "Authorization")

    def test_an_upgrade_is_not_made_there(self):
        with RawConnection(self.server) as connection:
            connection.send(upgrade_head(path=PREFLIGHT))
            self.assertEqual(connection.read_answer().status, 200)


class OwnAdminAddress(ServerTestCase):
    settings = {"ADMIN_LISTEN": "127.0.0.1:0"}

    def test_it_is_served_with_the_channel(self):
        answer = self.server.request("GET", PREFLIGHT, make_token(), headers={"Origin": ORIGIN})
        self.assertEqual(answer.status, 200)


PAGE = """<!doctype html><meta charset="utf-8"><title>test</title><script>
fetch(%(url)s, {headers: {Authorization: 'Bearer ' + %(token)s}}).then((answer) => answer.json())
    .then((body) => ({event: 'told', body}), (error) => ({event: 'told', error: error.name}))
    .then((what) => fetch('/report', {method: 'POST', body: JSON.stringify(what)}));
</script>"""


class RealBrowser(ServerTestCase):
    settings = {"ALLOWED_HOSTS": "localhost"}

    def test_a_listed_page_reads_it_and_another_does_not(self):
        page = PAGE % {"url": json.dumps(f"http://127.0.0.1:{self.server.port}{PREFLIGHT}"), "token": json.dumps(make_token())}
        for host in ("localhost", "127.0.0.1"):
            site = Site({"/": page})
            self.addCleanup(site.end)
            self.addCleanup(Chromium(f"http://{host}:{site.server_port}/").end)
            report = site.report("told", 60)
            if host == "localhost":
                self.assertIs(report["body"]["admitted"], True)
            else:
                self.assertEqual(report.get("error"), "TypeError")


class BehindAProxy(ServerTestCase):
    settings = {"TRUSTED_PROXIES": "127.9.0.0/16"}

    def test_no_network_shuts_it_for_the_others(self):
        """A stranger who has a /48 has 65,536 addresses by which limits count."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60, source_address=("127.9.0.1", 0))
        self.addCleanup(connection.close)

        def ask(client):
            connection.request("GET", PREFLIGHT, None, {"Origin": ORIGIN, "X-Forwarded-For": client})
            reply = connection.getresponse()
            reply.read()
            return reply.status
        for number in range(3000):
            self.assertEqual(ask(f"2001:db8:7:{number:x}::1"), 200, number)
        self.assertEqual({ask(f"2001:db8:7:{number:x}::1") for number in range(3000, 12000)}, {429})
        for other in ("2001:db8:8::1", "2001:db8:ffff:1::1", "198.51.100.1", "203.0.113.7"):
            self.assertEqual(ask(other), 200, other)


if __name__ == "__main__":
    unittest.main()
