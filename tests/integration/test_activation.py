# SPDX-License-Identifier: GPL-3.0-or-later
"""Listening sockets that somebody else holds, by systemd's protocol: this file plays systemd."""
import asyncio
import http.client
import json
import os
import select
import shutil
import socket
import tempfile
import threading
import unittest

import websockets

from gatehouse_server import ADMIN, CHANNEL, ORIGIN, PUBLISH, GatehouseServer, bearer, binary, eventually, make_token
from rawconnection import RawConnection
from redis_server import FaultProxy, RedisServer

NOT_TO_BE_HAD = "203.0.113.1:80"  # a server that listens by its settings fails


def activated(sockets, names=None, pid="$$", settings=None):
    """A server that is passed the sockets as descriptors 3, 4, …"""
    # In two steps, so that no descriptor is overwritten before it has been moved.
    moves = [f"exec {20 + index}<&{each.fileno()}" for index, each in enumerate(sockets)]
    moves += [f"exec {3 + index}<&{20 + index} {20 + index}<&-" for index in range(len(sockets))]
    variables = f"export LISTEN_PID={pid} LISTEN_FDS={len(sockets)}" + (f" LISTEN_FDNAMES={names}" if names else "")
    return GatehouseServer({"LISTEN": NOT_TO_BE_HAD, **(settings or {})}, pass_fds=[each.fileno() for each in sockets],
                           program_prefix=["bash", "-c", "; ".join([*moves, variables, 'exec "$0" "$@"'])])


def listening():
    result = socket.socket()
    result.bind(("127.0.0.1", 0))
    result.listen(4096)
    return result


