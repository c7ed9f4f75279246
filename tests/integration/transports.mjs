// The recorded requests, sent in other ways than one connection each: over TLS, with chunked bodies, byte by byte, and as one pipeline. Each way has
// a chain of its own and must give the same answers as the plain way; other tests check whether those are right.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeCertificate } from './certificate.mjs';
import { RuesNode, kTestData, withFolder, within } from './node.mjs';

const kRows = JSON.parse(readFileSync(join(kTestData, 'rusk-1.7/http.json'), 'utf8'));

function bodyBytes(body) {
  if ('text' in body) return Buffer.from(body.text);
  if ('hex' in body) return Buffer.from(body.hex, 'hex');
  return Buffer.alloc(body.repeat[0].length * body.repeat[1], body.repeat[0]);
}

const kRequests = kRows.map(({ name, request }) => {
  const body = bodyBytes(request.body);
  return { name, ...request, body, sendsBody: body.length > 0 || request.method === 'POST' };
});

function head({ method, path, headers }, extra) {
  const lines = Object.entries({ Host: 'localhost', ...headers, ...extra }).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1');
}

function withLength(request) {
  return Buffer.concat([head(request, request.sendsBody ? { 'Content-Length': request.body.length } : {}), request.body]);
}

/** Sizes of chunks, repeated: they cut the texts of the requests in many ways. */
const kChunks = [1, 2, 3, 17, 4_096, 100_000];

function withChunks(request) {
  if (!request.sendsBody) return head(request, {});
  const parts = [head(request, { 'Transfer-Encoding': 'chunked' })];
  for (let at = 0, turn = 0; at < request.body.length; turn += 1) {
    const chunk = request.body.subarray(at, at + kChunks[turn % kChunks.length]);
    const extension = turn % 2 === 0 ? '' : ';number="1"';
    parts.push(Buffer.from(`${chunk.length.toString(16)}${extension}\r\n`), chunk, Buffer.from('\r\n'));
    at += chunk.length;
  }
  parts.push(Buffer.from('0\r\nX-Trailer: 1\r\n\r\n'));
  return Buffer.concat(parts);
}

/** The answers on one connection, in order. */
class Answers {
  constructor(socket) {
    this.socket = socket;
    this.bytes = Buffer.alloc(0);
    this.ended = false;
    socket.on('data', (part) => {
      this.bytes = Buffer.concat([this.bytes, part]);
      this.changed?.();
    });
    socket.on('error', () => {}); // counts as the end
    socket.on('close', () => {
      this.ended = true;
      this.changed?.();
    });
  }

  /** `count` bytes, or all up to and including `end`; null when the connection ends before. */
  async take(until) {
    for (;;) {
      const at = typeof until === 'number' ? until : this.bytes.indexOf(until) + until.length;
      const there = typeof until === 'number' ? this.bytes.length >= until : at >= until.length;
      if (there) {
        const out = this.bytes.subarray(0, at);
        this.bytes = this.bytes.subarray(at);
        return out;
      }
      if (this.ended) return null;
      await within(new Promise((resolve) => (this.changed = resolve)), 'bytes of an answer');
    }
  }

  async chunks() {
    const parts = [];
    for (;;) {
      const line = await this.take('\r\n');
      if (line === null) return null;
      const size = Number.parseInt(line.toString('latin1'), 16);
      const chunk = await this.take(size + 2);
      if (chunk === null) return null;
      if (size === 0) return Buffer.concat(parts);
      parts.push(chunk.subarray(0, size));
    }
  }

  /** null when the connection ends before a whole answer. */
  async next(method) {
    const bytes = await this.take('\r\n\r\n');
    if (bytes === null) return null;
    const [first, ...lines] = bytes.toString('latin1').trimEnd().split('\r\n');
    const headers = new Map(lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }));
    const length = method === 'HEAD' ? 0 : Number(headers.get('content-length') ?? 0);
    const body = headers.get('transfer-encoding') === 'chunked' && method !== 'HEAD' ? await this.chunks() : await this.take(length);
    return body && { status: Number(first.split(' ')[1]), headers, body };
  }
}

