# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose X-Forwarded-For counts."""
import unittest

from gatehouse_server import ServerTestCase, eventually, receive
from rawconnection import RawConnection, try_upgrade

PROXY, STRANGER = "127.5.0.1", "127.6.0.1"


class ForwardedFor(ServerTestCase):
    settings = {"TRUSTED_PROXIES": "127.5.0.0/16, 10.0.0.0/8, 2001:db8::/32", "MAX_CONNECTIONS_PER_IP": "1000"}

    def address_of(self, source, *lines):
        """The address that the server takes a client for."""
        try_upgrade(self.server, source, origin="https://evil.example", extra=lines)
        return self.server.get("/api/admin/v1/decisions?limit=1").json()["decisions"][0]["address"]

    def test_trusted(self):
        cases = {
            ("X-Forwarded-For: 203.0.113.7",): "203.0.113.7",
            ("x-forwarded-for:203.0.113.7",): "203.0.113.7",
            ("X-Forwarded-For: 198.51.100.1, 203.0.113.7",): "203.0.113.7",
            ("X-Forwarded-For: 203.0.113.7, 10.1.2.3, 127.5.9.9",): "203.0.113.7",
            ("X-Forwarded-For: 203.0.113.7", "X-Forwarded-For: 10.1.2.3"): "203.0.113.7",
            ("X-Forwarded-For: 198.51.100.9", "X-Forwarded-For: 203.0.113.7"): "203.0.113.7",
            ("X-Forwarded-For: ::ffff:203.0.113.7",): "203.0.113.7",
            ("X-Forwarded-For: 203.0.113.7:4711",): "203.0.113.7",
        }
        for lines, expected in cases.items():
            with self.subTest(lines=lines):
                self.assertEqual(self.address_of(PROXY, *lines), expected)

    def test_trusted_with_ipv6_counts_the_64(self):
        first = self.address_of(PROXY, "X-Forwarded-For: 2a00:1:2:3::1")
        second = self.address_of(PROXY, "X-Forwarded-For: [2a00:1:2:3:ffff::9]:443")
        self.assertEqual(first, second)
        self.assertTrue(first.endswith("/64"), first)
        self.assertNotEqual(first, self.address_of(PROXY, "X-Forwarded-For: 2a00:1:2:4::1"))

    def test_from_a_stranger_it_is_ignored(self):
        for line in ("X-Forwarded-For: 203.0.113.7", "X-Real-IP: 203.0.113.7", "Forwarded: for=203.0.113.7"):
            self.assertEqual(self.address_of(STRANGER, line), STRANGER)

    def test_garbage_is_judged_alike_each_time_and_gains_nothing(self):
        for garbage in ("", ",", "unknown", "203.0.113.7, garbage", "203.0.113.999", "1.2.3", "<script>", "x" * 2000):
            with self.subTest(garbage=garbage[:30]):
                seen = {self.address_of(PROXY, "X-Forwarded-For: " + garbage) for _ in range(2)}
                self.assertEqual(len(seen), 1)
                self.assertNotIn("203.0.113.7", seen)

    def test_the_limit_counts_the_client_and_not_the_proxy(self):
        self.assertEqual(self.server.set_limits({"max_connections_per_ip": 1}).status, 200)
        held = []
        for last in range(1, 4):
            connection = RawConnection(self.server, PROXY)
            self.addCleanup(connection.close)
            held.append(connection)
            self.assertEqual(connection.upgrade(extra=[f"X-Forwarded-For: 203.0.113.{last}"]).status, 101)
        self.assertEqual(try_upgrade(self.server, PROXY, extra=["X-Forwarded-For: 203.0.113.1"]).status, 429)


class NotForwarded(ServerTestCase):
    settings = {"TRUSTED_PROXIES": "127.5.0.0/16"}

    def test_a_proxy_that_does_not_say_is_named(self):
        for source, lines in ((STRANGER, []), (PROXY, ["X-Forwarded-For: 203.0.113.7"])):
            try_upgrade(self.server, source, extra=lines)
        self.server.request("GET", "/healthz", source=PROXY)  # a health check
        try_upgrade(self.server, PROXY, origin=None)  # a program beside the proxy
        for _ in range(3):
            try_upgrade(self.server, PROXY)
        self.assertTrue(eventually(lambda: "client_not_forwarded" in self.server.stderr()))
        line = next(line for line in self.server.stderr().splitlines() if "client_not_forwarded" in line)
        self.assertRegex(line, f"warning client_not_forwarded proxy={PROXY} header=missing count=[1-3] ")

    def test_one_that_says_nonsense_too(self):
        try_upgrade(self.server, PROXY, extra=["X-Forwarded-For: $remote_addr"])
        self.assertTrue(eventually(lambda: f"proxy={PROXY} header=unusable count=1" in self.server.stderr()))


class NotForwardedToldToConsoles(ServerTestCase):
    settings = {"TRUSTED_PROXIES": "127.5.0.0/16"}

    async def test_the_first_message_says_it(self):
        self.assertEqual(try_upgrade(self.server, PROXY).status, 101)
        console = await self.server.connect_admin(self.server.admin_token("viewer", "root"))
        self.addAsyncCleanup(console.close)
        seen = (await receive(console))["server"]["not_forwarded"]
        self.assertEqual((seen["proxy"], seen["header"], seen["count"]), (PROXY, "missing", 1))


class NobodyTrusted(ServerTestCase):
    def test_a_spoofed_address_does_not_evade_the_limit(self):
        for number in range(5):
            connection = RawConnection(self.server, STRANGER)
            self.addCleanup(connection.close)
            self.assertEqual(connection.upgrade(extra=[f"X-Forwarded-For: 203.0.113.{number}"]).status, 101)
        self.assertEqual(try_upgrade(self.server, STRANGER, extra=["X-Forwarded-For: 203.0.113.99"]).status, 429)


if __name__ == "__main__":
    unittest.main()
