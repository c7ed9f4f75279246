// The client commands against the real server, used like a shell script uses them: their output and their exit codes.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RuesNode, kProgram, kTestData, WebSocket, withFolder, within } from './node.mjs';
import { Running, kDone, kFailed, kNotExecuted, kTimedOut, kWrongUse, run } from './program.mjs';

const kTransferContract = `01${'00'.repeat(31)}`;
// docs/reference/ledger.md 14: profile 0 of the test seed, and of the phrase.
const kAccount0 = 'oCqYsUMRqpRn2kSabH52Gt6FQCwH5JXj5MtRdYVtjMSJ73AFvdbPf98p3gz98fQwNy9ZBiDem6m9BivzURKFSKLYWP3N9JahSPZs9PnZ996P18rTGAjQTNFsxtbrKx79yWu';
const kPhraseAccount = 'rvLto5LztqrvHYzWnG8eeypRaN71KbJWD6PZVt5oehMfKpb1tvQePHrKQvMXH6BBTVGLfYPgxwy69Lbg6wM4T9jyXyLB1wXfxBCxCj15vvCsPhByH6mSsdM313wh4HaPfRv';
const kPhrase = 'eyebrow milk fan usage maximum exhibit ski nut wing sell alone great';

// Commands that need no node.
assert.match(run(['--help']).stdout, /transfer/);
for (const command of ['listen', 'call', 'transfer', 'keys', 'tx', 'replay', 'completion']) {
  assert.match(run([command, '--help']).stdout, new RegExp(command));
}
run([], { code: kWrongUse });
assert.match(run(['nonsense'], { code: kWrongUse }).stderr, /`rues` has no command `nonsense`\n/);
assert.match(run(['transfr', '--to', '#1'], { code: kWrongUse }).stderr, /did you mean `transfer`\?/);
assert.match(run(['transfer', '--amuont', '1'], { code: kWrongUse }).stderr, /has no flag `--amuont`; did you mean `--amount`\?/);
assert.equal(run(['help', 'transfer']).stdout, run(['transfer', '--help']).stdout);
assert.equal(run(['version']).stdout, run(['-V']).stdout);
assert.match(run(['version', '--licenses']).stdout, /contracts of Dusk +MPL-2\.0[^]*rusk-recovery 1\.7\.0[^]*source code is in/);
run(['transfer', '--amount', '1'], { code: kWrongUse });
assert.equal(run(['keys', '--count', '4']).lines.length, 8); // an account and its Phoenix address each
assert.equal(run(['keys']).lines[0], `0  ${kAccount0}`);
assert.equal(run(['keys', '--phrase-file', '-', '--count', '1'], { input: `${kPhrase}\n` }).lines[0], `0  ${kPhraseAccount}`);
assert.equal(run(['keys', '--phrase-file', '-'], { input: `${kPhrase}\n` }).lines.length, 8); // the input is read once for all keys
assert.match(run(['keys', '--phrase-file', '-'], { input: 'eyebrow milk', code: kWrongUse }).stderr, /phrase/);
run(['keys', '--seed-file', '/nowhere'], { code: kWrongUse });
run(['tx', 'decode', 'zz'], { code: kWrongUse });
assert.match(run(['tx', 'decode', '0102'], { code: kFailed }).stderr, /not a transaction/);
{
  // A shielded transaction (docs/reference/phoenix-and-plonk.md 3.7): what its bytes say, and neither sender nor receiver.
  const { scenarios } = JSON.parse(readFileSync(join(kTestData, 'rusk-1.7/scenarios.json'), 'utf8'));
  const { id, tx } = scenarios.find(({ name }) => name === 'phoenix-foreign').steps[0];
  const bytes = Buffer.from(tx, 'hex');
  const decoded = run(['tx', 'decode', tx]).stdout;
  assert.match(decoded, new RegExp(`^id +${id}\nkind +phoenix transfer\nnullifier +${bytes.subarray(58, 90).toString('hex')}\n`));
  assert.equal(decoded.match(/^output +(hidden amount|[0-9.]+ DUSK) to [1-9A-Za-z]{80,90}$/gm).length, 2);
  assert.match(decoded, new RegExp(`^root +${bytes.subarray(18, 50).toString('hex')}$`, 'm'));
  assert.match(decoded, new RegExp(`^fee at most +${Number(bytes.readBigUInt64LE(694)) / 1e9} DUSK$`, 'm'));
  assert.match(decoded, /^refund to +[1-9A-Za-z]{80,90}$/m);
}
run(['call', '/on/node/info', '--url', 'ftp://127.0.0.1'], { code: kWrongUse });
run(['call', '/on/node/info', '--url', 'http://127.0.0.1:1'], { code: kFailed });
run(['listen', '/on/blocks/accepted', '--url', 'http://127.0.0.1:1'], { code: kFailed });