class Activation(unittest.IsolatedAsyncioTestCase):
    def keep(self, held):
        self.addCleanup(held.close)
        return held

    def server(self, *arguments, **more):
        server = activated(*arguments, **more)
        self.addCleanup(server.discard)
        return server

    def assert_fails(self, server, *words):
        done = server.run("serve")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)

    async def test_one_socket_is_used_in_place_of_listen(self):
        held = self.keep(listening())
        server = self.server([held]).start()
        self.assertEqual(server.port, held.getsockname()[1])
        async with server.connect() as client:
            self.assertIn("notifications_list", await client.recv())
        with open(f"/proc/{server.process.pid}/environ", "rb") as file:
            self.assertIn(b"LISTEN_FDS", file.read(), "it was not started as systemd would")
        self.assertEqual(server.get(ADMIN + "overview").status, 200)

    def test_the_socket_named_admin_serves_the_admin_api(self):
        admin, clients = self.keep(listening()), self.keep(listening())
        server = self.server([admin, clients], "admin:gatehouse.socket").start()
        self.assertEqual(server.port, clients.getsockname()[1])
        self.assertEqual(server.get(ADMIN + "overview", is_described=False).status, 404)
        server.port = admin.getsockname()[1]
        self.assertEqual(server.get(ADMIN + "overview").status, 200)

    def test_an_admin_socket_alone_leaves_listen_as_it_is(self):
        admin = self.keep(listening())
        server = self.server([admin], "admin", settings={"LISTEN": "127.0.0.1:0"}).start()
        self.assertNotEqual(server.port, admin.getsockname()[1])
        server.port = admin.getsockname()[1]
        self.assertEqual(server.get(ADMIN + "overview").status, 200)

    def test_a_unix_domain_socket_stays_where_it_is(self):
        folder = tempfile.mkdtemp()
        self.addCleanup(os.rmdir, folder)
        path = os.path.join(folder, "socket")
        held = self.keep(socket.socket(socket.AF_UNIX))
        held.bind(path)
        self.addCleanup(os.remove, path)
        held.listen()
        server = self.server([held], "admin", settings={"LISTEN": "127.0.0.1:0"}).start()
        self.assertIn("unix:" + path, str(eventually(lambda: "unix:" in server.stderr() and server.stderr())))
        self.assertEqual(server.stop(), 0)
        self.assertTrue(os.path.exists(path))

    def test_what_is_no_listening_socket_is_refused(self):
        idle, datagram = self.keep(socket.socket()), self.keep(socket.socket(type=socket.SOCK_DGRAM))
        self.assert_fails(self.server([idle]), "LISTEN_FDS", "descriptor 3", "not a listening stream socket")
        self.assert_fails(self.server([datagram]), "LISTEN_FDS", "descriptor 3", "not a listening stream socket")
        with open("/dev/null", "rb") as file:
            self.assert_fails(self.server([file]), "LISTEN_FDS", "descriptor 3", "not a socket")
        held = self.keep(listening())
        self.assert_fails(self.server([held, idle], "clients:admin"), "descriptor 4")
        self.assert_fails(self.server([held, self.keep(listening())]), "more than one socket", "admin")
        self.assert_fails(self.server([held, self.keep(listening())], "admin:admin"), "two sockets", "admin")

    def test_variables_for_another_process_are_not_ours(self):
        held = self.keep(listening())
        self.assert_fails(self.server([held], pid="1"), NOT_TO_BE_HAD)

    async def test_nobody_is_refused_while_the_server_restarts(self):
        held = self.keep(listening())
        port = held.getsockname()[1]
        server = self.server([held], settings={"MAX_RECONNECT_ATTEMPTS": 10000, "MAX_CONNECTIONS_PER_IP": 1000}).start()
        outcomes, is_over = [], False

        async def come_and_go(user):
            while not is_over:
                try:
                    address = f"ws://127.0.0.1:{port}{CHANNEL}?token={make_token(user)}"
                    async with websockets.connect(address, origin=ORIGIN, compression=None, open_timeout=30) as client:
                        await client.recv()
                        outcomes.append("served")
                except websockets.InvalidStatusCode as refused:
                    outcomes.append(refused.status_code)  # 503: had been let in when the drain began
                except (websockets.ConnectionClosed, websockets.InvalidMessage, ConnectionResetError):
                    outcomes.append("cut")  # had been let in
                except OSError as error:
                    outcomes.append(repr(error))
                await asyncio.sleep(0.005)

        clients = [asyncio.create_task(come_and_go(str(number))) for number in range(8)]
        for _ in range(3):
            before = outcomes.count("served")
            while outcomes.count("served") < before + 20:
                await asyncio.sleep(0.01)
            self.assertEqual(await asyncio.to_thread(server.stop), 0)
            # Nobody accepts now, and still one can connect.
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            await asyncio.to_thread(server.start)
            self.assertTrue((await asyncio.wait_for(reader.read(), 30)).startswith(b"HTTP/1.1 200"))
            writer.close()
        is_over = True
        await asyncio.gather(*clients)
        self.assertLessEqual(set(outcomes), {"served", 503, "cut"})
        self.assertEqual(server.process.poll(), None)

    def test_no_publish_fails_while_the_server_restarts(self):
        self.check_publishing({})

    def test_nor_while_a_node_of_a_cluster_does(self):
        redis = RedisServer(durable=False)
        self.addCleanup(redis.discard)
        proxy = FaultProxy(redis.start().port)
        self.addCleanup(proxy.close)
        proxy.delay = 0.025
        self.check_publishing({"REDIS_URL": proxy.url()})

    def test_a_connection_that_was_kept_is_ended_and_not_refused(self):
        """A backend's pool looks whether a connection has ended before it asks again; of a server that ends it gets an answer, or that end."""
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        disk = os.path.join(folder, "disk")
        library = os.path.join(os.path.dirname(binary()), "faultydisk.so")
        self.assertTrue(os.path.exists(library))
        server = self.server([self.keep(listening())], settings={"LD_PRELOAD": library, "FAULTY_DISK": disk, "ASAN_OPTIONS": "verify_asan_link_order=0"})
        server.start()
        publish = "POST", PUBLISH, json.dumps({"to": "all", "title": "?", "ephemeral": True}), bearer(server.admin_token("publisher"))
        kept = [http.client.HTTPConnection("127.0.0.1", server.port, timeout=60) for _ in range(60)]
        for connection in kept:
            self.addCleanup(connection.close)
            connection.request(*publish)
            self.assertEqual(connection.getresponse().read()[:8], b'{"ids":[')
        with open(disk, "w", encoding="ascii") as file:
            file.write("slow-sync")  # the state file takes its time to be closed
        server.process.terminate()
        outcomes = []
        for connection in kept:
            try:
                if select.select([connection.sock], [], [], 0.01)[0]:
                    outcomes.append("ended")
                    continue
                connection.request(*publish)
                outcomes.append(connection.getresponse().status)
            except (OSError, http.client.HTTPException):
                outcomes.append("ended")  # just now
        self.assertEqual(server.process.wait(60), 0)
        self.assertLessEqual(set(outcomes), {202, "ended"})
        self.assertIn("ended", outcomes)

    def check_publishing(self, settings):
        held = self.keep(listening())
        server = self.server([held], settings={"MAX_CONNECTIONS_PER_IP": 100, "DRAIN_SECONDS": 600, **settings}).start()
        outcomes, is_over = [], threading.Event()

        def publish_all_the_time(connect):
            connection = None
            while not is_over.is_set():
                try:
                    connection = connect(connection)
                    connection.request("POST", PUBLISH, json.dumps({"to": "all", "title": "?"}), bearer(server.admin_token("publisher")))
                    answer = connection.getresponse()
                    answer.read()
                    outcomes.append(answer.status)
                except (OSError, http.client.HTTPException) as error:
                    outcomes.append(repr(error))
                    connection = None
            connection.close()

        def anew(connection):
            if connection:
                connection.close()
            return http.client.HTTPConnection("127.0.0.1", held.getsockname()[1], timeout=60)

        def kept(connection):
            return connection or anew(None)

        publishers = [threading.Thread(target=publish_all_the_time, args=[connect]) for connect in (anew, kept, anew, kept)]
        for publisher in publishers:
            publisher.start()
        for _ in range(5):
            before = len(outcomes)
            self.assertTrue(eventually(lambda before=before: len(outcomes) >= before + 20))
            with RawConnection(server) as client:  # somebody to be told
                self.assertEqual(client.upgrade(token=make_token()).status, 101)
                self.assertEqual(server.stop(), 0)
            server.start()
        is_over.set()
        for publisher in publishers:
            publisher.join()
        self.assertEqual(set(outcomes), {202})


if __name__ == "__main__":
    unittest.main()
