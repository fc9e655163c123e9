# SPDX-License-Identifier: GPL-3.0-or-later
"""All floods at once against one server with its default limits, and ordinary users beside.

First the ordinary users are alone (a fifth of the time, at least 5 s), then the siege begins. They stay connected and ping; others come, take their list and
leave; a site publishes to them. Printed is what they noticed in both parts, what the server used, and what the besiegers were answered. It ends with 1 when an ordinary
user was refused, cut off or left without a notification, when a publish was refused, when the server died, or when descriptors did not come back. Speed is
printed, and not judged: besiegers and server share the machine.
"""
import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

from gatehouse_server import PUBLISH, GatehouseServer, bearer, eventually, make_token
from watchedprocess import WatchedProcess

FULL_USERS, FULL_SIZE, FULL_BYTES = 40, 200, 4000  # users with an inbox of that many unread notifications of that size
PING_SECONDS = 2.0  # MAX_MESSAGES_PER_MINUTE is 60
PUBLISHES_A_SECOND, NEWCOMERS_A_SECOND = 10, 2
PATIENCE_SECONDS = 60  # whoever waits that long has been left out
SAMPLE_SECONDS = 0.5
LEAVING_SECONDS = 30


class Measures:
    """Milliseconds by kind, of the part that is under way."""

    def __init__(self):
        self.part = "quiet"
        self.values = defaultdict(lambda: defaultdict(list))
        self.faults = []

    def add(self, kind, began, part=None):
        self.values[part or self.part][kind].append(1000 * (time.monotonic() - began))

    def table(self):
        kinds = list(dict.fromkeys(kind for part in self.values.values() for kind in part))
        yield f"{'ms':24}{'quiet: p50':>12}{'p99':>10}{'number':>9}{'siege: p50':>14}{'p99':>10}{'number':>9}"
        for kind in kinds:
            cells = []
            for part in ("quiet", "siege"):
                found = sorted(self.values[part][kind])
                cells += [f"{found[len(found) // 2]:.1f}", f"{found[min(len(found) - 1, len(found) * 99 // 100)]:.1f}"] if found else ["–", "–"]
                cells.append(str(len(found)))
            yield f"{kind:24}{cells[0]:>12}{cells[1]:>10}{cells[2]:>9}{cells[3]:>14}{cells[4]:>10}{cells[5]:>9}"


class Ordinary:
    """Users whom nobody has reason to refuse."""

    def __init__(self, server, users, measures):
        self.server = server
        self.users = users
        self.measures = measures
        self.waiting = {}  # title → (when it was published, in which part)
        self.newcomers = 0

    def fault(self, what):
        self.measures.faults.append(what)

    async def stay(self, number):
        """One user, connected for all of it."""
        socket = await self.server.connect(make_token(f"user-{number}"), source=f"127.1.{number // 250}.{1 + number % 250}", max_size=None,
                                           open_timeout=PATIENCE_SECONDS)
        pings = []

        async def ping():
            while True:
                await asyncio.sleep(PING_SECONDS)
                pings.append((time.monotonic(), self.measures.part))
                await socket.send('{"type":"ping"}')
        pinging = asyncio.create_task(ping())
        try:
            async for text in socket:
                message = json.loads(text)
                if message["type"] == "pong":
                    self.measures.add("ping answered", *pings.pop(0))
                elif message["type"] == "notification":
                    self.arrived(number, message)
            self.fault(f"an ordinary user was cut off with {socket.close_code} {socket.close_reason}")
        except asyncio.CancelledError:
            if self.measures.part == "over" and pings and time.monotonic() - pings[0][0] > PATIENCE_SECONDS:
                self.fault("a ping was not answered")
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told at the end
            self.fault(f"an ordinary user lost the connection: {error!r}")
        finally:
            pinging.cancel()
            socket.transport.abort()

    def arrived(self, number, message):
        notification = message.get("notification", message)
        title = notification.get("title")
        if title not in self.waiting:
            self.fault(f"user-{number} got {title!r} without having to")
            return
        began, part = self.waiting.pop(title)
        self.measures.add("publish delivered", began, part)

    async def come(self):
        """Users who come for a moment, each from an address of its own."""
        async def one():
            self.newcomers += 1
            number, part, began = self.newcomers, self.measures.part, time.monotonic()
            try:
                socket = await self.server.connect(make_token(f"newcomer-{number}"), source=f"127.2.{number // 250 % 250}.{1 + number % 250}",
                                                   open_timeout=PATIENCE_SECONDS)
                await asyncio.wait_for(socket.recv(), PATIENCE_SECONDS)
                self.measures.add("newcomer has the list", began, part)
                await socket.close()
            except Exception as error:  # noqa: BLE001
                self.fault(f"a newcomer was refused: {error!r}")
        running = set()
        try:
            while True:
                task = asyncio.create_task(one())
                running.add(task)
                task.add_done_callback(running.discard)
                await asyncio.sleep(1 / NEWCOMERS_A_SECOND)
        finally:
            for task in running:
                task.cancel()

    async def request(self, kind, request):
        """One request on a connection of its own; the status."""
        began, part = time.monotonic(), self.measures.part
        reader, writer = await asyncio.open_connection("127.0.0.1", self.server.port)
        try:
            writer.write(request)
            status = int((await asyncio.wait_for(reader.readline(), PATIENCE_SECONDS)).split()[1])
            self.measures.add(kind, began, part)
            return status
        finally:
            writer.transport.abort()

    async def publish(self):
        token, sent = make_token("backend", role="publisher"), 0
        while True:
            sent += 1
            title = f"siege-{sent}"
            body = json.dumps({"to": {"users": [f"user-{sent % self.users}"]}, "title": title}).encode()
            head = (f"POST {PUBLISH} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
                    f"Authorization: {bearer(token)['Authorization']}\r\n\r\n")
            self.waiting[title] = (time.monotonic(), self.measures.part)
            try:
                status = await self.request("publish answered", head.encode() + body)
                if status != 202:
                    self.fault(f"a publish was answered {status}")
            except (OSError, asyncio.TimeoutError, IndexError) as error:
                self.fault(f"a publish was not answered: {error!r}")
            await asyncio.sleep(1 / PUBLISHES_A_SECOND)

    async def look(self):
        while True:
            try:
                status = await self.request("readyz answered", b"GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n")
                if status != 200:
                    self.fault(f"/readyz was answered {status}")
            except (OSError, asyncio.TimeoutError, IndexError) as error:
                self.fault(f"/readyz was not answered: {error!r}")
            await asyncio.sleep(0.5)