/** The parts of an answer that must be the same for every way. */
function essence(answer) {
  const headers = [...answer.headers].filter(([name]) => !['date', 'connection'].includes(name));
  return { status: answer.status, headers: Object.fromEntries(headers), body: answer.body.toString('latin1') };
}

async function connected(node) {
  const socket = node.connect();
  await within(once(socket, node.ca ? 'secureConnect' : 'connect'), 'connection');
  socket.setNoDelay(true);
  return socket;
}

/** One connection for each request; `send` writes the request. */
async function oneByOne(node, send) {
  const out = [];
  for (const request of kRequests) {
    const socket = await connected(node);
    const answers = new Answers(socket);
    await send(socket, request, answers);
    const answer = await answers.next(request.method);
    assert.ok(answer, `${request.name}: an answer`);
    out.push(essence(answer));
    socket.destroy();
  }
  return out;
}

const kSingleBytes = 2_000; // bytes sent singly at each end of a long request

async function byteByByte(socket, request, answers) {
  const bytes = withLength(request);
  const writeEach = async (part) => {
    for (const byte of part) {
      socket.write(Buffer.from([byte]));
      await new Promise(setImmediate); // so that the kernel gets each byte alone
    }
  };
  if (bytes.length <= 2 * kSingleBytes) return writeEach(bytes);
  await writeEach(bytes.subarray(0, kSingleBytes));
  socket.write(bytes.subarray(kSingleBytes, -kSingleBytes));
  if (answers.ended || answers.bytes.length > 0) return undefined; // the request was refused before its end
  return writeEach(bytes.subarray(-kSingleBytes));
}

/** Sends all requests at once; those that the server leaves unanswered when it ends a connection are sent again on the next one. */
async function pipelined(node) {
  const out = [];
  while (out.length < kRequests.length) {
    const before = out.length;
    const socket = await connected(node);
    const answers = new Answers(socket);
    for (const request of kRequests.slice(before)) socket.write(withLength(request));
    while (out.length < kRequests.length) {
      const answer = await answers.next(kRequests[out.length].method);
      if (answer === null) break;
      out.push(essence(answer));
    }
    assert.ok(out.length > before, `${kRequests[before].name}: an answer`);
    socket.destroy();
  }
  return out;
}

/** Every way starts with a copy of one chain, because a genesis contains the time at which it was made. */
async function answersFrom(chain, ask, flags) {
  return withFolder(async (data) => {
    cpSync(chain, data, { recursive: true });
    const node = await RuesNode.start(data, '--mining', 'manual', ...flags);
    const out = await ask(node);
    await node.stop();
    return out;
  });
}

const plainly = (socket, request) => socket.write(withLength(request));
await withFolder(async (folder) => {
  const { flags } = makeCertificate(folder);
  const chain = join(folder, 'chain');
  await (await RuesNode.start(chain, '--mining', 'manual')).stop();
  const answersOf = (ask, ...more) => answersFrom(chain, ask, more);
  const kPlain = await answersOf((node) => oneByOne(node, plainly));
  const kWays = {
    'one connection each, again': () => answersOf((node) => oneByOne(node, plainly)),
    TLS: () => answersOf((node) => oneByOne(node, plainly), ...flags),
    'chunked bodies': () => answersOf((node) => oneByOne(node, (socket, request) => socket.write(withChunks(request)))),
    'byte by byte': () => answersOf((node) => oneByOne(node, byteByByte)),
    'one pipeline': () => answersOf(pipelined),
    'one pipeline over TLS': () => answersOf(pipelined, ...flags),
  };
  for (const [way, ask] of Object.entries(kWays)) {
    const answers = await ask();
    kRequests.forEach((request, i) => assert.deepEqual(answers[i], kPlain[i], `${way}: ${request.name}`));
    console.log(`${way}: ${answers.length} answers as the plain ones`);
  }
});
