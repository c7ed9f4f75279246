// A client of RUES servers (rues, or Rusk >= 1.5) for Node, Deno and browsers. One module without dependencies;
// README.md says how to use it.
//
// A `Client` keeps a session alive: after any loss it connects again, resumes, and delivers each event of a
// subscription exactly once and in order. Where it cannot promise that, it reports a `gap` event. `Resumption` decides,
// `Connection` is one WebSocket, `Client` joins them. docs/delivery.md describes the protocol of positions and
// resuming; src/client/resumption.hpp makes the same decisions in C++.

const kDefaultTimeout = 10_000; // ms for one connection or one command
const kMaxQueue = 10_000; // events of a subscription that nobody has read; then it pauses, and continues later
const kMaxInbox = 100_000; // frames that arrived while the client did something else; then it drops the connection
const kMaxRebuilds = 3; // new sessions in a row to reach one position; then the client accepts the gap
const kMaxPathsInCommand = 64;
const kFirstPause = 100; // ms between attempts to connect; doubles up to kLongestPause
const kLongestPause = 5_000;
const kSilence = 30_000; // ms without a message after which the client checks that the server is still there
const kLongestWait = 300; // s that a server grants with Rues-Wait
const kExecutedBehindRemoved = 2_000; // ms to wait for `executed`, since a replayed `removed` may come before it

/**
 * An error of this client. `code`: `invalid`, `unreachable`, `refused`, `malformed`, `timeout`. `status`: of the HTTP
 * answer, if there was one.
 */
export class RuesError extends Error {
  constructor(code, message, status) {
    super(message);
    this.name = 'RuesError';
    this.code = code;
    this.status = status;
  }
}

/** Reads a position in a server's log, `<epoch>-<sequence number>`; undefined for any other text. */
export function parsePosition(text) {
  const match = /^([0-9a-f]{16})-(0|[1-9][0-9]{0,15})$/.exec(text ?? '');
  return match ? { epoch: match[1], seq: Number(match[2]), text } : undefined;
}

const lower = (text) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/**
 * Percent-decodes as a server does: a `%` without two digits stands for itself. Throws when the result is not UTF-8.
 */
const decoded = (text) => text.replace(/(?:%[0-9a-fA-F]{2})+/g, (escapes) => decodeURIComponent(escapes));

/** Reads the Content-Location of an event, whose entity and topic are not percent-encoded. */
export function parseLocation(location) {
  const match = /^\/on\/(blocks|transactions|contracts):([^/]*)\/(.*)$/s.exec(location);
  return match ? { component: match[1], entity: match[2], topic: match[3] } : undefined;
}

