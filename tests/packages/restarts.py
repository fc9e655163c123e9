#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Publishes twenty times a second, and keeps clients on the channel, while `systemctl restart gatehouse` goes on beside.

Runs on the machine of the server, whose sockets systemd holds (gatehouse.socket). Prints how many publishes failed, how long the longest one waited (from the
moment when it was due, so that one that is held up does not hide the next) and how many clients came back; fails if one publish failed, or one client did not.
"""
import argparse
import asyncio
import collections
import http.client
import json
import select
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import websockets

PUBLISHES_A_SECOND = 20
PATIENCE_SECONDS = 60
BEFORE_AND_AFTER = 20  # publishes: what a restart breaks may show later than its end


class Publisher:
    """One of two kinds of backends: with a connection for each publish, or with one that it keeps."""

    def __init__(self, port, token, keeps):
        self.port, self.token, self.keeps, self.connection = port, token, keeps, None

    def publish(self, due):
        """What became of it, and how long it took."""
        try:
            connection = self.kept() or http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
            body = json.dumps({"to": "all", "title": "?", "ephemeral": True})
            connection.request("POST", "/api/notifications/", body, {"Authorization": "Bearer " + self.token, "Content-Type": "application/json"})
            answer = connection.getresponse()
            body = answer.read()
            outcome = answer.status if answer.status == 202 else f"{answer.status}: {body[:300]}"
            self.connection = connection if self.keeps else connection.close()
        except (OSError, http.client.HTTPException) as error:
            outcome, self.connection = repr(error), None
        return outcome, time.monotonic() - due

    def kept(self):
        """The kept connection, unless the server has ended it: clients of HTTP look before they use one again."""
        socket = self.connection and self.connection.sock
        if socket and not select.select([socket], [], [], 0)[0]:
            return self.connection
        if self.connection:
            self.connection.close()
        return None


class Client:
    """A page that comes back whenever its connection ends, when it was told to."""

    def __init__(self, url, origin):
        self.url, self.origin, self.greeted = url, origin, 0

    async def stay(self):
        while True:
            pause = 0.1
            try:
                async with websockets.connect(self.url, origin=self.origin, compression=None, open_timeout=PATIENCE_SECONDS) as channel:
                    await channel.recv()
                    self.greeted += 1
                    async for _ in channel:
                        pass
                    pause = json.loads(channel.close_reason or "{}").get("ra", pause)
            except websockets.ConnectionClosed as closed:
                pause = json.loads(closed.reason or "{}").get("ra", pause)
            except websockets.InvalidStatusCode as refused:
                pause = float(refused.headers.get("Retry-After", pause))
            except (OSError, websockets.InvalidMessage, asyncio.TimeoutError):
                pass
            await asyncio.sleep(pause)


async def until(condition, what):
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > end:
            sys.exit(f"not within {PATIENCE_SECONDS} s: {what}")
        await asyncio.sleep(0.02)


async def publish_all_the_time(arguments, outcomes):
    publishers = [Publisher(arguments.port, arguments.publisher, number % 2) for number in range(PUBLISHES_A_SECOND)]
    running, begin = set(), time.monotonic()
    with ThreadPoolExecutor(len(publishers)) as threads:
        loop = asyncio.get_running_loop()

        async def publish_each_second(publisher, first):
            due = first
            while True:
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                outcomes.append(await loop.run_in_executor(threads, publisher.publish, due))
                due = max(due + 1, time.monotonic())

        for number, publisher in enumerate(publishers):
            running.add(asyncio.create_task(publish_each_second(publisher, begin + number / PUBLISHES_A_SECOND)))
        try:
            await asyncio.gather(*running)
        finally:
            for task in running:
                task.cancel()


async def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--origin", required=True)
    parser.add_argument("--publisher", metavar="FILE", required=True, help="with a token that may publish")
    parser.add_argument("--clients", metavar="FILE", required=True, help="with the token of a user in each line")
    parser.add_argument("--restarts", type=int, default=3)
    arguments = parser.parse_args()
    with open(arguments.publisher, encoding="ascii") as file:
        arguments.publisher = file.read().strip()
    with open(arguments.clients, encoding="ascii") as file:
        clients = [Client(f"ws://127.0.0.1:{arguments.port}/ws/notifications/?token={token}", arguments.origin) for token in file.read().split()]
    outcomes = []
    background = [asyncio.create_task(client.stay()) for client in clients]
    background.append(asyncio.create_task(publish_all_the_time(arguments, outcomes)))
    for restart in range(arguments.restarts):
        published = len(outcomes)
        await until(lambda restart=restart, published=published: len(outcomes) >= published + BEFORE_AND_AFTER
                    and all(client.greeted > restart for client in clients), f"{len(clients)} clients on the channel before restart {restart + 1}")
        status = await (await asyncio.create_subprocess_exec("systemctl", "restart", "gatehouse")).wait()
        if status != 0:
            sys.exit("systemctl restart gatehouse failed")
    published = len(outcomes)
    await until(lambda: len(outcomes) >= published + BEFORE_AND_AFTER and all(client.greeted > arguments.restarts for client in clients),
                "all clients back after the last restart")
    for task in background:
        task.cancel()
    failures = collections.Counter(outcome for outcome, _ in outcomes if outcome != 202)
    print(f"{arguments.restarts} restarts, {len(outcomes)} publishes: failed {failures.total()}, longest wait {max(wait for _, wait in outcomes):.2f} s;"
          f" {len(clients)} clients, each back {min(client.greeted for client in clients) - 1} times")
    if failures:
        sys.exit(f"failed: {dict(failures)}")


if __name__ == "__main__":
    asyncio.run(main())
