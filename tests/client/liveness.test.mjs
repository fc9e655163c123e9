// SPDX-License-Identifier: GPL-3.0-or-later
// Dead connections are noticed; the page's own life is followed.
import assert from 'node:assert/strict';
import test from 'node:test';

import { note, World } from './fakes.mjs';

test('after a minute of silence it asks, and hears that the connection is alive', async () => {
  const world = new World();
  const socket = await world.opened();
  await world.clock.advance(59_999);
  assert.deepEqual(socket.sent, []);
  await world.clock.advance(1);
  assert.deepEqual(socket.sent, [{ type: 'ping', id: 1 }]);
  socket.says({ type: 'pong', id: 1 });
  await world.clock.advance(59_999);
  assert.equal(socket.sent.length, 1);
  await world.clock.advance(1);
  assert.equal(socket.sent.length, 2);
});

test('it does not ask while something comes', async () => {
  const world = new World();
  const socket = await world.opened();
  for (let minute = 0; minute < 5; minute++) {
    await world.clock.advance(50_000);
    socket.notifies(`n${minute}`);
  }
  assert.deepEqual(socket.sent, []);
});

test('no answer within ten seconds ends the connection', async () => {
  const world = new World();
  const socket = await world.opened([note('a')], { cursor: 'c-a' });
  await world.clock.advance(60_000);
  await world.clock.advance(9_999);
  assert.equal(world.client.state, 'open');
  await world.clock.advance(1);
  assert.deepEqual(world.of('waiting').map(({ code, reason }) => [code, reason]), [[1006, 'no_answer']]);
  assert.equal(socket.isClosed, true);
  const second = await world.retried();
  assert.equal(second.url.searchParams.get('cursor'), 'c-a');
  assert.equal(world.WebSocket.open.length, 1);
});

test('a command that is not answered ends the connection too, though other things come', async () => {
  const world = new World();
  const socket = await world.opened();
  const ping = world.client.ping();
  await world.clock.advance(6_000);
  socket.notifies('a');
  await world.clock.advance(4_000);
  await assert.rejects(ping, { code: 'disconnected' });
  assert.equal(world.client.state, 'waiting');
});

test('a refused ping is an answer', async () => {
  const world = new World();
  const socket = await world.opened();
  await world.clock.advance(60_000);
  socket.says({ type: 'error', code: 'rate_limited', detail: 'no', retry_after: 5 });
  await world.clock.advance(20_000);
  assert.equal(world.client.state, 'open');
});

test('a hidden page does not ask; it asks when it is shown again, if it was silent', async () => {
  const world = new World();
  const socket = await world.opened();
  await world.clock.advance(20_000);
  await world.show('hidden');
  await world.clock.advance(600_000);
  assert.deepEqual(socket.sent, []);
  await world.show('visible');
  assert.deepEqual(socket.sent.map(({ type }) => type), ['ping']);
  socket.says({ type: 'pong', id: 1 });
  for (let times = 0; times < 50; times++) {
    await world.show('hidden');
    await world.show('visible');
  }
  assert.equal(socket.sent.length, 1);
});

test('a page that was hidden for a moment only goes on asking', async () => {
  const world = new World({ timing: { pingAfter: 5_000 } });
  const socket = await world.opened();
  await world.clock.advance(4_999);
  await world.show('hidden');
  await world.clock.advance(1);
  await world.show('visible');
  assert.deepEqual(socket.sent, []);
  await world.clock.advance(5_000);
  assert.equal(socket.sent.length, 1);
});

test('a command under way is question enough', async () => {
  const world = new World();
  const socket = await world.opened();
  const marked = world.client.markRead('a');
  await world.page('offline');
  socket.acks();
  await marked;
  assert.deepEqual(socket.sent.map(({ type }) => type), ['mark_read']);
});

test('online asks too: the network may be another one', async () => {
  const world = new World();
  const socket = await world.opened();
  await world.page('online');
  assert.deepEqual(socket.sent.map(({ type }) => type), ['ping']);
});

test('offline asks whether the connection still lives', async () => {
  const world = new World();
  const socket = await world.opened();
  await world.page('offline');
  assert.equal(socket.sent.length, 1);
  socket.says({ type: 'pong', id: 1 });
  await world.clock.advance(20_000);
  assert.equal(world.client.state, 'open');
  await world.page('offline');
  await world.clock.advance(10_000);
  assert.equal(world.client.state, 'waiting');
});

test('online tries again at once, but not all pages at the same moment', async () => {
  const world = new World();
  world.randomValue = 0.9;
  await world.connecting();
  for (let times = 0; times < 7; times++) {
    world.socket.ends(1006);
    if (times < 6) await world.retried();
  }
  assert.equal(world.of('waiting').at(-1).retryIn, 54);
  const before = world.sockets;
  await world.page('online');
  await world.clock.advance(899);
  assert.equal(world.sockets, before);
  await world.clock.advance(1);
  assert.equal(world.sockets, before + 1);
});

for (const [leave, comeBack, target] of [['pagehide', 'pageshow', 'window'], ['freeze', 'resume', 'document']]) {
  test(`${leave} lets go of the connection, ${comeBack} takes it up at the cursor`, async () => {
    const world = new World();
    const socket = await world.opened([note('a')], { cursor: 'c-a' });
    await world.clock.advance(10_000);
    await world.page(leave, world[target]);
    assert.equal(socket.closedWith, 1000);
    assert.equal(world.client.state, 'paused');
    assert.equal(world.clock.pending, 0);
    await world.page('online');
    await world.clock.advance(3_600_000);
    assert.equal(world.sockets, 1);
    await world.page(comeBack, world[target]);
    await world.clock.advance(0);
    assert.equal(world.sockets, 2);
    assert.equal(world.socket.url.searchParams.get('cursor'), 'c-a');
    assert.equal(world.WebSocket.open.length, 1);
  });
}

test('both pauses of one page are one', async () => {
  const world = new World();
  await world.opened();
  await world.page('pagehide');
  await world.page('freeze', world.document);
  await world.page('resume', world.document);
  await world.page('pageshow');
  await world.clock.advance(0);
  world.socket.greets();
  assert.deepEqual([world.sockets, world.WebSocket.open.length, world.client.state], [2, 1, 'open']);
});

test('the first pageshow of a page does nothing', async () => {
  const world = new World();
  world.client.connect();
  await world.page('pageshow');
  await world.clock.advance(0);
  await world.page('pageshow');
  await world.clock.advance(0);
  assert.equal(world.sockets, 1);
});

test('pauses are no way around the backoff', async () => {
  const world = new World();
  world.randomValue = 1;
  await world.connecting();
  world.socket.ends(1006);
  await world.retried();
  world.socket.ends(1006);
  await world.page('freeze', world.document);
  await world.page('resume', world.document);
  await world.clock.advance(1_999);
  assert.equal(world.sockets, 2);
});

test('a page may be paused while it waits for its token', async () => {
  let answer;
  const world = new World({ getToken: () => new Promise((resolve) => { answer = resolve; }) });
  world.client.connect();
  await world.clock.advance(0);
  await world.page('pagehide');
  answer('token');
  await world.clock.advance(60_000);
  assert.equal(world.sockets, 0);
});

test('marks that are made while the page is paused go out with the next connection', async () => {
  const world = new World();
  await world.opened();
  await world.page('freeze', world.document);
  const marked = world.client.markRead('a');
  await world.page('resume', world.document);
  await world.clock.advance(0);
  world.socket.greets();
  world.socket.acks();
  await marked;
});
