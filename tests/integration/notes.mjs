// `rues notes` and the keys of notes against the real node: what it finds, how it goes on after it was killed or lost its node, and what it refuses.
// A server between the command and the node cuts, holds and changes answers.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { Agent, createServer, request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { RuesNode, kTestData, onChanges, withFolder, within } from './node.mjs';
import { Running, kFailed, kWrongUse, run, runBeside } from './program.mjs';

const { keys, scenarios } = JSON.parse(readFileSync(join(kTestData, 'rusk-1.7/scenarios.json'), 'utf8'));
const kLeaf = 736; // bytes
const kNotes = 2068; // of the genesis of the local chain
const kOwn = [824, 623, 410]; // of its accounts 0, 1 and 2 (docs/reference/ledger.md 12.2)
const kDusk = 1_000_000_000;
// docs/reference/phoenix-and-plonk.md 3.1: key 0 of the seed of zeros.
const kZeroSeed = '00'.repeat(64);
const kZeroAddress = 'ivmscertKgRyX8wNMJJsQcSVEyPsfSMUQXSAgeAPQXsndqFq9Pmknzhm61QvcEEdxPaGgxDS4RHpb6KKccrnSKN';

/** A server that passes requests on to `node`. Of a feed it passes on `feedBytes`, then it does `atEnd`; it answers a question about nullifiers itself. */
class Between {
  static async open(node) {
    const between = Object.assign(new Between(), { node, feeds: [], feedBytes: Infinity, atEnd: 'cut', spent: undefined });
    between.server = createServer((from, to) => between.#serve(from, to)).listen(0, '127.0.0.1');
    await new Promise((resolve) => between.server.once('listening', resolve));
    between.url = `http://127.0.0.1:${between.server.address().port}`;
    return between;
  }

  #serve(from, to) {
    const body = [];
    from.on('data', (bytes) => body.push(bytes)).on('end', () => {
      const asked = Buffer.concat(body);
      if (this.spent !== undefined && from.url.endsWith('/existing_nullifiers')) {
        this.asked = asked;
        return to.writeHead(200, { 'Content-Type': 'application/octet-stream' }).end(this.spent(asked));
      }
      const isFeed = from.url.endsWith('/leaves_from_pos');
      if (isFeed) this.feeds.push(Number(asked.readBigUInt64LE()));
      const passed = httpRequest({ port: this.node.port, host: '127.0.0.1', path: from.url, method: from.method, headers: from.headers, agent: new Agent() }, (answer) => {
        to.writeHead(answer.statusCode, answer.headers);
        let left = isFeed ? this.feedBytes : Infinity;
        answer.on('data', (bytes) => {
          to.write(bytes.subarray(0, Math.min(left, bytes.length)));
          left -= Math.min(left, bytes.length);
          if (left > 0) return;
          answer.destroy();
          if (this.atEnd === 'cut') to.socket.end();
        }).on('end', () => to.end()).on('error', () => {});
      });
      passed.on('error', () => to.destroy());
      passed.end(asked);
    });
    to.on('error', () => {});
  }

  close() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }
}

const stateIn = (file) => JSON.parse(readFileSync(file, 'utf8'));
const found = async (...args) => JSON.parse((await runBeside(['notes', ...args, '--json'])).stdout);
const refused = async (args, code, text) => assert.match((await runBeside(['notes', ...args], { code })).stderr, text, args.join(' '));

