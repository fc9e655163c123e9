# SPDX-License-Identifier: GPL-3.0-or-later
"""The admin API: what the console and scripts rely on."""
import time
import asyncio
import unittest
from datetime import datetime, timedelta, timezone

import websockets

from gatehouse_server import ADMIN, ORIGIN, ServerTestCase, eventually, exchange, make_token, receive
from rawconnection import RawConnection, try_upgrade


class AdminTestCase(ServerTestCase):
    def api(self, method, path, body=None, role="admin", headers=None, user="root"):
        return self.server.request(method, ADMIN + path, self.server.admin_token(role, user), body, headers)

    def patch(self, limits, headers=None, **more):
        return self.api("PATCH", "limits", {"limits": limits, **more},
                        headers={"If-Match": self.server.limits_etag()} if headers is None else headers)


class Access(AdminTestCase):
    def test_roles(self):
        reads = ("overview", "history?metrics=messages_in", "limits", "limits/revisions", "switch", "decisions",
                 "decisions/top?by=reason", "connections", "bans", "exemptions", "alerts", "alerts/rules", "audit", "summary")
        for path in reads:
            with self.subTest(path=path):
                self.assertEqual(self.server.request("GET", ADMIN + path).status, 401)
                self.assertEqual(self.server.get(ADMIN + path, make_token()).status, 403)
                self.assertEqual(self.api("GET", path, role="publisher").status, 403)
                for role in ("viewer", "operator", "admin"):
                    self.assertEqual(self.api("GET", path, role=role).status, 200, (path, role))

    def test_viewers_change_nothing(self):
        etag = {"If-Match": self.server.limits_etag()}
        for method, path, body in (("PATCH", "limits", {"limits": {"max_connections_per_ip": 9}}),
                                   ("POST", "limits/revisions/0/restore", {}), ("PUT", "switch", {"enabled": False}),
                                   ("DELETE", "connections/x", None), ("POST", "alerts/x/ack", {}),
                                   ("PUT", "alerts/rules", {"rules": []})):
            with self.subTest(path=path):
                self.assertEqual(self.api(method, path, body, "viewer", etag).status, 403)

    def test_foreign_pages_are_refused(self):
        answer = self.api("GET", "overview", headers={"Origin": "https://evil.example"})
        self.assertEqual(answer.status, 403, answer)
        self.assertNotIn("access-control-allow-origin", answer.headers)

    def test_unknown_paths_and_methods(self):
        self.assert_problem(self.api("GET", "nothing"), 404, "not_found")
        answer = self.api("DELETE", "limits")
        self.assertEqual(answer.status, 405)
        self.assertIn("PATCH", answer.headers["allow"])


class Names(AdminTestCase):
    """What a route does not take is refused by name, before anything happens."""

    def assert_named(self, answer, name):
        problem = self.assert_problem(answer, 400, "bad_request")
        self.assertEqual(problem["errors"][0]["field"], name, problem)

    def test_parameters_of_changes(self):
        before = self.api("GET", "limits").json()["revision"]
        any_revision = {"If-Match": "*"}
        limits = {"limits": {"max_connections_per_ip": 77}}
        for method, path, body in (("PATCH", "limits", limits), ("POST", "limits/revisions/0/restore", {}),
                                   ("PUT", "switch", {"enabled": False}), ("POST", "bans", {"kind": "user", "value": "named"}),
                                   ("POST", "exemptions", {"kind": "address", "value": "203.0.113.9"}),
                                   ("PUT", "alerts/rules", {"rules": []}), ("DELETE", "connections/x", None)):
            with self.subTest(path=path):
                self.assert_named(self.api(method, path + "?dry_run=true", body, headers=any_revision), "dry_run")
        self.assert_named(self.api("PATCH", "limits?confirm_within=60", limits, headers=any_revision), "confirm_within")
        self.assertEqual(self.api("GET", "limits").json()["revision"], before)
        self.assertTrue(self.api("GET", "switch").json()["enabled"])
        self.assertEqual(self.api("GET", "bans?filter=named").json()["total"], 0)
        self.assertEqual(self.api("GET", "exemptions").json()["total"], 0)

    def test_members_of_changes(self):
        before = self.api("GET", "limits").json()["revision"]
        self.assert_named(self.patch({"max_connections_per_ip": 77}, dry_run=True), "dry_run")
        self.assert_named(self.patch({"max_connections_per_ip": 77}, on_lower="newest_out"), "on_lower")
        self.assert_named(self.api("PUT", "switch", {"enabled": False, "for": "1h"}), "for")
        self.assert_named(self.api("POST", "alerts/x/ack", {"reason": "seen"}), "reason")
        self.assertEqual(self.api("GET", "limits").json()["revision"], before)
        self.assertTrue(self.api("GET", "switch").json()["enabled"])

    def test_parameters_of_lists(self):
        for path, name in (("connections?filtr=42", "filtr"), ("decisions?limit=5&limit=6", "limit"), ("decisions?text=42", "text"),
                           ("overview?nod=x", "nod"), ("bans?user=42", "user"), ("limits?revision=1", "revision")):
            with self.subTest(path=path):
                self.assert_named(self.api("GET", path), name)

    def test_publishing_and_preflight(self):
        self.assert_named(self.server.request("POST", "/api/notifications/?ephemeral=true", self.server.admin_token("publisher"),
                                              {"to": "all", "title": "x"}), "ephemeral")
        self.assert_named(self.server.get("/ws/notifications/preflight/?user=42", headers={"Origin": ORIGIN}), "user")

    def test_probes_are_asked_as_they_like(self):
        for path in ("/healthz?from=balancer", "/readyz?x=1&x=2", "/metrics?format=x"):
            self.assertEqual(self.server.get(path).status, 200, path)


