// Starts the real program, sends requests and stops it. Every wait is for something that the program does; a wait that takes too long fails the test.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, watch } from 'node:fs';
import { createRequire } from 'node:module';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import tls from 'node:tls';
import { request, within } from '../conformance/exchange.mjs';
import { Document } from './openapi.mjs';

export { kPatience, request, within } from '../conformance/exchange.mjs';

function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`the environment must name ${name}`);
  return value;
}

export const kProgram = required('RUES_PROGRAM');
export const kTestData = required('RUES_TEST_DATA');
export const { WebSocket } = createRequire(join(required('RUES_NODE_MODULES'), 'package.json'))('ws');

const document = new Document(JSON.parse(execFileSync(kProgram, ['docs', 'openapi'])));

/** Resident memory of a node's process, in bytes. */
export function residentBytes(node) {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${node.child.pid}/status`, 'utf8'))[1]) * 1024;
}

/** Fails when `bytes` of memory are not less than `most`. Skipped under a sanitizer, which uses most of the memory itself. */
export function expectMemory(bytes, most, what) {
  console.log(`${what}: ${bytes} bytes`);
  if (!process.env.RUES_SANITIZE && bytes >= most) throw new Error(`${what} cost ${bytes} bytes, at most ${most} were expected`);
}

/** Calls `body` with a temporary folder, and removes the folder when `body` returns or throws. */
export async function withFolder(body) {
  const folder = mkdtempSync(join(tmpdir(), 'rues-it-'));
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 20 });
  let out;
  try {
    out = await body(folder);
  } catch (error) {
    for (const child of running) child.kill('SIGKILL');
    try {
      remove();
    } catch {
      // A browser that `body` left running still writes. That must not hide the first error.
    }
    throw error;
  }
  remove();
  return out;
}

/** Resolves once `holds` returns true. It is called at once, and after each change in the folder. */
export async function onChanges(folder, holds) {
  const watcher = watch(folder);
  try {
    await new Promise((resolve, reject) => {
      const look = () => {
        try {
          if (holds()) resolve();
        } catch (error) {
          reject(error);
        }
      };
      watcher.on('change', look);
      watcher.on('error', reject);
      look();
    });
  } finally {
    watcher.close();
  }
}

/** Random numbers from 0 to 1 that RUES_SEED repeats as far as the machine allows: a linear congruential generator. */
export function seededRandom() {
  let state = Number(process.env.RUES_SEED || Date.now() % 2 ** 31);
  console.log(`RUES_SEED=${state}`);
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state / 2 ** 31;
  };
}

const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A running `rues node`, on a port of its own choice unless the flags name one. */
export class RuesNode {
  static start(data, ...flags) {
    return RuesNode.startBy([kProgram], data, ...flags);
  }

  /** A running `rues gateway` before the nodes with these URLs. */
  static startGateway(data, upstreams, ...flags) {
    return RuesNode.startBy([kProgram, 'gateway', ...upstreams.flatMap((url) => ['--upstream', url])], data, ...flags);
  }

  /** Starts it by a command that in the end runs the program with the arguments after its own. */
  static async startBy([command, ...itsOwn], data, ...flags) {
    if (!existsSync(kProgram)) throw new Error(`${kProgram} is not built`);
    const node = new RuesNode();
    const certificate = flags.indexOf('--tls-cert');
    node.ca = certificate < 0 ? undefined : readFileSync(flags[certificate + 1]);
    const listen = flags.includes('--listen') ? [] : ['--listen', '127.0.0.1:0'];
    const mode = itsOwn.includes('gateway') ? [] : ['node'];
    node.child = spawn(command, [...itsOwn, ...mode, ...listen, '--data', data, ...flags]);
    running.add(node.child);
    node.log = '';
    node.child.stderr.on('data', (text) => (node.log += text));
    node.ended = once(node.child, 'exit').then(([code, signal]) => {
      running.delete(node.child);
      return { code, signal };
    });
    const printed = (async () => {
      for await (const line of createInterface(node.child.stdout)) {
        const url = /^\s*url\s+(https?):\/\/(?:127\.0\.0\.1|\[::\]):(\d+)$/.exec(line);
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

  get url() {
    return `http://127.0.0.1:${this.port}`;
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

  /** Sends a request; every answer must match the program's OpenAPI document. */
  async request(method, path, headers = {}, body = '') {
    const answer = await request(this, method, path, headers, body);
    document.check(method, path, answer);
    return answer;
  }

  /** Sends a POST that must be answered 200 with JSON. */
  async json(path, body = '') {
    const answer = await this.request('POST', path, {}, body);
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.body}`);
    return JSON.parse(answer.body);
  }

  /** Makes blocks, in orders that a busy machine answers in time. */
  async mine(count = 1) {
    const kOrder = 1_000;
    for (; count > kOrder; count -= kOrder) await this.json('/dev/mine', String(kOrder));
    return (await this.json('/dev/mine', String(count))).height;
  }

  account(address) {
    return this.json(`/on/account:${address}/status`);
  }

  post(topic, bytes) {
    return this.request('POST', `/on/transactions/${topic}`, { 'Content-Type': 'application/octet-stream' }, bytes);
  }
}

/** A WebSocket session (docs/reference/protocol.md 1, 6): its id and its frames in the order of arrival. */
export class Session {
  static async open(node) {
    const session = new Session();
    session.node = node;
    session.frames = [];
    session.waiting = [];
    session.texts = [];
    const url = `${node.ca ? 'wss://localhost' : 'ws://127.0.0.1'}:${node.port}/on`;
    session.socket = new WebSocket(url, { perMessageDeflate: false, ca: node.ca });
    session.collect();
    await session.said((texts) => texts.length > 0, 'session id');
    session.id = session.texts[0];
    return session;
  }

  /** Keeps the messages from the socket. */
  collect() {
    // An unexpected end is reported by the code that waits for a frame.
    this.socket.on('error', (error) => (this.failure = error));
    this.socket.on('message', (data, binary) => {
      if (binary) this.frames.push(parseFrame(data));
      else this.texts.push(data.toString());
      this.wake();
    });
  }

  /** Resolves when the texts received so far are as expected. */
  said(expected, what) {
    return within(new Promise((resolve) => {
      const look = () => expected(this.texts) && (resolve(), true);
      if (!look()) this.waiting.push(look);
    }), what);
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
      let seen = 0; // no frame is looked at twice: a session may get tens of thousands
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

/** docs/reference/protocol.md 6.1: u32 little-endian length, header JSON, payload. */
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

/** A moonlight transaction of the ledger in the form clients post (docs/reference/rusk-1.7.md 7.1). */
export function postedForm(raw) {
  if (!raw.startsWith('0302')) throw new Error('not a moonlight transaction in Boreas form');
  return Buffer.from(`01${raw.slice(4)}`, 'hex');
}
