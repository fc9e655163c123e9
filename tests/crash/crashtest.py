# SPDX-License-Identifier: GPL-3.0-or-later
"""kill -9 while publishers publish and users receive: does every acknowledged notification reach its users exactly once, in order?

In each round half of the users are connected and half are away. The server is killed at a random moment and started again on the same
state. Publishers repeat what was not acknowledged with the same Idempotency-Key until it is; then all users come back with their last
cursor. The clients know nothing of the server but its documentation. The random choices of users, audiences and moments follow from the
seed; the machine's own timing does not.

With --nodes, that many servers share a Redis that has everything on disk before it answers. The servers and Redis are killed in turn; publishers
and users take any node. Ids are of the nodes that made them, so the order is that of each publisher's own publishes.
"""
import argparse
import asyncio
import http.client
import json
import random
import sys
import threading
import time

from gatehouse_server import ORIGIN, PUBLISH, GatehouseServer, bearer, make_token
from redis_server import RedisServer

LIMITS = {name: "1000000" for name in ("MAX_CONNECTIONS_PER_IP", "MAX_RECONNECT_ATTEMPTS", "MAX_CONNECTIONS_PER_USER")}
PATIENCE_SECONDS = 60
END = "end of the round"


class Published:
    """What was acknowledged, by id: whom it is for. Shared by the publishers."""

    def __init__(self, users):
        self._lock = threading.Lock()
        self._users = users
        self.expected = {user: [] for user in users}
        self.publishes = self.notifications = self.retries = self.replays = 0

    def acknowledged(self, requests, ids, attempts, is_replay):
        with self._lock:
            self.publishes += 1
            self.notifications += len(ids)
            self.retries += attempts - 1
            self.replays += is_replay
            for request, identifier in zip(requests, ids):
                for user in self.audience(request["to"]):
                    self.expected[user].append(identifier)

    def audience(self, to):
        if to == "all":
            return self._users
        return to["users"] if "users" in to else [user for user in self._users if group_of(user) in to["groups"]]


def group_of(user):
    return "even" if int(user) % 2 == 0 else "odd"


class Publisher(threading.Thread):
    """Publishes until told to stop, then until its last request is acknowledged."""

    def __init__(self, number, servers, published, seed):
        super().__init__(daemon=True)
        self._name = f"{seed}-{number}"
        self._random = random.Random(self._name)
        self._servers = servers
        self._published = published
        self._connection = None
        self._token = make_token(f"backend-{number}", role="publisher")
        self.stopping = threading.Event()
        self.failure = None

    def run(self):
        count = 0
        try:
            while not self.stopping.is_set():
                count += 1
                self.publish([self._choose(f"{self._name}-{count}.{part}") for part in range(self._random.choice((1, 1, 1, 2, 3)))],
                             f"{self._name}-{count}")
                time.sleep(self._random.uniform(0, 0.01))
        except Exception as error:  # the main thread reports it
            self.failure = error

    def _choose(self, title):
        kind = self._random.random()
        users = list(self._published.expected)
        to = ("all" if kind < 0.05 else {"groups": [self._random.choice(("even", "odd"))]} if kind < 0.1
              else {"users": self._random.sample(users, self._random.randint(1, 3))})
        return {"to": to, "title": title, "body": "x" * self._random.randint(0, 200)}

    def publish(self, requests, key):
        deadline = time.monotonic() + PATIENCE_SECONDS
        for attempt in range(1, 1_000_000):
            answer = self._try(requests, key)
            if answer is not None:
                self._published.acknowledged(requests, answer[0]["ids"], attempt, answer[1])
                return
            if time.monotonic() > deadline:
                raise AssertionError(f"{key} was not acknowledged within {PATIENCE_SECONDS} s")
            time.sleep(0.02)

    def _try(self, requests, key):
        """The answer's JSON and whether it says that it is a replay; None if the server, or its Redis, is not there."""
        try:
            if self._connection is None:
                self._connection = http.client.HTTPConnection("127.0.0.1", self._random.choice(self._servers).port, timeout=5)
            self._connection.request("POST", PUBLISH, json.dumps(requests),
                                     {**bearer(self._token), "Content-Type": "application/json", "Idempotency-Key": key})
            answer = self._connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException):
            if self._connection is not None:
                self._connection.close()
            self._connection = None
            return None
        if answer.status == 503 and len(self._servers) > 1:
            self._connection.close()
            self._connection = None
            return None
        if answer.status != 202:
            raise AssertionError(f"{answer.status} {body!r}")
        return json.loads(body), answer.getheader("Idempotent-Replayed") == "true"


