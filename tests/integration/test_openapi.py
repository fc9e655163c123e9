# SPDX-License-Identifier: GPL-3.0-or-later
"""The OpenAPI file by itself. That the server keeps to it, every request of every integration test checks."""
import json
import re
import unittest

from gatehouse_server import ADMIN, API, ServerTestCase, receive
from openapi import ApiDescription


def examples(api):
    """(where, example, schema) of all bodies."""
    for path, item in [*api.document["paths"].items(), *api.document["webhooks"].items()]:
        for method, operation in item.items():
            if method == "parameters":
                continue
            bodies = [("request", operation.get("requestBody", {}))]
            bodies += [(status, api.follow(response)) for status, response in operation["responses"].items()]
            for name, body in bodies:
                for kind, media in body.get("content", {}).items():
                    if "example" in media:
                        yield f"{method} {path} {name} {kind}", media["example"], media["schema"]


class TheFile(unittest.TestCase):
    def test_every_example_is_what_its_schema_says(self):
        found = list(examples(API))
        self.assertGreater(len(found), 25)
        for where, example, schema in found:
            with self.subTest(where):
                self.assertEqual(API.objections(example, schema), [])

    def test_every_schema_is_a_schema(self):
        import jsonschema
        for name, schema in API.document["components"]["schemas"].items():
            with self.subTest(name):
                jsonschema.Draft202012Validator.check_schema(schema)

    def test_it_notices_what_is_not_described(self):
        class Answer:
            status, headers, body = 200, {"content-type": "application/json"}, b'{"status": "ok"}'
        api = ApiDescription()
        api.check("GET", "/healthz", Answer)
        for change in ({"status": 418}, {"body": b'{"status": "lemon"}'}, {"body": b'{"status": "ok", "more": 1}'},
                       {"body": b"{}"}, {"headers": {"content-type": "text/html"}}):
            with self.subTest(change), self.assertRaises(AssertionError):
                api.check("GET", "/healthz", type("Changed", (Answer,), change))


class TheLiveStream(ServerTestCase):
    """No HTTP answer: its messages are schemas of the file all the same."""

    def assert_described(self, message, schema):
        self.assertEqual(API.objections(message, {"$ref": "#/components/schemas/" + schema}), [], message)

    async def test_every_message(self):
        socket = await self.server.connect_admin()
        self.addAsyncCleanup(socket.close)
        self.assert_described(await receive(socket), "LiveHello")
        subscribe = {"type": "subscribe", "topics": ["metrics", "decisions", "connections", "alerts", "limits"]}
        self.assert_described(subscribe, "LiveSubscribe")
        await socket.send(json.dumps(subscribe))
        self.assert_described(await receive(socket), "LiveSubscribed")
        await socket.send("nonsense")
        await self.provoke_all()
        wanted = {"error": "LiveError", "metrics": "LiveMetrics", "connections": "LiveConnections", "decisions": "LiveDecisions",
                  "limits": "LiveLimits", "switch": "LiveSwitch", "alert": "LiveAlert"}
        seen = set()
        while seen != set(wanted):
            message = await receive(socket, 20)
            self.assert_described(message, wanted[message["type"]])
            seen.add(message["type"])

    async def provoke_all(self):
        await self.open_channel()
        with self.assertRaises(Exception):
            await self.open_channel("bad")
        token = self.server.admin_token()
        rules = [{"key": "high_connections", "raise_above": 0, "clear_below": 0, "for_seconds": 0}]
        self.assertEqual(self.server.request("PUT", ADMIN + "alerts/rules", token, {"rules": rules}).status, 200)
        self.assertEqual(self.server.set_limits({"max_connections_per_ip": 9}).status, 200)
        self.assertEqual(self.server.request("PUT", ADMIN + "switch", token, {"enabled": True, "note": "same"}).status, 200)
        self.assertEqual(self.server.request("PUT", ADMIN + "switch", token, {"enabled": False}).status, 200)


class EveryOperation(ServerTestCase):
    def test_each_was_asked_and_answers_as_described(self):
        """request() checks; this only makes sure that no operation is left out."""
        for path, item in API.document["paths"].items():
            for method, operation in item.items():
                if method == "parameters":
                    continue
                body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
                target = re.sub(r"\{n\}", "1", path).replace("{id}", "0-99")
                for token in (None, self.server.admin_token("viewer"), self.server.admin_token()):
                    with self.subTest(method=method, path=path):
                        answer = self.server.request(method.upper(), target, token, body, {"If-Match": "*"})
                        self.assertIn(answer.status, (200, 201, 202, 401, 403, 404), answer)


if __name__ == "__main__":
    unittest.main()
