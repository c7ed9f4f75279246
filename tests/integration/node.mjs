// Starts, asks and stops the real program. Every wait is for something the program does; a wait that takes too long fails the test.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import tls from 'node:tls';

export const kPatience = 30_000; // ms; a sanitizer build on a busy machine stays well below

function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`the environment must name ${name}`);
  return value;
}

export const kProgram = required('RUES_PROGRAM');
export const kTestData = required('RUES_TEST_DATA');
export const { WebSocket } = createRequire(join(required('RUES_NODE_MODULES'), 'package.json'))('ws');

/** Fails with `what` when `promise` is not settled in time. */
export function within(promise, what, patience = kPatience) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no ${what} after ${patience} ms`)), patience);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** A folder that is gone when `body` returns or throws. */
export async function withFolder(body) {
  const folder = mkdtempSync(join(tmpdir(), 'rues-it-'));
  try {
    return await body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A running `rues node`, on a port of its own choice unless the flags name one. */
export class RuesNode {
  static async start(data, ...flags) {
    if (!existsSync(kProgram)) throw new Error(`${kProgram} is not built`);
    const node = new RuesNode();
    const certificate = flags.indexOf('--tls-cert');
    node.ca = certificate < 0 ? undefined : readFileSync(flags[certificate + 1]);
    const listen = flags.includes('--listen') ? [] : ['--listen', '127.0.0.1:0'];
    node.child = spawn(kProgram, ['node', ...listen, '--data', data, ...flags]);
    running.add(node.child);
    node.log = '';
    node.child.stderr.on('data', (text) => (node.log += text));
    node.ended = once(node.child, 'exit').then(([code, signal]) => {
      running.delete(node.child);
      return { code, signal };
    });
    const printed = (async () => {
      for await (const line of createInterface(node.child.stdout)) {
        const url = /^\s*url\s+(https?):\/\/127\.0\.0\.1:(\d+)$/.exec(line);
        if (url && (url[1] === 'https') === (node.ca !== undefined)) return Number(url[2]);
      }
      throw new Error(`the program ended without an address:\n${node.log}`);
    })();
    node.port = await within(printed, 'address printed');
    node.child.stdout.resume();
    const info = await node.request('POST', '/on/node/info');
    if (info.status !== 200) throw new Error(`node/info answers ${info.status}`);
    return node;
  }

  /** Sends `signal` and waits for the end; SIGTERM must end it with code 0. */
  async stop(signal = 'SIGTERM') {
    this.child.kill(signal);
    const end = await within(this.ended, `end after ${signal}`);
    if (signal === 'SIGTERM' && end.code !== 0) throw new Error(`ended with ${JSON.stringify(end)}:\n${this.log}`);
    return end;
  }

  /** A connection, over TLS when the node speaks it. */
  connect() {
    const to = { port: this.port, host: '127.0.0.1' };
    return this.ca ? tls.connect({ ...to, servername: 'localhost', ca: this.ca }) : net.connect(to);
  }

  request(method, path, headers = {}, body = '') {
    return request(this, method, path, headers, body);
  }

  /** POST that must be answered 200 with JSON. */
  async json(path, body = '') {
    const answer = await this.request('POST', path, {}, body);
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.body}`);
    return JSON.parse(answer.body);
  }

  async mine(count = 1) {
    return (await this.json('/dev/mine', String(count))).height;
  }

  account(address) {
    return this.json(`/on/account:${address}/status`);
  }

  post(topic, bytes) {
    return this.request('POST', `/on/transactions/${topic}`, { 'Content-Type': 'application/octet-stream' }, bytes);
  }
}

/** One HTTP/1.1 exchange on a connection of its own, with exactly the given method, path and headers. */
export function request(node, method, path, headers = {}, body = '') {
  const bytes = Buffer.from(body);
  const names = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  const all = { ...headers };
  if (!names.has('host')) all.Host = `localhost:${node.port}`;
  if (!names.has('content-length') && (bytes.length > 0 || method === 'POST')) all['Content-Length'] = bytes.length;
  all.Connection = 'close';
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const exchange = new Promise((resolve, reject) => {
    const socket = node.connect();
    const parts = [];
    socket.on('connect', () => {
      socket.write(Buffer.concat([Buffer.from(`${method} ${path} HTTP/1.1\r\n${head}\r\n`, 'latin1'), bytes]));
    });
    socket.on('data', (part) => parts.push(part));
    // The server may refuse a large body before it has read it; what it said by then counts.
    let failure = null;
    socket.on('error', (error) => (failure = error));
    socket.on('close', () => {
      const answer = parseAnswer(Buffer.concat(parts), method);
      if (answer) resolve(answer);
      else reject(failure ?? new Error(`${method} ${path}: closed before a whole answer`));
    });
  });
  return within(exchange, `answer to ${method} ${path}`);
}