/** Reads `/on/<component>[:<entity>]/<topic>` as a server does; undefined when it is no event path. */
export function parsePath(path) {
  const match = /^\/on\/(blocks|transactions|contracts)(?::([^/]+))?\/([^/?#]+)$/.exec(path);
  if (!match) return undefined;
  try {
    let entity = match[2] === undefined ? undefined : decoded(match[2]);
    if (/^(0x)?[0-9a-fA-F]{64}$/.test(entity ?? '')) entity = lower(entity.replace(/^0x/, ''));
    const topic = decoded(match[3]);
    return { component: match[1], entity, topic: match[1] === 'contracts' ? topic : lower(topic) };
  } catch {
    return undefined; // a bad escape
  }
}

function matches(wanted, event) {
  if (wanted.component !== event.component || (wanted.entity !== undefined && wanted.entity !== event.entity)) return false;
  return wanted.topic === event.topic || (wanted.component === 'contracts' && lower(wanted.topic) === event.topic);
}

/**
 * Parses JSON with integers beyond 2^53 as BigInts, where JSON.parse would round them. Smaller numbers stay numbers.
 * Digits inside strings are left alone.
 */
export function parseExact(text) {
  const found = [];
  const longest = (text.match(/#+/g) ?? []).reduce((most, run) => Math.max(most, run.length), 0);
  // Key of an object that replaces a BigInt while JSON.parse runs. It must not occur in the text.
  const mark = '#'.repeat(longest + 1);
  const marked = text.replace(/"(?:[^"\\]|\\.)*"|(?<![\d.eE+-])-?[1-9]\d{15,}(?![\d.eE])/g, (token) => {
    if (token[0] === '"' || Number.isSafeInteger(Number(token))) return token;
    return `{"${mark}":${found.push(BigInt(token)) - 1}}`;
  });
  if (found.length === 0) return JSON.parse(text);
  return JSON.parse(marked, (_, value) => (value !== null && typeof value === 'object' && mark in value ? found[value[mark]] : value));
}

const same = (a, b) => a.component === b.component && a.entity === b.entity && a.topic === b.topic;
const kLateTopics = { transactions: ['included', 'executed', 'removed', 'dropped'], blocks: ['accepted', 'statechange', 'reverted'] };
const kTopics = { transactions: [...kLateTopics.transactions, 'deferred'], blocks: kLateTopics.blocks };
/** Why no event can ever match; undefined: an event can match. */
function neverMatches({ component, topic }) {
  const known = kTopics[component]; // contracts choose their own
  if (!known || known.includes(topic)) return undefined;
  return `${component} publishes no topic \`${topic}\` (known: ${known.join(', ')})`;
}
const isLate = (path) => path.entity !== undefined && (kLateTopics[path.component] ?? []).includes(path.topic);

/** One event of a subscription. */
export class RuesEvent {
  constructor(headers, payload) {
    this.headers = headers;
    this.payload = payload;
  }
  get location() {
    return this.headers['Content-Location'];
  }
  get position() {
    return this.headers['Rues-Position'];
  }
  get height() {
    return this.headers['Rues-Height'] === undefined ? undefined : Number(this.headers['Rues-Height']);
  }
  /** True when the event was published before the subscription was made. */
  get replay() {
    return this.headers['Rues-Replay'] === 'true';
  }
  /** With `retractions`: true when the block of this event was taken back. */
  get retracted() {
    return this.headers['Rues-Retracted'] === 'true';
  }
  /** With `decode`: why the server did not decode this event; undefined when it did or need not. */
  get undecoded() {
    return /^no; (.*)$/.exec(this.headers['Rues-Decoded'] ?? '')?.[1];
  }
  text() {
    return new TextDecoder().decode(this.payload);
  }
  /** The payload as JSON. `bigint`: integers beyond 2^53 become BigInts instead of being rounded. */
  json({ bigint = false } = {}) {
    return bigint ? parseExact(this.text()) : JSON.parse(this.text());
  }
}

/**
 * Reads an event frame: u32 little-endian length of the JSON, JSON, payload. Throws a `malformed` error for anything
 * else.
 */
export function decodeFrame(data) {
  const bytes = data instanceof Uint8Array ? data : new Uint8Array(data);
  const bad = (why) => new RuesError('malformed', `not an event: ${why}`);
  if (bytes.length < 4) throw bad('too short');
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  if (length > bytes.length - 4) throw bad('its header is longer than the message');
  let headers;
  try {
    headers = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(4, 4 + length)));
  } catch {
    throw bad('its header is not JSON');
  }
  if (headers === null || typeof headers !== 'object' || Array.isArray(headers)) throw bad('its header is not an object');
  if (Object.values(headers).some((value) => typeof value !== 'string')) throw bad('a header value is not a string');
  return new RuesEvent(headers, bytes.subarray(4 + length));
}

/**
 * Pauses before attempts to connect, in ms. They double, and half of each is random, so that the clients of a restarted
 * server do not all return at once.
 */
export class Backoff {
  #pause = kFirstPause;
  next(chance) {
    const whole = this.#pause;
    this.#pause = Math.min(2 * whole, kLongestPause);
    return whole / 2 + (whole / 2) * chance;
  }
  reset() {
    this.#pause = kFirstPause;
  }
}

const later = (a, b) => (!a || !b ? a || b : a.seq < b.seq ? b : a);
const isSame = (a, b) => a.epoch === b.epoch && a.seq === b.seq;

/**
 * Decides what to do so that every event of the subscriptions is delivered exactly once and in order, over any number
 * of connections. Pure: its methods report what happened, and `next` says what to do.
 *
 * All subscriptions of a session are at one position of the log. To go back (for a subscription with `after`, or for a
 * new session) the client resumes its own session from the earlier position. It gives up a session that was not
 * recovered, because `recovered: false` does not say whether the server knows the session or only its position is
 * unknown. For a session that was just made, `false` means that events are missing.
 */
export class Resumption {
  constructor() {
    this.subscriptions = new Map(); // by the path as the user wrote it
    this.notices = [];
    this.session = undefined;
    this.connected = false;
    this.isLost = false;
    this.hasPositions = false;
    this.rebuilds = 0;
    this.main = undefined; // the session's position; all events up to it were delivered
  }

