# SPDX-License-Identifier: GPL-3.0-or-later
"""The outermost guard: which pages may connect."""
import unittest

from gatehouse_server import HOST, ORIGIN, ServerTestCase, eventually, make_token
from rawconnection import try_upgrade


class DefaultPolicy(ServerTestCase):
    def test_allowed_page_is_let_in_whatever_its_scheme_port_or_case(self):
        for number, origin in enumerate((ORIGIN, "http://" + HOST, ORIGIN + ":8443", "https://APP.Example.COM")):
            with self.subTest(origin=origin):
                self.assertEqual(try_upgrade(self.server, f"127.2.0.{number + 1}", origin=origin).status, 101)

    def test_foreign_pages_are_refused_before_the_upgrade(self):
        origins = ["https://evil.example", "https://example.com", "https://other.example.com",
                   f"https://{HOST}.evil.example", f"https://evil{HOST}", f"https://evil-{HOST}", f"https://{HOST}@evil.example",
                   f"https://evil.example/{HOST}", f"https://evil.example?{HOST}", f"https://evil.example#{HOST}",
                   f"https://{HOST}\\.evil.example", "https://evil.example.", "null", "file://", "https://", "", HOST,
                   "https://xn--pp-fka.example.com", f"https://evil.example {ORIGIN}", f"{ORIGIN}, https://evil.example", "*",
                   "https://[::1]", "https://127.0.0.1", "http://localhost"]
        for origin in origins:
            with self.subTest(origin=origin):
                answer = try_upgrade(self.server, origin=origin)
                if answer.status == 400:  # no Origin that any browser can send
                    continue
                problem = self.assert_problem(answer, 403, "origin_not_allowed", "origin")
                self.assertTrue(problem.get("instance"))

    def test_missing_origin_is_refused(self):
        self.assert_problem(try_upgrade(self.server, origin=None), 403, "origin_not_allowed", "origin")

    def test_its_type_leads_to_a_page_that_says_what_to_do(self):
        problem = try_upgrade(self.server, origin="https://evil.example").json()
        page = self.server.request("GET", problem["type"])
        self.assertEqual((page.status, page.headers["content-type"]), (200, "text/plain; charset=utf-8"))
        self.assertTrue(page.body.decode().startswith("origin_not_allowed\n\n403. "), page.body)
        self.assertIn("ALLOWED_HOSTS", page.body.decode())

    def test_a_second_origin_does_not_help(self):
        answer = try_upgrade(self.server, origin="https://evil.example", extra=["Origin: " + ORIGIN])
        self.assertEqual(answer.status, 400)

    def test_origin_is_judged_before_the_token(self):
        self.assert_problem(try_upgrade(self.server, origin="https://evil.example", token="bad"), 403, "origin_not_allowed")

    def test_the_refusal_is_in_the_decision_log_with_the_same_id(self):
        problem = try_upgrade(self.server, "127.2.0.9", origin="https://evil.example").json()
        decisions = self.server.get("/api/admin/v1/decisions?guard=origin").json()["decisions"]
        found = [decision for decision in decisions if decision["id"] == problem["instance"]]
        self.assertEqual(len(found), 1, decisions)
        self.assertEqual(found[0]["origin"], "https://evil.example")
        self.assertEqual(found[0]["address"], "127.2.0.9")
        self.assertTrue(eventually(lambda: problem["instance"] in self.server.stderr()), self.server.stderr())


class Subdomains(ServerTestCase):
    settings = {"ALLOWED_HOSTS": ".example.com, https://strict.example:8443 ,http://plain.example"}

    def test_patterns(self):
        expected = {
            "https://example.com": 101, "https://a.example.com": 101, "https://a.b.example.com": 101,
            "https://badexample.com": 403, "https://example.com.evil.example": 403,
            "https://strict.example:8443": 101, "https://strict.example": 403, "http://strict.example:8443": 403,
            "http://plain.example": 101, "http://plain.example:80": 101, "https://plain.example": 403,
            "http://plain.example:8080": 403,
        }
        for number, (origin, status) in enumerate(expected.items()):
            with self.subTest(origin=origin):
                self.assertEqual(try_upgrade(self.server, f"127.2.1.{number + 1}", origin=origin).status, status)


class Everything(ServerTestCase):
    settings = {"ALLOWED_HOSTS": "*"}

    def test_star_lets_in_all_even_without_origin(self):
        for number, origin in enumerate(("https://evil.example", "null", None)):
            with self.subTest(origin=origin):
                self.assertEqual(try_upgrade(self.server, f"127.2.2.{number + 1}", origin=origin).status, 101)


class MissingOriginAllowed(ServerTestCase):
    settings = {"ALLOW_MISSING_ORIGIN": "true"}

    def test_only_the_missing_one_is_let_in(self):
        self.assertEqual(try_upgrade(self.server, origin=None).status, 101)
        self.assertEqual(try_upgrade(self.server, origin="null").status, 403)
        self.assertEqual(try_upgrade(self.server, origin="https://evil.example").status, 403)


class ServedHosts(ServerTestCase):
    settings = {"SERVED_HOSTS": "push.example, 127.0.0.1"}

    def test_another_host_is_misdirected(self):
        for number, (host, status) in enumerate({
                "push.example": 101, "PUSH.example:8443": 101, "127.0.0.1:80": 101,
                "evil.example": 421, "push.example.evil.example": 421, "a.push.example": 421}.items()):
            with self.subTest(host=host):
                answer = try_upgrade(self.server, f"127.2.4.{number + 1}", host=host)
                self.assertEqual(answer.status, status)
                if status == 421:
                    self.assertEqual(answer.json()["code"], "wrong_host")


class EmptyList(ServerTestCase):
    settings = {"ALLOWED_HOSTS": None}

    def test_refuses_all_and_says_so_at_the_start(self):
        self.assertEqual(try_upgrade(self.server, origin="http://localhost").status, 403)
        self.assertTrue(eventually(lambda: "ALLOWED_HOSTS" in self.server.stderr()))  # the log is written by a thread of its own
        warnings = [line for line in self.server.stderr().splitlines() if "ALLOWED_HOSTS" in line]
        self.assertEqual(len(warnings), 1, self.server.stderr())


class Development(ServerTestCase):
    settings = {"ALLOWED_HOSTS": None, "DEBUG": "true"}

    def test_pages_of_this_machine_are_let_in(self):
        for origin in ("http://localhost:3000", "http://127.0.0.1", "http://[::1]:5173"):
            with self.subTest(origin=origin):
                self.assertEqual(try_upgrade(self.server, origin=origin, token=make_token()).status, 101)
        self.assertEqual(try_upgrade(self.server, origin="https://evil.example").status, 403)


if __name__ == "__main__":
    unittest.main()