class Limits(AdminTestCase):
    def test_document(self):
        answer = self.api("GET", "limits")
        document = answer.json()
        self.assertEqual(answer.headers["etag"], f'"{document["revision"]}"')
        by_key = {limit["key"]: limit for limit in document["limits"]}
        self.assertEqual((by_key["max_connections_per_ip"]["value"], by_key["max_reconnect_attempts"]["value"],
                          by_key["max_messages_per_minute"]["value"]), (5, 10, 60))
        for limit in document["limits"]:
            self.assertEqual(set(limit), {"key", "title", "value", "mode", "default", "min", "max", "unit", "window_seconds", "live",
                                          "help", "changed_at", "changed_by"})

    def test_patch_answers_the_new_document(self):
        before = self.api("GET", "limits").json()["revision"]
        answer = self.patch({"max_connections_per_ip": 10, "max_messages_per_minute": {"value": 120, "mode": "observe"}},
                            note="launch day")
        self.assertEqual(answer.status, 200, answer)
        document = answer.json()
        self.assertGreater(document["revision"], before)
        self.assertEqual(answer.headers["etag"], f'"{document["revision"]}"')
        by_key = {limit["key"]: limit for limit in document["limits"]}
        self.assertEqual(by_key["max_connections_per_ip"]["value"], 10)
        self.assertEqual(by_key["max_connections_per_ip"]["changed_by"], "root")
        self.assertEqual((by_key["max_messages_per_minute"]["value"], by_key["max_messages_per_minute"]["mode"]), (120, "observe"))
        revision = self.api("GET", "limits/revisions").json()["revisions"][0]
        self.assertEqual((revision["revision"], revision["by"], revision["note"], revision["source"]),
                         (document["revision"], "root", "launch day", "api"))
        self.assertEqual(revision["address"], "127.0.0.1")
        self.assertEqual({change["key"] for change in revision["changes"]}, {"max_connections_per_ip", "max_messages_per_minute"})

    def test_preconditions(self):
        etag = self.server.limits_etag()
        self.assert_problem(self.patch({"max_connections_per_ip": 6}, headers={}), 428, "precondition_required")
        self.assertEqual(self.patch({"max_connections_per_ip": 6}, headers={"If-Match": etag}).status, 200)
        self.assert_problem(self.patch({"max_connections_per_ip": 7}, headers={"If-Match": etag}), 412, "revision_conflict")
        self.assertEqual(self.patch({"max_connections_per_ip": 8}, headers={"If-Match": "*"}).status, 200)
        self.assertIn(self.patch({"max_connections_per_ip": 9}, headers={"If-Match": "garbage"}).status, (400, 412))
        value = {limit["key"]: limit["value"] for limit in self.api("GET", "limits").json()["limits"]}
        self.assertEqual(value["max_connections_per_ip"], 8)

    def test_every_bad_field_is_named_and_nothing_changes(self):
        answer = self.patch({"max_connections_per_ip": 0, "max_reconnect_attempts": "ten", "max_lemons": 5,
                             "max_messages_per_minute": {"mode": "maybe"}, "max_connections": 500})
        problem = self.assert_problem(answer, 422, "invalid_limits")
        fields = {error["field"].split(".")[0] for error in problem["errors"]}
        self.assertEqual(fields, {"max_connections_per_ip", "max_reconnect_attempts", "max_lemons", "max_messages_per_minute"})
        value = {limit["key"]: limit["value"] for limit in self.api("GET", "limits").json()["limits"]}
        self.assertEqual((value["max_connections"], value["max_connections_per_ip"]), (10000, 5))

    def test_bodies_of_another_shape(self):
        etag = {"If-Match": "*"}
        for body in (b"", b"x", b"[]", b"{}", b'{"limits": []}', b'{"limits": {}, "note": 5}',
                     b'{"limits": {"max_connections": 5}, "note": "' + b"x" * 501 + b'"}'):
            with self.subTest(body=body[:40]):
                answer = self.api("PATCH", "limits", body, headers=etag)
                self.assertIn(answer.status, (400, 422), answer)
                self.assertEqual(answer.headers["content-type"], "application/problem+json")

    def test_restore(self):
        first = self.patch({"max_connections_per_ip": 7}).json()["revision"]
        self.patch({"max_connections_per_ip": 9})
        answer = self.api("POST", f"limits/revisions/{first}/restore", {"note": "back"})
        self.assertEqual(answer.status, 200, answer)
        value = {limit["key"]: limit["value"] for limit in answer.json()["limits"]}
        self.assertEqual(value["max_connections_per_ip"], 7)
        self.assertEqual(self.api("GET", "limits/revisions").json()["revisions"][0]["source"], "restore")
        self.assertEqual(self.api("POST", "limits/revisions/9999/restore", {}).status, 404)
        self.assertIn(self.api("POST", "limits/revisions/x/restore", {}).status, (400, 404))

    def test_edits_survive_a_kill_and_a_changed_environment_is_a_revision(self):
        self.patch({"max_connections_per_ip": 7})
        self.server.restart("kill")
        value = {limit["key"]: limit["value"] for limit in self.api("GET", "limits").json()["limits"]}
        self.assertEqual(value["max_connections_per_ip"], 7)
        self.server.kill()
        self.server.settings["MAX_CONNECTIONS_PER_IP"] = "3"
        self.server.start()
        value = {limit["key"]: limit["value"] for limit in self.api("GET", "limits").json()["limits"]}
        self.assertEqual(value["max_connections_per_ip"], 3)
        revision = self.api("GET", "limits/revisions").json()["revisions"][0]
        self.assertEqual((revision["by"], revision["source"]), ("environment", "environment"))
        self.server.restart("kill")
        self.assertEqual(self.api("GET", "limits").json()["revision"], revision["revision"])

    def test_changes_are_audited(self):
        self.patch({"max_connections_per_ip": 7}, note="why not")
        self.api("PUT", "switch", {"enabled": False, "note": "rollback"})
        entries = self.api("GET", "audit").json()["entries"]
        self.assertGreaterEqual(len(entries), 2)
        for entry in entries[:2]:
            self.assertEqual(set(entry), {"at", "by", "address", "action", "target", "before", "after", "note"})
            self.assertEqual(entry["by"], "root")
        self.assertEqual([entry["note"] for entry in entries[:2]], ["rollback", "why not"])
        switches = self.api("GET", "audit?action=switch.set&limit=1").json()["entries"]
        self.assertEqual([(entry["note"], entry["before"], entry["after"]) for entry in switches], [("rollback", True, False)])
        self.assertEqual(self.api("GET", "audit?action=nothing").json()["entries"], [])

    async def test_every_change_takes_a_note(self):
        socket = await self.open_channel()
        connection = self.api("GET", "connections").json()["connections"][0]["id"]
        rules = self.api("GET", "alerts/rules").json()["rules"]
        for name, method, path, body in (("rules", "PUT", "alerts/rules", {"rules": rules}), ("kick", "DELETE", f"connections/{connection}", {})):
            self.assertEqual(self.api(method, path, {**body, "note": "x" * 501}).status, 400, name)
            self.assertLess(self.api(method, path, {**body, "note": f"note of {name}"}).status, 300, name)
            self.assertEqual(self.api("GET", "audit").json()["entries"][0]["note"], f"note of {name}")
        await socket.wait_closed()
        for path in ("alerts/none/ack", "connections/none", "nodes/none"):
            answer = self.api("POST" if path.endswith("ack") else "DELETE", path, {"note": "seen"})
            self.assertEqual(answer.status, 404, path)


