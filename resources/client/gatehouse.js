// SPDX-License-Identifier: GPL-3.0-or-later
// The browser's side of a Gatehouse notification channel. No dependencies. How to use it: README.md; types: gatehouse.d.ts.

/** Milliseconds; the option `timing` overrides them. */
const TIMING = {
  backoffBase: 1_000, // the first wait is between 0 and this, each further one up to twice as long,
  backoffCap: 60_000, // at most this,
  stableAfter: 10_000, // until a connection has lived this long
  connectWithin: 30_000, // token, handshake and first message together
  answerWithin: 10_000, // else the connection is dead
  pingAfter: 60_000, // of silence in a visible page: browsers keep WebSocket pings to themselves
};
const TOKEN_EXPIRED = 4001;
const MOST_IDS = 1_000; // in one mark_read
const MOST_KNOWN = 5_000; // notifications remembered, to deliver none twice; a user's inbox holds 1,000
const LONGEST_TIMER = 2 ** 31 - 1; // a longer one would fire at once

/** What happened is in `detail`. */
export class GatehouseEvent extends Event {
  constructor(type, detail) {
    super(type);
    this.detail = detail;
  }
}

/** Why a command failed: the server's `code`, and the seconds to wait where a limit is the reason. */
export class GatehouseError extends Error {
  constructor(code, detail, retryAfter) {
    super(detail ? `${code}: ${detail}` : code);
    Object.assign(this, { name: 'GatehouseError', code, retryAfter });
  }
}

/** Exponential backoff with full jitter: milliseconds to wait after `failures` earlier waits. */
export function backoff(failures, { backoffBase, backoffCap } = TIMING, random = Math.random) {
  return random() * Math.min(backoffCap, backoffBase * 2 ** Math.min(failures, 30));
}

/** Whether what was closed with this code must not be tried again. */
export function isFinal(code) {
  return code >= 4500 && code <= 4999;
}

/** Reads `{"r":"token_expired","ra":37,"id":"…","d":"…"}`; any other text is taken as the reason itself. */
export function parseCloseReason(text) {
  try {
    const { r, ra, id, d } = JSON.parse(text);
    const said = { reason: String(r ?? ''), retryAfter: ra > 0 ? Number(ra) : undefined, id };
    return d ? { ...said, detail: String(d) } : said;
  } catch {
    return { reason: text ?? '' };
  }
}

/** One user's connection to the channel, kept alive. Its options, events and methods are described in gatehouse.d.ts. */
export class GatehouseClient extends EventTarget {
  #url;
  #options;
  #timing;
  #platform;
  #state = 'closed'; // connecting, open, waiting, paused, stopped
  #socket = null; // never a second one
  #attempt = 0; // counts what was given up: a token that comes later is for none
  #timer; // the next attempt, the limit for this one, or the next look at a silent connection
  #failures = 0;
  #notBefore = 0; // the server's word: no attempt earlier
  #openedAt;
  #heardAt;
  #mustRefresh = false;
  #lastToken;
  #renewedAt = -Infinity;
  #cursor;
  #unread = 0;
  #known = new Set();
  #queue = []; // commands, one under way at a time: so an error without an id is known to be its answer
  #command = null;
  #commandId = 0;
  #answerTimer;
  #page; // aborting it ends the listening to the page's events

