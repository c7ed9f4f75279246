// RFC 6455 as the known test suites check it, in the order of Autobahn's groups, octet by octet against the real program: every case against
// /dev/echo, the cases that end a connection against /on as well. Then npm `ws`, a peer that others wrote.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { RuesNode, WebSocket, residentBytes, withFolder, within } from './node.mjs';

const kFin = 0x80;
const kContinuation = 0;
const kText = 1;
const kBinary = 2;
const kClose = 8;
const kPing = 9;
const kPong = 10;
const kLargest = 16 * 1024 * 1024;

const bytes = (payload) => (Buffer.isBuffer(payload) ? payload : Buffer.from(payload));
const name = (opcode) => ['continuation', 'text', 'binary', 3, 4, 5, 6, 7, 'close', 'ping', 'pong'][opcode] ?? opcode;

/** A frame in the form of a client. `length`: octets of its extended length, by default as few as possible. */
function frame(first, payload = '', { mask = randomBytes(4), length } = {}) {
  const body = Buffer.from(bytes(payload));
  const extended = length ?? (body.length < 126 ? 0 : body.length < 65_536 ? 2 : 8);
  const head = Buffer.alloc(2 + extended);
  head[0] = first;
  head[1] = (mask ? 0x80 : 0) | (extended === 0 ? body.length : extended === 2 ? 126 : 127);
  if (extended === 2) head.writeUInt16BE(body.length, 2);
  if (extended === 8) head.writeBigUInt64BE(BigInt(body.length), 2);
  if (!mask) return Buffer.concat([head, body]);
  for (let i = 0; i < body.length; ++i) body[i] ^= mask[i & 3];
  return Buffer.concat([head, mask, body]);
}

const text = (payload) => frame(kFin | kText, payload);
const binary = (payload) => frame(kFin | kBinary, payload);
const ping = (payload = '') => frame(kFin | kPing, payload);
const pong = (payload = '') => frame(kFin | kPong, payload);
const fragment = (opcode, payload) => frame(opcode, payload);
const middle = (payload) => frame(kContinuation, payload);
const last = (payload) => frame(kFin | kContinuation, payload);
function close(code, reason = '') {
  if (code === undefined) return frame(kFin | kClose);
  const payload = Buffer.concat([Buffer.from([code >> 8, code & 0xff]), bytes(reason)]);
  return frame(kFin | kClose, payload);
}

/** One connection, whose frames are kept as [name, payload]. */
class Peer {
  static async open(node, path) {
    const peer = new Peer();
    peer.socket = node.connect();
    peer.socket.setNoDelay(true);
    peer.input = Buffer.alloc(0);
    peer.frames = [];
    peer.ended = new Promise((resolve) => peer.socket.on('error', () => {}).on('close', resolve));
    peer.socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n');
    const opened = new Promise((resolve) => {
      peer.socket.on('data', (data) => {
        peer.input = Buffer.concat([peer.input, data]);
        if (!peer.open) {
          const end = peer.input.indexOf('\r\n\r\n');
          if (end < 0) return;
          assert.match(peer.input.toString('latin1', 0, end), /^HTTP\/1\.1 101 [^]*s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=/);
          peer.input = peer.input.subarray(end + 4);
          peer.open = true;
          resolve();
        }
        peer.parse();
      });
    });
    await within(opened, '101');
    return peer;
  }

  parse() {
    for (;;) {
      const { input } = this;
      if (input.length < 2) return;
      const extended = input[1] === 126 ? 2 : input[1] === 127 ? 8 : 0;
      if (input.length < 2 + extended) return;
      assert.equal(input[0] & 0xf0, kFin, 'whole, without reserved bits');
      assert.ok(input[1] < 128, 'a server does not mask');
      const length = extended === 0 ? input[1] : extended === 2 ? input.readUInt16BE(2) : Number(input.readBigUInt64BE(2));
      assert.ok(length >= [0, 0, 126, 0, 0, 0, 0, 0, 65_536][extended], 'the shortest form of a length');
      if (input.length < 2 + extended + length) return;
      this.frames.push([name(input[0] & 0x0f), Buffer.from(input.subarray(2 + extended, 2 + extended + length))]);
      this.input = input.subarray(2 + extended + length);
    }
  }
}

