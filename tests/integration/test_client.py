# SPDX-License-Identifier: GPL-3.0-or-later
"""The JavaScript client (resources/client) in a real Chromium, against the real server."""
import asyncio
import http.client
import json
import os
import random
import threading
import time
import unittest

from browser import Chromium, Site
from gatehouse_server import CHANNEL, ROOT, ServerTestCase, eventually, make_token, receive_type
from redis_server import free_port

KILLS = int(os.environ.get("GATEHOUSE_KILLS", "5"))

# The page holds a client in `client`, what it dispatched in `events`, and what came over its sockets in `frames`. `token` is what
# getToken gives: text, or a promise that the test resolves. With `speed`, the client's clock runs that much faster than the server's.
PAGE = """<!doctype html><meta charset="utf-8"><title>test</title><script type="module">
import { GatehouseClient } from '/gatehouse.js';
window.events = [];
window.frames = [];
window.asked = [];
window.sockets = [];
class ObservedSocket extends WebSocket {
    constructor(...args) {
        super(...args);
        sockets.push(this);
        this.addEventListener('message', ({data}) => frames.push(JSON.parse(data)));
    }
}
window.start = (url, token, timing = {}, {speed = 1, ...options} = {}) => {
    window.token = token;
    const platform = {WebSocket: ObservedSocket, now: () => performance.now() * speed,
                      setTimeout: (callback, delay) => setTimeout(callback, delay / speed)};
    const getToken = ({refresh}) => { asked.push(refresh); return window.token; };
    window.client = new GatehouseClient(url, {getToken, timing: {backoffBase: 200, backoffCap: 1000, ...timing},
                                              platform, ...options});
    for (const type of ['open', 'notification', 'unread', 'read', 'warning', 'error', 'waiting', 'stopped']) {
        client.addEventListener(type, ({detail}) => events.push({...detail, event: type}));
    }
    client.connect();
};
window.of = (type) => events.filter(({event}) => event === type);
window.shown = () => of('notification').map(({notification}) => notification.title);
window.hold = () => { window.token = new Promise((resolve) => { window.release = resolve; }); };
window.addEventListener('pageshow', ({persisted}) => { window.isRestored = persisted; });
window.isReady = true;
</script>"""

# One that waited in vain for an answer is let go of soon, and another one is opened.
ONE_IS_OPEN = "client.state === 'open' && sockets.filter(({readyState}) => readyState === WebSocket.OPEN).length === 1"


class ClientTestCase(ServerTestCase):
    settings = {"ALLOWED_HOSTS": "localhost", "MAX_RECONNECT_ATTEMPTS": "1000"}
    host = "localhost"
    chromium_options = ()

    def setUp(self):
        self.settings = {**self.settings, "LISTEN": f"127.0.0.1:{free_port()}"}  # a restart must be found again
        super().setUp()

    async def asyncSetUp(self):
        self.url = f"http://127.0.0.1:{self.server.port}{CHANNEL}"
        site = Site({"/": PAGE, "/elsewhere": "<!doctype html>elsewhere", "/gatehouse.js": ROOT / "resources/client/gatehouse.js"})
        self.addCleanup(site.end)
        self.site = f"http://{self.host}:{site.server_port}/"
        browser = Chromium(self.site, *self.chromium_options)
        self.addCleanup(browser.end)
        self.page = await browser.page()
        self.addAsyncCleanup(self.page.end)
        await self.page.until("window.isReady")

    async def start(self, token=None, url=None, **more):
        """Makes the page's client and lets it connect."""
        arguments = [url or self.url, token if token is not None else make_token(), more.pop("timing", {}), more]
        await self.page.evaluate(f"start({', '.join(json.dumps(each) for each in arguments)})")

    async def started(self, *arguments, **more):
        await self.start(*arguments, **more)
        await self.page.until("client.state === 'open'")

    def publish(self, *titles, **more):
        answer = self.server.publish([{"to": {"users": ["42"]}, "title": title, **more} for title in titles])
        self.assertEqual(answer.status, 202, answer)
        return answer.json()["ids"]

    async def shown(self, count):
        """The titles that the page was shown, once they are so many."""
        await self.page.until(f"shown().length >= {count}")
        return await self.page.evaluate("shown()")

    async def set_token(self, token):
        await self.page.evaluate(f"window.token = {json.dumps(token)}")

    async def start_with(self, first, second):
        """As start(); the page has the second token from when it is asked again, however soon that is."""
        await self.page.evaluate(f"""Object.defineProperty(window, 'token', {{set() {{}},
            get() {{ return asked.length > 1 ? {json.dumps(second)} : {json.dumps(first)}; }}}}); 0""")
        await self.start(first)


