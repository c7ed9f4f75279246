// The client commands over TLS: which certificates they trust, and that they resume over TLS too.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { makeCertificate } from './certificate.mjs';
import { RuesNode, kProgram, withFolder, within } from './node.mjs';

const kFailed = 1;
const kWrongUse = 2;

/** Runs a command that must end with `code`; returns its error stream. */
function run(code, ...args) {
  const { status, stdout, stderr } = spawnSync(kProgram, args, { encoding: 'utf8', timeout: 60_000 });
  assert.equal(status, code, `rues ${args.join(' ')}\n${stdout}\n${stderr}`);
  return stderr;
}

/** Runs a command without `spawnSync`, which would block the proxy in this process; returns its error stream. */
async function runBeside(code, ...args) {
  const child = spawn(kProgram, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (text) => (stderr += text));
  assert.equal((await within(once(child, 'exit'), 'end of a command'))[0], code, stderr);
  return stderr;
}

await withFolder(async (folder) => {
  const { certificate, flags } = makeCertificate(folder);
  let node = await RuesNode.start(join(folder, 'data'), '--mining', 'instant', ...flags);
  const { port } = node;
  const trusting = ['--url', `https://127.0.0.1:${port}`, '--ca', certificate];

  run(0, 'call', ...trusting, '/on/node/info');
  run(0, 'call', '--url', `wss://localhost:${port}`, '--ca', certificate, '/on/node/info');
  run(0, 'transfer', ...trusting, '--to', '#1', '--amount', '1', '--wait');
  assert.match(run(kFailed, 'call', '--url', `https://localhost:${port}`, '/on/node/info'), /certificate is not trusted: self-signed/);
  run(kWrongUse, 'call', '--url', `https://localhost:${port}`, '--ca', '/nowhere', '/on/node/info');
  run(kWrongUse, 'call', '--ca', certificate, '/on/node/info');
  assert.match(run(kFailed, 'call', '--url', `http://127.0.0.1:${port}`, '/on/node/info'), /./, 'plain HTTP to a port with TLS');

  // The same server at an address that is not in its certificate; and `https://` to a port without TLS.
  const elsewhere = net.createServer((near) => near.on('error', () => {}).pipe(net.connect(port, '127.0.0.1').on('error', () => {})).pipe(near));
  elsewhere.listen(0, '127.0.0.2');
  const mute = net.createServer((near) => near.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  mute.listen(0, '127.0.0.1');
  await once(mute, 'listening');
  const other = `https://127.0.0.2:${elsewhere.address().port}`;
  assert.match(await runBeside(kFailed, 'call', '--url', other, '--ca', certificate, '/on/node/info'), /IP address mismatch/);
  await runBeside(kFailed, 'call', '--url', `https://127.0.0.1:${mute.address().port}`, '--ca', certificate, '/on/node/info');
  elsewhere.close();
  mute.close();

  const listener = spawn(kProgram, ['listen', ...trusting, '--json', '/on/transactions/executed']);
  const lines = createInterface(listener.stdout)[Symbol.asyncIterator]();
  let log = '';
  listener.stderr.on('data', (text) => (log += text));
  const executed = async () => JSON.parse((await within(lines.next(), 'executed transaction')).value).headers['Rues-Height'];
  // The test expects no certain height: the block that makes the previous one final may come first.
  while (!log.includes('listening')) await within(once(listener.stderr, 'data'), 'listener');
  run(0, 'transfer', ...trusting, '--to', '#1', '--amount', '1', '--wait');
  const before = Number(await executed());
  assert.ok(before >= 2, `${before}`);
  await node.stop('SIGKILL');
  node = await RuesNode.start(join(folder, 'data'), '--mining', 'instant', '--listen', `127.0.0.1:${port}`, ...flags);
  run(0, 'transfer', ...trusting, '--to', '#1', '--amount', '1', '--wait');
  assert.ok(Number(await executed()) > before);
  assert.match(log, /connected again/);
  assert.doesNotMatch(log, /missing/);
  listener.kill();
  await node.stop();
});
