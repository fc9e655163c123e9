// SPDX-License-Identifier: GPL-3.0-or-later
// When the client connects again, when it does not, and how long it waits.
import assert from 'node:assert/strict';
import test from 'node:test';

import { backoff, GatehouseClient, isFinal, parseCloseReason } from '../../resources/client/gatehouse.js';
import { World } from './fakes.mjs';

const TIMING = { backoffBase: 1000, backoffCap: 60000 };

test('backoff doubles up to its cap, with full jitter', () => {
  assert.deepEqual([0, 1, 2, 5, 6, 7, 1000].map((failures) => backoff(failures, TIMING, () => 1)),
    [1000, 2000, 4000, 32000, 60000, 60000, 60000]);
  assert.equal(backoff(3, TIMING, () => 0), 0);
  assert.equal(backoff(3, TIMING, () => 0.25), 2000);
  const waits = Array.from({ length: 200 }, () => backoff(4));
  assert.ok(waits.every((wait) => wait >= 0 && wait < 16000));
  assert.ok(new Set(waits).size > 100);
});

test('close codes from 4500 to 4999 are final, no others', () => {
  for (const code of [4500, 4501, 4503, 4504, 4999]) assert.equal(isFinal(code), true, String(code));
  const others = [1000, 1001, 1006, 1008, 1012, 1013, 4000, 4001, 4129, 4130, 4499, 5000];
  for (const code of others) assert.equal(isFinal(code), false, String(code));
});

test('close reasons', () => {
  const whole = '{"r":"too_many_reconnects","ra":37,"id":"d-1"}';
  assert.deepEqual(parseCloseReason(whole), { reason: 'too_many_reconnects', retryAfter: 37, id: 'd-1' });
  assert.deepEqual(parseCloseReason('{"r":"draining"}'), { reason: 'draining', retryAfter: undefined, id: undefined });
  const refused = '{"r":"token_expired","id":"d-1","d":"the token expired 12 s ago"}';
  assert.equal(parseCloseReason(refused).detail, 'the token expired 12 s ago');
  assert.equal(parseCloseReason('{"r":"x","d":5}').detail, '5');
  assert.equal('detail' in parseCloseReason('{"r":"x","d":""}'), false);
  assert.deepEqual(parseCloseReason('going away'), { reason: 'going away' });
  for (const nothing of ['', undefined, null]) assert.deepEqual(parseCloseReason(nothing), { reason: '' });
  for (const wrong of ['{"r":"x","ra":-5}', '{"r":"x","ra":"soon"}', '{"r":"x","ra":null}']) {
    assert.equal(parseCloseReason(wrong).retryAfter, undefined);
  }
  assert.equal(parseCloseReason('[]').reason, '');
  assert.equal(parseCloseReason('null').reason, 'null');
});

test('the handshake carries the token as a subprotocol, asks for close mode, and has no cursor at first', async () => {
  const world = new World();
  const socket = await world.connecting();
  assert.deepEqual(socket.protocols, ['gatehouse.v1', 'bearer.token-1']);
  assert.equal(socket.url.href, 'wss://example.com/ws/notifications/?refusal=close');
  assert.equal(world.client.state, 'connecting');
  socket.greets();
  assert.equal(world.client.state, 'open');
  assert.deepEqual(world.of('open'), [{ unread: 0, truncated: false, missed: 0 }]);
});

test('an address keeps its query and loses its fragment; http is ws', async () => {
  const socket = await new World({}, 'http://127.0.0.1:8080/ws/notifications/?tab=1#top').connecting();
  assert.equal(socket.url.href, 'ws://127.0.0.1:8080/ws/notifications/?tab=1&refusal=close');
});

test('what it cannot work with is refused at once', () => {
  assert.throws(() => new GatehouseClient('wss://example.com/', {}), TypeError);
  assert.throws(() => new GatehouseClient('wss://example.com/', { token: '' }), TypeError);
  assert.throws(() => new GatehouseClient('/ws/notifications/', { token: 't' }), TypeError);
  assert.throws(() => new GatehouseClient('wss://example.com/', { token: 't', storage: {} }), /storageKey/);
});

test('a lost connection is tried again, each time after a longer wait', async () => {
  const world = new World();
  world.randomValue = 1;
  await world.connecting();
  for (const wait of [1, 2, 4, 8, 16, 32, 60, 60]) {
    const before = world.sockets;
    world.socket.ends(1006);
    assert.equal(world.client.state, 'waiting');
    assert.equal(world.of('waiting').at(-1).retryIn, wait);
    await world.clock.advance(wait * 1000 - 1);
    assert.equal(world.sockets, before);
    await world.clock.advance(1);
    assert.equal(world.sockets, before + 1);
    assert.equal(world.WebSocket.open.length, 1);
  }
});