class Delivery(ClientTestCase):
    async def test_greeting_and_live(self):
        self.publish("Before")
        await self.started()
        self.publish("สวัสดี", "Third")
        self.assertEqual(await self.shown(3), ["Before", "สวัสดี", "Third"])
        self.assertEqual(await self.page.evaluate("of('notification').map(({live}) => live)"), [False, True, True])
        self.assertEqual(await self.page.evaluate("of('open')"), [{"event": "open", "unread": 1, "truncated": False, "missed": 1}])
        self.assertEqual(await self.page.evaluate("client.unread"), 3)
        self.assertEqual(await self.page.evaluate("sockets[0].protocol"), "gatehouse.v1")
        self.assertNotIn("token", await self.page.evaluate("sockets[0].url"))

    async def test_a_killed_server_is_found_again_and_what_was_missed_comes_once(self):
        await self.started()
        self.publish("One", "Two")
        await self.shown(2)
        await self.page.evaluate("hold()")  # the next attempt waits for its token until all is published
        self.server.restart("kill")
        self.publish("Three", "Four")
        await self.page.evaluate(f"release({json.dumps(make_token())})")
        await self.page.until("of('open').length === 2")
        self.publish("Five")
        self.assertEqual(await self.shown(5), ["One", "Two", "Three", "Four", "Five"])
        self.assertEqual(await self.page.evaluate("of('notification').map(({live}) => live)"), [True, True, False, False, True])
        self.assertEqual(await self.page.evaluate("of('open')[1].missed"), 2)
        lists = await self.page.evaluate("frames.filter(({type}) => type === 'notifications_list').map((each) => each.notifications.length)")
        self.assertEqual(lists, [0, 2])  # the server itself sends only what was missed
        self.assertEqual(await self.page.evaluate("client.unread"), 5)

    async def test_more_than_one_list_holds_comes_whole(self):
        await self.started()
        await self.page.evaluate("hold(); client.close(); client.connect()")
        titles = [str(number) for number in range(300)]
        for begin in range(0, 300, 100):
            self.publish(*titles[begin:begin + 100], body="x" * 3900)
        await self.page.evaluate(f"release({json.dumps(make_token())})")
        self.assertEqual(await self.shown(300), titles)
        self.assertGreater(await self.page.evaluate("frames.filter(({type}) => type === 'notifications_list').length"), 2)
        self.assertEqual(await self.page.evaluate("[client.unread, ...of('open').map(({truncated}) => truncated)]"), [300, False, False])

    async def test_what_was_read_before_does_not_come_again_after_a_reload_with_a_stored_cursor(self):
        self.publish("One", "Two")
        stored = """(() => { const {storage, storageKey} = {storage: localStorage, storageKey: 'user-42'};
            start(%s, %s, {}, {storage, storageKey}); })()""" % (json.dumps(self.url), json.dumps(make_token()))
        await self.page.evaluate(stored)
        self.assertEqual(await self.shown(2), ["One", "Two"])
        await self.page.until("localStorage.getItem('user-42') === client.cursor")
        await self.page.evaluate("isReady = false")
        await self.page.call("Page.reload")
        await self.page.until("window.isReady")
        self.publish("Three")
        await self.page.evaluate(stored)
        self.assertEqual(await self.shown(1), ["Three"])
        await self.page.until("client.state === 'open'")
        self.assertEqual(await self.page.evaluate("client.unread"), 3)

    async def test_reading(self):
        ids = self.publish("One", "Two", "Three")
        await self.started()
        other = await self.open_channel(origin="http://localhost")
        await self.page.evaluate(f"client.markRead({json.dumps(ids[0])})")
        self.assertEqual((await receive_type(other, "read"))["ids"], ids[:1])
        self.assertEqual(await self.page.evaluate("client.unread"), 2)
        await other.send(json.dumps({"type": "mark_read", "ids": [ids[1]]}))
        await self.page.until("of('read').length === 1")
        self.assertEqual(await self.page.evaluate("of('read')"), [{"event": "read", "ids": [ids[1]], "unread": 1}])
        await self.page.evaluate("client.markAllRead()")
        self.assertEqual(await self.page.evaluate("client.unread"), 0)
        self.assertEqual((await self.open_channel(origin="http://localhost")).first["unread"], 0)

    async def test_a_mark_that_is_made_while_the_server_is_away_is_stored_when_it_is_back(self):
        ids = self.publish("One")
        await self.started()
        self.server.kill()
        await self.page.until("client.state !== 'open'")
        await self.page.evaluate(f"window.marked = client.markRead({json.dumps(ids)}).then(() => 'stored'); 0")
        self.server.start()
        self.assertEqual(await self.page.evaluate("marked"), "stored")
        self.assertEqual(await self.page.evaluate("client.unread"), 0)