assert.match(run(['keys', '--count', '0x2'], { code: kWrongUse }).stderr, /--count: expected a number from 1 to 1000, not "0x2"/);
assert.match(run(['transfer', '--to', '#1', '--amount', '18446744074'], { code: kWrongUse }).stderr, /--amount: too large/);
assert.match(run(['transfer', '--to', '#1', '--amount', '1', '--timeout', '60'], { code: kWrongUse }).stderr, /--timeout: .*unit/);
assert.match(run(['node', '--block-time', '1'], { code: kWrongUse }).stderr, /--block-time: .*unit/);
assert.match(run(['node'], { code: kWrongUse, env: { RUES_LOOPS: '0x1' } }).stderr, /RUES_LOOPS/);
assert.match(run(['node', '--config', '/nowhere/rues.toml'], { code: kWrongUse }).stderr, /--config: \/nowhere\/rues.toml .*No such file/);
assert.match(run(['tx', 'decode', '@/'], { code: kWrongUse }).stderr, /Is a directory/);

/** Runs a command with the shell's `redirection` of its standard output; returns its exit code and its error stream. */
function redirected(args, redirection) {
  const command = `"$@" ${redirection}; exit "\${PIPESTATUS[0]}"`;
  const { status, stderr } = spawnSync('bash', ['-c', command, 'bash', kProgram, ...args], { encoding: 'utf8', timeout: 60_000 });
  return { status, stderr };
}

/** A command whose output was lost must fail, in whatever way it was lost, and report it in one line. */
function failsWithoutOutput(args, ways = ['>/dev/full', '>&-', '</dev/null >/dev/full']) {
  for (const way of ways) {
    const { status, stderr } = redirected(args, way);
    assert.equal(status, kFailed, `rues ${args.join(' ')} ${way}: ${stderr}`);
    assert.match(stderr, /^rues: the output cannot be written: /m, `rues ${args.join(' ')} ${way}`);
  }
}

for (const args of [
  ['--help'], ['--version'], ['version'], ['help'], ['help', 'transfer'], ['transfer', '--help'],
  ['keys'], ['keys', '--secrets', '--count', '1000'],
  ['config', 'sample'], ['config', 'docs'], ['docs', 'openapi'], ['docs', 'endpoints'], ['docs', 'errors'],
  ['completion', 'bash'], ['completion', 'zsh'],
  ['replay', join(kTestData, 'rusk-1.7/chain.json'), '--until', '2'],
  ['node', '--listen', '127.0.0.1:0', '--mining', 'manual'],
]) failsWithoutOutput(args);
// The output is more than a pipe holds, and nobody reads it.
failsWithoutOutput(['keys', '--secrets', '--count', '1000'], ['| true']);
// The command also ends when its help cannot be written to the error stream either.
assert.equal(redirected(['nonsense'], '>/dev/full 2>/dev/full').status, kWrongUse);
assert.equal(redirected(['nonsense'], '>&- 2>&-').status, kWrongUse);

