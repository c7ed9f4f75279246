// Starts on stored chains. A chain with a damaged log is refused, or continues under a new epoch when the user says so. A chain of another genesis or
// chain id is refused. The greeting describes the chain that runs.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, readdirSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { RuesNode, kProgram, within, withFolder } from './node.mjs';
import { kTransfer } from './vectors.mjs';

const kManual = ['--mining', 'manual'];
const kAccepted = '/events/history?on=/on/blocks/accepted';

/** Starts a node that must end with code 1; returns its error text. */
function refusal(data, ...flags) {
  const ended = spawnSync(kProgram, ['node', '--listen', '127.0.0.1:0', '--data', data, ...kManual, ...flags],
    { encoding: 'utf8', timeout: 60_000 });
  assert.equal(ended.status, 1, ended.stdout + ended.stderr);
  assert.equal(ended.stdout, '', 'no greeting is printed when the chain does not run');
  const said = ended.stderr.split('\n').filter((line) => line.startsWith('rues: ')); // warnings of RocksDB may come before it
  assert.equal(said.length, 1, ended.stderr);
  return said[0];
}

/** The lines that a node prints at start. */
async function greeting(data, ...flags) {
  const child = spawn(kProgram, ['node', '--listen', '127.0.0.1:0', '--data', data, ...flags]);
  const ended = once(child, 'exit');
  const lines = [];
  const printed = (async () => {
    for await (const line of createInterface(child.stdout)) {
      lines.push(line.trim());
      if (line.includes('account 3')) return;
    }
    throw new Error(`the program ended early: ${lines.join('\n')}`);
  })();
  await within(printed, 'the lines of the start');
  child.stdout.resume();
  child.kill('SIGTERM');
  assert.equal((await within(ended, 'end'))[0], 0);
  return lines;
}

/** The text that `rues` prints for an amount. */
function dusk(lux) {
  const [whole, part] = [Math.floor(lux / 1e9), String(lux % 1e9).padStart(9, '0').replace(/0+$/, '')];
  return part ? `${whole}.${part}` : String(whole);
}

async function page(node, after) {
  const answer = await node.request('GET', `${kAccepted}${after ? `&after=${after}` : ''}&limit=10000`);
  assert.equal(answer.status, 200);
  const [epoch, end] = answer.headers.get('rues-head').split('-');
  return { epoch, end: Number(end), head: answer.headers.get('rues-head'), recovered: answer.headers.get('rues-recovered') === 'true' };
}

// A write-ahead log with a damaged middle.
await withFolder(async (folder) => {
  const data = join(folder, 'data');
  let node = await RuesNode.start(data, ...kManual);
  await node.mine(300);
  const before = await page(node);
  await node.stop('SIGKILL');

  node = await RuesNode.start(data, ...kManual);
  assert.deepEqual(await page(node, before.head), { ...before, recovered: true }, 'a kill alone changes nothing');
  await node.mine(300);
  const later = await page(node);
  await node.stop('SIGKILL');

  const store = join(data, 'store');
  const [log] = readdirSync(store).filter((name) => name.endsWith('.log')).map((name) => join(store, name))
    .sort((a, b) => statSync(b).size - statSync(a).size);
  const middle = Math.floor(statSync(log).size / 2);
  assert.ok(middle > 100_000, `a log of ${middle} bytes has a middle`);
  const file = openSync(log, 'r+');
  writeSync(file, 'damaged', middle);
  closeSync(file);

  const damaged = readFileSync(log);
  for (let again = 0; again < 2; ++again) {
    assert.match(refusal(data),
      /^rues: the store \S+ has lost events: its log ends with number \d+, and number \d+ had been synced; put an undamaged copy .*--accept-lost-events true/);
  }
  const verified = spawnSync(kProgram, ['store', 'verify', '--data', data], { encoding: 'utf8' });
  assert.equal(verified.status, 2);
  assert.match(verified.stderr, /has lost events/);
  assert.ok(readFileSync(log).equals(damaged), 'a refused store is not changed');

  node = await RuesNode.start(data, ...kManual, '--accept-lost-events', 'true');
  const shorter = await page(node, later.head);
  assert.equal(shorter.recovered, false, 'the position names an event that is lost');
  assert.notEqual(shorter.epoch, later.epoch);
  assert.ok(shorter.end < later.end);
  await node.mine(600);
  assert.match(node.log, /may have lost events after number \d+/);
  const grown = await page(node, later.head);
  assert.ok(grown.end > later.end, 'the number is used again');
  assert.equal(grown.recovered, false);
  assert.equal((await page(node, before.head.replace(/-.*/, '-1'))).recovered, true, 'events that are still there count');
  await node.stop();
  const whole = spawnSync(kProgram, ['store', 'verify', '--data', data], { encoding: 'utf8' });
  assert.equal(whole.status, 0, whole.stderr);

  node = await RuesNode.start(data, ...kManual);
  assert.equal((await page(node)).epoch, grown.epoch, 'it is accepted once');
  await node.stop();
});

// Another genesis, another chain id.
await withFolder(async (folder) => {
  const data = join(folder, 'data');
  let node = await RuesNode.start(data, ...kManual, '--chain-id', '3');
  await node.mine(2);
  await node.stop();
  assert.match(refusal(data), /the stored chain began with chain id 3 instead of 0; /);
  const account = `[[moonlight_account]]\naddress = "${kTransfer.sender}"\nbalance = 5\n`;
  const genesis = join(folder, 'genesis.toml');
  writeFileSync(genesis, `[[stake]]\naddress = "${kTransfer.sender}"\namount = 1000000000000\n${account}`);
  assert.match(refusal(data, '--genesis', genesis),
    /began with chain id 3 instead of 0 and another genesis \(different: stakes, accounts, Phoenix balances\); /);

  const own = join(folder, 'own');
  node = await RuesNode.start(own, ...kManual, '--genesis', genesis);
  await node.mine();
  await node.stop();
  assert.match(refusal(own), /the stored chain began with another genesis \(different: stakes, accounts, Phoenix balances\); /);
  node = await RuesNode.start(own, ...kManual, '--genesis', genesis);
  assert.equal(await node.mine(), 2, 'the same genesis continues');
  await node.stop();
});

// The greeting.
await withFolder(async (folder) => {
  const data = join(folder, 'data');
  const first = await greeting(data, ...kManual);
  assert.ok(first.includes('blocks      by POST /dev/mine, tip 0'), first.join('\n'));
  assert.ok(first.some((line) => line.endsWith('  1001000 DUSK')), first.join('\n'));
  const node = await RuesNode.start(data, ...kManual);
  assert.equal((await node.post('propagate', kTransfer.bytes)).status, 202);
  await node.mine(3);
  const balances = {};
  for (const address of [kTransfer.sender, kTransfer.receiver]) balances[address] = (await node.account(address)).balance;
  await node.stop();

  const later = await greeting(data, '--mining', 'instant', '--block-time', '1h');
  assert.ok(later.includes('blocks      instant, final after 3600000 ms, tip 3'), later.join('\n'));
  assert.ok(later.includes('chain id    0'), later.join('\n'));
  for (const [address, balance] of Object.entries(balances))
    assert.ok(later.some((line) => line.includes(address) && line.endsWith(`  ${dusk(balance)} DUSK`)), `${dusk(balance)}\n${later.join('\n')}`);
  const every = await greeting(data, '--mining', 'interval', '--block-time', '1h');
  assert.ok(every.includes('blocks      every 3600000 ms, tip 3'), every.join('\n'));
});
