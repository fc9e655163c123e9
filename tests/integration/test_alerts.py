# SPDX-License-Identifier: GPL-3.0-or-later
"""The server's own alerts: what raises them, whom they name, and what they say helps."""
import contextlib
import json
import re
import sqlite3
import time
import unittest
from pathlib import Path

from gatehouse_server import ADMIN, ROOT, ServerTestCase, eventually, make_token
from rawconnection import RawConnection, try_upgrade

OFFICE, ELSEWHERE = "127.5.0.1", "127.5.0.2"


class Alerts(ServerTestCase):
    def change_rule(self, key, **members):
        rules = self.server.get(ADMIN + "alerts/rules").json()["rules"]
        rule = next(rule for rule in rules if rule["key"] == key)
        body = {"rules": [{**{name: rule[name] for name in ("key", "raise_above", "clear_below", "for_seconds", "enabled")}, **members}]}
        self.assertEqual(self.server.request("PUT", ADMIN + "alerts/rules", self.server.admin_token(), body).status, 200)

    def raise_at_once(self, key):
        """Takes the time out of a rule for which its value must stay beyond the threshold."""
        self.change_rule(key, for_seconds=0)

    def raised(self, key):
        active = self.server.get(ADMIN + "alerts?active=true").json()["alerts"]
        return next((alert for alert in active if alert["rule"] == key), None)

    def wait_for(self, key):
        alert = eventually(lambda: self.raised(key))
        self.assertIsNotNone(alert, self.server.stderr()[-2000:])
        return alert

    def wait_for_a_look_at_refusals(self):
        """Until all rules have been looked at since the limits' last refusal: what is not raised then is not raised by it."""
        self.change_rule("rate_limit_violations", raise_above=1, clear_below=0, for_seconds=0)
        self.wait_for("rate_limit_violations")

    def fill(self, source, count=5):
        connections = []
        for number in range(count):
            connection = RawConnection(self.server, source)
            self.addCleanup(connection.close)
            self.assertEqual(connection.upgrade(token=make_token(f"early-{number}")).status, 101)
            connections.append(connection)
        return connections

    def decisions(self):
        return self.server.get(ADMIN + "decisions").json()["decisions"]


class Documented(Alerts):
    def test_answers_openapi_and_handbook_agree(self):
        rules = {rule["key"]: rule for rule in self.server.get(ADMIN + "alerts/rules").json()["rules"]}
        handbook = (ROOT / "resources/docs/operations.md").read_text(encoding="utf-8").split("## Alerts of Prometheus")[0]
        self.assertEqual(re.findall(r"^\| `(\w+)` \|", handbook, re.MULTILINE), list(rules))
        described = (ROOT / "resources/api/openapi.json").read_text(encoding="utf-8")
        for text in re.findall(r'"description": "(`high_connections`, [^"]+)"', described):
            self.assertEqual(re.findall(r"`(\w+)`", text), list(rules), text)
        most = {}
        for key, rule in rules.items():
            body = {"rules": [{**{name: rule[name] for name in ("key", "clear_below", "for_seconds", "enabled")}, "raise_above": 10**8}]}
            answer = self.server.request("PUT", ADMIN + "alerts/rules", self.server.admin_token(), body)
            self.assert_problem(answer, 422, "invalid_rules")
            most[key] = int(re.search(r"from 0 to (\d+)$", answer.json()["errors"][0]["detail"])[1])
        bounds = re.findall(r'"description": "raised when the value stays above; from 0 to: ([^"]+)"', described)
        self.assertTrue(bounds)
        for text in bounds:
            self.assertEqual({key: int(number) for key, number in re.findall(r"`(\w+)` (\d+)", text)}, most)


