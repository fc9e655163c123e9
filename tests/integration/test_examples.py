# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples in resources/examples do what they say, with a real Redis and a real server."""
import asyncio
import importlib.util
import os
import unittest
from unittest import mock

from gatehouse_server import ROOT, GatehouseServer, eventually, make_token, receive, receive_type
from redis_server import RedisServer


class Examples(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        self.redis = RedisServer(durable=False).start()
        self.addCleanup(self.redis.discard)
        self.server = GatehouseServer({"REDIS_URL": self.redis.url()})
        self.addCleanup(self.server.discard)
        self.server.start()
        self.assertTrue(eventually(lambda: self.server.publish({"to": {"users": ["x"]}, "title": "x"}).status == 202, 60))

    async def test_django_notifies_with_one_xadd(self):
        path = ROOT / "resources" / "examples" / "notify_redis.py"
        spec = importlib.util.spec_from_file_location("notify_redis", path)
        module = importlib.util.module_from_spec(spec)
        with mock.patch.dict(os.environ, {"REDIS_URL": self.redis.url()}):
            spec.loader.exec_module(module)
        self.addCleanup(module.CONNECTION.close)
        await asyncio.to_thread(module.notify, [42], "Order shipped", body="It arrives on Monday.", level="success", data={"order": 7})
        socket = await self.server.connect(make_token("42"))
        self.addAsyncCleanup(socket.close)
        listed = await receive(socket)
        message = {"notification": listed["notifications"][0]} if listed["notifications"] else await receive_type(socket, "notification")
        notification = message["notification"]
        self.assertEqual([notification[name] for name in ("title", "body", "level", "data")],
                         ["Order shipped", "It arrives on Monday.", "success", {"order": 7}])
        await asyncio.to_thread(module.notify, ["42"], "Again")
        self.assertEqual((await receive_type(socket, "notification"))["notification"]["title"], "Again")


if __name__ == "__main__":
    unittest.main()