/** The frames that came, short enough for an error text: long payloads by their length. */
function shown(frames) {
  return frames.map(([kind, payload]) => {
    if (kind === 'close') return [kind, payload.length < 2 ? payload.length : payload.readUInt16BE(0)];
    return [kind, payload.length > 200 ? payload.length : payload.toString('latin1')];
  });
}
const echoed = (kind, payload) => [kind, bytes(payload)];
const ends = (code) => ['close', code === undefined ? Buffer.alloc(0) : Buffer.from([code >> 8, code & 0xff])];

/** Cases: the octets to send, the frames that must come, and the close code; `good` cases end with a close by the client. */
const cases = [];
const add = (what, sent, expected, code) => cases.push({ what, sent, expected, code });
const good = (what, sent, expected) => add(what, [...sent, close(1000)], expected, 1000);
const bad = (what, sent, code, expected = []) => add(what, [...sent, text('not heard any more')], expected, code);

// 1: messages
for (const size of [0, 1, 125, 126, 127, 128, 65_535, 65_536]) {
  good(`1.1 a text of ${size}`, [text('*'.repeat(size))], [echoed('text', '*'.repeat(size))]);
  good(`1.2 a binary message of ${size}`, [binary(Buffer.alloc(size, 0xfe))], [echoed('binary', Buffer.alloc(size, 0xfe))]);
}

// 2: pings and pongs
for (let size = 0; size <= 125; ++size) good(`2.1 a ping of ${size}`, [ping(Buffer.alloc(size, 0xff))], [echoed('pong', Buffer.alloc(size, 0xff))]);
bad('2.5 a ping of 126', [ping('x'.repeat(126))], 1002);
good('2.7 a pong that nobody asked for', [pong(), pong('payload'), ping('asked')], [echoed('pong', 'asked')]);
const ten = Array.from({ length: 10 }, (_, i) => `payload ${i}`);
good('2.10 ten pings', ten.map(ping), ten.map((payload) => echoed('pong', payload)));

// 3: reserved bits
for (let bits = 1; bits <= 7; ++bits) {
  bad(`3.1 reserved bits ${bits}`, [frame(kFin | (bits << 4) | kText, 'x')], 1002);
  bad(`3.2 reserved bits ${bits} behind a good text`, [text('good'), frame(kFin | (bits << 4) | kText, 'x')], 1002, [echoed('text', 'good')]);
  bad(`3.5 reserved bits ${bits} in a ping`, [frame(kFin | (bits << 4) | kPing, 'x')], 1002);
  bad(`3.6 reserved bits ${bits} in a close`, [frame(kFin | (bits << 4) | kClose)], 1002);
}

// 4: opcodes
for (const opcode of [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]) {
  bad(`4.1 opcode ${opcode}`, [frame(kFin | opcode)], 1002);
  bad(`4.1 opcode ${opcode} behind a good text`, [text('good'), frame(kFin | opcode, 'payload')], 1002, [echoed('text', 'good')]);
}

// 5: fragments
bad('5.1 a ping in fragments', [frame(kPing, 'a'), last('b')], 1002);
bad('5.2 a pong in fragments', [frame(kPong, 'a'), last('b')], 1002);
bad('5.x a close in fragments', [frame(kClose, '\x03\xe8')], 1002);
good('5.3 two fragments', [fragment(kText, 'one'), last('two')], [echoed('text', 'onetwo')]);
good('5.6 a ping between fragments', [fragment(kText, 'one'), ping('p'), last('two')], [echoed('pong', 'p'), echoed('text', 'onetwo')]);
bad('5.9 a last fragment of nothing', [last('x')], 1002);
bad('5.10 a fragment of nothing', [middle('x')], 1002);
bad('5.12 a fragment of nothing behind a good text', [text('good'), last('x')], 1002, [echoed('text', 'good')]);
bad('5.15 a fragment behind a last one', [fragment(kText, 'a'), last('b'), middle('c')], 1002, [echoed('text', 'ab')]);
bad('5.18 a text within a text', [fragment(kText, 'a'), text('b')], 1002);
bad('5.18 a binary message within a text', [fragment(kText, 'a'), fragment(kBinary, 'b')], 1002);
good('5.19 five fragments, two pings',
  [fragment(kText, '1'), middle('2'), ping('p'), middle('3'), middle('4'), ping('q'), last('5')],
  [echoed('pong', 'p'), echoed('pong', 'q'), echoed('text', '12345')]);