  /** The next step: {do: 'connect', resume, after} | {do: 'subscribe' | 'unsubscribe', paths} | {do: 'listen'} */
  next() {
    const all = [...this.subscriptions.values()];
    if (!this.connected) {
      const after = this.#resumePosition();
      const resumes = this.session && this.hasPositions && after && all.some((one) => one.made && one.wanted);
      return resumes ? { do: 'connect', resume: this.session, after } : { do: 'connect' };
    }
    const ended = all.filter((one) => one.made && (!one.wanted || one.again));
    if (ended.length > 0) return { do: 'unsubscribe', paths: ended.map((one) => one.path) };
    const wanted = all.filter((one) => !one.made);
    if (wanted.length > 0) return { do: 'subscribe', paths: wanted.map((one) => one.path) };
    if (all.some((one) => one.behind && !one.paused)) return { do: 'connect', resume: this.session, after: this.#resumePosition() };
    return { do: 'listen' };
  }

  /** Adds a subscription. Returns why it cannot be added; undefined: it was added. */
  add(path, after) {
    const parsed = parsePath(path);
    if (!parsed) return 'not an event path (expected /on/<component>/<topic>, where the component is blocks, transactions or contracts:<id>)';
    const all = [...this.subscriptions.values()];
    if (all.some((one) => one.wanted && same(one.parsed, parsed))) return 'already subscribed';
    const why = neverMatches(parsed);
    if (why) this.notices.push({ type: 'warning', path, why });
    for (const one of all) {
      if (!same(one.parsed, parsed)) continue;
      this.subscriptions.delete(one.path); // the server still has it: it must be unsubscribed there first
      Object.assign(one, { path, again: true, wanted: true, behind: false, paused: false, wasMade: false, floor: after, last: undefined });
      one.late = !after && isLate(parsed);
      this.subscriptions.set(path, one);
      return undefined;
    }
    this.subscriptions.set(path, {
      path,
      parsed,
      wanted: true,
      made: false, // the server has it in this session
      wasMade: false, // a server had it in an earlier session
      behind: false, // the session's position is later than `floor`, so events between them must be fetched
      paused: false, // stays behind, because nobody reads its events
      again: false, // must be unsubscribed and subscribed again
      forLate: false, // `again` only to get its late events
      late: !after && isLate(parsed),
      floor: after, // all events up to this position were delivered
      last: undefined, // position of the last delivered event
    });
    return undefined;
  }

  remove(path) {
    const one = this.subscriptions.get(path);
    if (!one?.wanted) return false;
    Object.assign(one, { wanted: false, again: false, forLate: false });
    if (!one.made) this.subscriptions.delete(path);
    return true;
  }

  opened(asked, { session, recovered, from }) {
    const surelyKnown = this.connected;
    for (const one of this.subscriptions.values()) if (one.made) one.floor = this.#covered(one);
    this.main = undefined;
    this.connected = true;
    if (!asked.resume) {
      this.#forgetSession();
      this.session = session;
    } else if (recovered === true) {
      this.session = session;
      this.main = asked.after;
      for (const one of this.subscriptions.values()) {
        // This connection begins too late for a subscription that was continued while it was being opened.
        one.behind = one.made && (one.paused || (one.floor !== undefined && one.floor.seq < asked.after.seq));
        // Late events are not resumed by position, and the lost connection may have lost some.
        one.forLate = one.made && one.wanted && one.late && !one.last && !one.paused;
        one.again ||= one.forLate;
      }
      this.rebuilds = 0;
    } else if (recovered === false && from) {
      for (const one of surelyKnown ? this.subscriptions.values() : []) {
        // The answer says nothing about positions of another epoch. The next session asks for them.
        if (!one.made || !one.wanted || one.floor?.epoch !== asked.after.epoch) continue;
        const inside = one.floor.epoch === from.epoch && asked.after.seq < from.seq && one.floor.seq >= from.seq;
        if (!inside) this.#tellGap(one, from);
      }
      ++this.rebuilds;
      this.#forgetSession();
      this.connected = false;
    } else {
      this.rebuilds = kMaxRebuilds; // the server cannot resume: it opened a new session
      this.#forgetSession();
      this.session = session;
    }
    this.#settle();
  }

  subscribed(path, at) {
    const one = this.subscriptions.get(path);
    if (!one) return;
    const forLate = one.forLate;
    Object.assign(one, { made: true, forLate: false });
    this.hasPositions = at !== undefined;
    if (!at) {
      one.paused = one.behind = false;
      if (one.wasMade || one.floor) this.#tellGap(one);
    } else if (!one.floor || forLate) {
      if (one.wasMade && !one.floor) this.#tellGap(one, at); // the server before had no positions
      one.floor = later(one.floor, at);
    } else if (!isSame(one.floor, at)) {
      if (this.rebuilds < kMaxRebuilds) one.behind = true;
      else this.#tellGap(one, at);
    }
    this.#settle();
  }

  refused(path, error) {
    if (!this.remove(path)) return;
    this.notices.push({ type: 'ended', path, error });
    this.#settle();
  }

  unsubscribed(path) {
    const one = this.subscriptions.get(path);
    if (!one) return;
    one.made = one.again = false;
    if (!one.wanted) this.subscriptions.delete(path);
    this.#settle();
  }

  lost(why) {
    this.connected = false;
    this.rebuilds = 0;
    if (this.isLost) return;
    this.isLost = true;
    this.notices.push({ type: 'lost', why });
  }

  /** Delivers no more events of `path` until `goesOn`. Events published in between are fetched then. */
  pause(path) {
    const one = this.subscriptions.get(path);
    if (!one?.made || one.paused) return;
    one.floor = this.#covered(one);
    one.behind = one.paused = true;
  }

  goesOn(path) {
    const one = this.subscriptions.get(path);
    if (!one?.paused) return;
    one.paused = false;
    if (this.hasPositions || !one.made) return;
    one.behind = false;
    this.#tellGap(one);
  }

  /** The paths of the subscriptions that get the event. */
  event(at, position, replay) {
    const out = [];
    for (const one of this.subscriptions.values()) {
      if (!one.made || !one.wanted || one.behind || one.again || !matches(one.parsed, at)) continue;
      if (replay && !one.late) continue;
      const had = replay ? one.last : this.#covered(one);
      if (position && had && position.seq <= had.seq) continue;
      one.last = later(one.last, position);
      out.push(one.path);
    }
    if (!replay) this.main = later(this.main, position);
    return out;
  }

  get position() {
    return this.connected ? this.#resumePosition() : undefined;
  }

  takeNotices() {
    return this.notices.splice(0);
  }

  #covered(one) {
    return one.behind || one.again ? one.floor : later(one.floor, this.main);
  }