// The recorded chain, unchanged and with one changed figure.
const chain = join(kTestData, 'rusk-1.7/chain.json');
assert.match(run(['replay', chain, '--until', '5']).stdout, /header hash +5 equal\n/);
run(['replay', '/nowhere'], { code: kWrongUse });

// The developers' reference string, and files that are none (docs/reference/phoenix-and-plonk.md 6.4).
await withFolder(async (folder) => {
  const file = join(folder, 'developer.crs');
  assert.match(run(['crs', 'make', file]).stdout, /^setup +developer: tau is public.*\npowers +131079\nsha256 +3ec9224433b94f48a5d3a5ed1301594cb7182339eda3d37ae9979b9576e39ac4\n$/);
  const part = readFileSync(file).subarray(0, 240 + 48 * 100);
  writeFileSync(file, part);
  assert.match(run(['crs', 'verify', file]).stdout, /^setup +unknown: .*\npowers +100 of one tau; the circuits of transactions need 131079\n/);
  part.copyWithin(240 + 48 * 50, 240 + 48 * 49, 240 + 48 * 50);
  writeFileSync(file, part);
  assert.match(run(['crs', 'verify', file], { code: kFailed }).stderr, /the points are not the powers of one tau\n$/);
  part[240 + 48 * 7 + 5] ^= 1;
  writeFileSync(file, part);
  assert.match(run(['crs', 'verify', file], { code: kFailed }).stderr, /power 7 of tau is not a point of its group\n$/);
  run(['crs', 'verify', join(folder, 'nowhere')], { code: kWrongUse });
  run(['crs', 'make', join(folder, 'nowhere/developer.crs')], { code: kFailed });
});
run(['replay', '-'], { input: '{"blocks":1}', code: kWrongUse });

