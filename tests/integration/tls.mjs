// The real program over TLS, with the clients that people use: `fetch`, which must trust the certificate, and `ws`. RUES_LOAD_SHARE=n does an n-th of
// the load.
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { makeCertificate } from './certificate.mjs';
import { RuesNode, Session, withFolder, within } from './node.mjs';

const kShare = Number(process.env.RUES_LOAD_SHARE || 1);

/** Runs in a process of its own, because `fetch` reads its trusted certificates when the process starts. */
async function fetchOnce(url) {
  const answer = await fetch(`${url}/on/node/info`, { method: 'POST' });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get('rusk-version'), '1.7.0');
  assert.ok('bootstrapping_nodes' in (await answer.json()));
}

async function fetches(node, certificate) {
  const self = fileURLToPath(import.meta.url);
  const url = `https://localhost:${node.port}`;
  const run = promisify(execFile);
  await run(process.execPath, [self, 'fetch', url], { env: { ...process.env, NODE_EXTRA_CA_CERTS: certificate } });
  await assert.rejects(run(process.execPath, [self, 'fetch', url]), 'a certificate that is not trusted');
}

/** A plain connection; `ended` resolves in whatever way it ends. */
async function connected(node) {
  const socket = net.connect(node.port, '127.0.0.1');
  await within(once(socket, 'connect'), 'connection');
  socket.on('error', () => {});
  socket.ended = new Promise((resolve) => socket.on('close', resolve));
  return socket.resume();
}

/** Clients that stop within a handshake, and clients that never begin one. */
async function noHandshakes(node) {
  const stalled = [];
  for (let i = 0; i < Math.ceil(300 / kShare); ++i) {
    const socket = await connected(node);
    if (i % 3 === 1) socket.write(Buffer.from('160301020001', 'hex'));
    stalled.push(socket);
  }
  for (const text of ['POST /on/node/info HTTP/1.1\r\nHost: localhost\r\n\r\n', '\0'.repeat(1_000), '\x16\x03\x01\xff\xff']) {
    const socket = await connected(node);
    socket.end(text, 'latin1');
    await within(socket.ended, 'end of a connection without TLS');
  }
  await node.json('/on/node/info');
  await Promise.all(Array.from({ length: Math.ceil(200 / kShare) }, () => node.json('/on/node/info')));
  await within(stalled[0].ended, 'end of a handshake that stalls');
  for (const socket of stalled) socket.destroy();
}

/** A session that does not read keeps its cursor, even with half a TLS record sent. */
async function slowReader(node) {
  const kBlocks = 5_000;
  const slow = await Session.open(node);
  const fast = await Session.open(node);
  await slow.subscribe('/on/blocks/accepted');
  await fast.subscribe('/on/blocks/accepted');
  slow.socket.pause();
  const tip = await node.mine(kBlocks);
  const isLast = (frame) => frame.header['Rues-Height'] === String(tip);
  await fast.until(isLast, 'last block');
  slow.socket.resume();
  await slow.until(isLast, 'last block, late');
  assert.equal(slow.frames.length, kBlocks);
  assert.deepEqual(slow.frames.map((frame) => frame.text), fast.frames.map((frame) => frame.text));
  assert.ok(slow.frames.every((frame, i) => frame.payload.equals(fast.frames[i].payload)));
  for (const session of [slow, fast]) assert.deepEqual(await session.close(), { code: 1000, reason: 'done' });
}

function refusedSettings(folder, { certificate, key }) {
  for (const flags of [['--tls-cert', certificate], ['--tls-key', key], ['--tls-cert', key, '--tls-key', key], ['--tls-cert', certificate, '--tls-key', folder]]) {
    const run = spawnSync(process.env.RUES_PROGRAM, ['node', '--listen', '127.0.0.1:0', ...flags], { timeout: 20_000 });
    assert.equal(run.status, 1, `exit code with ${flags.join(' ')}`);
    assert.match(run.stderr.toString(), /^rues: .+\n$/, `complaint about ${flags.join(' ')}`);
  }
}

async function main() {
  await withFolder(async (folder) => {
    const files = makeCertificate(folder);
    refusedSettings(folder, files);
    await withFolder(async (data) => {
      const node = await RuesNode.start(data, '--mining', 'manual', '--sync-blocks', 'false', ...files.flags);
      await fetches(node, files.certificate);
      await Promise.all([noHandshakes(node), slowReader(node)]);
      await node.stop();
    });
  });
}

if (process.argv[2] === 'fetch') await fetchOnce(process.argv[3]);
else await main();