  #resumePosition() {
    let least;
    for (const one of this.subscriptions.values()) {
      const here = one.made && one.wanted && !one.paused ? this.#covered(one) : undefined;
      if (here && (!least || here.seq < least.seq)) least = here;
    }
    if (least) return least;
    for (const one of this.subscriptions.values()) if (one.made && one.wanted && one.paused) return one.floor;
    return this.main;
  }

  #forgetSession() {
    this.session = undefined;
    for (const one of [...this.subscriptions.values()]) {
      if (!one.wanted) this.subscriptions.delete(one.path);
      one.wasMade ||= one.made;
      one.made = one.again = one.forLate = false;
      one.behind = one.paused;
    }
  }

  #tellGap(one, from) {
    this.notices.push({ type: 'gap', path: one.path, after: one.floor?.text, from: from?.text });
    one.floor = from;
    one.last = undefined;
  }

  #settle() {
    if (this.next().do !== 'listen') return;
    this.rebuilds = 0;
    if (!this.isLost) return;
    this.isLost = false;
    this.notices.push({ type: 'resumed' });
  }
}

/** Settles as `promise` does, but rejects when `ms` have passed or `signal` aborts before. */
function within(promise, ms, what, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => end(reject, new RuesError('timeout', `${what}: timed out after ${ms} ms`)), ms);
    const abort = () => end(reject, signal.reason);
    const end = (settle, value) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      settle(value);
    };
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    promise.then((value) => end(resolve, value), (error) => end(reject, error));
  });
}

function parseObject(text) {
  try {
    const value = JSON.parse(text);
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** One WebSocket and its session. */
class Connection {
  /**
   * Opens a session, or with `resume` and `after` resumes one. Then `recovered` and `from` are the answer; both stay
   * undefined when the server cannot resume.
   */
  static async open(server, { resume, after }, signal) {
    const parameters = [...(resume ? [`resume=${resume}`, `after=${after.text}`] : []), ...(server.decode ? ['decode=json'] : []), ...(server.finality ? [`finality=${server.finality}`] : []),
      ...(server.retractions ? ['retractions=true'] : [])];
    const query = parameters.length === 0 ? '' : `?${parameters.join('&')}`;
    const connection = new Connection();
    connection.frames = [];
    connection.commands = new Map();
    connection.onFrame = connection.onLost = () => {};
    const socket = new server.WebSocket(`${server.url.replace(/^http/, 'ws')}/on${query}`);
    socket.binaryType = 'arraybuffer';
    connection.socket = socket;
    const opened = new Promise((resolve, reject) => {
      socket.addEventListener('error', () => reject(new RuesError('unreachable', `no session at ${server.url}`)));
      socket.addEventListener('close', ({ code, reason }) => {
        const error = new RuesError('unreachable', code === 1006 ? 'the connection was lost' : `closed: ${code} ${reason}`);
        reject(error);
        connection.#end(error);
      });
      socket.addEventListener('message', ({ data }) => {
        connection.heard = Date.now();
        if (typeof data !== 'string') {
          connection.frames.push(data);
          if (connection.frames.length > kMaxInbox) connection.drop(new RuesError('unreachable', 'too many events at once'));
          connection.onFrame();
        } else if (connection.id === undefined) {
          if (!/^[0-9a-f]{32}$/.test(data.trim())) return reject(new RuesError('malformed', 'the first message is not a session id'));
          connection.id = data.trim();
          if (!resume) resolve();
        } else {
          const answer = parseObject(data);
          if (answer && typeof answer.recovered === 'boolean') {
            connection.recovered = answer.recovered;
            connection.from = parsePosition(answer.from);
            resolve();
          } else if (answer) {
            connection.#answered(answer);
          }
        }
      });
    });
    try {
      await within(opened, server.timeout, 'session', signal);
    } catch (error) {
      // A server that cannot resume has opened a new session and answers nothing about the old one.
      if (error.code !== 'timeout' || connection.id === undefined || signal?.aborted) {
        connection.drop(error);
        throw error;
      }
    }
    return connection;
  }

  /**
   * Sends a command on the socket and returns the answer, which may be an error. Throws when no answer comes in time.
   */
  async command(body, timeout) {
    const id = (this.lastId = (this.lastId ?? 0) + 1);
    const answered = new Promise((resolve, reject) => this.commands.set(id, { resolve, reject }));
    answered.catch(() => {});
    this.socket.send(JSON.stringify({ ...body, id }));
    try {
      return await within(answered, timeout, 'answer to a command');
    } finally {
      this.commands.delete(id);
    }
  }

  #answered(answer) {
    // An error without an id belongs to a command that the server could not read: the oldest one.
    const id = answer.id ?? (answer.error === undefined ? undefined : this.commands.keys().next().value);
    this.commands.get(id)?.resolve(answer);
  }

  #end(error) {
    if (this.error) return;
    this.error = error;
    for (const { reject } of this.commands.values()) reject(error);
    this.onLost(error);
  }

  /** Closes the connection. Commands that wait for an answer fail with `error`. */
  drop(error = new RuesError('unreachable', 'dropped')) {
    this.#end(error);
    this.socket.close();
  }
}

