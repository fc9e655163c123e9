# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster for the integration tests: a Redis of its own and as many nodes as a test wants."""
import hashlib
import re
import time

from gatehouse_server import ADMIN, PATIENCE_SECONDS, GatehouseServer, GatehouseTestCase, eventually, make_token
from rawconnection import RawConnection
from redis_server import RedisServer

LONGEST_SECONDS = 180  # however busy the machine is


def client_of(address, user="42"):
    """How Redis' keys and fields call a user at an address."""
    return f"{address}:{int.from_bytes(hashlib.sha256(user.encode()).digest()[:8], 'big'):x}"


def attempts_of(address, user="42"):
    return "gatehouse:attempts:" + client_of(address, user)


class ClusterTestCase(GatehouseTestCase):
    """A test case in which each test has a fresh Redis and fresh nodes; they must survive the test."""

    settings = {}
    settings_of = {}  # what single nodes have besides, by name
    node_names = ("alpha", "beta")
    redis_options = ()
    is_durable = True  # Redis has everything on disk before it answers

    def setUp(self):
        self.nodes = []
        self.may_have_ended = set()
        self.start_redis()
        for name in self.node_names:
            self.start(self.add_node(name))

    def start_redis(self):
        """Leaves `self.redis`, which runs, and `self.keys`, a client of it."""
        self.redis = self.add_redis(RedisServer(*self.redis_options, durable=self.is_durable)).start()
        self.keys = self.redis.client()

    def add_redis(self, server):
        """A program of Redis that is ended with the test."""
        self.addCleanup(server.discard)
        return server

    def redis_url(self, name):
        """What the node of this name has as REDIS_URL."""
        return self.redis.url()

    def add_node(self, name, **settings):
        """A node that has not been started."""
        node = GatehouseServer({"REDIS_URL": self.redis_url(name), "NODE_NAME": name, **self.settings, **self.settings_of.get(name, {}),
                                **settings})
        node.name = name
        self.addCleanup(node.discard)
        self.nodes.append(node)
        return node

    def start(self, node):
        """Starts a node and waits until it can be tested."""
        node.start()
        self.may_have_ended.discard(node.name)
        self.wait_until_ready(node)
        return node

    def wait_until_ready(self, node):
        """What start() waits for: that all nodes know of each other. A test case may want something else."""
        self.wait_until_joined()

    def end_node(self, node, how="kill"):
        """Ends a node that the test is not to find running: `kill` or `stop`, whose result is returned."""
        self.may_have_ended.add(node.name)
        return getattr(node, how)()

    def tearDown(self):
        for node in self.nodes:
            if node.process is not None and node.name not in self.may_have_ended:
                self.assertTrue(node.is_running(), f"{node.name} ended by itself with {node.process.poll()}:\n"
                                                   f"{node.stderr()[-2000:]}")

    # What nodes say of each other and of Redis

    def states(self, node):
        """What a node says of each: {name: state}."""
        return {each["name"]: each["state"] for each in node.get(ADMIN + "nodes").json()["nodes"]}

    def is_alone(self, node):
        """Whether a node says that it judges the limits by itself."""
        return self.itself(node)["alone"]

    def itself(self, node):
        """What a node says of itself."""
        return next(each for each in node.get(ADMIN + "nodes").json()["nodes"] if each["this"])

    def redis_of(self, node):
        """How a node says that it stands to Redis: up, server, detail, since."""
        return node.get(ADMIN + "nodes").json()["redis"]

    def wait_until_joined(self):
        """Until every node knows that every other is up."""
        everybody = {node.name: "up" for node in self.nodes}
        for node in self.nodes:
            self.assertTrue(eventually(lambda node=node: self.states(node) == everybody, PATIENCE_SECONDS),
                            f"{node.name} knows of {self.states(node)}:\n{node.stderr()[-2000:]}")

    def wait_until_it_publishes(self, node):
        """Until a node stores what it is given."""
        def publishes():
            return node.publish({"to": {"users": ["nobody"]}, "title": "ready"}).status == 202
        self.assertTrue(eventually(publishes, PATIENCE_SECONDS), f"{node.name} does not publish:\n{node.stderr()[-2000:]}")

    def wait_until_it_takes_changes(self, node):
        """Until limits, bans and so on can be changed at a node."""
        rules = node.get(ADMIN + "alerts/rules").json()  # what changes nothing but the audit

        def takes():
            return node.request("PUT", ADMIN + "alerts/rules", node.admin_token(), rules).status == 200
        self.assertTrue(eventually(takes, PATIENCE_SECONDS), f"{node.name} takes no changes:\n{node.stderr()[-2000:]}")

    def wait_until_it_shares(self, node):
        """Until a node judges together with the others."""
        self.assertTrue(eventually(lambda: not self.is_alone(node), LONGEST_SECONDS),
                        f"{node.name} does not share its limits:\n{node.stderr()[-2000:]}")

    def wait_until_alone(self, node):
        """Until a node judges by itself, and says so: that it was alone before it last shared does not count."""
        def says_so():
            return self.is_alone(node) and "limits_alone" in node.stderr().rpartition("limits_shared")[2]
        self.assertTrue(eventually(says_so, PATIENCE_SECONDS), f"{node.name} thinks that it shares its limits:\n{node.stderr()[-2000:]}")