  constructor(url, options = {}) {
    super();
    if (!options.getToken && !options.token) throw new TypeError('token or getToken is needed');
    if (options.storage && !options.storageKey) throw new TypeError('storage needs a storageKey, another one for each user');
    this.#url = new URL(url, globalThis.location?.href);
    this.#url.protocol = this.#url.protocol.replace('http', 'ws');
    this.#url.hash = '';
    this.#options = options;
    this.#timing = { ...TIMING, ...options.timing };
    this.#platform = {
      WebSocket: globalThis.WebSocket,
      setTimeout: (callback, delay) => setTimeout(callback, delay),
      clearTimeout: (timer) => clearTimeout(timer),
      now: () => performance.now(),
      random: Math.random,
      window: globalThis.window,
      document: globalThis.document,
      ...options.platform,
    };
    this.#cursor = this.#useStorage((storage, key) => storage.getItem(key)) ?? undefined;
  }

  get state() { return this.#state; }
  get unread() { return this.#unread; }
  get cursor() { return this.#cursor; }

  connect() {
    if (this.#state !== 'closed' && this.#state !== 'stopped') return;
    this.#failures = 0;
    this.#listenToPage();
    this.#schedule(0);
  }

  close() {
    this.#settle('closed');
  }

  ping() {
    return this.#send({ type: 'ping' });
  }

  async markRead(ids) {
    const all = [].concat(ids);
    for (let begin = 0; begin < all.length; begin += MOST_IDS) {
      await this.#send({ type: 'mark_read', ids: all.slice(begin, begin + MOST_IDS) }, true);
    }
  }

  markAllRead() {
    return this.#send({ type: 'mark_all_read' }); // waits for no connection: it would mean what the user has not seen yet
  }

  // Connecting

  #schedule(delay) {
    const wait = Math.max(delay, this.#notBefore - this.#platform.now());
    this.#state = 'waiting';
    this.#setTimer(wait, () => this.#open());
    return wait;
  }

  async #open() {
    this.#state = 'connecting';
    const attempt = this.#attempt;
    this.#setTimer(this.#timing.connectWithin, () => this.#ended(1006, 'timeout'));
    let token;
    try {
      token = await this.#token(this.#mustRefresh);
    } catch (error) {
      if (attempt === this.#attempt) this.#ended(1006, 'token_unavailable', error);
      return;
    }
    if (attempt !== this.#attempt) return;
    this.#lastToken = token;
    if (!token) return this.#stop({ code: 4501, reason: 'token_missing' });
    const url = new URL(this.#url);
    url.searchParams.set('refusal', 'close'); // a page cannot read why a handshake failed
    if (this.#cursor) url.searchParams.set('cursor', this.#cursor);
    try {
      const socket = new this.#platform.WebSocket(url.href, ['gatehouse.v1', `bearer.${token}`]);
      socket.onmessage = ({ data }) => { if (socket === this.#socket) this.#receive(data, socket); };
      socket.onclose = ({ code, reason }) => { if (socket === this.#socket) this.#ended(code, reason); };
      this.#socket = socket;
    } catch (error) { // the address, or a character of the token
      this.#stop({ code: 4501, reason: 'bad_request', error });
    }
  }

  async #token(refresh) {
    const { getToken, token } = this.#options;
    return getToken ? getToken({ refresh }) : token;
  }

  #ended(code, text, error) {
    const why = { code, ...parseCloseReason(text), error };
    this.#disconnect();
    if (isFinal(code) || (code === TOKEN_EXPIRED && !this.#options.getToken)) return this.#stop(why);
    this.#mustRefresh ||= code === TOKEN_EXPIRED;
    const atLeast = (why.retryAfter ?? 0) * 1_000;
    this.#notBefore = this.#platform.now() + atLeast;
    const wait = this.#schedule(atLeast + this.#jitter(this.#failures++));
    this.#emit('waiting', { ...why, retryIn: wait / 1_000 });
  }

  /** Lets go of the connection, and of its commands except those that may wait for the next one. */
  #disconnect() {
    const { now, clearTimeout } = this.#platform;
    if (now() - this.#openedAt >= this.#timing.stableAfter) this.#failures = 0;
    this.#openedAt = undefined;
    this.#attempt++;
    clearTimeout(this.#timer);
    clearTimeout(this.#answerTimer);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close(1000);
    const commands = this.#command ? [this.#command, ...this.#queue] : this.#queue;
    this.#command = null;
    this.#queue = commands.filter(({ mayWait }) => mayWait);
    for (const { mayWait, reject } of commands) if (!mayWait) reject(new GatehouseError('disconnected'));
  }

  #settle(state) {
    this.#disconnect();
    this.#state = state;
    this.#page?.abort();
    for (const { reject } of this.#queue.splice(0)) reject(new GatehouseError('disconnected'));
  }

  #stop(why) {
    this.#settle('stopped');
    this.#emit('stopped', why);
  }

  // What the server says

  #receive(data, socket) {
    let message;
    try {
      message = JSON.parse(data);
    } catch {
      return;
    }
    this.#heardAt = this.#platform.now();
    if (this.#state === 'open') this.#watchSilence();
    switch (message?.type) {
      case 'notifications_list': return this.#takeList(message, socket);
      case 'notification': return this.#take(message.notification, message.cursor, true);
      case 'read':
        this.#setUnread(message.unread);
        return this.#emit('read', { ids: message.ids, unread: message.unread });
      case 'ack':
      case 'pong': return this.#answered(message.id, message.unread);
      case 'error': return this.#failed(message);
      case 'token_expiring':
        return this.#options.getToken ? this.#refresh(socket) : this.#emit('warning', { ...message, code: 'token_expiring' });
      case 'warning': return this.#emit('warning', message);
      default: // a newer server's
    }
  }

  #takeList({ notifications, cursor, unread, truncated = false }, socket) {
    const isGreeting = this.#state === 'connecting';
    const fresh = notifications.filter(({ id }) => !this.#known.has(id));
    if (isGreeting) {
      this.#state = 'open';
      this.#mustRefresh = false;
      this.#openedAt = this.#platform.now();
      this.#watchSilence();
    }
    this.#setUnread(unread);
    if (isGreeting) this.#emit('open', { unread, truncated, missed: fresh.length });
    for (const notification of fresh) {
      if (socket !== this.#socket) return; // a listener has closed: the rest is for the next connection
      this.#take(notification, undefined, false);
    }
    this.#keepCursor(cursor);
    this.#sendNext();
  }

  #take(notification, cursor, live) {
    if (!this.#known.has(notification.id)) {
      this.#known.add(notification.id);
      if (this.#known.size > MOST_KNOWN) this.#known.delete(this.#known.values().next().value);
      if (cursor) this.#setUnread(this.#unread + 1); // the ephemeral have none; a list comes with the whole count
      this.#emit('notification', { notification, live });
    }
    this.#keepCursor(cursor); // after the listeners: what they did not get to see comes again
  }

  #keepCursor(cursor) {
    if (!cursor) return;
    this.#cursor = cursor;
    this.#useStorage((storage, key) => storage.setItem(key, cursor));
  }

  #useStorage(action) {
    const { storage, storageKey } = this.#options;
    try {
      return storage && action(storage, storageKey);
    } catch {
      return undefined; // a full or forbidden storage costs the recovery after a reload, nothing else
    }
  }

  #setUnread(unread) {
    if (unread === undefined || unread === this.#unread) return;
    this.#unread = unread;
    this.#emit('unread', { unread });
  }

  async #refresh(socket) {
    // A token that is short-lived itself is announced as expiring at once: renewing it each time would never end.
    if (this.#platform.now() - this.#renewedAt < this.#timing.stableAfter) return;
    this.#renewedAt = this.#platform.now();
    try {
      const token = await this.#token(true);
      if (!token || token === this.#lastToken || socket !== this.#socket) return;
      this.#lastToken = token;
      await this.#send({ type: 'refresh', token });
    } catch (error) { // the connection will end with 4001, and the token be asked for again
      if (socket === this.#socket) this.#emit('error', { code: error?.code ?? 'token_unavailable', error });
    }
  }

  // Commands

  #send(message, mayWait = false) {
    return new Promise((resolve, reject) => {
      const isPossible = this.#state === 'open' || (mayWait && this.#state !== 'closed' && this.#state !== 'stopped');
      if (!isPossible) return reject(new GatehouseError('not_connected'));
      this.#queue.push({ message, mayWait, resolve, reject });
      this.#sendNext();
    });
  }

  #sendNext() {
    if (this.#command || this.#state !== 'open' || this.#queue.length === 0) return;
    this.#command = { ...this.#queue.shift(), id: ++this.#commandId };
    this.#answerTimer = this.#platform.setTimeout(() => this.#ended(1006, 'no_answer'), this.#timing.answerWithin);
    this.#socket.send(JSON.stringify({ ...this.#command.message, id: this.#command.id }));
  }

  /** Whether it was the answer to the command under way. */
  #answered(id, unread, error) {
    if (!this.#command || this.#command.id !== id) return false;
    const { resolve, reject } = this.#command;
    this.#command = null;
    this.#platform.clearTimeout(this.#answerTimer);
    this.#setUnread(unread);
    if (error) reject(error);
    else resolve();
    this.#sendNext();
    return true;
  }

  #failed({ code, detail, retry_after: retryAfter, id }) {
    const error = new GatehouseError(code, detail, retryAfter);
    // What is over the message limit is refused unread: the server does not know its id.
    const commandId = code === 'rate_limited' ? this.#command?.id : id;
    if (!this.#answered(commandId, undefined, error)) this.#emit('error', { code, error });
  }

  // Dead connections, and the page's life

  #watchSilence() {
    this.#setTimer(this.#timing.pingAfter, () => {
      if (this.#platform.document?.visibilityState !== 'hidden') this.#probe();
      this.#watchSilence();
    });
  }

  /** Is the connection alive? No answer ends it. */
  #probe() {
    if (!this.#command) this.ping().catch(() => {});
  }

  #listenToPage() {
    this.#page = new AbortController();
    const { window, document } = this.#platform;
    const listen = (target, type, listener) => target?.addEventListener(type, listener, { signal: this.#page.signal });
    const pause = () => {
      this.#disconnect();
      this.#state = 'paused';
    };
    const resume = () => {
      if (this.#state === 'paused') this.#schedule(this.#failures && this.#jitter(this.#failures));
    };
    listen(window, 'pagehide', pause); // an open WebSocket keeps a page out of the back/forward cache
    listen(window, 'pageshow', resume);
    listen(document, 'freeze', pause);
    listen(document, 'resume', resume);
    listen(document, 'visibilitychange', () => {
      const isSilent = this.#platform.now() - this.#heardAt >= this.#timing.answerWithin;
      if (document.visibilityState !== 'hidden' && isSilent) this.#probe();
    });
    listen(window, 'offline', () => this.#probe());
    listen(window, 'online', () => {
      if (this.#state === 'waiting') this.#schedule(this.#jitter(0)); // everybody in the building comes back at this moment
      else this.#probe();
    });
  }

  #jitter(failures) {
    return backoff(failures, this.#timing, this.#platform.random);
  }

  #setTimer(delay, callback) {
    this.#platform.clearTimeout(this.#timer);
    this.#timer = this.#platform.setTimeout(callback, Math.min(delay, LONGEST_TIMER));
  }

  #emit(type, detail) {
    this.dispatchEvent(new GatehouseEvent(type, detail));
  }
}