test('the wait is a first one again only after ten stable seconds', async () => {
  const world = new World();
  world.randomValue = 1;
  await world.opened();
  const waits = [];
  for (const life of [0, 9_999, 0, 10_000, 9_999, 60_000]) {
    await world.clock.advance(life);
    world.socket.ends(1006);
    waits.push(world.of('waiting').at(-1).retryIn);
    (await world.retried()).greets();
  }
  assert.deepEqual(waits, [1, 2, 4, 1, 2, 1]);
});

test('a stable connection makes one wait short, not those after failed attempts', async () => {
  const world = new World();
  world.randomValue = 1;
  await world.opened();
  await world.clock.advance(10_000);
  for (let times = 0; times < 3; times++) {
    world.socket.ends(1006);
    await world.retried();
  }
  assert.deepEqual(world.of('waiting').map(({ retryIn }) => retryIn), [1, 2, 4]);
});

test('connect() after close() begins with short waits', async () => {
  const world = new World();
  world.randomValue = 1;
  await world.connecting();
  for (let times = 0; times < 3; times++) {
    world.socket.ends(1006);
    await world.retried();
  }
  world.client.close();
  (await world.connecting()).ends(1006);
  assert.equal(world.of('waiting').at(-1).retryIn, 1);
});

test('a handshake that takes long is not a stable connection', async () => {
  const world = new World();
  world.randomValue = 1;
  await world.connecting();
  await world.clock.advance(15_000);
  world.socket.ends(1006);
  await world.retried();
  await world.clock.advance(15_000);
  world.socket.ends(1006);
  assert.deepEqual(world.of('waiting').map(({ retryIn }) => retryIn), [1, 2]);
});

const asking = [[4129, 'too_many_connections'], [4130, 'too_many_reconnects'], [4131, 'rate_limited'], [1012, 'draining'], [1013, 'server_full']];
for (const [code, r] of asking) {
  test(`${code} ${r} waits as long as the server says, never less, whatever the page does`, async () => {
    const world = new World();
    world.randomValue = 0;
    const socket = await world.connecting();
    socket.ends(code, { r, ra: 37, id: 'd-1' });
    assert.deepEqual(world.of('waiting'), [{ code, reason: r, retryAfter: 37, id: 'd-1', error: undefined, retryIn: 37 }]);
    await world.clock.advance(10_000);
    await world.page('online');
    await world.clock.advance(10_000);
    await world.page('freeze', world.document);
    await world.page('resume', world.document);
    world.client.close();
    world.client.connect();
    await world.clock.advance(16_999);
    assert.equal(world.sockets, 1);
    await world.clock.advance(1);
    assert.equal(world.sockets, 2);
  });
}

test('jitter comes on top of what the server says', async () => {
  const world = new World();
  world.randomValue = 0.75;
  (await world.connecting()).ends(1012, { r: 'draining', ra: 5 });
  assert.equal(world.of('waiting')[0].retryIn, 5.75);
});

test('a wait longer than timers can be is not none', async () => {
  const world = new World();
  (await world.connecting()).ends(4130, { r: 'too_many_reconnects', ra: 1e9 });
  await world.clock.advance(3_600_000);
  assert.equal(world.sockets, 1);
});

for (const code of [4501, 4503, 4504, 4999]) {
  test(`${code} is final, and says why`, async () => {
    const world = new World();
    (await world.connecting()).ends(code, { r: 'because', id: 'd-7' });
    assert.deepEqual(world.of('stopped'), [{ code, reason: 'because', retryAfter: undefined, id: 'd-7', error: undefined }]);
    assert.equal(world.client.state, 'stopped');
    for (const type of ['online', 'pageshow']) await world.page(type);
    await world.clock.advance(3_600_000);
    assert.equal(world.sockets, 1);
    assert.equal(world.clock.pending, 0);
    (await world.connecting()).greets();
    assert.equal(world.client.state, 'open');
  });
}

test('an expired token is renewed before the next attempt', async () => {
  const world = new World();
  (await world.connecting()).ends(4001, { r: 'token_expired' });
  const second = await world.retried();
  assert.deepEqual(world.asked, [false, true]);
  assert.deepEqual(second.protocols, ['gatehouse.v1', 'bearer.token-2']);
  second.ends(1006);
  await world.retried();
  world.socket.greets();
  world.socket.ends(1006);
  await world.retried();
  assert.deepEqual(world.asked, [false, true, true, false]); // until one was good
});