/** The result of `subscribe`: an async iterable of events, which ends when it is unsubscribed. */
class Subscription {
  #client;
  #queue = [];
  #waiting = []; // promises that `next` returned and that have no event yet
  #ended = false;
  #error;

  constructor(client, path, callback) {
    this.#client = client;
    this.path = path;
    this.callback = callback;
    /** Resolves when the server has made the subscription. */
    this.ready = new Promise((resolve, reject) => (this.settle = { resolve, reject }));
    this.ready.catch(() => {}); // `next` reports the error too
  }

  get length() {
    return this.#queue.length;
  }

  push(event) {
    if (this.callback) return this.callback(event);
    const waiting = this.#waiting.shift();
    if (waiting) waiting.resolve({ value: event, done: false });
    else this.#queue.push(event);
  }

  end(error) {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    this.settle.reject(error ?? new RuesError('invalid', 'unsubscribed'));
    for (const { resolve, reject } of this.#waiting.splice(0)) error ? reject(error) : resolve({ value: undefined, done: true });
  }

  unsubscribe() {
    this.#client.unsubscribe(this.path);
  }

  next() {
    if (this.#queue.length > 0) {
      const value = this.#queue.shift();
      if (this.#queue.length === 0) this.#client._drained(this);
      return Promise.resolve({ value, done: false });
    }
    if (this.#ended) {
      const error = this.#error;
      this.#error = undefined;
      return error ? Promise.reject(error) : Promise.resolve({ value: undefined, done: true });
    }
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** Leaving a `for await` loop ends the subscription. */
  return() {
    this.#queue = [];
    this.unsubscribe();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator]() {
    return this;
  }
}

/**
 * A client with one session. Its events are `lost`, `resumed`, `gap`, `ended`, `error` (a callback threw) and `warning`
 * (no event can match a subscription); `detail` says what happened. A warning also goes to the console, unless a
 * listener calls `preventDefault`.
 */
export class Client extends EventTarget {
  #server;
  #resumption = new Resumption();
  #subscriptions = new Map();
  #connection;
  #kind; // promise of a boolean: whether the server has positions and commands
  #backoff = new Backoff();
  #closed = false;
  #wake = () => {};
  #changed = false;
  #abort = new AbortController(); // `close` aborts it, which ends all waits

  /** Use `connect`. */
  constructor(server) {
    super();
    this.#server = server;
  }

  get url() {
    return this.#server.url;
  }

  get sessionId() {
    return this.#connection?.id;
  }

  /** The position to pass as `after` to continue here in another process. */
  get position() {
    return this.#resumption.position?.text;
  }

  async _start(signal) {
    signal?.throwIfAborted();
    this.#hasCommands();
    const connection = await Connection.open(this.#server, {}, signal);
    this.#take(connection, {});
    signal?.addEventListener('abort', () => this.close(), { once: true });
    this.#run();
    return this;
  }

  /**
   * Subscribes to the events of `path` (such as `/on/blocks/accepted`) after the position `after`, or from now on. The
   * callback gets the events. Without a callback, iterate the result.
   */
  subscribe(path, options = {}, callback = undefined) {
    if (typeof options === 'function') [options, callback] = [{}, options];
    const { after = this.#server.after, signal } = options;
    const position = after === undefined ? undefined : parsePosition(after);
    if (after !== undefined && !position) throw new RuesError('invalid', `${after} is not a position`);
    if (this.#closed) throw new RuesError('invalid', 'the client is closed');
    signal?.throwIfAborted();
    const refusal = this.#resumption.add(path, position);
    if (refusal) throw new RuesError('invalid', `${path}: ${refusal}`);
    const subscription = new Subscription(this, path, callback);
    this.#subscriptions.set(path, subscription);
    signal?.addEventListener('abort', () => this.#subscriptions.get(path) === subscription && this.unsubscribe(path), { once: true });
    this.#change();
    return subscription;
  }

  /** Ends a subscription at once. False: there was none. */
  unsubscribe(path) {
    if (!this.#resumption.remove(path)) return false;
    this.#subscriptions.get(path)?.end();
    this.#subscriptions.delete(path);
    this.#change();
    return true;
  }

  /** Sends any request to the server. Returns the Response. */
  request(method, path, { headers = {}, body, signal } = {}) {
    return this.#server.fetch(`${this.#server.url}${path}`, { method, headers, body, signal });
  }

  /**
   * Sends a transaction. With `wait` (`included`, `executed`, `finalized`) the result is its outcome. On a server
   * without positions (Rusk) the client waits for events of the transaction, so it needs the transaction's `id`.
   */
  async propagate(bytes, { wait, timeout = 60_000, id, signal } = {}) {
    const until = Date.now() + timeout;
    const send = async (headers) => {
      const answer = await this.request('POST', '/on/transactions/propagate', {
        headers: { 'Content-Type': 'application/octet-stream', ...headers },
        body: bytes,
        signal,
      });
      const text = await answer.text();
      if (!answer.ok) throw new RuesError('refused', parseObject(text)?.error ?? text, answer.status);
      return answer.status === 200 ? parseObject(text) : undefined;
    };
    if (!wait) {
      await send({});
      return undefined;
    }
    const waits = await this.#hasCommands();
    if (!waits && (!id || wait === 'finalized'))
      throw new RuesError('invalid', id ? 'this server cannot wait for `finalized`' : 'this server cannot wait without the id of the transaction');
    if (!waits) {
      const watch = await this.#watch(id, signal);
      await send({}).catch((error) => {
        watch.close();
        throw error;
      });
      return watch.outcome(wait, until);
    }
    const seconds = Math.min(kLongestWait, Math.floor(timeout / 1000));
    let outcome;
    try {
      outcome = await send(seconds > 0 ? { 'Rues-Wait': wait, 'Rues-Wait-Seconds': String(seconds) } : {});
      id = outcome?.id ?? id;
      if (outcome && outcome.outcome !== 'pending') return outcome;
    } catch (error) {
      if (error instanceof RuesError || !id || signal?.aborted) throw error;
      // Nobody knows whether the server got the transaction. A new subscription gets its earlier events too.
    }
    if (!id || Date.now() >= until) return outcome ?? { id, outcome: 'pending' };
    const watch = await this.#watch(id, signal, until);
    return watch.outcome(wait, until);
  }

  /** Ends the session for good. */
  close() {
    if (this.#closed) return;
    this.#closed = true;
    this.#abort.abort(new RuesError('invalid', 'the client is closed'));
    for (const one of this.#subscriptions.values()) one.end();
    this.#subscriptions.clear();
    this.#connection?.socket.close(1000, 'done');
    this.#change();
  }

  [Symbol.asyncDispose ?? Symbol.for('asyncDispose')]() {
    this.close();
    return Promise.resolve();
  }

  /** A subscription's queue is empty: if the subscription was paused, it continues. */
  _drained(subscription) {
    this.#resumption.goesOn(subscription.path);
    this.#change();
  }

  /**
   * Whether the server has positions and commands. Only rues has `/status` with the log's position, and only rues reads
   * commands on the socket; a Rusk node ignores every message. The client asks once. To send a command and wait for no
   * answer would take a timeout.
   */
  #hasCommands() {
    this.#kind ??= (async () => {
      try {
        const answer = await this.request('GET', '/status', { signal: AbortSignal.timeout(this.#server.timeout) });
        return answer.ok && parsePosition((await answer.json()).position) !== undefined;
      } catch {
        return false; // the server is unknown, as when a browser forbids a page of another origin to ask a Rusk node
      }
    })();
    return this.#kind;
  }

  #change() {
    this.#changed = true;
    this.#wake();
  }

  /** Dispatches an event of the client. False: a listener prevented the default action. */
  #tell(type, detail) {
    return this.dispatchEvent(Object.assign(new Event(type, { cancelable: type === 'warning' }), { detail }));
  }

  #tellNotices() {
    for (const { type, ...detail } of this.#resumption.takeNotices()) {
      if (type === 'ended') {
        this.#subscriptions.get(detail.path)?.end(detail.error);
        this.#subscriptions.delete(detail.path);
      }
      const isSilent = !this.#tell(type, detail);
      if (type === 'warning' && !isSilent) console.warn(`rues: ${detail.path}: ${detail.why}`);
    }
  }

  #take(connection, asked) {
    const old = this.#connection;
    this.#connection = connection;
    if (old) {
      old.onFrame = old.onLost = () => {};
      old.drop();
    }
    connection.onFrame = () => this.#change();
    connection.onLost = (error) => this.#lose(error, connection);
    connection.heard = Date.now();
    const { id: session, recovered, from } = connection;
    // Another server answered, which may be of the other kind.
    if (asked.resume && recovered === undefined) this.#kind = undefined;
    this.#resumption.opened(asked, { session, recovered, from });
    if (connection.error) this.#lose(connection.error, connection);
  }

  #lose(error, connection) {
    if (this.#closed || connection !== this.#connection) return;
    this.#connection = undefined;
    this.#resumption.lost(error.message);
    this.#change();
  }

  async #run() {
    while (!this.#closed) {
      this.#tellNotices();
      const step = this.#resumption.next();
      try {
        if (step.do === 'connect') await this.#connect(step);
        else if (step.do === 'subscribe') await this.#subscribeAtServer(step.paths);
        else if (step.do === 'unsubscribe') await this.#unsubscribeAtServer(step.paths);
        else await this.#listen();
      } catch (error) {
        const connection = this.#connection;
        if (this.#closed) return;
        if (connection) {
          this.#lose(error, connection);
          connection.drop(error);
        } else {
          this.#resumption.lost(error.message);
        }
      }
    }
  }

  async #connect(step) {
    // Without a pause when a live session is only resumed from an earlier position.
    if (!this.#connection) {
      await this.#sleep(this.#backoff.next(this.#server.random()));
      if (this.#closed) return;
    } else {
      // The server closes the old connection when the new one takes over. If the new one fails, `#run` reports the
      // loss.
      this.#connection.onLost = () => {};
    }
    const connection = await Connection.open(this.#server, step, this.#abort.signal);
    if (this.#closed) connection.socket.close(1000, 'done');
    else this.#take(connection, step);
  }

  /** Waits `ms`, or until the client is closed. */
  #sleep(ms) {
    return within(new Promise(() => {}), ms, '', this.#abort.signal).catch(() => {});
  }

  async #subscribeAtServer(paths) {
    const connection = this.#connection;
    const answered = (path, at, error) => {
      if (connection !== this.#connection) return;
      if (error) return this.#resumption.refused(path, error);
      this.#resumption.subscribed(path, at);
      this.#subscriptions.get(path)?.settle.resolve(at?.text);
    };
    if (await this.#hasCommands()) {
      for (let i = 0; i < paths.length; i += kMaxPathsInCommand) {
        const some = paths.slice(i, i + kMaxPathsInCommand);
        const answer = await connection.command({ subscribe: some }, this.#server.timeout);
        if (answer.error) throw new RuesError('refused', answer.error);
        // The server answers with canonical paths, which may differ from those of the user.
        const find = (on) => some.find((path) => path === on || (parsePath(on) && same(parsePath(path), parsePath(on))));
        for (const { on, position } of answer.subscribed ?? []) answered(find(on), parsePosition(position));
        for (const { on, code, error } of answer.errors ?? []) {
          if (/^(too_many|session_|overloaded|internal)/.test(code)) throw new RuesError('unreachable', `${on}: ${error}`);
          answered(find(on) ?? on, undefined, new RuesError('refused', `${on}: ${error}`));
        }
      }
      return;
    }
    for (const path of paths) {
      const answer = await this.#overHttp('GET', path, connection);
      if (answer.ok) answered(path, parsePosition(answer.headers.get('Rues-Position')));
      else answered(path, undefined, new RuesError('refused', `${path}: ${answer.status} ${await answer.text()}`, answer.status));
    }
  }

  async #unsubscribeAtServer(paths) {
    const connection = this.#connection;
    const hasCommands = await this.#hasCommands();
    for (let i = 0; hasCommands && i < paths.length; i += kMaxPathsInCommand)
      await connection.command({ unsubscribe: paths.slice(i, i + kMaxPathsInCommand) }, this.#server.timeout);
    for (const path of paths) {
      if (!hasCommands) await this.#overHttp('DELETE', path, connection); // 404: the server did not have it
      if (connection === this.#connection) this.#resumption.unsubscribed(path);
    }
  }

  async #overHttp(method, path, connection) {
    const signal = AbortSignal.timeout(this.#server.timeout);
    const answer = await this.request(method, path, { headers: { 'Rusk-Session-Id': connection.id }, signal });
    // 424: the session has ended. 429 and 5xx are temporary. In all these cases the client connects again.
    if (answer.status === 424 || answer.status === 429 || answer.status >= 500)
      throw new RuesError('unreachable', `${path}: ${answer.status}`, answer.status);
    return answer;
  }

  async #listen() {
    const connection = this.#connection;
    this.#backoff.reset();
    this.#changed = false;
    while (connection.frames.length > 0 && !this.#changed) {
      for (const frame of connection.frames.splice(0, 256)) {
        this.#deliver(decodeFrame(frame));
        if (connection !== this.#connection) return;
      }
    }
    if (this.#changed || this.#closed) return;
    let timer;
    await new Promise((resolve) => {
      this.#wake = resolve;
      timer = setTimeout(resolve, kSilence);
    });
    clearTimeout(timer);
    const [any] = this.#subscriptions.keys();
    // A connection can break without notice. To subscribe a second time changes nothing but needs an answer.
    if (!this.#changed && any && Date.now() - connection.heard >= kSilence && (await this.#hasCommands()))
      await connection.command({ subscribe: [any] }, this.#server.timeout);
  }

  #deliver(event) {
    const at = parseLocation(event.location ?? '');
    if (!at) return;
    for (const path of this.#resumption.event(at, parsePosition(event.position), event.replay)) {
      const subscription = this.#subscriptions.get(path);
      if (!subscription) continue;
      try {
        subscription.push(event);
      } catch (error) {
        this.#tell('error', { error, path, event }); // a callback threw; the other subscriptions still get the event
      }
      if (subscription.length >= this.#server.maxQueue) this.#resumption.pause(path);
    }
  }

  /** Subscribes to one transaction in a session of its own. `until`: when to give up connecting (ms since 1970). */
  async #watch(id, signal, until = 0) {
    const backoff = new Backoff();
    for (;;) {
      let client;
      try {
        client = await connect(this.#server.url, { ...this.#server, after: undefined, signal });
        return await Watch.open(client, id);
      } catch (error) {
        client?.close();
        const pause = backoff.next(this.#server.random());
        if (signal?.aborted || Date.now() + pause >= until) throw error;
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
  }
}

/** Waits for the outcome of one transaction by its events. */
class Watch {
  static async open(client, id) {
    const watch = new Watch();
    watch.client = client;
    watch.events = [];
    watch.id = id;
    watch.wake = () => {};
    // `executed` is subscribed before `removed`, so that their replays come in this order too.
    for (const topic of ['included', 'executed', 'removed', 'dropped']) {
      await client.subscribe(`/on/transactions:${id}/${topic}`, (event) => {
        watch.events.push([topic, event]);
        watch.wake();
      }).ready;
    }
    return watch;
  }

  close() {
    this.client.close();
  }

  async outcome(wait, until) {
    const outcome = { id: this.id, outcome: 'pending', error: null, block_height: null, block_hash: null, gas_spent: null, position: null, replaced_by: null };
    let removed = Infinity; // until when an `executed` in front of a late `removed` is waited for
    try {
      for (;;) {
        while (this.events.length > 0) {
          const [topic, event] = this.events.shift();
          outcome.position = event.position ?? null;
          outcome.replaced_by = event.headers['Rues-Replaced-By'] ?? null;
          if (topic === 'included') {
            if (wait === 'included') return { ...outcome, outcome: topic };
          } else if (topic === 'removed') {
            if (outcome.block_height !== null) continue;
            if (!event.replay) return { ...outcome, outcome: topic };
            removed = Date.now() + kExecutedBehindRemoved;
          } else if (topic === 'dropped') {
            return { ...outcome, outcome: topic, error: event.json().reason ?? null };
          } else if (topic === 'statechange') {
            if (event.json().state === 'finalized') return { ...outcome, outcome: 'finalized' };
          } else {
            removed = Infinity;
            const { err, block_height, gas_spent } = event.json();
            Object.assign(outcome, { error: err ?? null, block_height, gas_spent, block_hash: event.headers['Rues-Block-Hash'] ?? null });
            if (outcome.error !== null) return { ...outcome, outcome: 'failed' };
            if (wait !== 'finalized' || outcome.block_hash === null) return { ...outcome, outcome: 'executed' };
            this.client.subscribe(`/on/blocks:${outcome.block_hash}/statechange`, (change) => {
              this.events.push(['statechange', change]);
              this.wake();
            });
          }
        }
        const left = Math.min(until, removed) - Date.now();
        if (left <= 0) return { ...outcome, outcome: removed <= Date.now() ? 'removed' : 'pending' };
        let timer;
        await new Promise((resolve) => {
          this.wake = resolve;
          timer = setTimeout(resolve, left);
        });
        clearTimeout(timer);
      }
    } finally {
      this.close();
    }
  }
}

/**
 * Opens a session at `http://host[:port]` (or `https://`) and keeps it alive. Rejects when the first connection fails.
 */
export function connect(url, options = {}) {
  const server = {
    url: String(url).replace(/\/$/, ''),
    WebSocket: options.WebSocket ?? globalThis.WebSocket,
    fetch: options.fetch ?? ((...args) => globalThis.fetch(...args)),
    after: options.after,
    decode: options.decode === true,
    finality: options.finality,
    retractions: options.retractions === true,
    timeout: options.timeout ?? kDefaultTimeout,
    maxQueue: options.maxQueue ?? kMaxQueue,
    random: options.random ?? Math.random,
  };
  if (!/^https?:\/\/[^/?#]+$/.test(server.url)) throw new RuesError('invalid', `${url} is not a server's URL`);
  if (!server.WebSocket) throw new RuesError('invalid', 'there is no WebSocket here: give one as options.WebSocket');
  if (![undefined, 'accepted', 'confirmed', 'final'].includes(server.finality)) throw new RuesError('invalid', `${server.finality} is not a finality`);
  if (server.after !== undefined && !parsePosition(server.after)) throw new RuesError('invalid', `${server.after} is not a position`);
  return new Client(server)._start(options.signal);
}
