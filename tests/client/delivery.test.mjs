// SPDX-License-Identifier: GPL-3.0-or-later
// Each notification once, in order, over reconnects; commands and their answers; the token's renewal.
import assert from 'node:assert/strict';
import test from 'node:test';

import { FakeStorage, note, settle, World } from './fakes.mjs';

test('what waited comes first, then what is live, in order', async () => {
  const world = new World();
  const socket = await world.opened([note('a'), note('b')], { cursor: 'c-b' });
  socket.notifies('c');
  const shown = world.of('notification').map(({ notification, live }) => [notification.id, live]);
  assert.deepEqual(shown, [['a', false], ['b', false], ['c', true]]);
  assert.deepEqual(world.of('open'), [{ unread: 2, truncated: false, missed: 2 }]);
  assert.equal(world.client.unread, 3);
  assert.equal(world.client.cursor, 'c-c');
});

test('the next connection goes on at the cursor, and shows nothing twice', async () => {
  const world = new World();
  const socket = await world.opened([note('a')], { cursor: 'c-a' });
  socket.notifies('b');
  socket.ends(1006);
  const second = await world.retried();
  assert.equal(second.url.searchParams.get('cursor'), 'c-b');
  second.greets([note('a'), note('b'), note('c'), note('d')], { cursor: 'c-d' }); // also from a server that sends all the unread
  second.notifies('d');
  second.notifies('e');
  assert.deepEqual(world.shown, ['a', 'b', 'c', 'd', 'e']);
  assert.equal(world.of('open')[1].missed, 2);
  assert.equal(world.client.cursor, 'c-e');
  assert.equal(world.client.unread, 5);
});

test('the cursor moves when there was nothing but it', async () => {
  const world = new World();
  (await world.opened([], { cursor: 'c7' })).ends(1006);
  assert.equal((await world.retried()).url.searchParams.get('cursor'), 'c7');
});

test('ephemeral notifications have no cursor and do not count', async () => {
  const world = new World();
  const socket = await world.opened();
  socket.notifies('a');
  socket.says({ type: 'notification', notification: note('e') });
  assert.deepEqual(world.shown, ['a', 'e']);
  assert.deepEqual([world.client.unread, world.client.cursor], [1, 'c-a']);
});

test('a gap in the history is told', async () => {
  const world = new World();
  await world.opened([], { truncated: true });
  assert.equal(world.of('open')[0].truncated, true);
});

test('the cursor outlives the page in a storage', async () => {
  const storage = new FakeStorage();
  const options = { storage, storageKey: 'user-42' };
  const first = new World(options);
  (await first.opened([note('a')], { cursor: 'c-a' })).notifies('b');
  assert.deepEqual([...storage.items], [['user-42', 'c-b']]);
  const second = new World(options);
  assert.equal((await second.connecting()).url.searchParams.get('cursor'), 'c-b');
});

test('a storage that fails costs nothing but the recovery after a reload', async () => {
  const fail = () => { throw new Error('QuotaExceededError'); };
  const world = new World({ storage: { getItem: fail, setItem: fail }, storageKey: 'k' });
  const socket = await world.opened([note('a')], { cursor: 'c-a' });
  socket.notifies('b');
  assert.deepEqual(world.shown, ['a', 'b']);
  assert.equal(world.client.cursor, 'c-b');
});

test('the cursor is stored after the page has seen the notification', async () => {
  const storage = new FakeStorage();
  const world = new World({ storage, storageKey: 'k' });
  const stored = [];
  world.client.addEventListener('notification', () => stored.push(storage.getItem('k')));
  const socket = await world.opened([note('a'), note('b')], { cursor: 'c-b' });
  socket.notifies('c');
  assert.deepEqual(stored, [null, null, 'c-b']);
  assert.equal(storage.getItem('k'), 'c-c');
});

test('a listener that closes in the middle of a list gets the rest with the next connection', async () => {
  const world = new World();
  world.client.addEventListener('notification', ({ detail }) => { if (detail.notification.id === 'b') world.client.close(); });
  await world.opened([note('a'), note('b'), note('c')], { cursor: 'c-c' });
  assert.deepEqual(world.shown, ['a', 'b']);
  assert.equal(world.client.cursor, undefined);
  (await world.connecting()).greets([note('a'), note('b'), note('c')], { cursor: 'c-c' });
  assert.deepEqual(world.shown, ['a', 'b', 'c']);
});

test('thousands of notifications are remembered in bounds, the latest of them', async () => {
  const world = new World();
  const socket = await world.opened();
  for (let number = 0; number < 6000; number++) socket.notifies(`n${number}`);
  assert.equal(world.shown.length, 6000);
  for (let number = 5000; number < 6000; number++) socket.notifies(`n${number}`);
  assert.equal(world.shown.length, 6000);
  socket.notifies('n0'); // an inbox does not reach back so far: forgotten
  assert.equal(world.shown.length, 6001);
});