good('5.x a pong between fragments', [fragment(kBinary, '1'), pong('?'), last('2')], [echoed('binary', '12')]);
good('5.x fragments of nothing but the middle', [fragment(kText, ''), middle(''), middle('middle'), middle(''), last('')], [echoed('text', 'middle')]);
good('5.x nothing but empty fragments', [fragment(kBinary, ''), middle(''), last('')], [echoed('binary', '')]);
good('5.x one octet a fragment', [fragment(kText, 'f'), ...[...'ragmente'].map(middle), last('d')], [echoed('text', 'fragmented')]);

// 6: UTF-8: Unicode 15, table 3-7, and the limits of RFC 3629.
const valid = ['κόσμε', 'Hello-µ@ßöäüàá-UTF-8!!', '\0', '\u007f', '\u0080', '\u07ff', '\u0800', '\ud7ff', '\ue000', '\ufffd', '\uffff', '\u{10000}', '\u{10ffff}'];
for (const sample of valid) {
  const whole = Buffer.from(sample);
  good(`6.2 valid: ${JSON.stringify(sample)}`, [text(whole)], [echoed('text', whole)]);
  if (whole.length < 2) continue;
  const octets = [...whole].map((octet) => Buffer.from([octet]));
  good(`6.2 valid, one octet a fragment: ${JSON.stringify(sample)}`,
    [fragment(kText, octets[0]), ...octets.slice(1, -1).flatMap((octet) => [middle(octet), middle('')]), last(octets.at(-1))], [echoed('text', whole)]);
}
const invalid = ['80', 'bf', '8080', 'c080', 'c1bf', 'c2', 'c2c2', 'c328', 'e08080', 'e09fbf', 'e282', 'e28228', 'eda080', 'edbfbf', 'edadbfedb080', 'f08080', 'f0808080', 'f08fbfbf', 'f0908c', 'f4908080', 'f5808080', 'f888808080', 'fc8480808080', 'fe', 'ff', 'fefeffff', 'cebae1bdb9cf83cebcceb5eda080656469746564'];
for (const sample of invalid) {
  const whole = Buffer.from(sample, 'hex');
  bad(`6.3 invalid: ${sample}`, [text(whole)], 1007);
  bad(`6.3 invalid behind valid: ${sample}`, [text(Buffer.concat([Buffer.from('valid until here: é'), whole])), ], 1007);
  for (let cut = 0; cut <= whole.length; ++cut) {
    bad(`6.3 invalid, cut at ${cut}: ${sample}`, [fragment(kText, whole.subarray(0, cut)), ping(), last(whole.subarray(cut))], 1007, null);
  }
  good(`6.x binary may be anything: ${sample}`, [fragment(kBinary, whole), last(whole)], [echoed('binary', Buffer.concat([whole, whole]))]);
}
// 6.4: bad UTF-8 is refused at its first wrong octet, before the fragment and the frame are complete.
const announced = (payload, more) => frame(kText, Buffer.concat([payload, Buffer.alloc(more)])).subarray(0, 6 + payload.length);
add('6.4 at the end of a fragment', [fragment(kText, Buffer.from('cebae1f4', 'hex')).subarray(0)], [], 1007);
add('6.4 within a frame', [announced(Buffer.from('cebaf490', 'hex'), 50)], [], 1007);
add('6.4 within a frame, surrogate', [announced(Buffer.from('cebaeda0', 'hex'), 50)], [], 1007);
add('6.4 in a second fragment', [fragment(kText, Buffer.from('cebaf4', 'hex')), announced(Buffer.from('90', 'hex'), 50).fill(kContinuation, 0, 1)], [], 1007);

// 7: close
good('7.1 nothing else', [], []);
add('7.1.2 a second close', [close(1000), close(1000)], [], 1000);
add('7.1.3 a ping behind the close', [close(1000), ping('late')], [], 1000);
add('7.1.4 a text behind the close', [close(1000), text('late')], [], 1000);
add('7.1.5 a close within a message', [fragment(kText, 'begun'), close(1000), last('late')], [], 1000);
good('7.1.6 a close right behind a large message', [binary(Buffer.alloc(262_144, 7))], [echoed('binary', Buffer.alloc(262_144, 7))]);
add('7.3.1 a close without code', [close()], [], undefined);
bad('7.3.2 a close of one octet', [frame(kFin | kClose, 'x')], 1002);
for (const size of [1, 12, 123]) add(`7.3.4 a reason of ${size}`, [close(1000, 'r'.repeat(size))], [], { code: 1000, reason: 'r'.repeat(size) });
bad('7.3.6 a reason of 124', [close(1000, 'r'.repeat(124))], 1002);
bad('7.5.1 a reason that is no UTF-8', [close(1000, Buffer.from('cebaeda080', 'hex'))], 1007);
for (const code of [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999]) add(`7.7 code ${code}`, [close(code)], [], code);
for (const code of [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535]) bad(`7.9 code ${code}`, [close(code)], 1002);

