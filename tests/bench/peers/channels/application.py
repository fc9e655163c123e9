# SPDX-License-Identifier: GPL-3.0-or-later
"""The bench's small contract on Django Channels, with its in-memory layer: one process, as the other servers. For daphne and uvicorn:
application:application."""
import django
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels.routing import ProtocolTypeRouter
from django.conf import settings

settings.configure(
    ALLOWED_HOSTS=["*"], SECRET_KEY="of no use here", INSTALLED_APPS=["channels"],
    CHANNEL_LAYERS={"default": {"BACKEND": "channels.layers.InMemoryChannelLayer", "CONFIG": {"capacity": 100_000}}})
django.setup()

GROUP = "listeners"


class Listener(AsyncJsonWebsocketConsumer):
    async def connect(self):
        await self.channel_layer.group_add(GROUP, self.channel_name)
        await self.accept()
        await self.send_json({"type": "notifications_list", "notifications": []})

    async def disconnect(self, code):
        await self.channel_layer.group_discard(GROUP, self.channel_name)

    async def receive_json(self, content, **_):
        if content["type"] == "ping":
            await self.send_json({"type": "pong"})
        elif content["type"] == "pub":
            await self.channel_layer.group_send(GROUP, {"type": "notification", "notification": content["body"]})

    async def notification(self, event):
        await self.send_json(event)


application = ProtocolTypeRouter({"websocket": Listener.as_asgi()})