class User:
    """One user with one device, which keeps what it received and its last cursor."""

    def __init__(self, name, servers):
        self.name = name
        self._servers = servers
        self._random = random.Random(name)
        self._cursor = None
        self.received = []
        self.titles = []
        self.truncated = 0
        self.has_end = asyncio.Event()

    async def listen(self):
        """Receives until the connection ends or this is cancelled."""
        token = make_token(self.name, groups=[group_of(self.name)])
        query = token + ("&cursor=" + self._cursor if self._cursor else "")
        try:
            async with self._random.choice(self._servers).connect(query, origin=ORIGIN, max_size=None, close_timeout=1) as socket:
                async for text in socket:
                    self._take(json.loads(text))
        except OSError:
            pass  # the server is being killed, or not there yet
        except Exception as error:  # noqa: BLE001 - websockets has many names for a lost connection
            if "websockets" not in type(error).__module__:
                raise

    async def listen_until_end(self):
        while not self.has_end.is_set():
            listening = asyncio.create_task(self.listen())
            ending = asyncio.create_task(self.has_end.wait())
            await asyncio.wait({listening, ending}, return_when=asyncio.FIRST_COMPLETED)
            for task in (listening, ending):
                task.cancel()
            await asyncio.gather(listening, ending, return_exceptions=True)
            await asyncio.sleep(0)

    def _take(self, message):
        if message["type"] == "notifications_list":
            new = message["notifications"]
            if message["truncated"] and not new and self._cursor in (None, message["cursor"]):
                return  # it stands for a list that follows once Redis is there: until then nobody has been seen
            self.truncated += message["truncated"]
        elif message["type"] == "notification":
            new = [message["notification"]]
        else:
            raise AssertionError(f"{self.name} received {message}")
        for notification in new:
            self.received.append(notification["id"])
            self.titles.append(notification["title"])
            if notification["title"] == END:
                self.has_end.set()
        self._cursor = message["cursor"]


def place(title):
    """The publisher of a title, and which of its notifications it is."""
    name, _, number = title.rpartition("-")
    publish, _, part = number.partition(".")
    return name, (int(publish), int(part or 0))


def count_out_of_order(titles):
    """How many come behind a later one of the same publisher."""
    newest = {}
    count = 0
    for name, number in (place(title) for title in titles if title != END):
        count += number < newest.get(name, number)
        newest[name] = max(number, newest.get(name, number))
    return count


class Counts:
    def __init__(self):
        self.losses = self.duplicates = self.strangers = self.out_of_order = self.truncated = 0

    def judge(self, user, expected):
        received = set(user.received)
        self.losses += len(set(expected) - received)
        self.duplicates += len(user.received) - len(received)
        self.strangers += len(received - set(expected))
        self.out_of_order += count_out_of_order(user.titles)
        self.truncated += user.truncated

    def faults(self):
        return self.losses + self.duplicates + self.strangers + self.out_of_order + self.truncated