class Siege:
    def __init__(self, options):
        self.options = options
        self.measures = Measures()
        limit = [] if options.descriptors == 0 else ["prlimit", f"--nofile={options.descriptors}:{options.descriptors}"]
        self.server = GatehouseServer(dict(each.split("=", 1) for each in options.set), program_prefix=limit)
        self.ordinary = Ordinary(self.server, options.users, self.measures)

    def prepare(self):
        self.server.start()
        for first in range(FULL_SIZE):
            answer = self.server.publish({"to": {"users": [f"full-{number}" for number in range(FULL_USERS)]}, "title": f"old {first}",
                                          "body": "x" * FULL_BYTES})
            if answer.status != 202:
                raise RuntimeError(f"an inbox could not be filled: {answer}")
        self.process = WatchedProcess("server", self.server.process.pid)

    async def watch(self, began):
        while True:
            self.process.sample(time.monotonic() - began)
            await asyncio.sleep(SAMPLE_SECONDS)

    async def run(self):
        quiet = max(5.0, 12 * self.options.minutes)
        siege = 60 * self.options.minutes - quiet if self.options.minutes > 0.2 else 5.0
        began = time.monotonic()
        staying = [asyncio.create_task(self.ordinary.stay(number)) for number in range(self.options.users)]
        await asyncio.sleep(1)
        tasks = [asyncio.create_task(each) for each in (self.ordinary.come(), self.ordinary.look(), self.watch(began))]
        publishing = asyncio.create_task(self.ordinary.publish())
        await asyncio.sleep(quiet)
        self.quiet_samples = len(self.process.samples)
        self.measures.part = "siege"
        besiegers = await asyncio.create_subprocess_exec(
            sys.executable, "-B", str(Path(__file__).with_name("floods.py")), "--port", str(self.server.port), "--seconds", str(siege),
            "--scale", str(self.options.scale), "--users", str(FULL_USERS), stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
        try:
            said, _ = await asyncio.wait_for(besiegers.communicate(), siege + LEAVING_SECONDS)
            if besiegers.returncode:
                self.measures.faults.append(f"the besiegers ended with {besiegers.returncode}")
            self.answers = json.loads(said) if said else {}
        finally:
            if besiegers.returncode is None:
                besiegers.kill()
        publishing.cancel()
        end = time.monotonic() + PATIENCE_SECONDS
        while self.ordinary.waiting and time.monotonic() < end:
            await asyncio.sleep(0.1)
        for title in self.ordinary.waiting:
            self.measures.faults.append(f"{title} was not delivered")
        self.measures.part = "over"
        for task in [*tasks, *staying]:
            if task.done() and task not in staying:
                task.result()
            task.cancel()
        await asyncio.gather(*tasks, *staying, publishing, return_exceptions=True)

    def report(self):
        """Prints what was measured; whether it is as it should be."""
        faults = self.measures.faults
        if not self.server.is_running():
            faults.append(f"the server died with {self.server.process.poll()}: {self.server.stderr()[-1000:]}")
        elif not eventually(lambda: self.process.descriptors() <= self.process.base, LEAVING_SECONDS):
            faults.append(f"descriptors: {self.process.base} before, {self.process.descriptors()} when all had left")
        print("\n".join(self.measures.table()))
        for part, samples in (("quiet", self.process.samples[:self.quiet_samples]), ("siege", self.process.samples[self.quiet_samples:])):
            print(f"server, {part}: at most {max(each[1] for each in samples):.0f} MB resident, {max(each[2] for each in samples)} descriptors")
        print("besiegers: " + ", ".join(f"{name} {count}" for name, count in sorted(self.answers.items())))
        for fault in sorted(set(faults))[:40]:
            print(f"fault, {faults.count(fault)} times: {fault}")
        if len(set(faults)) > 40:
            print(f"and {len(set(faults)) - 40} other faults")
        return not faults


def main():
    parser = argparse.ArgumentParser(prog="tests/siege/run", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--users", type=int, default=100, help="ordinary ones who stay (100)")
    parser.add_argument("--scale", type=float, default=1, help="of the floods (1)")
    parser.add_argument("--descriptors", type=int, default=1024, help="that the server may have; 0: as many as it can get (1024)")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting of the server")
    options = parser.parse_args()
    if options.minutes <= 0 or options.users < 1 or options.scale <= 0 or options.descriptors < 0 or not all("=" in each for each in options.set):
        parser.error("--minutes, --users and --scale must be more than 0, --descriptors at least 0, --set NAME=VALUE")
    print(f"load average {Path('/proc/loadavg').read_text(encoding='utf-8').split()[0]}", flush=True)
    siege = Siege(options)
    try:
        siege.prepare()
        asyncio.run(siege.run())
        is_good = siege.report()
    finally:
        siege.server.discard()
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
