// SPDX-License-Identifier: GPL-3.0-or-later
// What surrounds a client in these tests: a clock that only advance() moves, sockets that the test speaks through, a page.
import { GatehouseClient } from '../../resources/client/gatehouse.js';

/** Lets promises that are due run. */
export async function settle() {
  for (let turn = 0; turn < 20; turn++) await null;
}

export class FakeClock {
  time = 1_000_000;
  #timers = new Map();
  #last = 0;

  setTimeout = (callback, delay) => {
    if (!(delay >= 0 && delay < 2 ** 31)) throw new RangeError(`a timer of ${delay} ms`);
    this.#timers.set(++this.#last, { callback, at: this.time + delay });
    return this.#last;
  };

  clearTimeout = (timer) => this.#timers.delete(timer);

  now = () => this.time;

  get pending() {
    return this.#timers.size;
  }

  /** Milliseconds to the next timer. */
  get untilNext() {
    return Math.min(...[...this.#timers.values()].map(({ at }) => at)) - this.time;
  }

  async advance(milliseconds) {
    const end = this.time + milliseconds;
    await settle();
    for (;;) {
      const due = [...this.#timers].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at)[0];
      if (!due) break;
      this.#timers.delete(due[0]);
      this.time = due[1].at;
      due[1].callback();
      await settle();
    }
    this.time = end;
  }
}

/** The WebSocket constructor of one test, with all sockets that it made. */
export function fakeWebSocket() {
  return class FakeSocket {
    static made = [];
    /** Sockets that are not closed by either side. */
    static get open() {
      return this.made.filter(({ isClosed }) => !isClosed);
    }

    sent = [];
    isClosed = false;

    constructor(url, protocols) {
      if (/[^!#$%&'*+.^_`|~0-9A-Za-z-]/.test(protocols.join(''))) throw new SyntaxError('bad subprotocol');
      this.url = new URL(url);
      this.protocols = protocols;
      this.constructor.made.push(this);
    }

    send(text) {
      if (this.isClosed) throw new Error('sent on a closed socket');
      this.sent.push(JSON.parse(text));
    }

    close(code) {
      this.isClosed = true;
      this.closedWith ??= code;
    }

    // What the server does

    says(message) {
      this.onmessage({ data: typeof message === 'string' ? message : JSON.stringify(message) });
    }

    greets(notifications = [], { cursor = 'c0', unread = notifications.length, ...more } = {}) {
      this.says({ type: 'notifications_list', notifications, cursor, unread, truncated: false, ...more });
    }

    notifies(id, cursor = `c-${id}`) {
      this.says({ type: 'notification', notification: note(id), cursor });
    }

    /** The server's answer to the last command. */
    acks(more = {}) {
      this.says({ type: 'ack', id: this.sent.at(-1).id, ...more });
    }

    ends(code, reason = '') {
      this.isClosed = true;
      this.onclose({ code, reason: typeof reason === 'string' ? reason : JSON.stringify(reason) });
    }
  };
}

export function note(id, read = false) {
  return { id, title: id, body: '', level: 'info', data: null, created_at: '2026-01-01T00:00:00Z', read };
}

export class FakeStorage {
  items = new Map();
  getItem = (key) => this.items.get(key) ?? null;
  setItem = (key, value) => { this.items.set(key, value); };
}

/** A client in a fake world. `events` holds what it dispatched, as [type, detail]. */
export class World {
  clock = new FakeClock();
  WebSocket = fakeWebSocket();
  window = new EventTarget();
  document = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  randomValue = 0.5;
  events = [];
  asked = []; // what getToken was called with

  constructor(options = {}, url = 'https://example.com/ws/notifications/') {
    const getToken = ({ refresh }) => {
      this.asked.push(refresh);
      return `token-${this.asked.length}`;
    };
    const { setTimeout, clearTimeout, now } = this.clock;
    const platform = { WebSocket: this.WebSocket, setTimeout, clearTimeout, now, random: () => this.randomValue,
      window: this.window, document: this.document };
    this.client = new GatehouseClient(url, { ...(options.token ? {} : { getToken }), platform, ...options });
    for (const type of ['open', 'notification', 'unread', 'read', 'warning', 'error', 'waiting', 'stopped']) {
      this.client.addEventListener(type, ({ detail }) => this.events.push([type, detail]));
    }
  }

  get socket() {
    return this.WebSocket.made.at(-1);
  }

  get sockets() {
    return this.WebSocket.made.length;
  }

  /** Details of the events of that kind. */
  of(type) {
    return this.events.filter(([name]) => name === type).map(([, detail]) => detail);
  }

  get shown() {
    return this.of('notification').map(({ notification }) => notification.id);
  }

  async connecting() {
    this.client.connect();
    await this.clock.advance(0);
    return this.socket;
  }

  async opened(...greeting) {
    const socket = await this.connecting();
    socket.greets(...greeting);
    return socket;
  }

  /** Lets the wait end, whatever it is. */
  async retried() {
    await this.clock.advance(this.clock.untilNext);
    return this.socket;
  }

  /** An event of the page. */
  page(type, target = this.window) {
    target.dispatchEvent(new Event(type));
    return settle();
  }

  show(visibilityState) {
    this.document.visibilityState = visibilityState;
    return this.page('visibilitychange', this.document);
  }
}