class Publisher(threading.Thread):
    """Publishes numbered titles all the time, also while the server is away; knows which were acknowledged."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.acknowledged = []
        self._server = server
        self._is_ending = threading.Event()
        self.start()

    def run(self):
        number = 0
        while not self._is_ending.wait(0.01):
            number += 1
            try:
                answer = self._server.publish({"to": {"users": ["42"]}, "title": str(number)})
            except (OSError, http.client.HTTPException):
                continue
            if answer.status == 202:
                self.acknowledged.append(str(number))

    def end(self):
        self._is_ending.set()
        self.join()
        return self.acknowledged


class Hostile(ClientTestCase):
    """GATEHOUSE_KILLS says how often the server is killed."""

    async def test_kill_upon_kill_loses_nothing_and_shows_nothing_twice(self):
        await self.started(timing={"backoffBase": 50, "backoffCap": 200})
        publisher = Publisher(self.server)
        for _ in range(KILLS):
            await asyncio.sleep(random.uniform(0, 0.6))
            await asyncio.get_running_loop().run_in_executor(None, self.server.restart, "kill")
        await self.page.until("client.state === 'open'")
        await asyncio.to_thread(eventually, lambda: len(publisher.acknowledged) > KILLS)
        acknowledged = publisher.end()
        last = self.publish("last") and "last"
        await self.page.until(f"shown().includes('{last}')")
        shown = await self.page.evaluate("shown()")
        numbers = [int(title) for title in shown[:-1]]
        self.assertEqual(numbers, sorted(set(numbers)), "twice, or not in order")
        self.assertEqual(set(acknowledged) - set(shown), set(), "lost")
        self.assertGreater(len(acknowledged), KILLS)
        self.assertEqual(await self.page.evaluate("client.unread"), len(shown))

    async def test_a_restart_in_good_order_loses_nothing(self):
        await self.started(timing={"backoffBase": 50, "backoffCap": 200})
        publisher = Publisher(self.server)
        for times in range(1, 3):
            await asyncio.get_running_loop().run_in_executor(None, self.server.restart)
            await self.page.until(f"of('open').length === {times} + 1")
        acknowledged = publisher.end()
        await self.page.until(f"shown().length >= {len(acknowledged)}")
        self.assertEqual(await self.page.evaluate("shown().filter((title, index, all) => all.indexOf(title) !== index)"), [])
        self.assertEqual(set(acknowledged) - set(await self.page.evaluate("shown()")), set())
        self.assertLessEqual(set(await self.page.evaluate("of('waiting').map(({code}) => code)")), {1001, 1006, 1012})
        self.assertIn(1012, await self.page.evaluate("of('waiting').map(({code}) => code)"))

    async def test_going_offline_and_coming_back_again_and_again(self):
        await self.started(timing={"backoffBase": 50, "backoffCap": 200, "answerWithin": 200})
        await self.page.call("Network.enable")
        publisher = Publisher(self.server)
        for round_number in range(4 * KILLS):
            await self.page.call("Network.emulateNetworkConditions", offline=round_number % 2 == 0, latency=0, downloadThroughput=-1,
                                 uploadThroughput=-1)
            await asyncio.sleep(random.uniform(0, 0.3))
        await self.page.until("client.state === 'open'")
        acknowledged = publisher.end()
        await self.page.until(f"shown().length >= {len(acknowledged)}")
        self.assertEqual(await self.page.evaluate("shown()"), acknowledged)
        await self.page.until(ONE_IS_OPEN)


class DeadNetwork(ClientTestCase):
    async def test_a_connection_that_has_gone_silent_is_given_up(self):
        way = SilentWay(self.server.port)
        self.addCleanup(way.close)
        await way.open()
        await self.started(url=f"http://127.0.0.1:{way.port}{CHANNEL}", timing={"pingAfter": 300, "answerWithin": 3000})
        await self.page.until("frames.filter(({type}) => type === 'pong').length >= 2")
        self.assertEqual(await self.page.evaluate("[client.state, sockets.length]"), ["open", 1])
        way.is_silent = True
        self.publish("One")
        await self.page.until("of('waiting').some(({reason}) => reason === 'no_answer')")
        way.is_silent = False
        self.assertEqual(await self.shown(1), ["One"])
        await self.page.until("client.state === 'open'")


class SilentWay:
    """A way to the server that can fall silent, as a network does whose router forgot the connection: nothing is closed."""

    def __init__(self, target):
        self.is_silent = False
        self.port = None
        self._target = target
        self._server = None

    async def open(self):
        self._server = await asyncio.start_server(self._accepted, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    def close(self):
        self._server.close()

    async def _accepted(self, reader, writer):
        reader_there, writer_there = await asyncio.open_connection("127.0.0.1", self._target)
        await asyncio.gather(self._pass_on(reader, writer_there), self._pass_on(reader_there, writer))

    async def _pass_on(self, reader, writer):
        is_lost = False
        while data := await reader.read(65536):
            is_lost = is_lost or self.is_silent
            if not is_lost:
                writer.write(data)
        if not is_lost:
            writer.close()


class Readme(ClientTestCase):
    """The documentation's two examples, as they stand there but for the address."""

    async def run_example(self, marker):
        blocks = (ROOT / "resources/docs/channel.md").read_text(encoding="utf-8").split("```javascript\n")[1:]
        code = next(block for block in (each.split("```")[0] for each in blocks) if marker in block)
        code = code.replace("wss://your-domain.com", f"ws://127.0.0.1:{self.server.port}").replace("'./gatehouse.js'", "'/gatehouse.js'")
        await self.page.evaluate(f"localStorage.setItem('auth_token', {json.dumps(make_token())})")
        await self.page.evaluate("window.logged = []; console.log = (...what) => logged.push(what); console.error = console.log")
        await self.page.evaluate(f"""document.head.append(Object.assign(document.createElement('script'),
            {{type: 'module', textContent: {json.dumps(code)}}}))""")

    async def test_the_client(self):
        self.publish("One")
        await self.run_example("new GatehouseClient(")
        await self.page.until("logged.length === 2")
        self.publish("Two")
        await self.page.until("logged.length === 4")
        self.assertEqual(await self.page.evaluate("logged.map(([what, more]) => [what, more.title ?? more])"),
                         [["Unread:", 1], ["Message:", "One"], ["Unread:", 2], ["Message:", "Two"]])

    async def test_a_plain_websocket(self):
        await self.run_example("new WebSocket(")
        await self.page.until("logged.length === 1")
        self.publish("One")
        await self.page.until("logged.length === 2")
        self.assertEqual(await self.page.evaluate("logged.map(([what, {type}]) => [what, type])"),
                         [["Message:", "notifications_list"], ["Message:", "notification"]])