function parseAnswer(bytes, method) {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const [first, ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const headers = new Map(lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  }));
  const status = Number(first.split(' ')[1]);
  let body = bytes.subarray(end + 4);
  if (headers.get('transfer-encoding') === 'chunked') {
    body = joinChunks(body);
  } else if (method !== 'HEAD' && status !== 204 && headers.has('content-length')) {
    if (body.length !== Number(headers.get('content-length'))) return null;
  }
  return body && { status, headers, body };
}

function joinChunks(bytes) {
  const parts = [];
  for (let at = 0; ;) {
    const line = bytes.indexOf('\r\n', at);
    if (line < 0) return null;
    const size = Number.parseInt(bytes.subarray(at, line).toString('latin1'), 16);
    if (size === 0) return Buffer.concat(parts);
    if (line + 2 + size > bytes.length) return null;
    parts.push(bytes.subarray(line + 2, line + 2 + size));
    at = line + 2 + size + 2;
  }
}

/** A WebSocket session (RP 1, 6): its id and its frames in the order of arrival. */
export class Session {
  static async open(node) {
    const session = new Session();
    session.node = node;
    session.frames = [];
    session.waiting = [];
    session.texts = [];
    const url = `${node.ca ? 'wss://localhost' : 'ws://127.0.0.1'}:${node.port}/on`;
    session.socket = new WebSocket(url, { perMessageDeflate: false, ca: node.ca });
    // An end that nobody expects is seen by whoever waits for a frame.
    session.socket.on('error', (error) => (session.failure = error));
    const first = new Promise((resolve) => {
      session.socket.on('message', (data, binary) => {
        if (binary) {
          session.frames.push(parseFrame(data));
          session.wake();
        } else {
          session.texts.push(data.toString());
          resolve(data.toString());
        }
      });
    });
    session.id = await within(first, 'session id');
    return session;
  }

  subscription(method, path) {
    return this.node.request(method, path, { 'Rusk-Session-Id': this.id });
  }

  async subscribe(...paths) {
    for (const path of paths) {
      const answer = await this.subscription('GET', path);
      if (answer.status !== 200) throw new Error(`GET ${path}: ${answer.status} ${answer.body}`);
    }
  }

  wake() {
    this.waiting = this.waiting.filter((wait) => !wait());
  }

  /** Resolves with the index of the first frame that `matches`. */
  async until(matches, what) {
    const found = new Promise((resolve) => {
      let seen = 0; // a session may get tens of thousands
      const look = () => {
        for (; seen < this.frames.length; ++seen) {
          if (!matches(this.frames[seen])) continue;
          resolve(seen);
          return true;
        }
        return false;
      };
      if (!look()) this.waiting.push(look);
    });
    return within(found, what);
  }

  async close() {
    const closed = once(this.socket, 'close');
    this.socket.close(1000, 'done');
    const [code, reason] = await within(closed, 'close');
    return { code, reason: reason.toString() };
  }
}

/** RP 6.1: u32 little-endian length, header JSON, payload. */
function parseFrame(data) {
  const length = data.readUInt32LE(0);
  const text = data.subarray(4, 4 + length).toString();
  const header = JSON.parse(text);
  const [, component, entity, topic] = /^\/on\/([a-z]+):([^/]+)\/(.+)$/.exec(header['Content-Location']);
  return { text, header, component, entity, topic, name: `${component}/${topic}`, payload: data.subarray(4 + length) };
}

/** `Rues-Position`: the log's epoch and the number of the event in it. */
export function positionOf(frame) {
  const [epoch, sequence] = frame.header['Rues-Position'].split('-');
  return { epoch, sequence: Number(sequence) };
}

/** A moonlight transaction of the ledger in the form clients post (rusk-1.7 7.1). */
export function postedForm(raw) {
  if (!raw.startsWith('0302')) throw new Error('not a moonlight transaction in Boreas form');
  return Buffer.from(`01${raw.slice(4)}`, 'hex');
}