class CrashTest:
    def __init__(self, options):
        self.options = options
        self.random = random.Random(options.seed)
        self.redis = RedisServer() if options.nodes > 1 else None
        self.servers = [GatehouseServer(LIMITS) for _ in range(options.nodes)]
        self.users = [User(str(number), self.servers) for number in range(options.users)]
        self.published = Published([user.name for user in self.users])

    def discard(self):
        for each in [*self.servers, self.redis]:
            if each is not None:
                each.discard()

    async def run(self):
        if self.redis:
            self.redis.start()
        for number, server in enumerate(self.servers):
            if self.redis:
                server.settings.update({"REDIS_URL": self.redis.url(), "NODE_NAME": f"node-{number}"})
            server.start()
        for user in self.users:  # groups and broadcasts are kept for those who were seen
            await asyncio.wait_for(self._see(user), PATIENCE_SECONDS)
        for number in range(1, self.options.rounds + 1):
            await self._round(number)
        return self._judge()

    async def _see(self, user):
        listening = asyncio.create_task(user.listen())
        while user._cursor is None:
            if listening.done():  # it was not let in: a node that has no Redis yet may refuse
                listening.result()
                listening = asyncio.create_task(user.listen())
            await asyncio.sleep(0.005)
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)

    async def _round(self, number):
        self.random.shuffle(self.users)
        online = self.users[:len(self.users) // 2]
        before = self.published.notifications
        for user in self.users:
            user.has_end.clear()
        is_alone = self.redis is None
        victims = [*self.servers] if is_alone else [*self.servers, self.redis]
        victim = victims[number % len(victims)]
        listening = [asyncio.create_task(user.listen() if is_alone else user.listen_until_end()) for user in online]
        publishers = [Publisher(each, self.servers, self.published, f"{self.options.seed}-{number}")
                      for each in range(self.options.publishers)]
        for publisher in publishers:
            publisher.start()
        moment = self.random.uniform(0.05, 1.5)
        await asyncio.sleep(moment)
        victim.kill()
        acknowledged = self.published.notifications - before
        if is_alone:
            await asyncio.gather(*listening)
        for publisher in publishers:
            publisher.stopping.set()
        # Some users and publishers are back before the server is.
        returning = [asyncio.create_task(user.listen_until_end()) for user in online] if is_alone else listening
        await asyncio.to_thread(victim.start)
        for publisher in publishers:
            await asyncio.to_thread(publisher.join, PATIENCE_SECONDS + 5)
            if publisher.is_alive() or publisher.failure:
                raise AssertionError(f"a publisher did not end: {publisher.failure}")
        end = Publisher("end", self.servers, self.published, f"{self.options.seed}-{number}")
        await asyncio.to_thread(end.publish, [{"to": "all", "title": END}], f"end-{self.options.seed}-{number}")
        returning += [asyncio.create_task(user.listen_until_end()) for user in self.users if user not in online]
        done, late = await asyncio.wait(returning, timeout=PATIENCE_SECONDS)
        for task in late:
            task.cancel()
        await asyncio.gather(*returning, return_exceptions=True)
        for task in done:
            task.result()
        counts = self._judge()
        name = "Redis" if victim is self.redis else f"node {self.servers.index(victim)}"
        print(f"round {number}: {name} killed after {moment:.3f} s, {acknowledged} acknowledged before and "
              f"{self.published.notifications - before - acknowledged} after it; so far {counts.losses} lost, "
              f"{counts.duplicates} twice, {counts.out_of_order} out of order", flush=True)

    def _judge(self):
        counts = Counts()
        for user in self.users:
            counts.judge(user, self.published.expected[user.name])
        return counts


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--publishers", type=int, default=8)
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--nodes", type=int, default=1, help="more than one: a cluster, with Redis")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    test = CrashTest(options)
    try:
        counts = asyncio.run(test.run())
    finally:
        test.discard()
    published = test.published
    deliveries = sum(len(ids) for ids in published.expected.values())
    print(f"rounds {options.rounds}, publishes {published.publishes} ({published.retries} retries, {published.replays} of them "
          f"replayed), notifications acknowledged {published.notifications}, deliveries {deliveries}: losses {counts.losses}, "
          f"duplicates {counts.duplicates}, out of order {counts.out_of_order}, never acknowledged {counts.strangers}, "
          f"truncated lists {counts.truncated}")
    return 1 if counts.faults() or published.notifications == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