class Overview(AdminTestCase):
    def test_everything_for_the_first_paint(self):
        overview = self.api("GET", "overview").json()
        self.assertEqual(set(overview), {"server", "totals", "metadata", "now", "limits", "alerts", "peak_connections",
                                         "refusals_per_minute", "addresses_near_limit"})
        self.assertEqual(len(overview["now"]["values"]), len(overview["metadata"]))
        self.assertIs(overview["server"]["guards_on"], True)
        self.assertEqual((overview["server"]["role"], overview["server"]["user"]), ("admin", "root"))

    def test_history(self):
        with RawConnection(self.server) as connection:
            connection.open()

            def has_value():
                series = self.api("GET", "history?metrics=active_connections,messages_in&points=60").json()["series"]
                return set(series) == {"active_connections", "messages_in"} and 1 in series["active_connections"]["max"]
            self.assertTrue(eventually(has_value))
        reply = self.api("GET", "history?metrics=errors&points=10").json()
        self.assertGreater(reply["step_ms"], 0)
        count = {len(values) for values in reply["series"]["errors"].values()}
        self.assertEqual(len(count), 1)
        self.assertLessEqual(count.pop(), 11)
        self.assertIn(None, reply["series"]["errors"]["mean"], "before the start there is a gap, no zero")
        self.assertEqual([seconds == 0 for seconds in reply["seconds"]],
                         [mean is None for mean in reply["series"]["errors"]["mean"]])
        self.assertLess(sum(reply["seconds"]), 3600, "the server is younger than the range: its buckets are not full")

    def test_history_adds_up_over_each_range(self):
        def refused_in_all():
            for age in (60, 300, 3600, 6 * 3600, 24 * 3600, 7 * 24 * 3600, 30 * 24 * 3600):
                begin = datetime.now(timezone.utc) - timedelta(seconds=age)
                reply = self.api("GET", "history?points=2000&metrics=refused_origin&from="
                                 + begin.strftime("%Y-%m-%dT%H:%M:%SZ")).json()
                means = reply["series"]["refused_origin"]["mean"]
                yield round(sum((mean or 0) * seconds for mean, seconds in zip(means, reply["seconds"])))
        before = max(refused_in_all())
        for _ in range(7):
            self.assertEqual(try_upgrade(self.server, origin="https://elsewhere.example").status, 403)
        self.assertTrue(eventually(lambda: set(refused_in_all()) == {before + 7}), list(refused_in_all()))

    def test_history_refuses_nonsense(self):
        for query in ("metrics=lemons", "metrics=errors&points=0", "metrics=errors&points=5001", "metrics=errors&points=x",
                      "metrics=errors&from=yesterday", "metrics=errors&to=2025-11-10T12:00:00",
                      "metrics=errors&from=2025-11-10T12:00:00Z&to=2025-11-10T11:00:00Z"):
            with self.subTest(query=query):
                self.assertIn(self.api("GET", "history?" + query).status, (400, 422))

    def test_summary(self):
        self.assertEqual(self.api("GET", "summary").status, 200)
        answer = self.api("GET", "summary?format=csv")
        self.assertEqual(answer.status, 200)
        self.assertTrue(answer.headers["content-type"].startswith("text/csv"))
        self.assertIn(self.api("GET", "summary?format=xml").status, (400, 422))