await withFolder(async (folder) => {
  const file = (name, content) => {
    const path = join(folder, name);
    if (content !== undefined) writeFileSync(path, content, { mode: 0o600 });
    return path;
  };

  // Keys: those of the recording, of the seed of zeros, and secrets only when asked.
  const own = JSON.parse(run(['keys', '--count', '3', '--json']).stdout).keys;
  assert.deepEqual(own.map(({ phoenix_address: address }) => address), [keys.p0, keys.p1, keys.p2].map(({ address }) => address));
  assert.deepEqual(Object.keys(own[0]), ['number', 'account', 'phoenix_address']);
  const local = JSON.parse(run(['keys', '--count', '4', '--json']).stdout).keys;
  assert.equal(local[3].phoenix_address, keys.g3.address, 'the account with a phrase of its own');
  const zero = run(['keys', '--seed-file', '-', '--count', '1'], { input: kZeroSeed });
  assert.deepEqual(zero.lines.slice(1), [`   phoenix address ${kZeroAddress}`]);
  const shown = run(['keys', '--seed-file', '-', '--count', '1', '--view-keys'], { input: kZeroSeed }).lines;
  assert.equal(shown.length, 3);
  const viewKeys = JSON.parse(run(['keys', '--count', '3', '--view-keys', '--json']).stdout).keys.map((key) => key.phoenix_view_key);
  assert.deepEqual(Object.keys(JSON.parse(run(['keys', '--count', '1', '--secrets', '--json']).stdout).keys[0]),
    ['number', 'account', 'phoenix_address', 'phoenix_view_key', 'secret', 'phoenix_secret']);
  const viewFile = file('view.key', `${viewKeys[1]}\n`);

  // Wrong use is told without a node.
  const nowhere = ['--url', 'http://127.0.0.1:1'];
  await refused(['#x', ...nowhere], kWrongUse, /`#x` is not an account number/);
  await refused([keys.p0.account, ...nowhere], kWrongUse, /is not an account number: expected #N/);
  await refused(['--view-key-file', file('none'), ...nowhere], kWrongUse, /none cannot be read/);
  for (const [text, why] of [['', /holds no view key/], ['zz', /holds no view key/], [kZeroAddress, /holds an address, which cannot find notes/], [viewKeys[0].slice(1), /holds no view key/]])
    await refused(['--view-key-file', file('wrong.key', text), ...nowhere], kWrongUse, why);
  await refused(['#1', '--view-key-file', viewFile, ...nowhere], kWrongUse, /excludes/);
  await refused(nowhere, kFailed, /127\.0\.0\.1:1/);

  let node = await RuesNode.start(join(folder, 'local'), '--mining', 'manual');
  const at = ['--url', `http://127.0.0.1:${node.port}`];

  // The notes of the genesis.
  for (const [number, count] of kOwn.entries()) {
    const all = await found(`#${number}`, ...at);
    assert.equal(all.notes.length, count);
    assert.equal(all.scanned, kNotes);
    assert.equal(all.address, own[number].phoenix_address);
    assert.equal(all.balance, all.notes.reduce((sum, { value }) => sum + value, 0));
    assert.ok(all.notes.every(({ spent, final, type, nullifier }) => spent === false && final && type === 'transparent' && /^[0-9a-f]{64}$/.test(nullifier)));
  }
  const seen = await found('--view-key-file', viewFile, ...at);
  assert.equal(seen.notes.length, kOwn[1]);
  assert.equal(seen.balance, null);
  assert.ok(seen.notes.every(({ spent, nullifier, value }) => spent === null && nullifier === null && value > 0));
  assert.match((await runBeside(['notes', '--view-key-file', viewFile, ...at])).stdout, /unknown: a view key does not show which notes are spent/);

  // A conversion makes a note, which the next scan finds; once its block is final, the file has it.
  const state = file('state.json');
  assert.equal((await found('#1', '--state', state, ...at)).notes.length, kOwn[1]);
  assert.equal(statSync(state).mode & 0o777, 0o600);
  assert.equal(stateIn(state).next, kNotes);
  const payer = keys['x:convert-shield'].account;
  run(['transfer', '--to', payer, '--amount', '10', ...at]);
  await node.mine();
  const [{ tx, id, fields }] = scenarios.find(({ name }) => name === 'convert-shield').steps;
  assert.equal((await node.post('propagate', Buffer.from(tx, 'hex'))).status, 202);
  const height = await node.mine();
  assert.match(run(['tx', 'show', id, ...at]).stdout, /error +none/);
  const after = await found('#1', '--state', state, ...at);
  const made = after.notes.at(-1);
  assert.equal(after.notes.length, kOwn[1] + 1);
  assert.deepEqual([made.position, made.block_height, made.value, made.spent], [kNotes, height, fields.data.convert.value, false]);
  while (!(await found('#1', '--state', state, ...at)).notes.at(-1).final) await node.mine();
  assert.equal(stateIn(state).next, kNotes + 1);
  assert.match((await runBeside(['notes', '#1', '--state', state, ...at])).stdout, new RegExp(`${kNotes}  block ${height} +0\\.000000321 DUSK\n`));

  // The feed is asked for from the last scanned note on.
  const between = await Between.open(node);
  const by = ['--url', between.url];
  await found('#1', '--state', state, ...by);
  assert.deepEqual(between.feeds, [kNotes]);

  // A note is spent when the contract has its nullifier.
  between.spent = (asked) => Buffer.concat([asked.subarray(0, 32), Buffer.from('e0ffffff01000000', 'hex')]);
  const spent = await found('#1', '--state', state, ...by);
  assert.deepEqual(spent.notes.map((each) => each.spent).filter(Boolean), [true]);
  assert.equal(spent.notes[0].spent, true);
  assert.equal(spent.balance, after.balance - spent.notes[0].value);
  assert.equal(between.asked.length, 32 * (kOwn[1] + 1) + 8);
  between.spent = () => Buffer.from('0011', 'hex');
  await refused(['#1', '--state', state, ...by], kFailed, /existing_nullifiers: not a list/);
  between.spent = undefined;

  // A feed that is cut, and a run that is killed: the next run goes on.
  const cut = file('cut.json');
  Object.assign(between, { feeds: [], feedBytes: 1_500 * kLeaf + 100, atEnd: 'cut' });
  await refused(['#2', '--state', cut, ...by], kFailed, /ends early.*1500 notes were scanned; the next run goes on from there/);
  assert.equal(stateIn(cut).next, 1_500);
  await refused(['#2', ...by], kFailed, /with --state FILE the next run would go on/);
  const killed = file('killed.json');
  between.atEnd = 'hold';
  const running = new Running('notes', '#2', '--state', killed, ...by);
  await within(onChanges(folder, () => existsSync(killed) && stateIn(killed).next > 0), 'a state file');
  running.child.kill('SIGKILL');
  await running.ended;
  assert.equal(stateIn(killed).next, 1_024);
  Object.assign(between, { feeds: [], feedBytes: Infinity });
  for (const each of [cut, killed]) assert.equal((await found('#2', '--state', each, ...by)).notes.length, kOwn[2]);
  assert.deepEqual(between.feeds, [1_499, 1_023]);
  assert.deepEqual(stateIn(cut), stateIn(killed));
  await between.close();

  // Files of something else.
  await refused(['#0', '--state', state, ...at], kWrongUse, new RegExp(`is of another view key, that of the address ${own[1].phoenix_address}`));
  await refused(['#0', '--state', file('text', 'hello'), ...at], kWrongUse, /is no state file of `rues notes`: it is not a JSON object/);
  await refused(['#0', '--state', folder, ...at], kWrongUse, /cannot be read/);
  await refused(['#0', '--state', join(folder, 'missing', 'state'), ...at], kWrongUse, /cannot be written: No such file or directory\n$/); // before the scan
  await node.stop();

  // Another chain with notes of this key, and one that only looks the same.
  const genesis = file('genesis.toml', `[[stake]]\naddress = "${keys.p0.account}"\namount = ${1_000 * kDusk}\n[[phoenix_balance]]\naddress = "${kZeroAddress}"\nseed = 7\nnotes = [${kDusk}, ${2 * kDusk}]\n[[moonlight_account]]\naddress = "${keys.p0.account}"\nbalance = ${kDusk}\n`);
  const zeroSeed = file('seed', kZeroSeed);
  node = await RuesNode.start(join(folder, 'other'), '--mining', 'manual', '--genesis', genesis);
  const there = ['--url', `http://127.0.0.1:${node.port}`];
  const two = await found('#0', '--seed-file', zeroSeed, ...there);
  assert.deepEqual([two.balance, two.notes.map(({ value }) => value)], [3 * kDusk, [kDusk, 2 * kDusk]]);
  assert.equal((await found('#1', '--seed-file', zeroSeed, ...there)).notes.length, 0);
  await refused(['#1', '--state', state, ...there], kWrongUse, /is of another chain: its block 0 is [0-9a-f]{64}/);
  const kept = file('kept.json');
  await found('#0', '--seed-file', zeroSeed, '--state', kept, ...there);
  writeFileSync(kept, JSON.stringify({ ...stateIn(kept), last: '11'.repeat(32) }));
  await refused(['#0', '--seed-file', zeroSeed, '--state', kept, ...there], kWrongUse, /note 1 of the node is not that of the state file/);
  await node.stop();
});
