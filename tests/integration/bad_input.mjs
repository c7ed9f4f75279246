// Sends to the real program what no client should send. It must keep serving others, hold no more memory for it than stated, and end every such
// connection. RUES_SEED repeats the random part; RUES_LOAD_SHARE=n does an n-th of the load.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { RuesNode, Session, withFolder, within, expectMemory, residentBytes } from './node.mjs';

const kShare = Number(process.env.RUES_LOAD_SHARE || 1);
const seed = Number(process.env.RUES_SEED || Date.now() % 2 ** 31);
console.log(`RUES_SEED=${seed} RUES_LOAD_SHARE=${kShare}`);

let randomState = seed;
/** A whole number from 0 to `below` - 1, from a linear congruential generator. */
function random(below) {
  randomState = (Math.imul(randomState, 1_103_515_245) + 12_345) & 0x7fffffff;
  return Math.floor((randomState / 2 ** 31) * below);
}

async function connect(node) {
  const socket = net.connect({ port: node.port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => {}); // the server may also refuse with a reset
  await within(once(socket, 'connect'), 'connection');
  return socket;
}

/** Everything that the server sends until it ends the connection. */
async function readToEnd(socket) {
  const parts = [];
  socket.on('data', (part) => parts.push(part));
  await within(Promise.race([once(socket, 'end'), once(socket, 'close')]), 'end of the connection');
  socket.destroy();
  return Buffer.concat(parts).toString('latin1');
}

async function stillServes(node, after) {
  const answer = await node.request('POST', '/on/node/info');
  assert.equal(answer.status, 200, `node/info after ${after}`);
}

const kUpgrade = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version': '13',
};

// docs/reference/rusk-1.7.md 4.1
async function incompleteUpgrades(node) {
  const cases = [
    ['Connection', "Connection header did not include 'upgrade'"],
    ['Upgrade', "`Upgrade` header did not include 'websocket'"],
    ['Sec-WebSocket-Key', '`Sec-WebSocket-Key` header missing'],
    ['Sec-WebSocket-Version', "`Sec-WebSocket-Version` header did not include '13'"],
  ];
  for (const [name, text] of cases) {
    const headers = { ...kUpgrade };
    delete headers[name];
    const socket = await connect(node);
    const lines = Object.entries(headers).map(([key, value]) => `${key}: ${value}\r\n`).join('');
    socket.end(`GET /on HTTP/1.1\r\nHost: localhost\r\n${lines}\r\n`);
    const answer = await readToEnd(socket);
    assert.match(answer, /^HTTP\/1\.1 400 /, `upgrade without ${name}`);
    assert.ok(answer.endsWith(`\r\n\r\n${text}`), `upgrade without ${name}: ${answer}`);
  }
}

const kRequest = 'POST /on/node/info HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n';

/** Sends until the kernels take no more bytes: then the server has stopped reading. */
async function fill(socket, text) {
  const block = Buffer.from(text.repeat(Math.ceil(65_536 / text.length)));
  let sent = 0;
  for (;;) {
    const before = socket.bytesWritten - socket.writableLength;
    if (socket.write(block)) continue;
    const drained = once(socket, 'drain').then(() => true);
    const stuck = new Promise((resolve) => setTimeout(() => resolve(false), 300));
    if (!(await Promise.race([drained, stuck])) && socket.bytesWritten - socket.writableLength === before) return sent;
    sent += block.length;
  }
}

async function httpClientsThatNeverRead(node) {
  const count = Math.ceil(50 / kShare);
  const before = residentBytes(node);
  const sockets = [];
  for (let i = 0; i < count; ++i) {
    const socket = await connect(node);
    socket.pause();
    sockets.push(socket);
  }
  await Promise.all(sockets.map((socket) => fill(socket, kRequest)));
  const grown = residentBytes(node) - before;
  await stillServes(node, 'clients that do not read');
  // Each client requested megabytes of answers. Only one read of 64 KiB and one answer may wait in the server for each.
  expectMemory(grown, 20_000_000 + count * 150_000, `${count} HTTP clients that never read`);
  for (const socket of sockets) socket.destroy();
}