class Tokens(ClientTestCase):
    async def test_a_token_is_renewed_before_it_expires(self):
        await self.start_with(make_token(exp=int(time.time()) + 62), make_token(exp=int(time.time()) + 600))
        await self.page.until("frames.some(({type}) => type === 'token_expiring')")
        await self.page.until("frames.some(({type}) => type === 'ack')")
        self.assertEqual(await self.page.evaluate("asked"), [False, True])
        self.assertEqual(await self.page.evaluate("[client.state, of('error'), sockets.length]"), ["open", [], 1])

    async def test_an_expired_one_is_replaced_and_nothing_is_lost(self):
        await self.started(make_token(exp=int(time.time()) + 12))
        await self.page.until("asked.length === 2")  # it is announced at once, and there is no newer one yet
        await self.page.evaluate("hold()")
        self.publish("One")
        await self.page.until("client.state !== 'open'")
        self.publish("Two")
        await self.page.until("asked.length === 3")
        await self.page.evaluate(f"release({json.dumps(make_token())})")
        self.assertEqual(await self.shown(2), ["One", "Two"])
        self.assertEqual(await self.page.evaluate("of('waiting').map(({code, reason}) => [code, reason])"), [[4001, "token_expired"]])
        self.assertEqual(await self.page.evaluate("asked"), [False, True, True])

    async def test_one_that_is_expired_at_the_start_is_replaced(self):
        await self.start_with(make_token(exp=int(time.time()) - 100), make_token())
        await self.page.until("client.state === 'open'")
        self.assertEqual(await self.page.evaluate("of('waiting').map(({code, reason}) => [code, reason])"), [[4001, "token_expired"]])
        self.assertEqual(await self.page.evaluate("asked"), [False, True])

    async def test_a_bad_one_stops_it_and_the_decision_can_be_found(self):
        await self.start(make_token(secret="another-secret-that-is-long-enough-too"))
        await self.page.until("client.state === 'stopped'")
        stopped = (await self.page.evaluate("of('stopped')"))[0]
        self.assertEqual((stopped["code"], stopped["reason"]), (4501, "token_invalid"))
        decision = self.server.get("/api/admin/v1/decisions").json()["decisions"][0]
        self.assertEqual((decision["id"], decision["reason"]), (stopped["id"], "token_invalid"))
        await asyncio.sleep(1.5)  # longer than the longest wait of this page
        self.assertEqual(await self.page.evaluate("sockets.length"), 1)

    async def test_logging_in_again_after_that(self):
        await self.start("nonsense")
        await self.page.until("client.state === 'stopped'")
        await self.set_token(make_token())
        await self.page.evaluate("client.connect()")
        await self.page.until("client.state === 'open'")


