# SPDX-License-Identifier: GPL-3.0-or-later
"""Two nodes that share a Redis, clients that come and go, publishes that go on: does memory grow, and do descriptors come back?

Clients are of a few hundred users and addresses, so that what a node keeps of each is soon all there. They stay some seconds, read what comes,
mark it as read now and then, and leave in order or without a word. A node fills some memory in its first hours, whoever comes: an hour of
seconds of history, of its own and of all (1.5 MB), and the cache of its state file (up to 8 MB). So the slope is judged (1 MB an hour) only
when half an hour was measured after a warm-up of two hours; descriptors always are, when everybody has left. A short soak tells something beside one
with hardly any clients: --connects 0.02 --publishes 0.02.
"""
import argparse
import asyncio
import csv
import http.client
import json
import random
import statistics
import sys
import time
from pathlib import Path

from gatehouse_server import ADMIN, ORIGIN, PUBLISH, GatehouseServer, bearer, eventually, make_token
from redis_server import RedisServer
from watchedprocess import WatchedProcess

LIMITS = {name: "1000000" for name in ("MAX_CONNECTIONS_PER_IP", "MAX_RECONNECT_ATTEMPTS", "MAX_CONNECTIONS_PER_USER", "MAX_MESSAGES_PER_MINUTE")}
LINKS = ("guard", "data", "stream", "reports", "subscriber", "ingest", "control")  # of a node to Redis
USERS, ADDRESSES = 300, 200
SAMPLE_SECONDS = 5
JUDGED_AFTER_SECONDS, JUDGED_SECONDS = 2 * 3600, 30 * 60
MOST_MEGABYTES_PER_HOUR = 1.0
LEAVING_SECONDS = 20
IDLE_SECONDS = 5  # a connection that has done nothing for longer may have been closed by the server


def slope(samples):
    """MB an hour, by least squares, and its standard error; None where there are too few samples."""
    if len(samples) < 3:
        return None
    hours, sizes = [each[0] / 3600 for each in samples], [each[1] for each in samples]
    middle, height = statistics.fmean(hours), statistics.fmean(sizes)
    spread = sum((hour - middle) ** 2 for hour in hours)
    value = sum((hour - middle) * (size - height) for hour, size in zip(hours, sizes)) / spread
    rest = sum((size - height - value * (hour - middle)) ** 2 for hour, size in zip(hours, sizes))
    return value, (rest / (len(samples) - 2) / spread) ** 0.5