await withFolder(async (data) => {
  const node = await RuesNode.start(join(data, 'node'), '--mining', 'manual');
  const url = ['--url', `http://127.0.0.1:${node.port}`];

  assert.equal(JSON.parse(run(['call', ...url, '/on/node/info']).stdout).version, '1.7.0');
  const shown = run(['call', ...url, '-i', '-X', 'GET', '/on/node/info'], { code: kFailed });
  assert.match(shown.stderr, /^405\n/);
  assert.match(run(['call', ...url, '/on/nope'], { code: kFailed }).stdout, /Path not found/);
  assert.match(run(['call', ...url, '-H', 'Rusk-Version: 9', '/on/node/info'], { code: kFailed }).stdout, /Mismatched/);
  run(['call', ...url, '-H', 'no header', '/on/node/info'], { code: kWrongUse });
  assert.match(shown.stderr, /status 405; the path takes POST,OPTIONS, so try -X POST/);
  assert.match(run(['call', ...url, '/status'], { code: kFailed }).stderr, /so try -X GET/);
  assert.match(JSON.parse(run(['call', ...url, '-X', 'GET', '/status']).stdout).position, /^[0-9a-f]{16}-\d+$/);
  // `--header` takes one word, wherever it stands.
  run(['call', ...url, '-H', 'Rusk-Version: 1.7', '/on/node/info']);
  run(['call', ...url, '-H', 'Rusk-Version: 1.7', '-H', 'X-A: b', '/on/blocks/gas-price', '10']);
  run(['call', ...url, '/on/node/info', '-H', 'Rusk-Version: 1.7']);
  for (const method of ['', ' ', 'GE T', 'GET\n', 'GET /status HTTP/1.1\r\nX:', 'G\u00c9T', 'GET:', 'G(T'])
    assert.match(run(['call', ...url, '-X', method, '/healthz'], { code: kWrongUse }).stderr, /is not a method/);
  assert.ok(run(['call', ...url, '/on/node/info']).stdout.endsWith('}\n'), 'text ends with a line end');
  assert.ok(run(['call', ...url, '/on/nope'], { code: kFailed }).stdout.endsWith('\n'));
  const bytes = spawnSync(kProgram, ['call', ...url, '-H', 'Accept: application/octet-stream', `/on/contracts:02${'00'.repeat(31)}/burnt_amount`]);
  assert.deepEqual([...bytes.stdout], Array(8).fill(0), 'bytes stay as they are');
  run(['call', ...url, 'on/node/info'], { code: kWrongUse });

  // Errors that the command `transfer` finds itself, and errors that the node finds.
  const transfer = (...args) => ['transfer', ...url, '--to', '#1', ...args];
  for (const amount of ['1.0000000001', '-1', '1x', '', '18446744074']) run(transfer('--amount', amount), { code: kWrongUse });
  run(['transfer', ...url, '--to', 'nobody', '--amount', '1'], { code: kWrongUse });
  run(transfer('--amount', '1', '--memo', 'x'.repeat(513)), { code: kWrongUse });
  assert.match(
    run(transfer('--amount', '9000000'), { code: kFailed }).stderr,
    /not enough funds: the account has 1001000 DUSK, and 9000000\.005 DUSK are needed \(9000000 and at most 0\.005 for gas\)/,
  );
  assert.match(
    run(transfer('--amount', '1', '--gas-limit', '18446744073709551615', '--gas-price', '18446744073709551615'), { code: kFailed }).stderr,
    /not enough funds: .*more than 18446744073\.709551615 DUSK are needed/,
  );
  assert.match(run(transfer('--amount', '1', '--gas-limit', '10'), { code: kFailed }).stderr, /gas limit/i);

  // A transaction that the command signs and another client posts: the frames of docs/reference/protocol.md 7.2 in
  // their order.
  const hex = run(transfer('--amount', '2.5', '--memo', 'lunch', '--dry-run')).lines[0];
  writeFileSync(join(data, 'tx.bin'), Buffer.from(hex, 'hex'));
  const decoded = run(['tx', 'decode', `@${join(data, 'tx.bin')}`]).lines;
  assert.equal(run(['tx', 'decode', '-'], { input: `0x${hex}\n` }).stdout, `${decoded.join('\n')}\n`);
  // The output of one command is the input of the other: by a file or a pipe, with or without 0x and a line end, as hex or bytes.
  const hexFile = join(data, 'tx.hex');
  for (const text of [hex, `${hex}\n`, `0x${hex}`, `0x${hex}\r\n`, hex.toUpperCase()]) {
    writeFileSync(hexFile, text);
    run(['call', ...url, '/on/transactions/preverify', `@${hexFile}`]);
    run(['call', ...url, '/on/transactions/preverify', '-'], { input: text });
  }
  run(['call', ...url, '/on/transactions/preverify', `0x${hex}`]);
  run(['call', ...url, '/on/transactions/preverify', `@${join(data, 'tx.bin')}`]);
  assert.equal(JSON.parse(run(['call', ...url, '/on/transactions/simulate', `@${hexFile}`]).stdout).error, null);

  // Commands that talk to a node, with an output that cannot be written.
  for (const args of [
    ['call', ...url, '/on/node/info'],
    transfer('--amount', '1', '--dry-run'),
    transfer('--amount', '1', '--wait'), // must fail before it sends
    ['tx', 'decode', hex],
  ]) failsWithoutOutput(args);
  assert.equal((await node.account(kAccount0)).next_nonce, 1, 'nothing was sent');
  // A warning names who else can read a key file.
  const phraseFile = join(data, 'phrase.txt');
  writeFileSync(phraseFile, kPhrase, { mode: 0o600 });
  assert.equal(run(['keys', '--phrase-file', phraseFile]).stderr, '');
  chmodSync(phraseFile, 0o644);
  assert.match(run(['keys', '--phrase-file', phraseFile]).stderr, /warning: the key file .*phrase.txt is readable by every user/);
  assert.equal(run(['transfer', ...url, '--phrase-file', '-', '--from', '0', '--to', '#1', '--amount', '1', '--dry-run'], { input: kPhrase }).lines.length, 1);

  const id = decoded[0].slice('id    '.length);
  assert.equal(decoded[1], 'kind  moonlight memo');
  const json = JSON.parse(decoded[2]);
  assert.equal(json.value, 2_500_000_000);
  assert.equal(json.memo, Buffer.from('lunch').toString('hex'));
  const socket = new WebSocket(`ws://127.0.0.1:${node.port}/on`);
  const frames = [];
  const session = await within(
    new Promise((resolve) => {
      socket.on('message', (message, binary) => (binary ? frames.push(message) : resolve(message.toString())));
    }),
    'session id',
  );
  for (const path of [
    ...['included', 'executed', 'removed'].map((topic) => `/on/transactions:${id}/${topic}`),
    `/on/contracts:${kTransferContract}/moonlight`,
    '/on/blocks/accepted',
  ]) {
    const answer = await fetch(`http://127.0.0.1:${node.port}${path}`, { headers: { 'Rusk-Session-Id': session } });
    assert.equal(answer.status, 200);
  }
  const sent = await fetch(`http://127.0.0.1:${node.port}/on/transactions/propagate`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/octet-stream' },
    body: Buffer.from(hex, 'hex'),
  });
  assert.equal(sent.status, 202);
  const listening = new Running('listen', ...url, '--json', '--count', '1', '/on/blocks/accepted');
  await listening.until(({ log }) => log.includes('listening'), 'listener');
  await node.mine();
  await within(
    new Promise((resolve) => {
      const look = () => (frames.some((frame) => frame.includes('/accepted')) ? resolve() : setImmediate(look));
      look();
    }),
    'block',
  );
  // docs/reference/protocol.md 6.1 to 6.3: u32 length, header, payload. Without our own headers
  // (docs/reference/differences.md 33), the rest is the node's header byte for byte.
  const parsed = frames.map((frame) => {
    const length = frame.readUInt32LE(0);
    const header = JSON.parse(frame.subarray(4, 4 + length).toString());
    const original = Object.fromEntries(Object.entries(header).filter(([key]) => !key.startsWith('Rues-') && key !== 'Content-Type'));
    return { header: JSON.stringify(original), payload: frame.subarray(4 + length) };
  });
  const block = JSON.parse(parsed.at(-1).payload.toString());
  assert.deepEqual(
    parsed.map(({ header }) => header),
    [
      `{"Content-Location":"/on/transactions:${id}/included"}`,
      `{"Content-Location":"/on/contracts:${kTransferContract}/moonlight","Rusk-Origin":"${id}"}`,
      `{"Content-Location":"/on/transactions:${id}/executed"}`,
      `{"Content-Location":"/on/transactions:${id}/removed"}`,
      `{"Content-Location":"/on/blocks:${block.header.hash}/accepted"}`,
    ],
  );
  assert.equal(parsed[0].payload.toString(), decoded[2], 'included holds what decode prints');
  assert.deepEqual(block.transactions, [id]);
  socket.terminate();
  assert.equal(await within(listening.ended, 'end of listen --count 1'), kDone);
  assert.deepEqual(JSON.parse(listening.lines[0]).json, block);

  // Waits for the end of a transaction: timed out, replaced, executed.
  assert.match(run(transfer('--amount', '1', '--wait', '--timeout', '100ms'), { code: kTimedOut }).stderr, /has no outcome/);
  const replaced = new Running(...transfer('--amount', '1', '--nonce', '3', '--wait'));
  await replaced.until(({ lines }) => lines.length > 0, 'id of the first');
  await within(
    (async () => {
      while ((await node.account(kAccount0)).next_nonce !== 4) await new Promise(setImmediate);
    })(),
    'the first in the pool',
  );
  run(transfer('--amount', '1', '--nonce', '3', '--gas-price', '2'));
  assert.equal(await within(replaced.ended, 'end of the replaced transfer'), kNotExecuted);
  assert.match(replaced.lines[1], /^removed .*; replaced by [0-9a-f]{64}$/);
  const executed = new Running(...transfer('--amount', '1500lux', '--from', '3', '--json', '--wait'));
  await within(
    (async () => {
      while ((await node.account(kPhraseAccount)).next_nonce === 1) await new Promise(setImmediate);
    })(),
    'transfer in the pool',
  );
  await node.mine();
  assert.equal(await within(executed.ended, 'end of the executed transfer'), kDone);
  const outcome = JSON.parse(executed.lines[0]);
  assert.equal(outcome.outcome, 'executed');
  assert.equal(outcome.block_height, 2);
  assert.equal(outcome.error, null);

  // `listen` continues after the server was stopped and after it was killed: no event is missing, and none comes twice.
  const port = node.port;
  const listener = new Running('listen', ...url, '--json', '/on/blocks/accepted', '/on/blocks/statechange');
  await listener.until(({ log }) => log.includes('listening'), 'second listener');
  let again = node;
  for (const [i, signal] of ['SIGTERM', 'SIGKILL'].entries()) {
    await again.mine();
    await again.stop(signal);
    again = await RuesNode.start(join(data, 'node'), '--mining', 'manual', '--listen', `127.0.0.1:${port}`);
    await listener.until(({ log }) => log.split('connected again').length === i + 2, `return after ${signal}`);
  }
  await again.mine(2);
  const seen = () => listener.lines.map((line) => JSON.parse(line).headers);
  const last = (line) => line?.includes('/accepted') && JSON.parse(line).headers['Rues-Height'] === '6';
  await listener.until(({ lines }) => lines.some(last), 'the last block');
  const blocks = seen().filter((headers) => headers['Content-Location'].endsWith('/accepted'));
  assert.deepEqual(blocks.map((headers) => headers['Rues-Height']), ['3', '4', '5', '6']);
  assert.equal(listener.log.match(/connecting again/g).length, 2);
  assert.doesNotMatch(listener.log, /missing/);
  listener.child.kill();

  // From the beginning of the log; with a position of another log the command reports a gap.
  const epoch = blocks[0]['Rues-Position'].split('-')[0];
  const all = run(['listen', ...url, '--after', `${epoch}-0`, '--count', '6', '/on/blocks/accepted']);
  assert.match(all.lines[0], /^ +1 +blocks\/accepted +[0-9a-f]{8}… +1 transaction$/);
  assert.match(all.lines[5], /^ +6 +blocks\/accepted +[0-9a-f]{8}… +empty$/);
  assert.ok(!all.stdout.includes('\x1b'), 'no colours in a pipe');
  failsWithoutOutput(['listen', ...url, '--after', `${epoch}-0`, '/on/blocks/accepted']);
  run(['listen', ...url, '--after', 'yesterday', '/on/blocks/accepted'], { code: kWrongUse });
  const strange = new Running('listen', ...url, '--after', '0123456789abcdef-7', '/on/blocks/accepted');
  await strange.until(({ log }) => /blocks\/accepted: events may be missing after 0123456789abcdef-7 up to /.test(log), 'a gap');
  strange.child.kill();

  // A second server at the same port reports that the port is taken.
  const second = run(['node', '--listen', `127.0.0.1:${port}`, '--data', join(data, 'second')], { code: kFailed });
  assert.match(second.stderr, new RegExp(`${port}.*in use`));
  // A store in use by a node is locked for others; they report it in one sentence.
  for (const args of [['store', 'verify'], ['archive', 'check']]) {
    const locked = run([...args, '--data', join(data, 'node')], { code: kWrongUse }).stderr;
    assert.match(locked, /^rues: the store .* is in use by another process\n$/);
  }
  await again.stop();
  for (const args of [['store', 'verify'], ['archive', 'check']]) failsWithoutOutput([...args, '--data', join(data, 'node')]);
});

