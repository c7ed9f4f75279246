// The commands of docs/guides/contracts.md as they stand there, with its counter in C instead of Rust: deploy, call, query, upload, trace, and the script
// for CI, which must also fail when it should.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync } from 'node:fs';
import net from 'node:net';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { example, kRoot } from './dev_script.mjs';
import { buildExample } from './example.mjs';
import { RuesNode, kProgram, withFolder, within } from './node.mjs';

const kPage = 'docs/guides/contracts.md';
const kPort = '127.0.0.1:8080';

/** What the page's comments say that commands print. */
const promised = (block) => [...block.matchAll(/ # (0x[0-9a-f]+|"\d+"|\[.*\])$/gm)].map(([, value]) => value);

/** Returns when nothing listens on a port any more. */
async function ended(port) {
  for (;;) {
    const socket = net.connect({ port, host: '127.0.0.1' });
    const isOpen = await once(socket, 'connect').then(() => true, () => false);
    socket.destroy();
    if (!isOpen) return;
  }
}

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

await withFolder(async (folder) => {
  const source = join(folder, 'source');
  mkdirSync(source);
  for (const from of ['examples/contract', 'tests/integration/counter']) cpSync(join(kRoot, from), source, { recursive: true });
  buildExample(folder, source);

  const env = { ...process.env, PATH: `${dirname(kProgram)}:${process.env.PATH}` };
  const shell = (script, port, name = 'bash') => spawnSync(name, ['-c', script.replaceAll(kPort, `127.0.0.1:${port}`)], { cwd: folder, encoding: 'utf8', env });

  // Sections 4, 5 and 7, by one shell.
  const node = await RuesNode.start(join(folder, 'data'), '--mining', 'instant');
  const [deploy, upload, trace] = [
    'export RUES_URL=http://127.0.0.1:8080',
    'rues contract driver upload "$ID" driver.wasm         # signed by the contract\'s owner',
    'rues contract call "$ID" add 0 --gas-limit 10000000 --dry-run | rues simulate --trace -',
  ].map((first) => example(first, kPage));
  const walk = shell(`set -e\n${deploy}\n${upload}`, node.port);
  assert.equal(walk.status, 0, walk.stderr);
  const lines = walk.stdout.split('\n');
  const expected = promised(`${deploy}\n${upload}`);
  assert.deepEqual(expected, ['0x0500000000000000', '"7"', '["1","2","3","4","5","6","7"]']);
  assert.deepEqual(lines.filter((line) => expected.includes(line)), expected, walk.stdout);
  assert.match(walk.stdout, /^function +add\(u64\) -> u64/m);
  const [, id] = /^driver of ([0-9a-f]{64}) uploaded/m.exec(walk.stdout);
  const traced = shell(`${deploy.split('\n')[0]}\nID=${id}\n${trace}`, node.port);
  assert.match(traced.stdout, new RegExp(`${id.slice(0, 8)}\\.add .*FAILED: panic: there is nothing to add`));
  await node.stop();

  // Section 8, by both shells; and with a wrong expectation.
  const script = example('set -e', kPage);
  for (const name of ['sh', 'bash']) {
    const { status, stderr } = shell(script, await freePort(), name);
    assert.equal(status, 0, `${name}: ${stderr}`);
  }
  const wrong = script.replace(`'"5"'`, `'"6"'`);
  assert.notEqual(wrong, script);
  const port = await freePort();
  assert.equal(shell(wrong, port).status, 1);
  await within(ended(port), 'the end of the node that the script started');
});