class Limits(ClientTestCase):
    async def test_too_many_connections_is_waited_out(self):
        self.server.set_limits({"max_connections_per_ip": 1})
        other = await self.open_channel(origin="http://localhost")
        await self.start(timing={"connectWithin": 600_000}, speed=20)
        await self.page.until("of('waiting').length >= 2")
        said = await self.page.evaluate("of('waiting').map(({code, reason, retryAfter, retryIn}) => [code, reason, retryIn >= retryAfter])")
        self.assertEqual(said[:2], [[4129, "too_many_connections", True]] * 2)
        await other.close()
        await self.page.until("client.state === 'open'")

    async def test_the_reconnect_budget_is_waited_for_as_long_as_the_server_says(self):
        self.server.set_limits({"max_reconnect_attempts": 1})
        await self.started()
        await self.page.evaluate("client.close(); client.connect()")
        waiting = (await self.page.until("of('waiting').length && of('waiting')"))[0]
        self.assertEqual((waiting["code"], waiting["reason"]), (4130, "too_many_reconnects"))
        self.assertGreater(waiting["retryAfter"], 50)
        self.assertGreaterEqual(waiting["retryIn"], waiting["retryAfter"])
        self.assertLess(waiting["retryIn"], waiting["retryAfter"] + 1)
        self.assertEqual(await self.page.evaluate("client.state"), "waiting")

    async def test_a_command_over_the_message_limit_is_rejected_with_the_wait(self):
        self.server.set_limits({"max_messages_per_minute": 5})
        await self.started()
        outcomes = await self.page.evaluate("""Promise.all(Array.from({length: 7}, () =>
            client.ping().then(() => 'pong', ({code, retryAfter}) => [code, typeof retryAfter, retryAfter > 0 && retryAfter <= 60])))""")
        self.assertEqual(outcomes, ["pong"] * 5 + [["rate_limited", "number", True]] * 2)
        self.assertEqual(await self.page.evaluate("of('warning').map(({code}) => code)"), ["rate_limit_near"])
        self.assertEqual(await self.page.evaluate("client.state"), "open")