test('a token that cannot be renewed ends it when it expires', async () => {
  const world = new World({ token: 'fixed' });
  const socket = await world.opened();
  socket.says({ type: 'token_expiring', expires_in: 60 });
  assert.deepEqual(world.of('warning'), [{ type: 'token_expiring', expires_in: 60, code: 'token_expiring' }]);
  socket.ends(4001, { r: 'token_expired' });
  assert.deepEqual(world.of('stopped').map(({ code, reason }) => [code, reason]), [[4001, 'token_expired']]);
});

test('a page without a token stops; one that cannot get it now tries again', async () => {
  let answer = () => { throw new Error('offline'); };
  const world = new World({ getToken: () => answer() });
  world.client.connect();
  await world.clock.advance(0);
  assert.equal(world.of('waiting')[0].reason, 'token_unavailable');
  assert.equal(world.of('waiting')[0].error.message, 'offline');
  answer = () => Promise.reject(new Error('still offline'));
  await world.clock.advance(world.clock.untilNext);
  assert.equal(world.of('waiting').length, 2);
  answer = async () => null;
  await world.clock.advance(world.clock.untilNext);
  assert.deepEqual(world.of('stopped'), [{ code: 4501, reason: 'token_missing' }]);
  assert.equal(world.sockets, 0);
});

test('a token with characters that no JWT has stops it', async () => {
  const world = new World({ token: 'two words' });
  world.client.connect();
  await world.clock.advance(0);
  assert.equal(world.of('stopped')[0].reason, 'bad_request');
  assert.equal(world.clock.pending, 0);
});

test('a token that comes after its attempt was given up makes no second connection', async () => {
  const answers = [];
  const world = new World({ getToken: () => new Promise((resolve) => { answers.push(resolve); }) });
  world.client.connect();
  await world.clock.advance(30_000);
  assert.equal(world.of('waiting')[0].reason, 'timeout');
  await world.retried();
  answers.forEach((answer) => answer('late'));
  await world.clock.advance(0);
  assert.equal(world.sockets, 1);
  world.client.close();
  world.client.connect();
  await world.clock.advance(0);
  world.client.close();
  answers.at(-1)('too late');
  await world.clock.advance(0);
  assert.equal(world.sockets, 1);
});

test('a token that fails after its attempt was given up ends nothing', async () => {
  const answers = [];
  const world = new World({ getToken: () => new Promise((resolve, reject) => { answers.push({ resolve, reject }); }) });
  world.client.connect();
  await world.clock.advance(30_000);
  await world.retried();
  answers[1].resolve('token');
  await world.clock.advance(0);
  world.socket.greets();
  answers[0].reject(new Error('too late'));
  await world.clock.advance(0);
  assert.deepEqual([world.client.state, world.of('waiting').length], ['open', 1]);
});

test('a connection that is never greeted is given up after 30 s', async () => {
  const world = new World();
  const socket = await world.connecting();
  await world.clock.advance(29_999);
  assert.equal(world.client.state, 'connecting');
  await world.clock.advance(1);
  assert.equal(socket.closedWith, 1000);
  assert.equal(world.client.state, 'waiting');
});

test('what an abandoned socket still says is not listened to', async () => {
  const world = new World();
  const first = await world.opened();
  world.client.close();
  first.notifies('a');
  first.ends(4501, { r: 'token_invalid' });
  assert.deepEqual([world.shown, world.of('stopped'), world.client.state], [[], [], 'closed']);
  const second = await world.connecting();
  first.greets();
  first.ends(1006);
  assert.equal(world.client.state, 'connecting');
  second.greets();
  assert.equal(world.client.state, 'open');
});

test('connect() twice is one connection', async () => {
  const world = new World();
  world.client.connect();
  await world.opened();
  world.client.connect();
  await world.clock.advance(0);
  world.socket.ends(1006);
  world.client.connect();
  await world.clock.advance(0);
  assert.equal(world.sockets, 1);
  await world.retried();
  assert.equal(world.sockets, 2);
});

test('close() leaves nothing behind', async () => {
  const world = new World();
  const socket = await world.opened();
  world.client.close();
  assert.equal(socket.closedWith, 1000);
  assert.equal(world.clock.pending, 0);
  for (const type of ['online', 'offline', 'pageshow', 'pagehide']) await world.page(type);
  await world.page('resume', world.document);
  assert.deepEqual([world.client.state, world.sockets, world.clock.pending], ['closed', 1, 0]);
});