test('what is not understood is passed over', async () => {
  const world = new World();
  const socket = await world.opened();
  for (const text of ['', '{', 'null', '5', '[]', '"x"', '{}', '{"type":"invented_later","ids":1}']) socket.says(text);
  assert.equal(world.client.state, 'open');
  socket.notifies('a');
  assert.deepEqual(world.shown, ['a']);
});

test('unread is the server\'s number', async () => {
  const world = new World();
  const socket = await world.opened([note('a')], { unread: 40 });
  socket.says({ type: 'read', ids: ['x', 'y'], unread: 38 });
  assert.deepEqual(world.of('read'), [{ ids: ['x', 'y'], unread: 38 }]);
  const marked = world.client.markRead('a');
  socket.acks({ unread: 37 });
  await marked;
  assert.equal(world.client.unread, 37);
  const pinged = world.client.ping();
  socket.says({ type: 'pong', id: 2 });
  await pinged;
  socket.says({ type: 'read', ids: [], unread: 37 });
  assert.deepEqual(world.of('unread').map(({ unread }) => unread), [40, 38, 37]);
  assert.equal(world.client.unread, 37);
});

test('marks as read, and resolves when the server has stored it', async () => {
  const world = new World();
  const socket = await world.opened();
  let isDone = false;
  const marked = world.client.markRead(['a', 'b']).then(() => { isDone = true; });
  assert.deepEqual(socket.sent, [{ type: 'mark_read', ids: ['a', 'b'], id: 1 }]);
  socket.says({ type: 'ack', id: 99 });
  await settle();
  assert.equal(isDone, false);
  socket.acks();
  await marked;
  const all = world.client.markAllRead();
  assert.deepEqual(socket.sent.at(-1), { type: 'mark_all_read', id: 2 });
  socket.acks({ unread: 0 });
  await all;
});

test('more ids than one command may have are several commands', async () => {
  const world = new World();
  const socket = await world.opened();
  const ids = Array.from({ length: 2500 }, (_, index) => `id${index}`);
  const marked = world.client.markRead(ids);
  for (let part = 0; part < 3; part++) {
    socket.acks();
    await settle();
  }
  await marked;
  assert.deepEqual(socket.sent.map((command) => command.ids.length), [1000, 1000, 500]);
  assert.deepEqual(socket.sent.flatMap((command) => command.ids), ids);
  await world.client.markRead([]);
  assert.equal(socket.sent.length, 3);
});

test('one command is under way at a time, in the order of the calls', async () => {
  const world = new World();
  const socket = await world.opened();
  const done = [];
  world.client.markRead('a').then(() => done.push('a'));
  world.client.ping().then(() => done.push('ping'));
  assert.equal(socket.sent.length, 1);
  socket.acks();
  assert.equal(socket.sent.length, 2);
  await settle();
  assert.deepEqual(done, ['a']);
  socket.says({ type: 'pong', id: socket.sent[1].id });
  await settle();
  assert.deepEqual(done, ['a', 'ping']);
});

test('a command over the limit is rejected with the seconds to wait, the next one goes out', async () => {
  const world = new World();
  const socket = await world.opened();
  const refused = world.client.markRead('a');
  const next = world.client.ping();
  socket.says({ type: 'error', code: 'rate_limited', detail: '60 messages a minute are allowed', retry_after: 17 });
  await assert.rejects(refused, { name: 'GatehouseError', code: 'rate_limited', retryAfter: 17 });
  socket.says({ type: 'pong', id: 2 });
  await next;
  assert.deepEqual(world.of('error'), []);
});

test('an error with an id is its command\'s, another one is an event', async () => {
  const world = new World();
  const socket = await world.opened();
  const marked = world.client.markRead('a');
  socket.says({ type: 'error', code: 'bad_request', detail: 'messages must be text frames' });
  assert.equal(world.of('error')[0].code, 'bad_request');
  socket.says({ type: 'error', code: 'store_unavailable', detail: 'try again', id: 1 });
  await assert.rejects(marked, { code: 'store_unavailable', retryAfter: undefined });
  assert.equal(world.of('error').length, 1);
});

test('marks wait for the next connection, a disconnect does not lose them; other commands are rejected', async () => {
  const world = new World();
  const early = world.client.markRead('too early');
  await assert.rejects(early, { code: 'not_connected' });
  const socket = await world.connecting();
  const waiting = world.client.markRead('w');
  await assert.rejects(world.client.markAllRead(), { code: 'not_connected' });
  socket.greets();
  assert.deepEqual(socket.sent, [{ type: 'mark_read', ids: ['w'], id: 1 }]);
  const ping = world.client.ping();
  const later = world.client.markRead('l');
  socket.ends(1006);
  await assert.rejects(ping, { code: 'disconnected' });
  const second = await world.retried();
  second.greets();
  assert.deepEqual(second.sent.map(({ ids }) => ids), [['w']]);
  second.acks();
  await waiting;
  second.acks();
  await later;
  assert.deepEqual(second.sent.map(({ ids }) => ids), [['w'], ['l']]);
});

