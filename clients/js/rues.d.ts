/** What went wrong. */
export class RuesError extends Error {
  readonly code: 'invalid' | 'unreachable' | 'refused' | 'malformed' | 'timeout';
  /** Of the answer, if it was one. */
  readonly status?: number;
}

/** One event of a subscription. */
export class RuesEvent {
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: Uint8Array;
  /** `/on/blocks:<hash>/accepted` */
  readonly location: string;
  /** Its place in the server's log; undefined from a server without one. */
  readonly position: string | undefined;
  /** Of its block; of the tip for an event of the mempool. */
  readonly height: number | undefined;
  /** It happened before the subscription was made. */
  readonly replay: boolean;
  text(): string;
  /** The payload as JSON. `bigint`: integers beyond 2^53 come as BigInts instead of rounded. */
  json(options?: { bigint?: boolean }): any;
}

/** What is used of a WebSocket; that of browsers, Deno, Node >= 22 and npm `ws` fit. */
export interface WebSocketLike {
  binaryType: string;
  send(data: string): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: string, listener: (event: any) => void): void;
}

export interface ConnectOptions {
  /** Default: the global one. Node 20 has none. */
  WebSocket?: new (url: string) => WebSocketLike;
  fetch?: typeof globalThis.fetch;
  /** Position from which subscriptions begin that name none. */
  after?: string;
  /** Milliseconds for each connection and each command. Default 10000. */
  timeout?: number;
  /** Events of one iterated subscription that are kept; beyond it they are left at the server for a while. Default 10000. */
  maxQueue?: number;
  /** Gives [0, 1); for the pauses between attempts. */
  random?: () => number;
  /** Ends the client. */
  signal?: AbortSignal;
}

export interface SubscribeOptions {
  /** Begin behind this position. */
  after?: string;
  /** Ends the subscription. */
  signal?: AbortSignal;
}

export interface Subscription extends AsyncIterableIterator<RuesEvent> {
  readonly path: string;
  /** Resolves with the position behind which it covers events, when the server has taken it; rejects when it is refused. */
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
  /** Milliseconds. Default 60000. */
  timeout?: number;
  /** Of the transaction, 64 hex digits. Needed with `wait` on a Rusk node. */
  id?: string;
  signal?: AbortSignal;
}

export interface RequestOptions {
  headers?: Record<string, string>;
  body?: BodyInit | null;
  signal?: AbortSignal;
}

export interface ClientEvents {
  /** The connection was lost; the client connects again and again. Told once. */
  lost: CustomEvent<{ why: string }>;
  /** It is connected again. Unless a `gap` was told in between, nothing was missed. */
  resumed: CustomEvent<Record<string, never>>;
  /** Events of `path` after one position and up to the other may be missing; undefined: not known (a server without positions). */
  gap: CustomEvent<{ path: string; after?: string; from?: string }>;
  /** The server did not take a subscription again. */
  ended: CustomEvent<{ path: string; error: RuesError }>;
  /** No event can match this subscription, most likely because its topic is misspelt. Cancelable: by default it goes to the console. */
  warning: CustomEvent<{ path: string; why: string }>;
  /** A callback threw. */
  error: CustomEvent<{ path: string; error: unknown; event: RuesEvent }>;
}

export class Client extends EventTarget {
  readonly url: string;
  readonly sessionId: string | undefined;
  /** What to give as `after` to continue here in another process. */
  readonly position: string | undefined;
  subscribe(path: string, options?: SubscribeOptions): Subscription;
  subscribe(path: string, callback: (event: RuesEvent) => void): Subscription;
  subscribe(path: string, options: SubscribeOptions, callback: (event: RuesEvent) => void): Subscription;
  /** False: there was none. */
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

/** Opens a session at `http://host[:port]` or `https://host[:port]` and keeps it. */
export function connect(url: string | URL, options?: ConnectOptions): Promise<Client>;

/** JSON with integers beyond 2^53 as BigInts, where JSON.parse would round them. */
export function parseExact(text: string): any;

/** u32 little-endian length of the header's JSON, the JSON, the payload. */
export function decodeFrame(data: ArrayBuffer | Uint8Array): RuesEvent;