class Decisions(AdminTestCase):
    def test_filters_pages_and_top(self):
        for number in range(4):
            try_upgrade(self.server, f"127.9.0.{number % 2 + 1}", origin="https://evil.example")
        time.sleep(0.01)  # the order within a millisecond, between workers, means nothing
        try_upgrade(self.server, "127.9.0.1", token="bad")
        get = lambda query: eventually(lambda: self.api("GET", "decisions?" + query).json()["decisions"])
        self.assertEqual(len(get("")), 5)
        self.assertEqual(get("")[0]["reason"], "token_invalid")
        self.assertEqual(len(get("guard=origin")), 4)
        self.assertEqual(len(get("reason=token_invalid")), 1)
        self.assertEqual(len(get("address=127.9.0.2")), 2)
        self.assertEqual(len(get("origin=https://evil.example")), 4)
        self.assertEqual(len(get("filter=9.0.2")), 2)  # a part of anything
        self.assertEqual(len(get("reason=token_invalid,banned")), 1)
        newest = get("")[0]
        self.assertEqual(get("id=" + newest["id"]), [newest])
        self.assertEqual(get("token=" + newest["token"]), [newest])
        page = self.api("GET", "decisions?limit=2").json()
        self.assertEqual((page["total"], page["total_is"], page["not_stored"]), (5, "exact", 0))
        self.assertEqual(self.api("GET", "decisions?limit=1&address=127.9.0.2").json()["total"], 2)
        seen = [decision["id"] for decision in page["decisions"]]
        while page["next_cursor"]:
            page = self.api("GET", "decisions?limit=2&cursor=" + page["next_cursor"]).json()
            seen += [decision["id"] for decision in page["decisions"]]
        self.assertEqual(len(seen), 5)
        self.assertEqual(len(set(seen)), 5)
        top = self.api("GET", "decisions/top?by=address").json()
        self.assertEqual(top["by"], "address")
        self.assertEqual(top["top"][0], {"value": "127.9.0.1", "count": 3})
        self.assertEqual((top["total"], top["total_is"]), (5, "exact"))
        self.assertEqual(self.api("GET", "decisions/top?by=reason").json()["top"][0]["count"], 4)

    def test_nonsense_is_refused(self):
        for query in ("limit=0", "limit=1001", "limit=x", "from=yesterday", "cursor=%00", "guard=lemons", "reason=lemons"):
            with self.subTest(query=query):
                answer = self.api("GET", "decisions?" + query)
                if query.endswith("lemons"):  # an unknown name may also just match nothing
                    self.assertIn(answer.status, (200, 400, 422))
                    continue
                self.assertIn(answer.status, (400, 422), answer)
        self.assertIn(self.api("GET", "decisions/top?by=mood").status, (400, 422))

    def test_decisions_survive_a_restart(self):
        instance = try_upgrade(self.server, origin="https://evil.example").json()["instance"]
        self.assertEqual(self.server.stop(), 0)
        self.server.start()
        self.assertIn(instance, [decision["id"] for decision in self.api("GET", "decisions").json()["decisions"]])


