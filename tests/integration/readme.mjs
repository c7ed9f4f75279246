// The examples of README.md, of the JavaScript client's README.md and of every --help against the real program.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { example, kRoot as root } from './dev_script.mjs';
import { kNatsServer, startNats } from './nats.mjs';
import { RuesNode, kProgram, kTestData, withFolder, within } from './node.mjs';
import { moduleWithInit, plainModule } from './recorded_modules.mjs';

/** The first line that a program prints while blocks are made. */
async function firstLine(node, program, ...args) {
  const child = spawn(program, [...args, `http://127.0.0.1:${node.port}`], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const printed = (async () => {
      for await (const line of createInterface(child.stdout)) return line;
      throw new Error(`${program} printed nothing`);
    })();
    return await within(printed, `line of ${program}`);
  } finally {
    child.kill();
  }
}

await withFolder(async (folder) => {
  const node = await RuesNode.start(join(folder, 'data'), '--block-time', '100ms');
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  symlinkSync(join(root, 'clients/js'), join(modules, 'rues-client'));
  symlinkSync(join(process.env.RUES_NODE_MODULES, 'node_modules/ws'), join(modules, 'ws'));
  for (const page of ['README.md', 'clients/js/README.md']) {
    const text = example("import { connect } from 'rues-client';", page);
    writeFileSync(join(folder, 'example.mjs'), text.replace("'http://127.0.0.1:8080'", 'process.argv[2]'));
    assert.match(await firstLine(node, process.execPath, join(folder, 'example.mjs')), /^\d+ \{/, page);
  }
  assert.match(await firstLine(node, process.env.RUES_README_EXAMPLE), /^\{"header":\{.*"transactions":\[\]\}$/);
  assert.equal(spawnSync(process.env.RUES_README_EXAMPLE).status, 2, 'without an argument');
  await node.stop();
});

/** Runs one command in a shell and returns its output. `rues` is the program; RUES_URL names the test's node, GATEWAY a gateway before it, ID a contract on it, and nodes choose their own ports. */
const kShell = `
rues() {
  local command=$1
  shift
  case $command in
    node)
      if [[ " $* " == *" --listen "* ]]; then "$RUES_PROGRAM" node "\${@/%:9090/:0}"; else "$RUES_PROGRAM" node --listen 127.0.0.1:0 "$@"; fi ;;
    gateway)
      local given=("\${@/%:9090/:0}")
      if [[ $1 == status ]]; then
        RUES_URL=$GATEWAY "$RUES_PROGRAM" gateway "\${@/#http*/$GATEWAY}"
      else
        [[ " $* " == *" --listen "* ]] || given+=(--listen 127.0.0.1:0)
        given=("\${given[@]/#http*/$RUES_URL}") # its upstreams
        "$RUES_PROGRAM" gateway "\${given[@]/#2500000/1}"
      fi ;;
    *) "$RUES_PROGRAM" "$command" "$@" ;;
  esac
}
`;

/** The examples that run until somebody stops them, and their first output. */
const kGoOn = [
  [/^rues node/, /^rues \d/],
  [/^rues gateway(?! status)/, /^rues \d/],
  [/^rues (legacy )?listen(?!.*--count)/, /^ +\d+ +/],
];

/** Runs an example in `folder`. An example that keeps running is stopped after its first line. */
async function runExample(text, folder, variables) {
  const child = spawn('bash', ['-c', `set -o pipefail\n${kShell}\n${text}`], {
    cwd: folder,
    detached: true, // a process group of its own
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, RUES_PROGRAM: kProgram, ...variables },
  });
  let stdout = '';
  let stderr = '';
  let wake = () => {};
  child.stderr.on('data', (part) => (stderr += part));
  child.stdout.on('data', (part) => {
    stdout += part;
    wake();
  });
  const ended = once(child, 'close').then(([code]) => code);
  const first = kGoOn.find(([command]) => command.test(text))?.[1];
  if (first === undefined) {
    const code = await within(ended, `end of: ${text}`);
    assert.equal(code, 0, `${text}\n${stdout}\n${stderr}`);
    return stdout;
  }
  const printed = new Promise((resolve) => (wake = () => first.test(stdout) && resolve()));
  await within(Promise.race([printed, ended]), `first line of: ${text}\n${stderr}`);
  process.kill(-child.pid, 'SIGTERM');
  await within(ended, `end after SIGTERM of: ${text}`);
  assert.match(stdout, first, `${text}\n${stderr}`);
  return stdout;
}

async function output(...args) {
  const child = spawn(kProgram, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (part) => (text += part));
  const [code] = await within(once(child, 'close'), `end of rues ${args.join(' ')}`);
  assert.equal(code, 0, `rues ${args.join(' ')}`);
  return text;
}

/** The help of the program and of all its commands. */
async function helpTexts(...path) {
  const help = await output(...path, '--help');
  const list = help.split('\nSubcommands:\n')[1]?.split(/\n\n/)[0] ?? '';
  const names = [...list.matchAll(/^  ([a-z]+) /gm)].map((found) => found[1]);
  const below = await Promise.all(names.map((name) => helpTexts(...path, name)));
  return [help, ...below.flat()];
}

/** The lines `  rues ...` after `Example:` or `Examples:`. */
function examplesOf(help) {
  const text = /^Examples?:\n((?:  .*\n?)+)/m.exec(help)?.[1] ?? '';
  return text.split('\n').filter((line) => line !== '').map((line) => line.trim());
}

await withFolder(async (folder) => {
  const stored = await RuesNode.start(join(folder, 'chain'), '--mining', 'manual');
  await stored.mine(2);
  await stored.stop();
  const node = await RuesNode.start(join(folder, 'data'), '--block-time', '100ms', '--legacy');
  const url = `http://127.0.0.1:${node.port}`;
  const gateway = await RuesNode.startGateway(join(folder, 'gateway'), [url]);
  const nats = kNatsServer && await startNats(folder);
  await nats?.servers[0].healthy();
  symlinkSync(join(root, 'tests'), join(folder, 'tests'));
  writeFileSync(join(folder, 'phrase.txt'), 'eyebrow milk fan usage maximum exhibit ski nut wing sell alone great', { mode: 0o600 });
  writeFileSync(join(folder, 'counter.wasm'), moduleWithInit);
  writeFileSync(join(folder, 'driver.wasm'), plainModule); // a node stores any module
  writeFileSync(join(folder, 'data.bin'), 'a blob');
  copyFileSync(join(kTestData, 'prover/tx_circuit_one_input.hex'), join(folder, 'circuit.hex'));
  const { contract } = JSON.parse(await output('deploy', join(folder, 'counter.wasm'), '--url', url, '--json', '--wait'));
  const [{ phoenix_view_key: viewKey }] = JSON.parse(await output('keys', '--count', '1', '--view-keys', '--json')).keys;
  writeFileSync(join(folder, 'view.key'), viewKey, { mode: 0o600 });
  const hex = (await output('transfer', '--url', url, '--from', '3', '--to', '#0', '--amount', '1', '--dry-run')).trim();

  const helps = await helpTexts();
  const fromHelp = helps.flatMap(examplesOf);
  for (const command of ['node', 'listen', 'call', 'legacy', 'transfer', 'keys', 'tx', 'deploy', 'contract', 'stake', 'unstake', 'withdraw', 'account', 'balance', 'history', 'notes', 'shield', 'unshield', 'prove', 'block', 'simulate', 'crs', 'gateway', 'replay', 'store', 'archive', 'completion', 'help', 'config'])
    assert.ok(fromHelp.some((text) => text.includes(`rues ${command}`)), `no help has an example of rues ${command}`);
  const fromReadme = example('rues node --mining instant            # a chain that seals when there is something to seal')
    .split('\n')
    .filter((line) => line !== '');
  assert.ok(fromReadme.length >= 8);
  for (const line of fromReadme) assert.match(line, /rues [a-z]+/);

  // The chain makes blocks all the time, so that the examples that listen receive events.
  let goesOn = true;
  const happening = (async () => {
    while (goesOn) await output('transfer', '--url', url, '--from', '2', '--to', '#0', '--amount', '1lux', '--wait');
  })();
  for (const text of new Set([...fromReadme, ...fromHelp])) {
    let why = '';
    if (process.env.RUES_SANITIZE && /--shielded|rues (unshield|prove)/.test(text)) why = 'a proof takes minutes under a sanitizer';
    if (!nats && text.includes('nats://')) why = 'there is no nats-server';
    console.log(why === '' ? text : `skipped, because ${why}: ${text}`);
    if (why !== '') continue;
    await runExample(text.replace('nats://127.0.0.1:4222', nats?.urls[0]).replace(/\bHEX\b/, hex).replace(/\bDIR\b/, 'chain'), folder, { RUES_URL: url, GATEWAY: gateway.url, ID: contract });
  }
  goesOn = false;
  await happening;
  await gateway.stop();
  await node.stop();
  await nats?.stop();
});
