# SPDX-License-Identifier: GPL-3.0-or-later
"""The server stands still for a while: what has ended by the wall clock has ended, and nobody is late who was not heard."""
import asyncio
import json
import signal
import time

import websockets

from gatehouse_server import ADMIN, ServerTestCase, eventually, exchange, make_token, receive, receive_type
from rawconnection import PING, PONG, RawConnection, frame, try_upgrade

PAUSE = 8  # seconds; a pause that the server takes for one, and that is longer than what the tokens have left
SOON = 1.5  # seconds after going on


class TimeJumps(ServerTestCase):
    settings = {"MAX_CONNECTIONS_PER_IP": 100, "MAX_RECONNECT_ATTEMPTS_MODE": "off"}

    async def pause(self, seconds=PAUSE):
        """The moment of going on."""
        self.server.process.send_signal(signal.SIGSTOP)
        try:
            await asyncio.sleep(seconds)
        finally:
            self.server.process.send_signal(signal.SIGCONT)
        return time.monotonic()

    async def close_code(self, stream, since):
        with self.assertRaises(websockets.ConnectionClosed):
            while True:
                await asyncio.wait_for(stream.recv(), SOON + 10)
        self.assertLess(time.monotonic() - since, SOON)
        return stream.close_code, json.loads(stream.close_reason)["r"]

    async def open_console(self, **claims):
        console = await self.server.connect_admin(self.server.admin_token("viewer", **claims))
        self.addAsyncCleanup(console.close)
        await receive(console)
        return console

    async def test_a_token_that_ends_meanwhile_is_closed_at_once(self):
        ends = int(time.time()) + 5
        listener = await self.open_channel(make_token("1", exp=ends))
        speaker = await self.open_channel(make_token("2", exp=ends))
        await exchange(speaker, {"type": "ping"})
        console = await self.open_console(exp=ends)
        refreshed = await self.open_channel(make_token("3", exp=ends))
        await refreshed.send(json.dumps({"type": "refresh", "token": make_token("3", exp=ends + 3600), "id": 1}))
        await receive_type(refreshed, "ack")
        healthy, watching = await self.open_channel(make_token("4")), await self.open_console()
        since = await self.pause()
        codes = await asyncio.gather(*(self.close_code(stream, since) for stream in (listener, speaker, console)))
        self.assertEqual(codes, [(4001, "token_expired")] * 3)
        for stream in (refreshed, healthy):
            self.assertEqual((await exchange(stream, {"type": "ping"}))["type"], "pong")
        await watching.send(json.dumps({"type": "subscribe", "topics": ["metrics"]}))
        await receive_type(watching, "metrics")

    async def test_a_token_that_ends_soon_after_ends_then(self):
        ends = int(time.time()) + PAUSE + 3
        listener = await self.open_channel(make_token("1", exp=ends))
        await receive_type(listener, "token_expiring")  # the server has begun to wait for it
        await self.pause()
        with self.assertRaises(websockets.ConnectionClosed):
            while True:
                await asyncio.wait_for(listener.recv(), 20)
        self.assertEqual(listener.close_code, 4001)
        self.assertGreaterEqual(time.time(), ends)
        self.assertLess(time.time(), ends + SOON + 1)  # JWT_LEEWAY is no matter of those that were let in before

    async def test_a_ban_that_ends_meanwhile_is_over(self):
        ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 5))
        token = self.server.admin_token("operator")
        for path, body in (("bans", {"kind": "user", "value": "ann", "expires_at": ends}),
                           ("bans", {"kind": "cidr", "value": "127.1.9.0/24", "expires_at": ends})):
            answer = self.server.request("POST", ADMIN + path, token, body)
            self.assertEqual(answer.status, 201, answer)
        self.assertEqual(try_upgrade(self.server, token=make_token("ann")).status, 403)
        self.assertEqual(try_upgrade(self.server, "127.1.9.1").status, 403)
        since = await self.pause()
        self.assertTrue(eventually(lambda: try_upgrade(self.server, token=make_token("ann")).status == 101, 5))
        self.assertTrue(eventually(lambda: try_upgrade(self.server, "127.1.9.1").status == 101, 5))
        self.assertLess(time.monotonic() - since, SOON)

    async def test_the_pause_is_nobodys_silence(self):
        """Half a message, a ping that waits for its pong, and an HTTP head: none of them is late by the server's pause."""
        half = RawConnection(self.server)
        self.addCleanup(half.close)
        half.open(token=make_token("1"))
        message = frame(1, b'{"type":"ping","id":7}')
        half.send(message[:5])
        waiting = RawConnection(self.server)
        self.addCleanup(waiting.close)
        waiting.open(token=make_token("2"))
        head = RawConnection(self.server)
        self.addCleanup(head.close)
        head.send("GET /healthz HTTP/1.1\r\nHost: loc")
        await asyncio.sleep(1)
        await self.pause(12)
        half.send(message[5:])
        self.assertEqual(json.loads(half.read_frame()[1])["id"], 7)
        self.assertEqual(head.send("alhost\r\n\r\n").read_answer().status, 200)
        opcode, payload = waiting.read_frame(35)
        self.assertEqual(opcode, PING)
        await self.pause(12)
        waiting.send(frame(PONG, payload))
        waiting.send(message)
        self.assertEqual(json.loads(waiting.read_frame()[1])["id"], 7)