class ByTheOperator(ClientTestCase):
    async def test_a_ban_ends_it_for_good(self):
        await self.started()
        answer = self.server.request("POST", "/api/admin/v1/bans", self.server.admin_token(), {"kind": "user", "value": "42"})
        self.assertEqual(answer.status, 201, answer)
        await self.page.until("client.state === 'stopped'")
        self.assertEqual(await self.page.evaluate("of('stopped').map(({code, reason}) => [code, reason])"), [[4504, "banned"]])
        await self.page.evaluate("client.connect()")  # and from the start
        await self.page.until("of('stopped').length === 2")
        self.assertEqual(await self.page.evaluate("of('stopped').map(({code, reason}) => [code, reason])"), [[4504, "banned"]] * 2)

    async def test_a_disconnect_is_no_reason_to_stay_away(self):
        await self.started()
        connection = self.server.get("/api/admin/v1/connections").json()["connections"][0]
        self.server.request("DELETE", f"/api/admin/v1/connections/{connection['id']}", self.server.admin_token())
        await self.page.until("of('open').length === 2")
        self.assertEqual(await self.page.evaluate("of('waiting').map(({code}) => code)"), [4133])


class FromElsewhere(ClientTestCase):
    host = "127.0.0.1"  # the same machine, another Origin

    async def test_a_page_from_elsewhere_learns_that_it_must_stop(self):
        await self.start()
        await self.page.until("client.state === 'stopped'")
        self.assertEqual(await self.page.evaluate("of('stopped').map(({code, reason}) => [code, reason])"), [[4503, "origin_not_allowed"]])


class PageLife(ClientTestCase):
    async def test_a_frozen_page_comes_back_with_what_it_missed(self):
        await self.started()
        self.publish("One")
        await self.shown(1)
        await self.page.call("Page.setWebLifecycleState", state="frozen")
        await self.no_connections()
        self.publish("Two")
        await self.page.call("Page.setWebLifecycleState", state="active")
        self.assertEqual(await self.shown(2), ["One", "Two"])
        self.assertEqual(await self.page.evaluate("sockets.length"), 2)

    async def test_a_page_from_the_back_forward_cache_comes_back_with_what_it_missed(self):
        await self.started()
        await self.page.evaluate("window.isTheSame = true")
        await self.page.call("Page.navigate", url=self.site + "elsewhere")
        await self.page.until("document.body.textContent === 'elsewhere'")
        await self.no_connections()
        self.publish("Missed")
        await self.page.evaluate("history.back()")
        await self.page.until("window.isTheSame && isRestored")
        self.assertEqual(await self.shown(1), ["Missed"])

    async def no_connections(self):
        for _ in range(200):
            if self.server.get("/api/monitoring/websocket/active-connections/").json()["active_connections"] == 0:
                return
            await asyncio.sleep(0.05)
        self.fail("the page kept its connection")

    async def test_offline_and_online_again(self):
        await self.started(timing={"answerWithin": 300})
        await self.network(offline=True)
        self.publish("One")
        await self.network(offline=False)
        self.publish("Two")
        self.assertEqual(await self.shown(2), ["One", "Two"])
        await self.page.until(ONE_IS_OPEN)

    async def network(self, offline):
        """Tells the page, and cuts what it opens from now on."""
        await self.page.call("Network.enable")
        await self.page.call("Network.emulateNetworkConditions", offline=offline, latency=0, downloadThroughput=-1, uploadThroughput=-1)
        await self.page.until(f"navigator.onLine === {json.dumps(not offline)}")


if __name__ == "__main__":
    unittest.main()