// A node that others can reach warns about what is open to them; on a loopback address it does not.
for (const [address, shown] of [['0.0.0.0:0', 'http://0.0.0.0:'], ['[::]:0', 'http://[::]:']]) {
  const open = new Running('node', '--mining', 'manual', '--listen', address);
  await open.until(({ log }) => log.includes('/dev and /debug'), `warnings at ${address}`);
  assert.ok(open.lines.some((line) => line.includes(shown)));
  for (const part of ['every address of this machine', 'keys are public', 'there is no TLS']) assert.match(open.log, new RegExp(`warning .*${part}`));
  open.child.kill();
  assert.equal(await within(open.ended, 'end'), kDone);
}
for (const address of ['localhost:0', ':0']) {
  const home = new Running('node', '--mining', 'manual', '--listen', address, '--log-format', 'json');
  await home.until(({ lines }) => lines.some((line) => /^ +url +http:\/\/127\.0\.0\.1:\d+$/.test(line)), `url of ${address}`);
  home.child.kill();
  assert.equal(await within(home.ended, 'end'), kDone);
  assert.doesNotMatch(home.log, /"warning"/);
  const logged = home.log.trim().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual(Object.keys(logged.at(-1)), ['time', 'level', 'message']);
  assert.equal(logged.at(-1).message, 'stopping');
}

