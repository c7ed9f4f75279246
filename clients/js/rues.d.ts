/** An error of this client. */
export class RuesError extends Error {
  readonly code: 'invalid' | 'unreachable' | 'refused' | 'malformed' | 'timeout';
  /** The status of the HTTP answer, if there was one. */
  readonly status?: number;
}

/** One event of a subscription. */
export class RuesEvent {
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: Uint8Array;
  /** `/on/blocks:<hash>/accepted` */
  readonly location: string;
  /** The event's position in the server's log; undefined from a server without positions. */
  readonly position: string | undefined;
  /** The height of the event's block; for an event of the mempool the height of the tip. */
  readonly height: number | undefined;
  /** True when the event was published before the subscription was made. */
  readonly replay: boolean;
  /** With `retractions`: the block of this event was taken back. */
  readonly retracted: boolean;
  /** With `decode`: why the server did not decode this event; undefined when it did or need not. */
  readonly undecoded: string | undefined;
  text(): string;
  /** The payload as JSON. `bigint`: integers beyond 2^53 become BigInts instead of being rounded. */
  json(options?: { bigint?: boolean }): any;
}

/** The part of a WebSocket that the client uses. Those of browsers, Deno, Node >= 22 and npm `ws` fit. */
export interface WebSocketLike {
  binaryType: string;
  send(data: string): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: string, listener: (event: any) => void): void;
}

export interface ConnectOptions {
  /** Default: the global WebSocket. Node 20 has none. */
  WebSocket?: new (url: string) => WebSocketLike;
  fetch?: typeof globalThis.fetch;
  /** Position for subscriptions that name none: they get the events after it. */
  after?: string;
  /**
   * Events of contracts come with a payload of JSON where the server has a data driver that can decode it. A server that
   * cannot do this, such as a Rusk node, sends them as they are.
   */
  decode?: boolean;
  /**
   * Events come when their block is confirmed or final, and not at all when it is taken back before. Default: at once.
   */
  finality?: 'accepted' | 'confirmed' | 'final';
  /** When a block is taken back whose events were delivered, a copy of each comes, with `retracted`. */
  retractions?: boolean;
  /** Timeout of each connection and each command in milliseconds. Default 10000. */
  timeout?: number;
  /**
   * Most unread events of one iterated subscription. Later events stay at the server until these were read. Default
   * 10000.
   */
  maxQueue?: number;
  /** Random numbers in [0, 1), for the pauses between attempts to connect. Default: Math.random. */
  random?: () => number;
  /** Closes the client when it aborts. */
  signal?: AbortSignal;
}

export interface SubscribeOptions {
  /** Begin after this position. */
  after?: string;
  /** Ends the subscription when it aborts. */
  signal?: AbortSignal;
}

export interface Subscription extends AsyncIterableIterator<RuesEvent> {
  readonly path: string;
  /**
   * Resolves when the server has made the subscription, with the position after which it covers events. Rejects when
   * the server refuses it.
   */
  readonly ready: Promise<string | undefined>;
  unsubscribe(): void;
}

export type Wait = 'included' | 'executed' | 'finalized';

export interface Outcome {
  id: string;
  outcome: Wait | 'failed' | 'removed' | 'dropped' | 'pending';
  error: string | null;
  block_height: number | null;
  block_hash: string | null;
  gas_spent: number | null;
  position: string | null;
  /** Of `removed` and `dropped`: id of the transaction that took its place in the mempool. */
  replaced_by: string | null;
}

export interface PropagateOptions {
  wait?: Wait;
  /** How long to wait, in milliseconds. Default 60000. */
  timeout?: number;
  /** The transaction's id, 64 hex digits. Needed with `wait` on a Rusk node. */
  id?: string;
  signal?: AbortSignal;
}

export interface RequestOptions {
  headers?: Record<string, string>;
  body?: BodyInit | null;
  signal?: AbortSignal;
}

export interface ClientEvents {
  /** The connection was lost. The client tries to connect until it succeeds. Reported once for each loss. */
  lost: CustomEvent<{ why: string }>;
  /** The client is connected again. No event is missing, unless a `gap` was reported in between. */
  resumed: CustomEvent<Record<string, never>>;
  /**
   * Events of `path` after the position `after` and up to `from` may be missing; undefined: the server has no
   * positions.
   */
  gap: CustomEvent<{ path: string; after?: string; from?: string }>;
  /** The server refused a subscription. */
  ended: CustomEvent<{ path: string; error: RuesError }>;
  /**
   * No event can match this subscription, most likely because its topic is misspelt. By default the warning goes to the
   * console; `preventDefault` stops that.
   */
  warning: CustomEvent<{ path: string; why: string }>;
  /** A callback threw. */
  error: CustomEvent<{ path: string; error: unknown; event: RuesEvent }>;
}

export class Client extends EventTarget {
  readonly url: string;
  readonly sessionId: string | undefined;
  /** The position to pass as `after` to continue here in another process. */
  readonly position: string | undefined;
  subscribe(path: string, options?: SubscribeOptions): Subscription;
  subscribe(path: string, callback: (event: RuesEvent) => void): Subscription;
  subscribe(path: string, options: SubscribeOptions, callback: (event: RuesEvent) => void): Subscription;
  /** Ends a subscription. False: there was none. */
  unsubscribe(path: string): boolean;
  request(method: string, path: string, options?: RequestOptions): Promise<Response>;
  propagate(bytes: Uint8Array, options: PropagateOptions & { wait: Wait }): Promise<Outcome>;
  propagate(bytes: Uint8Array, options?: PropagateOptions): Promise<undefined>;
  close(): void;
  addEventListener<K extends keyof ClientEvents>(
    type: K,
    listener: (event: ClientEvents[K]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void;
  removeEventListener<K extends keyof ClientEvents>(
    type: K,
    listener: (event: ClientEvents[K]) => void,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | EventListenerOptions): void;
}

/**
 * Opens a session at `http://host[:port]` or `https://host[:port]` and keeps it alive. Rejects when the first
 * connection fails.
 */
export function connect(url: string | URL, options?: ConnectOptions): Promise<Client>;

/** Parses JSON with integers beyond 2^53 as BigInts, where JSON.parse would round them. */
export function parseExact(text: string): any;

/** Reads an event frame: u32 little-endian length of the header's JSON, the JSON, the payload. */
export function decodeFrame(data: ArrayBuffer | Uint8Array): RuesEvent;
