// SPDX-License-Identifier: GPL-3.0-or-later
// Compiled, never run: the types let through what is right, and nothing else.
import { backoff, GatehouseClient, GatehouseError, isFinal, parseCloseReason } from '../../resources/client/gatehouse.js';
import type { Notification, State } from '../../resources/client/gatehouse.js';

declare function fetchToken(renew: boolean): Promise<string | null>;

const client = new GatehouseClient('/ws/notifications/', {
  getToken: ({ refresh }) => fetchToken(refresh),
  storage: localStorage,
  storageKey: 'user-42',
  timing: { pingAfter: 30_000 },
  platform: { random: () => 0.5 },
});
new GatehouseClient(new URL('wss://example.com/ws/notifications/'), { token: 'abc' });

const titles: string[] = [];
client.addEventListener('notification', ({ detail: { notification, live } }) => {
  const each: Notification = notification;
  if (live) titles.push(each.title);
});
client.addEventListener('open', (event) => { const missed: number = event.detail.missed; titles.length = missed; });
client.addEventListener('waiting', ({ detail }) => { const seconds: number = detail.retryIn; titles.push(`${detail.reason} ${seconds}`); });
client.addEventListener('stopped', ({ detail }) => { if (isFinal(detail.code)) titles.push(detail.reason); }, { once: true });
client.addEventListener('something else', (event: Event) => { titles.push(event.type); });

client.connect();
const state: State = client.state;
const unread: number = client.unread;
client.markRead('01J').then(() => client.markRead(['01K'])).then(() => client.markAllRead()).catch((error: GatehouseError) => {
  const wait: number | undefined = error.retryAfter;
  titles.push(`${state} ${unread} ${error.code} ${wait}`);
});
const milliseconds: number = backoff(3);
titles.push(String(milliseconds), parseCloseReason('{"r":"draining"}').reason);

// @ts-expect-error neither a token nor where to get one
new GatehouseClient('/ws/notifications/', {});
// @ts-expect-error both
new GatehouseClient('/ws/notifications/', { token: 'abc', getToken: () => null });
// @ts-expect-error no such member
client.addEventListener('open', ({ detail }) => detail.cursors);
// @ts-expect-error no such level
const level: Notification['level'] = 'fatal';
// @ts-expect-error ids are texts
client.markRead(5);
// @ts-expect-error the server counts
client.unread = 5;
titles.push(level);