class Connections(AdminTestCase):
    async def test_table_and_kick(self):
        socket = await self.open_channel(make_token("42"), source="127.9.1.1", user_agent_header="tests/1")
        other = await self.open_channel(make_token("43"))
        await exchange(socket, {"type": "ping"})

        def table():
            return self.api("GET", "connections").json()
        self.assertEqual(table()["total"], 2)
        mine = next(each for each in table()["connections"] if each["user"] == "42")
        self.assertEqual((mine["address"], mine["origin"], mine["user_agent"]), ("127.9.1.1", "https://app.example.com", "tests/1"))
        self.assertEqual((mine["messages_in"], mine["messages_last_minute"]), (1, 1))
        self.assertGreaterEqual(mine["messages_out"], 2)
        self.assertEqual(self.api("DELETE", "connections/" + mine["id"], role="operator").status, 204)
        with self.assertRaises(websockets.ConnectionClosed) as caught:
            await asyncio.wait_for(socket.recv(), 30)
        self.assertEqual(caught.exception.rcvd.code, 4133)
        self.assertTrue(eventually(lambda: table()["total"] == 1))  # the server may see its end after the client
        self.assertEqual(self.api("DELETE", "connections/" + mine["id"]).status, 404)
        self.assertEqual((await exchange(other, {"type": "ping"}))["type"], "pong")
        self.assertEqual(table()["total"], 1)

    def test_filter_and_sort(self):
        for user in ("a1", "b2", "b1"):
            connection = RawConnection(self.server)
            self.addCleanup(connection.close)
            connection.open(token=make_token(user))
        users = lambda query: [each["user"] for each in self.api("GET", "connections?" + query).json()["connections"]]
        self.assertEqual(users("sort=user"), ["a1", "b1", "b2"])
        self.assertEqual(users("sort=-user"), ["b2", "b1", "a1"])
        self.assertEqual(users("filter=b&sort=user"), ["b1", "b2"])
        self.assertEqual(len(users("limit=1")), 1)
        self.assertIn(self.api("GET", "connections?sort=lemons").status, (400, 422))

    def test_a_strange_id_is_just_not_there(self):
        for identifier in ("x", "01ARYZ6S410000000000000000", "..", "%2e%2e", "x" * 500):
            self.assertIn(self.api("DELETE", "connections/" + identifier).status, (400, 404))


