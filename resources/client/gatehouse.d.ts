// SPDX-License-Identifier: GPL-3.0-or-later

/** As the server sends it. `id` is a ULID: unique, and sortable by time. */
export interface Notification {
  id: string;
  title: string;
  body: string;
  level: 'info' | 'success' | 'warning' | 'error';
  /** Whatever the publisher attached; null if nothing. */
  data: unknown;
  /** ISO 8601, UTC. */
  created_at: string;
  read: boolean;
}

/**
 * `waiting`: the next attempt has its time. `paused`: the page is frozen or in the back/forward cache. `stopped`: the server said that
 * another attempt is of no use, or there is no token.
 */
export type State = 'closed' | 'connecting' | 'open' | 'waiting' | 'paused' | 'stopped';

/** Why a connection ended. */
export interface Ending {
  /** The WebSocket's close code: 4001–4499 invite a retry, 4500–4999 are final. */
  code: number;
  /** The server's reason, like `too_many_connections`; else `timeout`, `no_answer`, `token_unavailable`, `bad_request` or empty. */
  reason: string;
  /** Seconds that the server asked to wait at least. */
  retryAfter?: number;
  /** The decision's id, to be found on the console's Refusals page. */
  id?: string;
  /** Of a token: what is wrong with it, as in `the token expired 12 s ago`. For whoever mends it, not for users; may be cut. */
  detail?: string;
  /** What was thrown, where the connection failed on this side. */
  error?: unknown;
}

export interface GatehouseEvents {
  /** Connected and greeted. `missed` notifications follow at once, more may soon. `truncated`: some are missing. */
  open: { unread: number; truncated: boolean; missed: number };
  /** Each notification once, in order. `live`: published while connected; else it was waiting in the inbox, or is `read` elsewhere by now. */
  notification: { notification: Notification; live: boolean };
  /** The user's number of unread notifications has changed. */
  unread: { unread: number };
  /** Another connection of the user has read these. */
  read: { ids: string[]; unread: number };
  /** Most of the message limit is used (`rate_limit_near`), or a token that cannot be renewed expires (`token_expiring`). */
  warning: {
    code: 'rate_limit_near' | 'token_expiring' | (string & {});
    limit?: number;
    used?: number;
    reset_in?: number;
    expires_in?: number;
  };
  /** Something failed that no promise tells of, like the renewal of the token. The connection goes on, or a `waiting` follows. */
  error: { code: string; error: unknown };
  /** Disconnected; the next attempt is `retryIn` seconds from now. */
  waiting: Ending & { retryIn: number };
  /** Disconnected for good: log in, or fix what `reason` names; then `connect()` again. */
  stopped: Ending;
}

export class GatehouseEvent<Detail = unknown> extends Event {
  constructor(type: string, detail: Detail);
  readonly detail: Detail;
}

/** Why a command failed: `not_connected`, `disconnected`, or the server's code, like `rate_limited`. */
export class GatehouseError extends Error {
  constructor(code: string, detail?: string, retryAfter?: number);
  readonly code: string;
  /** Seconds, where a limit is the reason. */
  readonly retryAfter?: number;
}

/** Milliseconds. */
export interface Timing {
  /** The first wait is between 0 and this, each further one up to twice as long. 1,000 */
  backoffBase: number;
  /** The longest wait that is not the server's. 60,000 */
  backoffCap: number;
  /** How long a connection must live to make the next wait a first one again. 10,000 */
  stableAfter: number;
  /** For token, handshake and first message together. 30,000 */
  connectWithin: number;
  /** A command that is not answered so long means that the connection is dead. 10,000 */
  answerWithin: number;
  /** After so much silence a visible page asks whether the connection is alive; a ping counts as one message. 60,000 */
  pingAfter: number;
}

/** What the client needs of its surroundings; for tests and other run-times than browsers. */
export interface Platform {
  WebSocket: new (url: string, protocols: string[]) => WebSocket;
  setTimeout(callback: () => void, milliseconds: number): unknown;
  clearTimeout(timer: unknown): void;
  /** Milliseconds of a clock that is never set. */
  now(): number;
  /** From 0 to below 1. */
  random(): number;
  window: EventTarget | undefined;
  document: (EventTarget & { readonly visibilityState: string }) | undefined;
}

interface CommonOptions {
  /** Where the cursor outlives the page, like `localStorage`: then a notification is shown once, over reloads too. */
  storage?: Pick<Storage, 'getItem' | 'setItem'>;
  /** The cursor's name there. Another one for each user: a cursor of one is no use to another. */
  storageKey?: string;
  timing?: Partial<Timing>;
  platform?: Partial<Platform>;
}

export type Options = CommonOptions &
  (
    | {
        /**
         * Gives the JWT to connect with. `refresh`: the last one has expired or is about to, a new one is needed. Nothing: the user
         * has logged out, stop. When it throws, it is asked again after a while.
         */
        getToken(why: { refresh: boolean }): string | null | undefined | Promise<string | null | undefined>;
        token?: undefined;
      }
    | {
        /** A JWT that is not renewed: when it expires, the client stops. */
        token: string;
        getToken?: undefined;
      }
  );

/** One user's connection to the channel, kept alive until `close()`. It has one socket at a time. */
export class GatehouseClient extends EventTarget {
  /** `url`: of the channel, ws(s) or http(s), or relative to the page: `/ws/notifications/`. */
  constructor(url: string | URL, options: Options);

  readonly state: State;
  /** The user's number of unread notifications. */
  readonly unread: number;
  /** Where the next connection goes on; opaque. */
  readonly cursor: string | undefined;

  /** Connects, and reconnects from then on. Does nothing where that is under way. */
  connect(): void;
  /** Disconnects. `connect()` begins again, with what was missed. */
  close(): void;
  /** Resolves when the server has answered. */
  ping(): Promise<void>;
  /** Resolves when it is stored that these are read. Without a connection it waits for the next one, until `close()`. */
  markRead(ids: string | string[]): Promise<void>;
  /** Resolves when it is stored that everything is read. */
  markAllRead(): Promise<void>;

  addEventListener<Type extends keyof GatehouseEvents>(
    type: Type,
    listener: (this: GatehouseClient, event: GatehouseEvent<GatehouseEvents[Type]>) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void;
  removeEventListener<Type extends keyof GatehouseEvents>(
    type: Type,
    listener: (this: GatehouseClient, event: GatehouseEvent<GatehouseEvents[Type]>) => void,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | EventListenerOptions): void;
}

/** Exponential backoff with full jitter: milliseconds to wait after `failures` earlier waits. */
export function backoff(failures: number, timing?: Pick<Timing, 'backoffBase' | 'backoffCap'>, random?: () => number): number;
/** Whether what was closed with this code must not be tried again. */
export function isFinal(code: number): boolean;
/** Reads a close reason; any text that is not the server's JSON is taken as the reason itself. */
export function parseCloseReason(text: string): Pick<Ending, 'reason' | 'retryAfter' | 'id' | 'detail'>;
