# SPDX-License-Identifier: GPL-3.0-or-later
"""Those who besiege a server: strangers, bad tokens, clients that do not listen, users who ask for too much. Each flood is a coroutine that goes on
until it is cancelled. Runs as a process of its own, so that it does not hold up who measures; says at its end how often each got what it wanted.
"""
import argparse
import asyncio
import collections
import json
import os
import socket

from gatehouse_server import ADMIN, CHANNEL, HOST, ORIGIN, PUBLISH, bearer, make_token
from rawconnection import TEXT, frame, upgrade_head

BODY_BYTES = 1024 * 1024
BACK_AGAIN_SECONDS = 1  # who was closed comes back after that
PATIENCE_SECONDS = 5
ASK = json.dumps({"type": "get_notifications", "limit": 1000}).encode()


def head(method, path, token=None, **fields):
    """The head of an HTTP request as bytes."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {HOST}", *(f"{name.replace('_', '-')}: {value}" for name, value in fields.items())]
    lines += [f"{name}: {value}" for name, value in (bearer(token) if token else {}).items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


class Siege:
    """Floods of one server; `users` have full inboxes."""

    def __init__(self, options):
        self.port = options.port
        self.scale = options.scale
        self.users = options.users
        self.counts = collections.Counter()
        self.addresses = 0

    def new_address(self):
        """Another one each time, of 127.128.0.0/9."""
        self.addresses += 1
        low = self.addresses % (1 << 22)
        return f"127.{128 + (low >> 16)}.{low >> 8 & 255}.{1 + low % 254}"

    async def open(self, address, receive_bytes=None):
        """A connection from that address, as a reader and a writer."""
        one = socket.socket()
        try:
            one.setblocking(False)
            if receive_bytes:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
            one.bind((address, 0))
            await asyncio.wait_for(asyncio.get_running_loop().sock_connect(one, ("127.0.0.1", self.port)), PATIENCE_SECONDS)
        except BaseException:
            one.close()
            raise
        return one

    async def again_and_again(self, name, address, once, receive_bytes=None):
        """`once` with one connection after the other, each until it ends."""
        loop = asyncio.get_running_loop()
        while True:
            one = None
            try:
                one = await self.open(address() if callable(address) else address, receive_bytes)
                self.counts[name] += 1
                await once(loop, one)
            except (OSError, asyncio.TimeoutError):
                pass
            finally:
                if one:
                    one.close()
            await asyncio.sleep(BACK_AGAIN_SECONDS)

    # What one connection does

    async def leave_a_body(self, loop, one):
        await loop.sock_sendall(one, head("POST", PUBLISH, Content_Length=BODY_BYTES))
        for _ in range(BODY_BYTES // 65536 - 1):
            await loop.sock_sendall(one, b"x" * 65536)
        await self.end_of(loop, one)

    async def write_slowly(self, loop, one):
        for byte in head("GET", CHANNEL, X_Padding="x" * 4000):
            await loop.sock_sendall(one, bytes([byte]))
            await asyncio.sleep(1)

    async def say_nothing(self, loop, one):
        await self.end_of(loop, one)

    async def stay_idle(self, loop, one):
        while True:
            await loop.sock_sendall(one, head("GET", "/healthz"))
            if not await loop.sock_recv(one, 65536):
                return
            await asyncio.sleep(10)

    async def read_nothing(self, loop, one):
        while True:
            await loop.sock_sendall(one, head("GET", "/api/openapi.json") * 20)
            await asyncio.sleep(1)

    async def be_deaf(self, loop, one):
        """A client that takes nothing, and says that it is there."""
        await loop.sock_sendall(one, upgrade_head(make_token(self.any_user())).encode())
        while True:
            await asyncio.sleep(1)
            await loop.sock_sendall(one, frame(TEXT, ASK) + frame(10, b""))
            await asyncio.sleep(5)

    async def ask_for_lists(self, loop, one):
        """A client that asks as fast as its limit allows, and takes it all."""
        await loop.sock_sendall(one, upgrade_head(make_token(self.any_user())).encode())
        reading = asyncio.create_task(self.end_of(loop, one))
        try:
            while not reading.done():
                await loop.sock_sendall(one, frame(TEXT, ASK))
                await asyncio.sleep(1.1)
        finally:
            reading.cancel()

    async def talk_too_much(self, loop, one):
        await loop.sock_sendall(one, upgrade_head(make_token("talker-" + os.urandom(3).hex())).encode())
        reading = asyncio.create_task(self.end_of(loop, one))
        try:
            while not reading.done():
                await loop.sock_sendall(one, frame(TEXT, b'{"type":"ping"}') * 20)
                await asyncio.sleep(0.1)
        finally:
            reading.cancel()

    async def end_of(self, loop, one):
        while await loop.sock_recv(one, 1 << 20):
            pass

    def any_user(self):
        self.addresses += 1
        return f"full-{self.addresses % self.users}"

    # Requests at a rate

    async def ask(self, name, request):
        """One request of a new address; what it is answered is counted by its status."""
        loop = asyncio.get_running_loop()
        try:
            one = await self.open(self.new_address())
        except (OSError, asyncio.TimeoutError):
            self.counts[name + " not connected"] += 1
            return
        try:
            await loop.sock_sendall(one, request)
            answer = await asyncio.wait_for(loop.sock_recv(one, 4096), PATIENCE_SECONDS)
            self.counts[f"{name} {answer[9:12].decode() if answer else 'closed'}"] += 1
        except (OSError, asyncio.TimeoutError):
            self.counts[name + " no answer"] += 1
        finally:
            one.close()

    async def at_a_rate(self, name, a_second, make):
        running = set()
        while True:
            if len(running) < 200:
                task = asyncio.create_task(self.ask(name, make()))
                running.add(task)
                task.add_done_callback(running.discard)
            await asyncio.sleep(1 / a_second)

    def bad_token(self):
        return head("GET", ADMIN + "overview", make_token("root", secret="another-secret-of-more-than-32-bytes-as-it-must"))

    def bad_origin(self):
        return upgrade_head(origin="https://elsewhere.example").encode()

    def preview(self):
        return head("GET", CHANNEL + "preflight/", make_token("looker"), Origin=ORIGIN)

    def floods(self):
        """All of them, as coroutines."""
        def crowd(name, count, address, once, **more):
            for number in range(max(1, int(count * self.scale))):
                yield self.again_and_again(name, address(number) if address else self.new_address, once, **more)

        def of(block, each):
            """Addresses that `each` connections share."""
            return lambda number: f"127.{block}.{number // each // 250}.{1 + number // each % 250}"

        yield from crowd("bodies", 300, of(101, 50), self.leave_a_body)
        yield from crowd("slow heads", 300, of(102, 50), self.write_slowly)
        yield from crowd("silent", 600, of(103, 10000), self.say_nothing)
        yield from crowd("idle", 600, of(104, 10000), self.stay_idle)
        yield from crowd("unread", 50, of(105, 10), self.read_nothing, receive_bytes=4096)
        yield from crowd("deaf", 100, of(106, 4), self.be_deaf, receive_bytes=4096)
        yield from crowd("greedy", 20, of(107, 4), self.ask_for_lists)
        yield from crowd("talkers", 10, None, self.talk_too_much)
        yield self.at_a_rate("bad token", 100 * self.scale, self.bad_token)
        yield self.at_a_rate("bad Origin", 100 * self.scale, self.bad_origin)
        yield self.at_a_rate("preview", 50 * self.scale, self.preview)

    async def run(self, seconds):
        tasks = [asyncio.create_task(flood) for flood in self.floods()]
        done, _ = await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()  # none ends by itself but by a mistake here
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--scale", type=float, required=True)
    parser.add_argument("--users", type=int, required=True, help="how many full-N have full inboxes")
    siege = Siege(parser.parse_args())
    asyncio.run(siege.run(parser.parse_args().seconds))
    print(json.dumps(siege.counts))


if __name__ == "__main__":
    main()