// Masks and lengths (RFC 6455 5.1, 5.2)
for (const opcode of [kText, kPing, kClose]) bad(`an unmasked ${name(opcode)}`, [frame(kFin | opcode, '', { mask: null })], 1002);
good('a mask of zeros', [frame(kFin | kText, 'plain', { mask: Buffer.alloc(4) })], [echoed('text', 'plain')]);
good('longer forms of a length than it needs', [frame(kFin | kText, 'two', { length: 2 }), frame(kFin | kText, 'eight', { length: 8 })], [echoed('text', 'two'), echoed('text', 'eight')]);
bad('a ping with a longer form of its length', [frame(kFin | kPing, 'two', { length: 2 })], 1002);
add('a length of 2^63', [Buffer.from('81ff8000000000000000', 'hex')], [], 1009);
add('a length beyond the limit, before its payload', [frame(kFin | kBinary, Buffer.alloc(kLargest + 1)).subarray(0, 14)], [], 1009);

const isError = (code) => [1002, 1007, 1009].includes(code);

/** `octets`: writes each octet alone, so that the program reads them in many parts. */
async function check(node, path, { what, sent, expected, code }, octets = false) {
  const peer = await Peer.open(node, path);
  for (const part of sent) {
    if (!octets) peer.socket.write(part);
    else for (const octet of part) peer.socket.write(Buffer.from([octet]));
  }
  await within(peer.ended, `end of ${what}`);
  const got = peer.frames;
  if (path === '/on') assert.match(got.shift()[1].toString(), /^[0-9a-f]{32}$/);
  const end = got.pop() ?? ['nothing'];
  const { code: expectedCode, reason } = typeof code === 'object' ? code : { code, reason: undefined };
  assert.deepEqual(shown([end]), shown([ends(expectedCode)]), `${what}: how it ends`);
  if (reason !== undefined) assert.equal(end[1].toString('utf8', 2), reason, what);
  if (expected === null) return; // where the text becomes invalid decides whether the ping in between is answered
  const wanted = path === '/on' ? expected.filter(([kind]) => kind === 'pong') : expected;
  assert.deepEqual(shown(got), shown(wanted), what);
  assert.ok(got.every(([, payload], i) => payload.equals(wanted[i][1])), `${what}: payloads`);
}

async function all(node) {
  const kAtOnce = 32;
  const jobs = cases.flatMap((one) => {
    const small = one.sent.reduce((sum, part) => sum + part.length, 0) < 500;
    const out = [() => check(node, '/dev/echo', one)];
    if (small) out.push(() => check(node, '/dev/echo', one, true));
    // The limits of the two endpoints differ, so a message that is too large for one may fit the other; binary messages have no meaning at /on.
    if (small && !(isError(one.code) && one.code === 1009)) out.push(() => check(node, '/on', one));
    return out;
  });
  console.log(`${cases.length} cases in ${jobs.length} connections`);
  await Promise.all(Array.from({ length: kAtOnce }, async () => {
    for (let job = jobs.shift(); job; job = jobs.shift()) await job();
  }));
}

/** 9: the largest message, whole, in fragments and in small writes; one octet more is too much. */
async function large(node) {
  const payload = randomBytes(kLargest);
  const ascii = Buffer.alloc(kLargest, 'a text ');
  const pieces = (data, size) => {
    const out = [];
    for (let at = 0; at < data.length; at += size) out.push(data.subarray(at, at + size));
    return out;
  };
  const fragments = (size) => pieces(payload, size).map((part, i, { length }) => frame((i === 0 ? kBinary : 0) | (i === length - 1 ? kFin : 0), part));
  for (const [what, sent, kind, whole] of [
    ['9.1 a text of 16 MiB', [text(ascii)], 'text', ascii],
    ['9.2 a binary message of 16 MiB', [binary(payload)], 'binary', payload],
    ['9.4 the same in fragments of 4 KiB', fragments(4_096), 'binary', payload],
    ['9.6 the same in chops of 997', pieces(binary(payload), 997), 'binary', payload],
  ]) await check(node, '/dev/echo', { what, sent: [...sent, close(1000)], expected: [[kind, whole]], code: 1000 });
  await check(node, '/dev/echo', { what: 'one octet more, in fragments', sent: [frame(kBinary, payload), frame(kFin, 'x').subarray(0, 2)], expected: [], code: 1009 });
}