class UsersRefused(Alerts):
    def test_an_office_behind_one_address_is_told_of(self):
        self.fill(OFFICE)
        for number in range(12):
            self.assertEqual(try_upgrade(self.server, OFFICE, token=make_token(f"late-{number}")).status, 429)
        alert = self.wait_for("users_refused")
        self.assertGreaterEqual(alert["value"], 10)
        for words in (OFFICE, "MAX_CONNECTIONS_PER_IP (5)", "LIMITS_PROFILE=site", f"EXEMPT_NETWORKS={OFFICE}/32=200", "TRUSTED_PROXIES"):
            self.assertIn(words, alert["detail"])
        self.assertEqual({each["user"] for each in self.decisions()}, {f"late-{number}" for number in range(12)})

    def test_who_has_no_good_token_is_no_user(self):
        self.fill(OFFICE)
        bad = [make_token(secret="another-secret-that-is-long-enough-for-hs256"), make_token(exp=1), "nonsense", ""]
        for number in range(40):
            self.assertEqual(try_upgrade(self.server, OFFICE, token=bad[number % 4]).status, 429)
        self.assertEqual({each["user"] for each in self.decisions()}, {""})
        self.wait_for_a_look_at_refusals()
        self.assertIsNone(self.raised("users_refused"))

    def test_the_banned_are_no_users(self):
        self.fill(OFFICE)
        ban = {"kind": "user", "value": "66"}
        self.assertEqual(self.server.request("POST", ADMIN + "bans", self.server.admin_token(), ban).status, 201)
        for _ in range(12):
            self.assertEqual(try_upgrade(self.server, OFFICE, token=make_token("66")).status, 429)
        self.assertEqual({each["user"] for each in self.decisions()}, {""})
        self.wait_for_a_look_at_refusals()
        self.assertIsNone(self.raised("users_refused"))

    def test_a_flood_of_good_tokens_stays_cheap(self):
        self.fill(OFFICE)
        token = make_token("one")
        for _ in range(60):
            self.assertEqual(try_upgrade(self.server, OFFICE, token=token).status, 429)
        users = [each["user"] for each in self.decisions()]
        self.assertEqual(len(users), 60)
        self.assertLessEqual(users.count("one"), 2 * 20, "of one address a few are looked at within a minute")
        self.assertGreaterEqual(users.count("one"), 20)


class OneAddress(Alerts):
    def test_an_undeclared_proxy_is_told_of(self):
        self.raise_at_once("one_address_holds_all")
        self.fill(OFFICE)
        alert = self.wait_for("one_address_holds_all")
        self.assertEqual(alert["value"], 100)
        self.assertIn(OFFICE, alert["detail"])
        self.assertIn("TRUSTED_PROXIES, which is empty", alert["detail"])
        self.fill(ELSEWHERE)
        self.assertTrue(eventually(lambda: not self.raised("one_address_holds_all")))


class GuardsOff(Alerts):
    def test_the_switch_is_told_of(self):
        self.raise_at_once("guards_off")
        self.fill(OFFICE)
        for number in range(3):
            self.assertEqual(try_upgrade(self.server, OFFICE, token=make_token(f"late-{number}")).status, 429)
        self.wait_for_a_look_at_refusals()
        self.assertIsNone(self.raised("guards_off"))
        self.server.request("PUT", ADMIN + "switch", self.server.admin_token(), {"enabled": False})
        self.assertIn("the switch", self.wait_for("guards_off")["detail"])
        self.server.request("PUT", ADMIN + "switch", self.server.admin_token(), {"enabled": True})
        self.assertTrue(eventually(lambda: not self.raised("guards_off")))

    def test_a_limit_that_is_off_is_told_of(self):
        self.raise_at_once("guards_off")
        self.assertEqual(self.server.set_limits({"max_reconnect_attempts": {"mode": "off"}}).status, 200)
        alert = self.wait_for("guards_off")
        self.assertEqual((alert["value"], alert["detail"]), (1, "MAX_RECONNECT_ATTEMPTS_MODE is off"))


class GuardsRefuseNobody(Alerts):
    clients = 3000

    def setUp(self):
        """A server that was there for more than a month, and refused nobody in it."""
        super().setUp()
        self.assertEqual(self.server.stop(), 0)
        midnight = int(time.time()) // 86400 * 86400
        with contextlib.closing(sqlite3.connect(Path(self.server.state_dir, "gatehouse.db"))) as database, database:
            database.execute("DELETE FROM metrics_days")
            for ago in range(30, -1, -1):
                begin = midnight - ago * 86400
                database.execute("INSERT INTO metrics_days VALUES (?, ?, ?, ?, 0, 10)", (
                    begin * 1000, (begin + 86400) * 1000, time.strftime("%Y-%m-%d", time.gmtime(begin)), json.dumps({"handshakes": self.clients})))
        self.server.start()

    def test_it_is_told_and_a_refusal_ends_it(self):
        alert = self.wait_for("guard_idle")
        self.assertEqual(alert["severity"], "information")
        self.assertGreater(alert["value"], 30)
        self.assertIn(f"for 30 days, of {31 * self.clients} clients", alert["detail"])
        self.assertIn("info alert_raised rule=guard_idle", self.server.stderr())
        self.assertEqual(try_upgrade(self.server, OFFICE, token=make_token(exp=1)).status, 401)
        self.assertTrue(eventually(lambda: not self.raised("guard_idle")))


class FewClients(GuardsRefuseNobody):
    clients = 2000

    def test_it_is_told_and_a_refusal_ends_it(self):
        self.assertEqual(try_upgrade(self.server, OFFICE, token=make_token()).status, 101)
        self.change_rule("high_connections", raise_above=0, clear_below=0, for_seconds=0)  # looked at together with it
        self.fill(OFFICE, 1)
        self.wait_for("high_connections")
        self.assertIsNone(self.raised("guard_idle"))


if __name__ == "__main__":
    unittest.main()
