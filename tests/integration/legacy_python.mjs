// A Python client of the legacy event system, written from docs/legacy.md alone, and `rues legacy` against the real program.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { RuesNode, kProgram, withFolder, within } from './node.mjs';

const kClient = fileURLToPath(new URL('legacy_client.py', import.meta.url));

const run = (program, ...args) => {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', timeout: 120_000 });
  if (error) throw error;
  return { status, stdout, stderr };
};

const has_python = spawnSync('python3', ['-c', 'print()']).status === 0;

/** A signed transfer that was not sent yet: its bytes in hex and its id. */
function signed(url, amount) {
  const hex = run(kProgram, 'transfer', ...url, '--to', '#1', '--amount', amount, '--dry-run').stdout.trim();
  const [, id] = /^id +([0-9a-f]{64})$/m.exec(run(kProgram, 'tx', 'decode', hex).stdout);
  return { hex, id };
}

async function commands(folder) {
  let node = await RuesNode.start(folder, '--legacy', '--block-time', '500ms');
  const port = node.port;
  const url = ['--url', `http://127.0.0.1:${port}`];
  const call = (...args) => run(kProgram, 'legacy', 'call', ...url, ...args);

  const asked = call('-i', '-H', 'X-Mine: 7', 'host:Chain', 'gql', 'query { block(height: 0) { header { height } } }');
  assert.deepEqual([asked.status, asked.stdout], [0, '{"block":{"header":{"height":0}}}\n']);
  assert.match(asked.stderr, /^rues: X-Mine: 7$/m);
  assert.match(asked.stderr, /^rues: Status: 200; OK$/m);
  assert.equal(call('debugger:any', 'echo', 'hello').stdout, 'hello');
  assert.equal(call('-H', 'Rusk-Feeder: 1', `contract:02${'0'.repeat(62)}`, 'stakes').status, 0);
  const unknown = call('host:nobody', 'info');
  assert.deepEqual([unknown.status, unknown.stderr], [1, 'rues: host:nobody info: status 404; Path not found\n']);
  for (const target of ['node', 'host:', 'guest:node']) assert.equal(call(target, 'info').status, 2, target);
  assert.match(run(kProgram, 'legacy', 'listen', ...url, '/on/nothing').stderr, /404/);
  assert.match(call('-H', 'Rues-Wait: executed', 'host:Chain', 'propagate_tx', signed(url, '1').hex).stdout, /"executed"/);

  // The server is killed under a listener, which goes on where it was.
  const listener = spawn(kProgram, ['legacy', 'listen', ...url, '--json', '/on/transactions/executed']);
  const lines = createInterface(listener.stdout)[Symbol.asyncIterator]();
  const printed = async () => JSON.parse((await within(lines.next(), 'an event')).value);
  let said = '';
  const until = (text) =>
    within(
      (async () => {
        while (!said.includes(text)) said += String((await once(listener.stderr, 'data'))[0]);
      })(),
      text,
    );
  await until('listening at');
  const first = signed(url, '2');
  assert.equal(call('host:transactions', 'propagate', first.hex).status, 0);
  assert.equal((await printed()).headers['Rues-Entity'], first.id);
  await node.stop('SIGKILL');
  node = await RuesNode.start(folder, '--legacy', '--block-time', '500ms', '--listen', `127.0.0.1:${port}`);
  const second = signed(url, '3');
  assert.equal(call('host:transactions', 'propagate', second.hex).status, 0);
  assert.equal((await printed()).headers['Rues-Entity'], second.id);
  listener.kill();
  await node.stop();
}

async function python(folder) {
  const node = await RuesNode.start(folder, '--legacy', '--block-time', '500ms');
  const { hex, id } = signed(['--url', `http://127.0.0.1:${node.port}`], '4');
  const done = run('python3', kClient, String(node.port), hex, id);
  assert.deepEqual([done.status, done.stdout], [0, 'ok\n'], done.stderr);
  await node.stop();
}

await withFolder(commands);
if (has_python) {
  await withFolder(python);
} else {
  console.log('SKIPPED: the client in Python, because there is no python3');
}
console.log('ok');