class Soak:
    def __init__(self, options):
        self.options = options
        self.random = random.Random(options.seed)
        self.redis = RedisServer(durable=False)
        self.nodes = []
        self.cursors = {}
        self.clients = set()
        self.opened = self.received = self.published = 0
        self.end = int(time.time() + 60 * options.minutes) + 600  # for tokens
        self.faults = []

    def start(self):
        self.redis.start()
        for number in range(2):
            node = GatehouseServer({**LIMITS, "REDIS_URL": self.redis.url(), "NODE_NAME": f"node-{number}", "WORKERS": "1"})
            self.nodes.append(node)
            node.start()
        for node in self.nodes:
            if not eventually(lambda one=node: len(one.get(ADMIN + "nodes").json()["nodes"]) == 2 and
                              one.publish({"to": {"users": ["nobody"]}, "title": "ready"}).status == 202, 30):
                raise RuntimeError(f"a node is not ready:\n{node.stderr()[-2000:]}")
        if not eventually(self.has_all_links, 60):
            raise RuntimeError(f"a node is not linked to Redis in every way:\n{self.redis.client().client_list()}")
        self.processes = [WatchedProcess(f"node {number}", node.process.pid) for number, node in enumerate(self.nodes)]
        self.processes.append(WatchedProcess("Redis", self.redis.process.pid))

    def has_all_links(self):
        """Whether the nodes have opened all that they keep open: what each has in use then is its base."""
        names = {each["name"] for each in self.redis.client().client_list()}
        return names >= {f"gatehouse:{node.settings['NODE_NAME']}:{purpose}" for node in self.nodes for purpose in LINKS}

    def discard(self):
        for each in [*self.nodes, self.redis]:
            each.discard()

    async def client(self, node):
        """One client, from its handshake until it leaves. What goes wrong is a fault of the soak."""
        number = self.random.randrange(USERS)
        user = f"soak-{number}"
        source = f"127.1.7.{1 + self.random.randrange(ADDRESSES)}"
        cursor = self.cursors.get(user)
        try:
            socket = await node.connect(make_token(user, groups=["odd" if number % 2 else "even"]) + (f"&cursor={cursor}" if cursor else ""),
                                        origin=ORIGIN, source=source, max_size=None)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told at the end
            self.faults.append(f"connect: {error!r}")
            return
        self.opened += 1
        end = time.monotonic() + self.random.expovariate(1 / self.options.stay)
        try:
            while (left := end - time.monotonic()) > 0:
                try:
                    message = json.loads(await asyncio.wait_for(socket.recv(), left))
                except asyncio.TimeoutError:
                    break
                self.received += 1
                self.cursors[user] = message.get("cursor", self.cursors.get(user))
                if self.random.random() < 0.2:
                    await socket.send('{"type":"mark_all_read"}')
            if self.random.random() < 0.5:
                await socket.close()
        except Exception as error:  # noqa: BLE001
            self.faults.append(f"client: {error!r}")
        finally:
            socket.transport.abort()

    async def churn(self, node):
        while True:
            await asyncio.sleep(self.random.expovariate(self.options.connects))
            task = asyncio.create_task(self.client(node))
            self.clients.add(task)
            task.add_done_callback(self.clients.discard)

    async def publish(self):
        token = make_token("backend", role="publisher", exp=self.end)
        connections, used = [None, None], [0.0, 0.0]

        def post(index, body, headers):
            since, used[index] = time.monotonic() - used[index], time.monotonic()
            if connections[index] is None or since > IDLE_SECONDS:
                connections[index] = http.client.HTTPConnection("127.0.0.1", self.nodes[index].port, timeout=10)
            try:
                connections[index].request("POST", PUBLISH, json.dumps(body), {**bearer(token), "Content-Type": "application/json", **headers})
                answer = connections[index].getresponse()
                answer.read()
                return answer.status
            except (OSError, http.client.HTTPException) as error:
                connections[index].close()
                connections[index] = None
                return repr(error)

        while True:
            await asyncio.sleep(self.random.expovariate(self.options.publishes))
            chance = self.random.random()
            to = ("all" if chance < 0.01 else {"groups": ["even"]} if chance < 0.03
                  else {"users": [f"soak-{self.random.randrange(USERS)}"]})
            body = {"to": to, "title": f"soak-{self.published}", "body": "x" * self.random.randrange(300),
                    "ephemeral": self.random.random() < 0.3}
            headers = {"Idempotency-Key": f"{self.options.seed}-{self.published}"} if self.random.random() < 0.3 else {}
            self.published += 1
            status = await asyncio.to_thread(post, self.published % 2, body, headers)
            if status != 202:
                self.faults.append(f"publish: {status}")

    async def look(self):
        """As a console that is open does."""
        async with self.nodes[0].connect_admin(self.nodes[0].admin_token(exp=self.end)) as console:
            await console.send('{"type":"subscribe","topics":["metrics"]}')
            async for _ in console:
                pass

    async def run(self):
        tasks = [asyncio.create_task(each) for each in (*map(self.churn, self.nodes), self.publish(), self.look())]
        began = time.monotonic()
        while (now := time.monotonic() - began) < 60 * self.options.minutes:
            for process in self.processes:
                process.sample(now)
            if len(self.processes[0].samples) % 12 == 1:
                self.say(now)
            await asyncio.sleep(SAMPLE_SECONDS)
            for task in tasks:
                if task.done():
                    task.result()
        for task in [*tasks, *self.clients]:
            task.cancel()
        await asyncio.gather(*tasks, *self.clients, return_exceptions=True)
        end = time.monotonic() + LEAVING_SECONDS
        while any(each.descriptors() > each.base for each in self.processes[:-1]) and time.monotonic() < end:
            await asyncio.sleep(0.2)

    def say(self, now):
        values = "; ".join(f"{each.name} {each.samples[-1][1]:.1f} MB, {each.samples[-1][2]} fds" for each in self.processes)
        print(f"{now / 60:5.1f} min: {len(self.clients)} clients, {self.opened} came, {self.published} published, {self.received} received; "
              f"{values}; {len(self.faults)} faults", flush=True)

    def report(self):
        """Prints what was measured; whether it is as it should be."""
        warm_up = 60 * self.options.minutes * self.options.warm_up
        is_good = not self.faults and self.received > 0
        for process in self.processes:
            samples = process.after(warm_up)
            left, fitted = process.descriptors(), slope(samples)
            described = "too few samples" if fitted is None else f"{fitted[0]:+.2f} ± {fitted[1]:.2f} MB/h"
            print(f"{process.name}: {samples[0][1]:.1f} MB after the warm-up, {samples[-1][1]:.1f} MB at the end: {described} over "
                  f"{(samples[-1][0] - samples[0][0]) / 60:.1f} min; descriptors {process.base} before, {min(each[2] for each in samples)} to "
                  f"{max(each[2] for each in samples)} meanwhile, {left} when all had left")
            if process is self.processes[-1]:
                continue  # what is stored in Redis is kept for 30 days
            is_judged = fitted is not None and warm_up >= JUDGED_AFTER_SECONDS and samples[-1][0] - samples[0][0] >= JUDGED_SECONDS
            is_good = is_good and left <= process.base and not (is_judged and fitted[0] - 2 * fitted[1] > MOST_MEGABYTES_PER_HOUR)
        for node in self.nodes:
            print(f"node {self.nodes.index(node)}: {node.stderr().count('limits_alone')} times alone with its limits")
        for fault in sorted(set(self.faults)):
            print(f"fault, {self.faults.count(fault)} times: {fault}")
        if self.options.csv:
            with open(self.options.csv, "w", encoding="utf-8", newline="") as file:
                rows = csv.writer(file)
                rows.writerow(["process", "seconds", "resident_mb", "descriptors"])
                rows.writerows([each.name, f"{sample[0]:.1f}", f"{sample[1]:.3f}", sample[2]] for each in self.processes for sample in each.samples)
        return is_good


def main():
    parser = argparse.ArgumentParser(prog="tests/soak/run", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--warm-up", type=float, default=0.3, help="part of the time that does not count for the slope (0.3)")
    parser.add_argument("--connects", type=float, default=10, help="a second, at each node")
    parser.add_argument("--stay", type=float, default=10, help="seconds that a client stays, on average")
    parser.add_argument("--publishes", type=float, default=20, help="a second")
    parser.add_argument("--csv", help="a file for every sample")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    options = parser.parse_args()
    if options.minutes <= 0 or not 0 <= options.warm_up < 1 or min(options.connects, options.stay, options.publishes) <= 0:
        parser.error("--minutes, --connects, --stay and --publishes must be more than 0, --warm-up from 0 to less than 1")
    print(f"seed {options.seed}, load average {Path('/proc/loadavg').read_text(encoding='utf-8').split()[0]}", flush=True)
    soak = Soak(options)
    try:
        soak.start()
        asyncio.run(soak.run())
        is_good = soak.report()
    finally:
        soak.discard()
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