class LimitsTestCase(ClusterTestCase):
    """Nodes that share their limits: `self.server` and `self.other`."""

    is_durable = False

    def setUp(self):
        self.connections = []
        super().setUp()
        self.server, self.other = self.nodes

    def wait_until_ready(self, node):
        self.wait_until_it_shares(node)
        self.assertTrue(eventually(lambda: self.keys.zcard("gatehouse:nodes") == len(self.nodes), PATIENCE_SECONDS))

    def open(self, node, source="127.0.0.1", user="42", **more):
        """An open connection, or the refusal."""
        connection = RawConnection(node, source)
        self.addCleanup(connection.close)
        self.connections.append(connection)
        answer = connection.upgrade(token=make_token(user), **more)
        return connection if answer.status == 101 else answer

    def close_all(self):
        """Everything that was opened."""
        for connection in self.connections:
            connection.close()

    # A machine that is busy with other things may miss an answer, and a node then judges by itself. What is asserted is what the cluster says,
    # so it is asked again where a node could not. A place that was given back is free a moment later.

    def tries(self, node):
        """As often as something may be tried, once now; before each further time the node judges together with the others."""
        end = time.monotonic() + PATIENCE_SECONDS
        yield
        while time.monotonic() < end:
            since = time.monotonic()
            self.wait_until_it_shares(node)
            end += time.monotonic() - since
            time.sleep(0.02)
            yield

    def admit(self, node, source="127.0.0.1", user="42"):
        for _ in self.tries(node):
            answer = self.open(node, source, user)
            if isinstance(answer, RawConnection):
                return answer
        self.fail(f"not admitted: {answer}")

    def refuse(self, node, code, limit, guard=None, source="127.0.0.1"):
        for _ in self.tries(node):
            answer = self.open(node, source)
            if not isinstance(answer, RawConnection) and answer.json().get("limit") == limit:
                self.assert_problem(answer, 429, code, guard)
                return answer
            if isinstance(answer, RawConnection):
                answer.close()
                time.sleep(0.1)  # by then Redis is told that it was there,
                eventually(self.is_counted, 5)  # and then that it has gone: or it would count in the next answer
        self.fail("not refused by the cluster")

    def is_counted(self):
        """Whether Redis counts what the nodes have."""
        texts = [node.get("/metrics").body.decode() for node in self.nodes if node.is_running()]
        open_now = sum(int(re.search(r"^gatehouse_connections (\d+)$", text, re.MULTILINE).group(1)) for text in texts)
        return sum(self.counts().values()) == open_now

    def counts(self, kind="a"):
        """What Redis counts, over all nodes."""
        sums = {}
        for key in self.keys.scan_iter(f"gatehouse:open:{kind}:*"):
            for field, count in self.keys.hgetall(key).items():
                sums[field] = sums.get(field, 0) + int(count)
        return sums
