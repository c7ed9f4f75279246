// Transactions that the program makes from notes: those of docs/guides/shielded.md as they stand there, and others. Proofs are made with the developers'
// setup. No DUSK is lost or made, a note is spent once, and the chain executes again to the same state.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { kRoot } from './dev_script.mjs';
import { RuesNode, kProgram, kTestData, withFolder } from './node.mjs';
import { kExecutedWithError, kFailed, kWrongUse, run, runBeside } from './program.mjs';

const kDusk = 1_000_000_000;
const kTransfer = `01${'00'.repeat(31)}`;
const kStake = `02${'00'.repeat(31)}`;
const kProofDigits = 2 * 1_008;

if (process.env.RUES_SANITIZE) {
  console.log('skipped: a proof takes minutes under a sanitizer'); // the unit tests of the room phoenix make the same transactions
  process.exit(0);
}

await withFolder(async (folder) => {
  const data = join(folder, 'data');
  const node = await RuesNode.start(data, '--mining', 'instant');
  const at = ['--url', `http://127.0.0.1:${node.port}`];
  process.env.XDG_CACHE_HOME = join(folder, 'cache'); // for the keys of proofs that commands make themselves
  const object = async (...args) => JSON.parse((await runBeside([...args, ...at, '--json'])).stdout);
  const refused = async (args, code, text) => assert.match((await runBeside([...args, ...at], { code })).stderr, text, args.join(' '));
  const state = Object.fromEntries([0, 1, 2].map((number) => [number, join(folder, `notes${number}.json`)]));
  const notes = (number) => object('notes', `#${number}`, '--state', state[number]);
  const unspent = ({ notes: all }) => all.filter(({ spent }) => !spent);
  const keys = JSON.parse(run(['keys', '--count', '3', '--json']).stdout).keys;
  const addresses = keys.map(({ phoenix_address: address }) => address);
  const balanceOf = (contract) => object('contract', 'query', 'transfer', 'contract_balance', `"${contract}"`).then(({ value }) => Number(value));

  /** All DUSK of accounts, notes and contracts; fees go to stakers as rewards, which are minted when they are withdrawn. */
  let fees = 0;
  const supply = async () => {
    const parts = [balanceOf(kTransfer), balanceOf(kStake)];
    for (const number of [0, 1, 2, 3]) {
      parts.push(object('balance', `#${number}`).then(({ balance }) => balance));
      parts.push(object('notes', `#${number}`).then(({ balance }) => balance));
    }
    return (await Promise.all(parts)).reduce((sum, part) => sum + part) + fees;
  };
  /** Sends, waits for the block, and gives the outcome. */
  const sent = async (...args) => {
    const outcome = await object(...args, '--wait');
    assert.equal(outcome.outcome, 'executed', JSON.stringify(outcome));
    fees += outcome.gas_spent;
    return outcome;
  };
  const shown = async ({ id }) => (await object('tx', 'show', id)).transaction;
  const before = await supply();
  const [staked, account, own] = await Promise.all([balanceOf(kStake), object('balance', '#1'), notes(2)]);

  // The guide: shield, unshield, a transfer, a deposit into a contract, a stake, and a proof of the command's own.
  const blocks = readFileSync(join(kRoot, 'docs/guides/shielded.md'), 'utf8').split('\n').filter((line) => line.startsWith('    ') && !line.includes('rues node'));
  const guide = spawn('bash', ['-c', `set -eo pipefail\n${blocks.join('\n')}`], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, PATH: `${dirname(kProgram)}:${process.env.PATH}`, RUES_URL: at[1] } });
  let printed = '';
  guide.stdout.on('data', (text) => (printed += text));
  assert.deepEqual(await once(guide, 'close'), [0, null], printed);
  const gas = [...printed.matchAll(/^executed in block \d+, (\d+) gas spent$/gm)].map(([, each]) => Number(each));
  assert.equal(gas.length, 6);
  fees += gas.reduce((sum, each) => sum + each);
  assert.equal(await balanceOf(kTransfer), kDusk);
  assert.equal(await balanceOf(kStake), staked + 12.5 * kDusk);
  assert.equal((await object('balance', '#1')).balance, account.balance - 10 * kDusk - gas[0] + 4 * kDusk);
  const guided = (await notes(0)).notes.filter(({ sender }) => sender === addresses[1]);
  assert.deepEqual(guided.map(({ value, type }) => [value, type]), [[2.5 * kDusk, 'obfuscated'], [kDusk, 'obfuscated']]);
  const shield = (await notes(1)).notes.filter(({ block_height: height }) => height > 0)[0];
  assert.deepEqual([shield.value, shield.type, shield.sender], [10 * kDusk, 'transparent', null]);

  // One note pays; change and refund come back, and nobody sees the amount.
  const small = await sent('transfer', '--shielded', '--from', '2', '--to', addresses[1], '--amount', '0.5', '--memo', 'thanks', '--state', state[2]);
  const smallBody = await shown(small);
  assert.equal(smallBody.nullifiers.length, 1);
  assert.equal(Buffer.from(smallBody.memo, 'hex').toString(), 'thanks');
  const payer = await notes(2);
  assert.equal(payer.balance, own.balance - 0.5 * kDusk - small.gas_spent);
  assert.deepEqual(payer.notes.filter(({ spent }) => spent).map(({ nullifier }) => nullifier), smallBody.nullifiers);
  const [change, refund] = payer.notes.slice(-2);
  assert.deepEqual([change.type, refund.type], ['obfuscated', 'transparent']);
  assert.equal(refund.value, smallBody.fee.gas_limit - small.gas_spent);
  const got = (await notes(1)).notes.at(-1);
  assert.deepEqual([got.value, got.type, got.sender, got.spent], [0.5 * kDusk, 'obfuscated', addresses[2], false]);

  // Four notes are needed for this; the amount is shown because the sender wants that.
  const values = unspent(await notes(1)).map(({ value }) => value).sort((a, b) => b - a);
  const large = values.slice(0, 4).reduce((sum, value) => sum + value) - kDusk;
  const four = await sent('transfer', '--shielded', '--from', '1', '--to', '#0', '--amount', `${large}lux`, '--transparent', '--state', state[1]);
  assert.equal((await shown(four)).nullifiers.length, 4);
  const paid = (await notes(0)).notes.at(-1);
  assert.deepEqual([paid.value, paid.type], [large, 'transparent']);

  // More than four notes would be needed; more than there is.
  await refused(['transfer', '--shielded', '--from', '1', '--to', '#0', '--amount', `${large + 2 * kDusk}lux`], kFailed, /the 4 largest notes of account #1 have .* spends 4 notes at most, so join notes first/);
  await refused(['transfer', '--shielded', '--from', '1', '--to', '#0', '--amount', '9000000'], kFailed, /not enough funds: the unspent notes of account #1 have .* DUSK, and 9000000.05 DUSK are needed/);

  // A call that fails is not sent, and costs all its gas when it is sent all the same.
  await refused(['contract', 'call', 'transfer', 'deposit', '1', '--deposit', '2', '--shielded', '--from', '1', '--state', state[1]], kFailed, /the simulation fails: .*doesn't match.*nothing was sent/);
  const failing = JSON.parse((await runBeside(['contract', 'call', 'transfer', 'deposit', '1', '--deposit', '2', '--shielded', '--from', '1', '--gas-limit', '30000000',
    '--state', state[1], ...at, '--json', '--wait'], { code: kExecutedWithError })).stdout);
  assert.equal(failing.gas_spent, 30_000_000);
  fees += failing.gas_spent;

  // A note is spent once: two transactions of the same notes.
  const twice = [];
  for (const amount of ['1', '2'])
    twice.push((await object('transfer', '--shielded', '--from', '2', '--to', '#0', '--amount', amount, '--dry-run', '--state', state[2])).transaction);
  for (const topic of ['preverify', 'propagate']) assert.equal((await node.post(topic, Buffer.from(twice[0], 'hex'))).status, 202);
  const first = JSON.parse((await runBeside(['tx', 'decode', twice[0], '--json'])).stdout);
  while (!(await object('notes', '#2', '--state', state[2])).notes.some(({ nullifier, spent }) => spent && first.transaction.nullifiers.includes(nullifier)));
  fees += (await object('tx', 'show', first.id)).gas_spent;
  const again = await node.post('propagate', Buffer.from(twice[1], 'hex'));
  assert.equal(again.status, 400);
  const listed = first.transaction.nullifiers.map((each) => `0x${Buffer.from(each, 'hex').reverse().toString('hex')}`).join(', ');
  assert.match(JSON.parse(again.body).error, new RegExp(`^Invalid input: Tx [0-9a-f]{64} not accepted: this transaction is invalid Nullifiers already spent: \\[${listed}\\]$`));

  // A balance between them, as any wallet has it.
  await sent('transfer', '--from', '0', '--to', '#1', '--amount', '3');
  assert.equal(await supply(), before);

  // A proof alone, of a recorded circuit.
  const circuit = join(kTestData, 'prover/tx_circuit_one_input.hex');
  assert.match((await runBeside(['prove', circuit, ...at])).stdout, new RegExp(`^[0-9a-f]{${kProofDigits}}\n$`));
  const broken = join(folder, 'broken.hex');
  const bytes = Buffer.from(readFileSync(circuit, 'utf8').trim(), 'hex');
  bytes[8 + 2_778] ^= 1; // the value of the first output
  writeFileSync(broken, bytes);
  await refused(['prove', broken], kFailed, /422/);
  writeFileSync(broken, 'zz');
  await refused(['prove', broken], kWrongUse, /broken.hex is not the circuit of a transaction: BadLength\(2, 8\)/);
  await refused(['prove', join(folder, 'none')], kWrongUse, /none cannot be read/);

  await node.stop();
  const verified = spawnSync(kProgram, ['store', 'verify', '--data', data], { encoding: 'utf8' });
  assert.equal(verified.status, 0, verified.stderr);
  assert.match(verified.stdout, /executed again, all equal/);
});

// Notes that a transaction in the mempool spends are not chosen, and the command says so when the others do not suffice.
await withFolder(async (folder) => {
  const node = await RuesNode.start(join(folder, 'data'), '--mining', 'manual');
  const at = ['--url', `http://127.0.0.1:${node.port}`];
  const object = async (...args) => JSON.parse((await runBeside([...args, ...at, '--json'])).stdout);
  const nullifiers = async ({ id }) => (await object('tx', 'show', id)).transaction.nullifiers;

  // Account 5 gets three notes of 2 DUSK and one of 3; each pays one transfer of 1.
  await object('transfer', '--to', '#5', '--amount', '20');
  await node.mine();
  for (const amount of ['2', '2', '2', '3']) {
    await object('shield', amount, '--from', '5');
    await node.mine();
  }
  const pay = ['transfer', '--shielded', '--from', '5', '--to', '#0', '--amount', '1'];
  const sent = [await object(...pay), await object(...pay), await object(...pay)];
  const chosen = (await Promise.all(sent.map(nullifiers))).flat();
  assert.equal(new Set(chosen).size, 3);
  await object(...pay);
  const { stderr } = await runBeside([...pay, ...at], { code: kFailed });
  assert.match(stderr, /not enough funds: the unspent notes of account #5 have 0 DUSK, .*; transactions in the mempool spend 4 more with 9 DUSK: wait for the next block/);

  await node.mine();
  const { notes } = await object('notes', '#5');
  assert.deepEqual(notes.filter(({ nullifier }) => chosen.includes(nullifier)).map(({ spent }) => spent), [true, true, true]);
  await object(...pay); // change and refund are notes of their own now
  await node.stop();
});

// Keys of proofs that the command makes itself are kept in files, of which a damaged one is made anew.
await withFolder(async (folder) => {
  const crs = join(folder, 'developer.crs');
  const circuit = join(kTestData, 'prover/tx_circuit_one_input.hex');
  run(['crs', 'make', crs]);
  const prove = (cache, ...more) => {
    const { stdout, stderr } = run(['prove', circuit, '--crs', crs, ...more], { env: { XDG_CACHE_HOME: cache } });
    assert.match(stdout, new RegExp(`^[0-9a-f]{${kProofDigits}}\n$`));
    return stderr;
  };
  const cache = join(folder, 'cache');
  const keys = join(cache, 'rues/prover');
  assert.equal(prove(cache, '--no-key-cache'), '');
  assert.equal(existsSync(cache), false);

  assert.equal(prove(cache), '');
  const files = readdirSync(keys);
  assert.equal(files.length, 1);
  assert.match(files[0], /^[0-9a-f]{64}-developer\.key$/);
  const file = join(keys, files[0]);
  const { ino } = statSync(file);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(prove(cache), '');
  assert.equal(statSync(file).ino, ino, 'the file is used');
  const whole = readFileSync(file);
  writeFileSync(file, whole.subarray(0, 1_000));
  assert.match(prove(cache), /warning: .*\.key is not what was written/);
  assert.deepEqual(readFileSync(file), whole);

  // A folder that cannot be made costs a warning, not the proof.
  writeFileSync(join(folder, 'file'), '');
  assert.match(prove(join(folder, 'file')), /warning: a key of the prover stays in memory: /);
  run(['prove', circuit, '--no-key-cache'], { code: kWrongUse });
});

// Without a prover, with wrong words, and without a node.
await withFolder(async (folder) => {
  const node = await RuesNode.start(join(folder, 'data'), '--mining', 'manual', '--prover', 'off');
  const at = ['--url', `http://127.0.0.1:${node.port}`];
  const refused = async (args, code, text) => assert.match((await runBeside(args, { code })).stderr, text, args.join(' '));
  const transfer = ['transfer', '--shielded', '--to', '#1', '--amount', '1'];
  const { keys: [{ account, phoenix_address: address }] } = JSON.parse(run(['keys', '--count', '1', '--json']).stdout);
  const nowhere = ['--url', 'http://127.0.0.1:1'];

  await refused([...transfer, ...at], kFailed, /the node makes no proofs; another prover makes it, or this program with --crs FILE/);
  await refused([...transfer, ...at, '--prover', 'nonsense'], kWrongUse, /--prover: /);
  await refused([...transfer, ...at, '--crs', join(folder, 'none')], kWrongUse, /--crs: .*none cannot be read/);
  writeFileSync(join(folder, 'wrong.crs'), 'wrong');
  await refused([...transfer, ...at, '--crs', join(folder, 'wrong.crs')], kWrongUse, /neither the network's reference string nor that of `rues crs make`/);
  await refused([...transfer, ...nowhere], kFailed, /127\.0\.0\.1:1/);
  await refused(['transfer', '--shielded', '--to', account, '--amount', '1', ...at], kWrongUse, /--to: `.*` is an account, and no Phoenix address/);
  await refused(['transfer', '--to', address, '--amount', '1', ...at], kWrongUse, /is a Phoenix address, and no account; --shielded pays to it from notes/);
  await refused(['transfer', '--shielded', '--to', `${address}x`, '--amount', '1', ...at], kWrongUse, /is neither a Phoenix address in base58 nor #N/);
  await refused([...transfer, '--nonce', '7', ...at], kWrongUse, /--shielded excludes --nonce|--nonce excludes --shielded/);
  await refused(['transfer', '--to', '#1', '--amount', '1', '--transparent', ...at], kWrongUse, /--transparent requires --shielded/);
  await refused([...transfer, '--gas-price', '18446744073709551615', ...at], kWrongUse, /more than there can be/);
  // Before the proof is asked for, which this node does not make.
  await refused([...transfer, '--gas-price', '0', ...at], kWrongUse, /--gas-price: the network takes at least 1 LUX/);
  for (const limit of ['1', '10000000']) await refused([...transfer, '--gas-limit', limit, ...at], kWrongUse, /--gas-limit: \d+ is too little; the check of the proof alone takes 10000000/);
  await refused(['unshield', '1', '--gas-price', '0', ...at], kWrongUse, /--gas-price/);
  for (const command of ['shield', 'unshield']) await refused([command, '0', ...at], kWrongUse, /AMOUNT: 0 cannot be converted/);
  await refused(['shield', 'ten', ...at], kWrongUse, /AMOUNT: expected DUSK/);
  await refused(['unshield', '1', '--nonce', '7', ...at], kWrongUse, /--nonce/);
  await refused(['shield', '100000000', ...at], kFailed, /not enough funds/);
  await node.stop();
});