async function webSocketsThatNeverRead(node) {
  const count = Math.ceil(100 / kShare);
  const kBlocks = Math.ceil(10_000 / Math.sqrt(kShare)); // each is about 2 KB of events
  const deaf = [];
  for (let i = 0; i < count; ++i) {
    const session = await Session.open(node);
    await session.subscribe('/on/blocks/accepted', '/on/blocks/statechange');
    session.socket.pause();
    deaf.push(session);
  }
  const reader = await Session.open(node);
  await reader.subscribe('/on/blocks/accepted');
  const before = residentBytes(node);
  const tip = await node.mine(kBlocks);
  await reader.until((frame) => frame.header['Rues-Height'] === String(tip), 'last block at the reader');
  const grown = residentBytes(node) - before;
  const bytes = reader.frames.reduce((sum, frame) => sum + frame.text.length + frame.payload.length, 0);
  console.log(`${bytes} bytes of events at least for each WebSocket`);
  assert.equal(reader.frames.length, kBlocks);
  // The first term is for the chain's own work and the tail of the log. If events were kept for each session, it would grow by `bytes` more per
  // session.
  expectMemory(grown, 150_000_000 + count * 20_000, `${count} WebSockets that never read`);

  // They missed nothing: their cursors find the rest in the log.
  const late = deaf[0];
  late.socket.resume();
  await late.until((frame) => frame.name === 'blocks/accepted' && frame.header['Rues-Height'] === String(tip), 'last block, late');
  const accepted = late.frames.filter((frame) => frame.name === 'blocks/accepted').map((frame) => Number(frame.header['Rues-Height']));
  assert.deepEqual(accepted, Array.from({ length: kBlocks }, (_, i) => tip - kBlocks + 1 + i));
  for (const session of deaf) session.socket.terminate();
  reader.socket.terminate();
}

async function slowClients(node) {
  const heads = ['', 'G', 'POST /on/node/info HTTP/1.1\r\n', 'GET /on HTTP/1.1\r\nHost: localhost\r\nX-Long: '];
  const body = 'POST /on/node/info HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n';
  const slow = [];
  for (let i = 0; i < Math.ceil(400 / kShare); ++i) {
    const socket = await connect(node);
    socket.write(i % 5 === 4 ? body : heads[i % 5]);
    slow.push(socket);
  }
  await stillServes(node, 'clients that do not go on');
  const half = await Promise.all(heads.concat(body).map(async (text) => {
    const socket = await connect(node);
    socket.end(text);
    return readToEnd(socket);
  }));
  assert.deepEqual(half, heads.concat(body).map(() => ''), 'half a request and then the end');
  const late = slow[2];
  assert.match(await readToEnd(late), /^HTTP\/1\.1 408 /, 'a head has 10 s');
  for (const socket of slow) socket.destroy();
}

const kSeeds = [
  kRequest,
  'POST /on/transactions/preverify HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n0100\r\n0\r\n\r\n',
  `GET /on HTTP/1.1\r\nHost: localhost\r\n${Object.entries(kUpgrade).map(([k, v]) => `${k}: ${v}\r\n`).join('')}\r\n\x81\x85abcdhello\x88\x80abcd`,
].map((text) => Buffer.from(text, 'latin1'));

function damaged() {
  if (random(4) === 0) return Buffer.from(Array.from({ length: 1 + random(400) }, () => random(256)));
  let bytes = Buffer.from(kSeeds[random(kSeeds.length)]);
  for (let i = random(4); i > 0; --i) bytes[random(bytes.length)] ^= 1 << random(8);
  if (random(2) === 0) bytes = bytes.subarray(0, random(bytes.length));
  if (random(4) === 0) bytes = Buffer.concat([bytes, bytes]);
  return bytes;
}

async function randomInput(node) {
  const count = Math.ceil(2_000 / kShare);
  for (let done = 0; done < count; done += 50) {
    await Promise.all(Array.from({ length: 50 }, async () => {
      const bytes = damaged();
      const socket = await connect(node);
      socket.end(bytes);
      const answer = await readToEnd(socket);
      assert.ok(answer === '' || answer.startsWith('HTTP/1.1 '), `answer to ${bytes.toString('hex')}: ${answer.slice(0, 100)}`);
    }));
    await stillServes(node, 'damaged input');
  }
}

await withFolder(async (data) => {
  const node = await RuesNode.start(data, '--mining', 'manual', '--sync-blocks', 'false');
  await incompleteUpgrades(node);
  await httpClientsThatNeverRead(node);
  await Promise.all([slowClients(node), webSocketsThatNeverRead(node)]);
  await randomInput(node);
  await node.stop();
});
