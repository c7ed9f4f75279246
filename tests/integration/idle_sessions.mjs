// 10,000 idle sessions, which then all end at once. The clients are separate processes: one process does not have enough descriptors for both ends of
// so many connections. RUES_LOAD_SHARE=n opens an n-th of them.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import net from 'node:net';
import { fileURLToPath } from 'node:url';
import { RuesNode, Session, withFolder, within, expectMemory, residentBytes } from './node.mjs';

const kProcesses = 4;
/** Each process is a client of its own: one client gets a quarter of all connections. */
const kOwnAddress = `127.0.${1 + ((process.pid >> 8) % 250)}.${1 + (process.pid % 250)}`;
const kAtOnce = 100; // connections that one process opens at the same time
const kUpgrade =
  'GET /on HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n';

/** Opens a session without a library, so that a client costs little more than a socket. */
async function openSession(port) {
  const socket = net.connect({ port, host: '127.0.0.1', localAddress: kOwnAddress });
  await once(socket, 'connect');
  socket.write(kUpgrade);
  let got = '';
  const hasId = () => got.includes('\r\n\r\n') && !got.endsWith('\r\n\r\n'); // the id follows the 101
  while (!hasId()) got += (await once(socket, 'data'))[0].toString('latin1');
  if (!got.startsWith('HTTP/1.1 101 ')) throw new Error(`no session: ${got.slice(0, 100)}`);
  return socket;
}

async function beClients(port, count) {
  const sockets = [];
  for (let opened = 0; opened < count; opened += kAtOnce) {
    const some = Array.from({ length: Math.min(kAtOnce, count - opened) }, () => openSession(port));
    sockets.push(...(await Promise.all(some)));
  }
  for (const socket of sockets) {
    socket.on('close', () => {
      throw new Error('a session was ended by the server');
    });
  }
  process.send('open');
  setInterval(() => {}, 1_000_000); // runs until it is killed
}

/** Counts the program's sockets only; descriptors of files come and go with the store. */
function openSockets(node) {
  const folder = `/proc/${node.child.pid}/fd`;
  return readdirSync(folder).filter((name) => {
    try {
      return readlinkSync(`${folder}/${name}`).startsWith('socket:');
    } catch {
      return false; // it was closed after it was listed
    }
  }).length;
}
async function main() {
  const count = Math.ceil(10_000 / Number(process.env.RUES_LOAD_SHARE || 1));
  await withFolder(async (data) => {
    const node = await RuesNode.start(data, '--mining', 'manual');
    const observer = await Session.open(node);
    await observer.subscribe('/on/blocks/accepted');
    const sockets = openSockets(node);
    const memory = residentBytes(node);

    const clients = Array.from({ length: kProcesses }, () =>
      fork(fileURLToPath(import.meta.url), ['clients', String(node.port), String(Math.ceil(count / kProcesses))]));
    process.on('exit', () => clients.forEach((client) => client.kill('SIGKILL')));
    await Promise.all(clients.map((client) => within(
      Promise.race([once(client, 'message'), once(client, 'exit').then(([code]) => assert.fail(`clients ended with ${code}`))]),
      'sessions', 120_000)));
    assert.ok(openSockets(node) >= count);
    const each = Math.round((residentBytes(node) - memory) / count);
    expectMemory(each, 10_000, `each of ${count} idle sessions, which own no buffers`);
    await node.mine();
    await observer.until((frame) => frame.header['Rues-Height'] === '1', 'a block beside idle sessions');

    const ends = clients.map((client) => once(client, 'exit'));
    for (const client of clients) client.kill('SIGKILL');
    await node.json('/on/node/info'); // while the sessions end
    await Promise.all(ends);
    // A descriptor that stays open would be a connection whose end the server did not notice.
    await within((async () => {
      while (openSockets(node) > sockets) await node.json('/on/node/info');
    })(), 'end of every session');
    await node.mine();
    await observer.until((frame) => frame.header['Rues-Height'] === '2', 'a block after them');
    await node.stop();
  });
}

if (process.argv[2] === 'clients') await beClients(Number(process.argv[3]), Number(process.argv[4]));
else await main();