/** Runs a node on a terminal (made by `script`) and calls `body` with its port. The result is the text on the terminal. */
async function onTerminal(flags, body) {
  return withFolder(async (folder) => {
    const command = [kProgram, 'node', '--listen', '127.0.0.1:0', '--data', join(folder, 'data'), ...flags].map((word) => `'${word}'`).join(' ');
    const terminal = spawn('script', ['-qefc', command, join(folder, 'typescript')], { stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = once(terminal, 'exit');
    let shown = '';
    let wake = () => {};
    terminal.stdout.on('data', (text) => {
      shown += text;
      wake();
    });
    const until = (pattern) => within(new Promise((resolve) => {
      wake = () => pattern.test(shown) && resolve(pattern.exec(shown));
      wake();
    }), `${pattern} on the terminal`);
    try {
      const [, port] = await until(/url +http:\/\/127\.0\.0\.1:(\d+)/);
      await until(/account 3/); // the greeting is over
      await body(['--url', `http://127.0.0.1:${port}`], until);
    } finally {
      terminal.stdin.write('\x03'); // Ctrl-C
      await within(ended, `end of the node on a terminal:\n${shown}`);
    }
    return shown;
  });
}

const watched = await onTerminal(['--mining', 'manual'], async (url, until) => {
  const to = ['transfer', ...url, '--to', '#1', '--amount', '1'];
  const id = run(to).lines[0];
  run(['call', ...url, '/dev/mine', '1']);
  await until(new RegExp(`transaction ${id} executed in block 1, \\d+ gas spent`));
  run([...to, '--nonce', '1'], { code: kFailed });
  await until(/transaction refused: Tx [0-9a-f]{64} not accepted: this transaction exists/);
  const replaced = run(to).lines[0];
  run([...to, '--gas-price', '2', '--nonce', '2']);
  await until(new RegExp(`transaction ${replaced} left the mempool without being executed`));
});
assert.equal(watched.match(/executed in block/g).length, 1);
const quiet = await onTerminal(['--mining', 'manual', '--quiet'], async (url) => {
  run(['transfer', ...url, '--to', '#1', '--amount', '1']);
  run(['call', ...url, '/dev/mine', '1']);
});
assert.doesNotMatch(quiet, /transaction [0-9a-f]/);

// The completion scripts are tested in the shells themselves.
for (const shell of ['bash', 'zsh']) {
  const script = run(['completion', shell]).stdout;
  for (const word of ['transfer', '--amount', '--mining', 'decode']) assert.ok(script.includes(word), `${shell}: ${word}`);
}
const completed = spawnSync('bash', ['-c', `source <("${kProgram}" completion bash); COMP_WORDS=(rues tx de); COMP_CWORD=2; _rues; echo "\${COMPREPLY[@]}"`], { encoding: 'utf8' });
assert.equal(completed.stdout, 'decode\n', completed.stderr);
run(['completion', 'fish'], { code: kWrongUse });
