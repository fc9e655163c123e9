# SPDX-License-Identifier: GPL-3.0-or-later
"""A token that was shown to the server in every way is found nowhere afterwards."""
import json
import os
import stat
import time
import unittest

from gatehouse_server import ADMIN, CHANNEL, METRICS, ORIGIN, SECRET, ServerTestCase, make_token, receive
from rawconnection import try_upgrade

PREFLIGHT = CHANNEL + "preflight/"
TICKET = "/api/ticket/"
PAGE = {"Origin": ORIGIN}


class Canary(ServerTestCase):
    settings = {"LOG_LEVEL": "debug", "MAX_CONNECTIONS_PER_IP": 100, "MAX_RECONNECT_ATTEMPTS": 1000}

    def show(self, token):
        """Shows the token in each place where one may be, and where people put it by mistake."""
        subprotocol = ["Sec-WebSocket-Protocol: gatehouse.v1, bearer." + token]
        answers = [
            try_upgrade(self.server, token=token), try_upgrade(self.server, token=token, origin="https://evil.example"),
            try_upgrade(self.server, query=False, extra=["Authorization: Bearer " + token]),
            try_upgrade(self.server, query=False, extra=subprotocol),
            try_upgrade(self.server, query=False, extra=subprotocol, origin="https://evil.example"),
            try_upgrade(self.server, path="/ws/notifications/?ticket=" + token, query=False),
            self.server.get(PREFLIGHT, token, headers=PAGE), self.server.get(PREFLIGHT + "?token=" + token, "", headers=PAGE),
            self.server.get(PREFLIGHT + "?ticket=" + token, "", headers=PAGE), self.server.get(PREFLIGHT + "?token=" + token, ""),
            self.server.request("POST", TICKET + "?token=" + token, token),
            try_upgrade(self.server, path="/nowhere/", token=token), try_upgrade(self.server, path="/" + token, query=False),
            try_upgrade(self.server, token=token, key="x"),
            try_upgrade(self.server, token=token, extra=["User-Agent: " + token[:40]], origin=None),
            self.server.get(METRICS, token), self.server.get(METRICS + "?token=" + token, token), self.server.get(ADMIN + "overview", token),
            self.server.request("POST", "/api/notifications/?token=" + token, token, {"to": "all"}),
            self.server.request("PATCH", ADMIN + "limits", token, {"limits": {}}),
            self.server.get("/metrics", token),
        ]
        for answer in answers:
            self.assert_free_of(token, {"answer": answer.body, "headers": json.dumps(answer.headers).encode()})

    def assert_free_of(self, token, written):
        head, body, signature = token.split(".")
        for name, content in written.items():
            for piece in (signature, body):
                self.assertNotIn(piece.encode(), content, f"found in {name}")

    def show_ticket(self, ticket):
        """Shows a good ticket in the places where one may be, and where people put it by mistake."""
        path = CHANNEL + "?ticket=" + ticket
        answers = [
            self.server.get(PREFLIGHT + "?ticket=" + ticket, "", headers=PAGE),
            self.server.get(PREFLIGHT + "?token=" + ticket, "", headers=PAGE),
            try_upgrade(self.server, path=path, query=False, origin="https://evil.example"),
            try_upgrade(self.server, path=path + "&refusal=close", query=False, key="x"),
            try_upgrade(self.server, token=ticket), try_upgrade(self.server, path="/" + ticket, query=False),
            try_upgrade(self.server, path=path, query=False), try_upgrade(self.server, path=path, query=False),
        ]
        self.assertEqual([answer.status for answer in answers[-2:]], [101, 401])
        for answer in answers:
            self.assertNotIn(ticket.encode(), answer.body + json.dumps(answer.headers).encode())

    async def test_no_token_is_written_anywhere(self):
        # The user agent of one attempt deliberately holds the start of the token's head, which is the same for all tokens.
        tokens = [make_token("canary-1"), make_token("canary-2", exp=int(time.time()) - 60),
                  make_token("canary-3", secret="another-secret-of-more-than-32-bytes-length"),
                  self.server.admin_token("admin", "canary-4")]
        for token in tokens:
            self.show(token)
        async with self.server.connect(tokens[0]) as socket:
            await receive(socket)
            await socket.send(json.dumps({"type": "refresh", "id": 1, "token": make_token("canary-1")}))
            await receive(socket)
        tickets = [self.server.request("POST", TICKET, tokens[0]).json()["ticket"] for _ in range(2)]
        self.show_ticket(tickets[1])  # the first one is never used
        for path in (ADMIN + "decisions?limit=1000", ADMIN + "connections", ADMIN + "audit", ADMIN + "overview", "/metrics"):
            content = self.server.get(path).body
            for ticket in tickets:
                self.assertNotIn(ticket.encode(), content, path)
            for token in tokens:
                self.assert_free_of(token, {path: content})
        self.assert_none_written(tokens, tickets)  # while the server runs: the database's -wal file too
        self.assertEqual(self.server.stop(40), 0)
        self.expect_end = True
        self.assert_none_written(tokens, tickets)

    def assert_none_written(self, tokens, tickets):
        written = self.server.everything_written()
        for token in tokens:
            self.assert_free_of(token, written)
        for name, content in written.items():
            for ticket in tickets:
                self.assertNotIn(ticket.encode(), content, name)


class CanaryInJson(Canary):
    settings = {**Canary.settings, "LOG_FORMAT": "json"}


class Secret(ServerTestCase):
    def test_the_secret_is_written_nowhere(self):
        done = self.server.run("config")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("JWT_SECRET", done.stdout)
        self.assertNotIn(SECRET, done.stdout + done.stderr)
        self.assertNotIn(SECRET, self.server.run("config", "--json").stdout)
        self.assertNotIn(SECRET.encode(), b"".join(self.server.everything_written().values()))


class StateDirectory(ServerTestCase):
    settings = {"JWT_SECRET": None}

    def test_only_the_owner_may_look(self):
        self.assertEqual(stat.S_IMODE(os.stat(self.server.state_dir).st_mode), 0o700)
        for name in os.listdir(self.server.state_dir):
            mode = stat.S_IMODE(os.stat(os.path.join(self.server.state_dir, name)).st_mode)
            self.assertEqual(mode & 0o077, 0, f"{name} has mode {mode:o}")


if __name__ == "__main__":
    unittest.main()
