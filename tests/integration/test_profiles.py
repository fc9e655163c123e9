# SPDX-License-Identifier: GPL-3.0-or-later
"""LIMITS_PROFILE: where limits come from that are set nowhere else, and what that means for an office behind one address."""
import json
import os
import unittest

from gatehouse_server import ADMIN, GatehouseServer, ServerTestCase, make_token
from rawconnection import RawConnection

USERS, TABS, VIEWS = 30, 3, int(os.environ.get("GATEHOUSE_OFFICE_VIEWS", "20"))
OFFICE = "127.5.0.1"


class Office(ServerTestCase):
    def setUp(self):
        super().setUp()
        self.tabs = {}
        self.addCleanup(lambda: [each.close() for each in self.tabs.values()])

    def view(self, user, tab):
        """A page view: the tab's connection goes, the next one comes. The answer."""
        if (user, tab) in self.tabs:
            self.tabs.pop((user, tab)).close()
        connection = RawConnection(self.server, OFFICE)
        answer = connection.upgrade(token=self.tokens[user])
        if answer.status == 101:
            self.tabs[(user, tab)] = connection
        else:
            connection.close()
        return answer

    def work(self, views):
        """Everybody looks at so many pages in each tab. The answers that are refusals."""
        self.tokens = {user: make_token(f"user{user}") for user in range(USERS)}
        answers = [self.view(user, tab) for _ in range(views) for tab in range(TABS) for user in range(USERS)]
        return [answer for answer in answers if answer.status != 101]


class SiteOffice(Office):
    settings = {"LIMITS_PROFILE": "site"}

    def test_nobody_in_the_office_is_refused(self):
        self.assertEqual(self.work(VIEWS), [])
        self.assertEqual(len(self.tabs), USERS * TABS)
        self.assertEqual(self.server.get(ADMIN + "decisions").json()["decisions"], [])


class GuideOffice(Office):
    def test_the_guides_numbers_are_meant_for_one_person(self):
        refused = self.work(1)
        self.assertEqual(len(refused), USERS * TABS - 5)
        for answer in refused:
            problem = self.assert_problem(answer, 429, "too_many_connections", "address")
            self.assertEqual(problem["limit"], 5)


class Source(unittest.TestCase):
    def setUp(self):
        self.server = GatehouseServer()
        self.addCleanup(self.server.discard)

    def config(self, *arguments):
        done = self.server.run("config", "--json", *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return {each["name"]: (each["value"], each["source"]) for each in json.loads(done.stdout)["settings"]}

    def test_config_says_where_a_value_comes_from(self):
        self.server.settings["MAX_MESSAGES_PER_MINUTE"] = "99"
        rows = self.config("--limits-profile", "site")
        self.assertEqual(rows["LIMITS_PROFILE"], ("site", "command line"))
        self.assertEqual(rows["MAX_CONNECTIONS_PER_IP"], ("200", "profile site"))
        self.assertEqual(rows["MAX_MESSAGES_PER_MINUTE"], ("99", "environment"))
        self.assertEqual(self.config()["MAX_CONNECTIONS_PER_IP"], ("5", "default"))
        self.assertEqual(self.config("--limits-profile=HIGH_TRAFFIC")["MAX_CONNECTIONS_PER_IP"], ("10", "profile high_traffic"))

    def test_a_wrong_name_is_refused_with_the_list(self):
        for command in ("serve", "config", "check"):
            done = self.server.run(command, "--limits-profile", "fast")
            self.assertNotEqual(done.returncode, 0)
            said = done.stdout + done.stderr
            self.assertIn('"fast" is not guide, site, strict or high_traffic', said)
            self.assertIn("LIMITS_PROFILE", said)


class Advice(ServerTestCase):
    def test_check_and_the_log_say_what_the_guides_numbers_mean(self):
        said = "5 connections for everybody behind one address"
        done = self.server.run("check")
        self.assertIn(said, done.stderr)
        self.assertIn("LIMITS_PROFILE=site allows 200", done.stderr)
        self.assertIn(said, self.server.stderr())
        self.assertNotIn("behind one address", self.server.run("check", "--limits-profile", "site").stderr)
        self.server.settings["LIMITS_PROFILE"] = "site"
        logged = self.server.stderr().count("behind one address")
        self.server.restart()
        self.assertEqual(self.server.stderr().count("behind one address"), logged)


class ConnectionTest(ServerTestCase):
    settings = {"MAX_RECONNECT_ATTEMPTS": 2}

    def test_it_uses_no_budget(self):
        for _ in range(4):
            done = self.server.run("test", "--url", self.server.url)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_a_refusal_names_the_limit_and_the_wait(self):
        token = make_token("root", role="admin")  # somebody's own, which uses budget as any
        outcomes = []
        for _ in range(3):
            outcomes.append(self.server.run("test", "--url", self.server.url, "--token", "-", input_text=token))
        self.assertEqual([each.returncode for each in outcomes], [0, 0, 1])
        self.assertRegex(outcomes[-1].stdout, r"429: MAX_RECONNECT_ATTEMPTS is 2 \(too_many_reconnects\); wait \d+ s")


class OverStarts(ServerTestCase):
    def limits(self):
        return {each["key"]: (each["value"], each["default"]) for each in self.server.get(ADMIN + "limits").json()["limits"]}

    def restart(self, profile):
        self.server.settings["LIMITS_PROFILE"] = profile
        self.server.restart()

    def test_what_was_edited_live_stays_and_the_rest_follows_the_profile(self):
        self.assertEqual(self.server.set_limits({"max_messages_per_minute": 77}).status, 200)
        self.restart("site")
        limits = self.limits()
        self.assertEqual(limits["max_connections_per_ip"], (200, 200))
        self.assertEqual(limits["max_messages_per_minute"], (77, 120))
        self.assertEqual(limits["reconnect_window"], (60, 60))
        revision = self.server.get(ADMIN + "limits/revisions").json()["revisions"][0]
        self.assertEqual(revision["source"], "environment")
        self.assertEqual(self.server.set_limits({"max_connections_per_ip": 5}).status, 200)
        self.server.restart()
        self.assertEqual(self.limits()["max_connections_per_ip"], (5, 200))  # somebody wanted that
        self.restart("strict")
        limits = self.limits()
        self.assertEqual(limits["max_connections_per_ip"], (5, 2))
        self.assertEqual(limits["max_connections_per_user"], (5, 5))
        self.assertEqual(limits["max_messages_per_minute"], (77, 30))


if __name__ == "__main__":
    unittest.main()