class Alerts(AdminTestCase):
    def test_rules_are_the_guides_and_can_be_changed(self):
        rules = self.api("GET", "alerts/rules").json()["rules"]
        self.assertEqual({rule["key"] for rule in rules}, {"high_connections", "rate_limit_violations", "errors", "node_lost", "memory_high", "clock_skew",
                                                           "state_file", "out_of_descriptors", "users_refused", "one_address_holds_all",
                                                           "guards_off", "certificate_expires", "guard_idle"})
        for rule in rules:
            self.assertLessEqual(rule["clear_below"], rule["raise_above"])
        rules[0]["clear_below"] = rules[0]["raise_above"] + 1
        answer = self.api("PUT", "alerts/rules", {"rules": rules})
        self.assertEqual(answer.status, 422, answer)
        self.assertIn("clear_below", answer.body.decode())

    def test_rules_have_bounds(self):
        rule = {"key": "high_connections", "raise_above": 500, "clear_below": 70, "for_seconds": 999_999_999}
        answer = self.api("PUT", "alerts/rules", {"rules": [rule]})
        self.assertEqual(answer.status, 422, answer)
        self.assertEqual([(error["field"], error["detail"]) for error in answer.json()["errors"]],
                         [("high_connections.raise_above", "raise_above must be a number from 0 to 100"),
                          ("high_connections.for_seconds", "for_seconds must be a number from 0 to 86400")])

    def test_an_alert_is_raised_acknowledged_and_cleared(self):
        self.server.kill()
        self.server.settings["MAX_CONNECTIONS"] = "100"  # the rule is in percent of it
        self.server.start()
        rules = self.api("GET", "alerts/rules").json()["rules"]
        for rule in rules:
            if rule["key"] == "high_connections":
                rule.update(raise_above=20, clear_below=10, for_seconds=0)  # percent of max_connections
        self.assertEqual(self.api("PUT", "alerts/rules", {"rules": rules}).status, 200)
        self.assertEqual(self.patch({"max_connections": 10}).status, 200)
        held = [RawConnection(self.server) for _ in range(3)]
        for connection in held:
            self.addCleanup(connection.close)
            connection.open()
        active = lambda: self.api("GET", "alerts?active=true").json()["alerts"]
        self.assertTrue(eventually(active))
        alert = active()[0]
        self.assertEqual((alert["rule"], alert["state"]), ("high_connections", "raised"))
        acknowledged = self.api("POST", f"alerts/{alert['id']}/ack", {}, role="operator", user="olga").json()
        self.assertEqual(acknowledged["acknowledged_by"], "olga")
        self.assertEqual(self.api("POST", "alerts/01ARYZ6S410000000000000000/ack", {}).status, 404)
        for connection in held:
            connection.close()
        self.assertTrue(eventually(lambda: not active()))
        self.assertEqual(self.api("GET", "alerts").json()["alerts"][0]["state"], "cleared")


class AdminListener(AdminTestCase):
    def test_an_own_listener_takes_the_admin_api_off_the_public_port(self):
        import re
        import os
        self.server.kill()
        os.truncate(self.server.stderr_path, 0)
        self.server.stdout_lines.clear()
        self.server.settings["ADMIN_LISTEN"] = "127.0.0.1:0"
        self.server.start()
        public = self.server.request("GET", ADMIN + "overview", self.server.admin_token(), is_described=False)
        self.assertEqual(public.status, 404)
        self.assertEqual(try_upgrade(self.server).status, 101)
        ports = eventually(lambda: re.findall(r"admin_url=http://127\.0\.0\.1:(\d+)", self.server.stderr()))
        self.assertTrue(ports, self.server.stderr())
        self.assertNotEqual(ports[-1], str(self.server.port), self.server.stderr())
        self.server.port = int(ports[-1])
        self.assertEqual(self.api("GET", "overview").status, 200)
        self.assertEqual(try_upgrade(self.server).status, 404)


if __name__ == "__main__":
    unittest.main()