/** While an echo is unsent the server reads nothing: the messages of a client that does not read stay on the client's side. */
async function backPressure(node) {
  const kMessages = 400;
  const peer = await Peer.open(node, '/dev/echo');
  const message = binary(Buffer.alloc(1_000_000, 5));
  const before = residentBytes(node);
  peer.socket.pause();
  for (let i = 0; i < kMessages; ++i) peer.socket.write(message);
  await node.json('/on/node/info');
  let idle = 0;
  for (let length = peer.socket.writableLength; idle < 20; ++idle) {
    await node.json('/on/node/info'); // gives the program time to read all that it would read
    if (peer.socket.writableLength !== length) idle = 0;
    length = peer.socket.writableLength;
  }
  assert.ok(peer.socket.writableLength > (kMessages / 2) * message.length, 'most bytes are still at the client');
  const grown = residentBytes(node) - before;
  if (!process.env.RUES_SANITIZE) assert.ok(grown < 48_000_000, `memory grew by ${grown} bytes`);
  peer.socket.resume();
  peer.socket.write(close(1000));
  await within(peer.ended, 'end after all echoes', 60_000);
  assert.equal(peer.frames.length, kMessages + 1);
  assert.ok(peer.frames.slice(0, -1).every(([, payload]) => payload.length === 1_000_000));
}

/** The library that clients use. */
async function others(node) {
  const socket = new WebSocket(`ws://127.0.0.1:${node.port}/dev/echo`, { perMessageDeflate: false });
  await within(once(socket, 'open'), 'open');
  const sent = [];
  const got = [];
  const echoes = new Promise((resolve) => socket.on('message', (data, isBinary) => {
    got.push([isBinary, data]);
    if (got.length === 200) resolve();
  }));
  for (let i = 0; i < 200; ++i) {
    const size = Math.floor(2 ** (i / 10));
    const data = i % 2 === 0 ? randomBytes(size) : Buffer.from('é'.repeat(size));
    sent.push([i % 2 === 0, data]);
    socket.send(i % 2 === 0 ? data : data.toString());
  }
  await within(echoes, 'every echo');
  assert.ok(got.every(([isBinary, data], i) => isBinary === sent[i][0] && data.equals(sent[i][1])));
  const answered = once(socket, 'pong');
  socket.ping('are you there');
  assert.equal(String((await within(answered, 'pong'))[0]), 'are you there');
  const closed = once(socket, 'close');
  socket.close(4321, 'enough');
  const [code, reason] = await within(closed, 'close');
  assert.deepEqual([code, String(reason)], [4321, 'enough']);
}

async function refusals(node) {
  const upgrade = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version': '13' };
  assert.equal((await node.request('GET', '/dev/echo', { ...upgrade, Origin: 'http://localhost' })).status, 403, 'not a page of a browser');
  assert.equal((await node.request('GET', '/dev/echo')).status, 400);
  assert.equal((await node.request('GET', '/dev/echo', { ...upgrade, 'Sec-WebSocket-Version': '12' })).status, 400);
}

/** With `ws-origins` only pages of these origins get a socket; other clients send no origin. */
async function origins(node) {
  const opened = (origin) => new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${node.port}/on`, origin === undefined ? {} : { origin });
    socket.on('open', () => (socket.terminate(), resolve(101)));
    socket.on('unexpected-response', (_, answer) => (answer.resume(), resolve(answer.statusCode)));
  });
  assert.equal(await within(opened('https://wallet.example'), 'socket'), 101);
  assert.equal(await within(opened(undefined), 'socket'), 101);
  assert.equal(await within(opened('https://other.example'), 'refusal'), 403);
}

await withFolder(async (data) => {
  const node = await RuesNode.start(data, '--mining', 'manual', '--ws-origins', 'https://wallet.example,http://localhost:5173');
  await origins(node);
  await node.stop();
});

await withFolder(async (data) => {
  const node = await RuesNode.start(data, '--mining', 'manual');
  await refusals(node);
  await all(node);
  await large(node);
  await backPressure(node);
  await others(node);
  await node.stop();
});
