// Compares sessions of a server with those of a real node (tests/data/rusk-1.7/sessions.json): upgrades, input of
// clients, subscribing and unsubscribing. The server must make blocks by itself. Where this project differs on purpose
// (docs/reference/differences.md 5, 6, 7), a plain Rusk must still behave as recorded. Any other server must also do
// what docs/delivery.md
// adds.
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { request, within } from './exchange.mjs';

const kRecorded = JSON.parse(readFileSync(new URL('../data/rusk-1.7/sessions.json', import.meta.url), 'utf8'));
const kKey = 'dGhlIHNhbXBsZSBub25jZQ==';
const kBlockPatience = 120_000; // ms to wait for one block, long enough for public networks

/** Close codes of RFC 6455. Rusk closes with 1011 in all these cases (docs/reference/differences.md 7). */
const kTruth = {
  'text bad utf-8': 1007,
  'text 65537 bytes': 1009,
  'message of 5 x 60000': 1009,
};

/** A raw connection, which sends any bytes and reads the frames of the server. */
class Connection {
  static async open(target, { path = '/on', method = 'GET', without = [], headers = {} } = {}) {
    const connection = new Connection();
    connection.socket = target.connect();
    connection.input = Buffer.alloc(0);
    connection.waiting = [];
    const look = () => (connection.waiting = connection.waiting.filter((one) => !one()));
    connection.socket.on('data', (part) => {
      connection.input = Buffer.concat([connection.input, part]);
      look();
    });
    connection.socket.on('error', () => {});
    connection.socket.on('close', () => {
      connection.closed = true;
      look();
    });
    const all = { Host: target.authority, Upgrade: 'websocket', Connection: 'Upgrade', 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': kKey, ...headers };
    for (const name of without) delete all[name];
    const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join('');
    connection.socket.write(`${method} ${path} HTTP/1.1\r\n${head}\r\n`);
    const text = await connection.take(() => {
      const end = connection.input.indexOf('\r\n\r\n');
      return end < 0 ? undefined : connection.cut(end + 4).toString('latin1');
    }, 'head of the answer');
    [connection.statusLine, ...connection.lines] = (text ?? '').trimEnd().split('\r\n');
    return connection;
  }

  cut(bytes) {
    const out = this.input.subarray(0, bytes);
    this.input = this.input.subarray(bytes);
    return out;
  }

  /** Waits until `look` finds a value in the input, and returns it; undefined at the end of the stream. */
  take(look, what, patience) {
    return within(new Promise((resolve) => {
      const again = () => {
        const found = look();
        if (found === undefined && !this.closed) return false;
        resolve(found);
        return true;
      };
      if (!again()) this.waiting.push(again);
    }), what, patience);
  }

  header(name) {
    const line = this.lines.find((one) => one.toLowerCase().startsWith(`${name}:`));
    return line?.slice(name.length + 1).trim();
  }

  /** The next frame; undefined at the end of the stream. */
  frame(patience) {
    return this.take(() => {
      if (this.input.length < 2) return undefined;
      let size = this.input[1] & 0x7f;
      let at = 2;
      if (size === 126 && this.input.length >= 4) [size, at] = [this.input.readUInt16BE(2), 4];
      else if (size === 127 && this.input.length >= 10) [size, at] = [Number(this.input.readBigUInt64BE(2)), 10];
      else if (size > 125) return undefined;
      if (this.input.length < at + size) return undefined;
      const whole = this.cut(at + size);
      return { fin: whole[0] >> 7, opcode: whole[0] & 15, masked: whole[1] >> 7, payload: whole.subarray(at) };
    }, 'frame', patience);
  }

  /** The next event. Pings and texts before it are skipped. */
  async event(patience = kBlockPatience) {
    for (;;) {
      const frame = await this.frame(patience);
      if (frame === undefined) throw new Error('the session ended');
      if (frame.opcode !== 2) continue;
      const length = frame.payload.readUInt32LE(0);
      return { header: JSON.parse(frame.payload.subarray(4, 4 + length)), payload: frame.payload.subarray(4 + length) };
    }
  }

  text(text) {
    const bytes = Buffer.from(text);
    this.socket.write(Buffer.concat([Buffer.from([0x81, 0xfe, bytes.length >> 8, bytes.length & 255, 0, 0, 0, 0]), bytes]));
  }

  end() {
    this.socket.destroy();
  }
}

async function openSession(target, options) {
  const connection = await Connection.open(target, options);
  if (connection.statusLine !== 'HTTP/1.1 101 Switching Protocols') throw new Error(connection.statusLine);
  connection.id = (await connection.frame()).payload.toString();
  return connection;
}

const change = (target, method, path, session, headers = {}) =>
  request(target, method, path, { 'Rusk-Session-Id': session.id, ...headers });

async function checkUpgrades(target, plain, report) {
  for (const row of kRecorded.upgrade.requests) {
    const [method, path] = row.request.split(' ');
    const connection = await Connection.open(target, { method, path, without: row.without, headers: row.with });
    const isRoot = path === '/' && !plain; // docs/reference/differences.md 5
    const want = isRoot ? 'HTTP/1.1 101 Switching Protocols' : row.status_line;
    const got = connection.statusLine;
    const found = got === want ? [] : [`'${got}', expected '${want}'`];
    if (!found.length && row.status_line.includes(' 101 ')) {
      for (const name of ['sec-websocket-accept', 'rusk-version', 'sec-websocket-extensions', 'sec-websocket-protocol']) {
        const recorded = new Map(row.headers).get(name);
        if (connection.header(name) !== recorded) found.push(`${name}: ${connection.header(name)}, recorded ${recorded}`);
      }
      const first = await connection.frame();
      if (!first || first.opcode !== 1 || !/^[0-9a-f]{32}$/.test(first.payload.toString())) found.push('the first frame is not the id');
    } else if (!found.length && row.body && !isRoot) {
      const body = await connection.take(() => (connection.input.length >= row.body.length ? connection.input.toString() : undefined), 'body');
      if (body !== row.body) found.push(`body ${body}, recorded ${row.body}`);
    }
    report(`upgrade: ${row.request} ${JSON.stringify(row.with)} without ${row.without}`, found);
    connection.end();
  }
}

/** The bytes of a case. The recording has no bytes for the long ones, so they are made from the name. */
function bytesOf(name, sent) {
  const frame = (first, size, byte) => {
    const head = size < 65_536 ? [first, 0xfe, size >> 8, size & 255] : [first, 0xff, 0, 0, 0, 0, 0, size >> 16, (size >> 8) & 255, size & 255];
    return Buffer.concat([Buffer.from([...head, 0, 0, 0, 0]), Buffer.alloc(size, byte)]);
  };
  if (name.startsWith('text 6')) return [frame(0x81, Number(name.split(' ')[1]), 'x')];
  if (name.startsWith('message of 5')) return [0x01, 0x00, 0x00, 0x00, 0x80].map((first) => frame(first, 60_000, 'x'));
  return sent.map((hex) => Buffer.from(hex, 'hex'));
}

async function checkClientInput(target, plain, report) {
  for (const row of kRecorded.client_input.cases) {
    const session = await openSession(target);
    for (const bytes of bytesOf(row.client, row.sent)) session.socket.write(bytes);
    const found = [];
    const ends = row.subscribe_afterwards === 424;
    const closes = row.client.startsWith('close');
    for (const want of row.received) {
      if (typeof want === 'string') continue;
      const got = await session.frame();
      if (want.opcode !== 8) {
        const seen = got && { fin: got.fin, opcode: got.opcode, masked: got.masked, payload: got.payload.toString() };
        if (!isDeepStrictEqual(seen, want)) found.push(`${JSON.stringify(seen)}, recorded ${JSON.stringify(want)}`);
        continue;
      }
      const code = got?.opcode === 8 && got.payload.length >= 2 ? got.payload.readUInt16BE(0) : undefined;
      const expected = plain ? want.code : (kTruth[row.client] ?? 1002);
      if (code !== expected) found.push(`closed with ${code}, expected ${expected}`);
    }
    if (!plain && closes && row.received.every((one) => typeof one === 'string')) {
      // docs/reference/differences.md 6: the close is echoed; a forbidden code is a protocol error
      const got = await session.frame();
      if (got?.opcode !== 8) found.push('the close was not answered');
    }
    if (ends && (await session.frame()) !== undefined) found.push('the stream did not end');
    if (!ends) {
      // A ping is sent after the case. Its pong is the next frame, so the server had sent nothing else.
      session.socket.write(Buffer.from('898401020304716b6d62', 'hex'));
      const pong = await session.frame();
      if (pong?.opcode !== 10) found.push(`${JSON.stringify(pong)} instead of a pong`);
    }
    const { status } = await change(target, 'GET', '/on/blocks/accepted', session);
    if (status !== row.subscribe_afterwards) found.push(`subscribing afterwards ${status}, recorded ${row.subscribe_afterwards}`);
    report(`client: ${row.client}`, found);
    session.end();
  }
}

/**
 * Compares the kinds of events; their number depends on time. A second session (`witness`) sees when blocks are made.
 */
async function checkSubscribing(target, plain, report) {
  const session = await openSession(target);
  const witness = await openSession(target);
  await change(target, 'GET', '/on/blocks/accepted', witness);
  const came = [];
  let told = () => {};
  const collecting = (async () => {
    for (;;) {
      came.push((await session.event()).header['Content-Location']);
      told();
    }
  })().catch(() => {}); // until the session ends
  for (const step of kRecorded.unsubscribe.log) {
    if (step.do) {
      const [method, path] = step.do.split(' ');
      const got = await change(target, method, path, session);
      const licensed = method === 'HEAD' && !plain ? 405 : step.status; // docs/reference/differences.md 4
      const found = got.status === licensed ? [] : [`status ${got.status}, expected ${licensed}`];
      if (!found.length && licensed === step.status && got.body.toString() !== (method === 'HEAD' ? '' : step.body))
        found.push(`body ${got.body}, recorded ${step.body}`);
      report(`session: ${step.do}`, found);
      continue;
    }
    came.length = 0;
    const kinds = (locations) => [...new Set(locations.map((at) => at.slice(at.lastIndexOf('/') + 1)))].sort();
    const blocks = [];
    while (blocks.length < Math.max(2, step.blocks_waited_for)) blocks.push((await witness.event()).header['Content-Location']);
    const isHead = step.listen.startsWith('HEAD') && !plain;
    const want = kinds(step.frames.map((one) => one.headers['Content-Location']));
    // When the last block arrives, all events of the block before it have been sent. The other socket may be slower.
    const isThere = (kind) => isHead || kinds(came).includes(kind);
    while (!want.every(isThere) && (await within(new Promise((resolve) => (told = () => resolve(true))), 'event').catch(() => false)));
    const settled = [...came];
    const found = isDeepStrictEqual(kinds(settled), isHead ? [] : want) ? [] : [`events ${kinds(settled)}, recorded ${want}`];
    if (new Set(settled).size !== settled.length && !settled.some((at) => at.endsWith('statechange'))) found.push('an event came twice');
    report(`session: ${step.listen}`, found);
  }
  session.end();
  witness.end();
  await collecting;
}

/** Checks what docs/delivery.md adds: positions, resuming and commands. */
async function checkResuming(target, report) {
  const session = await openSession(target);
  const subscribed = await change(target, 'GET', '/on/blocks/accepted', session);
  const position = subscribed.headers.get('rues-position');
  report('delivery: subscribing says its position', /^[0-9a-f]{16}-\d+$/.test(position ?? '') ? [] : [`Rues-Position ${position}`]);
  const first = await session.event();
  const second = await session.event();
  session.end();
  const resumed = await Connection.open(target, { path: `/on?resume=${session.id}&after=${first.header['Rues-Position']}` });
  const id = (await resumed.frame()).payload.toString();
  const said = JSON.parse((await resumed.frame()).payload);
  const want = { recovered: true, from: first.header['Rues-Position'], session: id };
  report('delivery: a lost session is resumed', isDeepStrictEqual(said, want) ? [] : [JSON.stringify(said)]);
  const again = await resumed.event();
  report('delivery: behind the position named', isDeepStrictEqual(again.header, second.header) ? [] : [JSON.stringify(again.header)]);
  const old = await change(target, 'GET', '/on/blocks/accepted', session);
  report('delivery: the old id is unknown', old.status === 424 ? [] : [`status ${old.status}`]);
  resumed.text(JSON.stringify({ subscribe: ['/on/blocks/statechange'], after: first.header['Rues-Position'], id: 1 }));
  let answer;
  do answer = await resumed.frame(); while (answer && answer.opcode !== 1);
  const told = JSON.parse(answer.payload);
  report('delivery: a command is answered', told.id === 1 && told.subscribed?.[0]?.recovered === true ? [] : [JSON.stringify(told)]);
  const foreign = await change(target, 'GET', '/on/blocks/reverted', { id }, { 'Rues-After': `${'0'.repeat(16)}-1` });
  report('delivery: a foreign position is not recovered', foreign.headers.get('rues-recovered') === 'false' ? [] : ['Rues-Recovered is not false']);
  resumed.end();
}

/** The differences between the server at `target` and the recording. The server must make blocks by itself. */
export async function compareSessions(target, plain = false) {
  const out = { equal: 0, failures: [] };
  const report = (name, found) => {
    if (found.length === 0) out.equal += 1;
    else out.failures.push(`${name}\n    ${found.join('\n    ')}`);
  };
  await checkUpgrades(target, plain, report);
  await checkClientInput(target, plain, report);
  await checkSubscribing(target, plain, report);
  if (!plain) await checkResuming(target, report);
  return out;
}