test('close() and a final refusal reject what waits', async () => {
  const world = new World();
  await world.connecting();
  const first = world.client.markRead('a');
  world.client.close();
  await assert.rejects(first, { code: 'disconnected' });
  const socket = await world.connecting();
  const second = world.client.markRead('a');
  socket.ends(4504, { r: 'banned' });
  await assert.rejects(second, { code: 'disconnected' });
  await assert.rejects(world.client.markRead('b'), { code: 'not_connected' });
});

test('the time for an answer ends with its connection', async () => {
  const world = new World();
  const socket = await world.opened();
  const ping = world.client.ping();
  socket.ends(1006);
  await assert.rejects(ping, { code: 'disconnected' });
  (await world.retried()).greets();
  await world.clock.advance(20_000);
  assert.deepEqual([world.client.state, world.sockets], ['open', 2]);
});

test('the warning of the message limit is passed on', async () => {
  const world = new World();
  (await world.opened()).says({ type: 'warning', code: 'rate_limit_near', limit: 60, used: 48, reset_in: 30 });
  const { code, limit, used, reset_in: resetIn } = world.of('warning')[0];
  assert.deepEqual([code, limit, used, resetIn], ['rate_limit_near', 60, 48, 30]);
});

test('the token is renewed on the open connection', async () => {
  const world = new World();
  const socket = await world.opened();
  socket.says({ type: 'token_expiring', expires_in: 60 });
  await settle();
  assert.deepEqual(world.asked, [false, true]);
  assert.deepEqual(socket.sent, [{ type: 'refresh', token: 'token-2', id: 1 }]);
  socket.acks();
  await settle();
  assert.deepEqual([world.of('error'), world.sockets], [[], 1]);
});

test('tokens that are short-lived themselves are not renewed without end', async () => {
  const world = new World();
  const socket = await world.opened();
  for (let times = 0; times < 20; times++) {
    socket.says({ type: 'token_expiring', expires_in: 30 });
    await settle();
    if (socket.sent.length === 1 && times === 0) socket.acks();
  }
  assert.equal(socket.sent.length, 1);
  await world.clock.advance(10_000);
  socket.says({ type: 'token_expiring', expires_in: 20 });
  await settle();
  assert.equal(socket.sent.length, 2);
});

test('a page that has no newer token sends none', async () => {
  const world = new World({ getToken: () => 'same' });
  const socket = await world.opened();
  socket.says({ type: 'token_expiring', expires_in: 60 });
  await settle();
  assert.deepEqual([socket.sent, world.of('error')], [[], []]);
});

test('a renewal that fails is told, and the expiry then leads to a new token', async () => {
  let isOffline = true;
  const asked = [];
  const getToken = async ({ refresh }) => {
    asked.push(refresh);
    if (refresh && isOffline) throw new Error('offline');
    return `token-${asked.length}`;
  };
  const world = new World({ getToken });
  const socket = await world.opened();
  socket.says({ type: 'token_expiring', expires_in: 60 });
  await settle();
  assert.deepEqual(world.of('error').map(({ code, error }) => [code, error.message]), [['token_unavailable', 'offline']]);
  assert.equal(world.client.state, 'open');
  isOffline = false;
  await world.clock.advance(10_000);
  socket.says({ type: 'token_expiring', expires_in: 30 });
  await settle();
  socket.says({ type: 'error', code: 'token_invalid', detail: 'no', id: 1 });
  await settle();
  assert.equal(world.of('error').at(-1).code, 'token_invalid');
  socket.ends(4001, { r: 'token_expired' });
  await world.retried();
  assert.deepEqual(asked, [false, true, true, true]);
  assert.equal(world.client.state, 'connecting');
});

test('a token that comes after the connection has gone is not sent on the next, nor is its failure told', async () => {
  let answer;
  let fail;
  const later = () => new Promise((resolve, reject) => { [answer, fail] = [answer ?? resolve, reject]; });
  const world = new World({ getToken: ({ refresh }) => (refresh ? later() : 'token') });
  const socket = await world.opened();
  socket.says({ type: 'token_expiring', expires_in: 60 });
  await world.clock.advance(10_000);
  socket.says({ type: 'token_expiring', expires_in: 50 });
  await settle();
  socket.ends(1006);
  const second = await world.retried();
  second.greets();
  answer('renewed');
  fail(new Error('offline'));
  await settle();
  assert.deepEqual([second.sent, world.of('error')], [[], []]);
});
