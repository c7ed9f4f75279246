// What a developer of contracts can ask: the calls of a transaction (`Rues-Trace`, `rues simulate --trace`), and lines that contracts log
// (`contract-log`). The transactions are recorded ones.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RuesNode, kPatience, kProgram, kTestData, postedForm, withFolder } from './node.mjs';

const { blocks } = JSON.parse(readFileSync(join(kTestData, 'rusk-1.7/chain-contracts.json'), 'utf8'));
const recorded = blocks.flatMap(({ header, transactions }) => transactions.map((tx) => ({ ...tx, height: header.height })));
const failing = recorded.find(({ err }) => err === 'Panic: inner');
const contract = failing.json.call.contract;

function rues(...args) {
  const { status, stdout, stderr, error } = spawnSync(kProgram, args, { encoding: 'utf8', timeout: 60_000 });
  if (error) throw error;
  return { status, stdout, stderr };
}

async function prepared(node) {
  const post = async (txs) => {
    for (const { raw } of txs) assert.equal((await node.post('propagate', postedForm(raw))).status, 202);
    await node.mine();
  };
  await post(recorded.filter(({ height }) => height <= 6)); // they fund the other senders
  const before = recorded.filter(({ json }) => json.sender === failing.json.sender && json.nonce < failing.json.nonce);
  for (const tx of before) await post([tx]);
}

async function tracedOverHttp(node) {
  const simulate = async (headers) => JSON.parse((await node.request('POST', '/on/transactions/simulate',
    { 'Content-Type': 'application/octet-stream', ...headers }, postedForm(failing.raw))).body);
  const plain = await simulate({});
  const { trace, ...rest } = await simulate({ 'Rues-Trace': 'true' });
  assert.deepEqual(rest, plain);
  assert.deepEqual(plain, { error: 'Panic("inner")', 'gas-spent': Number(failing.gasSpent) });
  assert.equal(trace.gas_spent, plain['gas-spent']);
  const calls = trace.steps.filter(({ call }) => call);
  assert.deepEqual(calls.map(({ depth, call }) => [depth, call.function, call.end]), [
    [0, 'spend_and_execute', 'returned'], [1, 'call', 'panic'], [2, 'boom', 'panic'], [0, 'refund', 'returned'],
  ]);
  const [spend, outer, inner] = calls.map(({ call }) => call);
  assert.deepEqual([outer.contract, inner.contract, inner.error, inner.reverted], [contract, contract, 'inner', true]);
  assert.equal(spend.gas_own + outer.gas_spent, spend.gas_spent);
  assert.equal(outer.gas_own + outer.gas_lost + inner.gas_spent, outer.gas_spent);
  assert.equal(spend.gas_spent + trace.gas_lost, trace.gas_spent);
  const query = await node.request('POST', `/on/contracts:${contract}/boom`,
    { 'Content-Type': 'application/octet-stream', 'Rues-Trace': 'true' }, Buffer.from('why'));
  assert.equal(query.status, 200);
  assert.equal(JSON.parse(query.body).error, 'Panic: why');
}

function tracedOnTheCommandLine(node) {
  const url = ['--url', `http://127.0.0.1:${node.port}`];
  const { status, stdout } = rues('simulate', ...url, '--trace', postedForm(failing.raw).toString('hex'));
  assert.equal(status, 3, 'it would fail');
  const lines = stdout.split('\n');
  assert.match(stdout, new RegExp(`^gas spent +${failing.gasSpent}\nerror +Panic\\("inner"\\)\n`));
  const name = contract.slice(0, 8);
  const tree = lines.slice(lines.findIndex((line) => line.startsWith('├─')));
  assert.match(tree[0], /^├─ transfer\.spend_and_execute {2}[\d,]+ gas \([\d,]+ own\)$/);
  assert.match(tree[1], new RegExp(`^│  └─ ${name}\\.call  [\\d,]+ gas \\([\\d,]+ own, [\\d,]+ lost\\)  FAILED: panic: inner$`));
  assert.match(tree[2], new RegExp(`^│     └─ ${name}\\.boom  .*FAILED: panic: inner  <- the innermost failure$`));
  assert.match(stdout, /refund {2}[\d,]+ gas, not paid/);
  assert.doesNotMatch(rues('simulate', ...url, postedForm(failing.raw).toString('hex')).stdout, /spend_and_execute/);
}

const kLines = 100; // of one call, which is also the bound of a transaction

/** A contract with one function, `log`, that logs its argument `kLines` times. */
const loggingModule = (() => {
  const text = (word) => [word.length, ...Buffer.from(word)];
  const section = (id, ...items) => {
    const content = [items.length, ...items.flat()];
    return [id, content.length, ...content];
  };
  const code = [
    1, 1, 0x7f, // one local, an i32
    0x41, 0xe4, 0x00, 0x21, 1, // it is kLines
    0x03, 0x40, 0x20, 0, 0x10, 0, // loop: hdebug(length)
    0x20, 1, 0x41, 1, 0x6b, 0x22, 1, 0x0d, 0, 0x0b, // one less; again unless it is 0
    0x41, 0, 0x0b, // returns 0 bytes
  ];
  return Buffer.from([
    0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    ...section(1, [0x60, 1, 0x7f, 0], [0x60, 1, 0x7f, 1, 0x7f]), // types: (i32) -> (), (i32) -> i32
    ...section(2, [...text('env'), ...text('hdebug'), 0, 0]),
    ...section(3, [1]),
    ...section(5, [0, 2]), // memory: two pages, of which the second is the argument buffer
    ...section(6, [0x7f, 0, 0x41, 0x80, 0x80, 0x04, 0x0b]), // global: 65,536
    ...section(7, [...text('memory'), 2, 0], [...text('A'), 3, 0], [...text('log'), 0, 1]),
    ...section(10, [code.length, ...code]),
  ]);
})();

/** Lines of contracts come in the log. While nobody reads the log, and it can take no more, the chain goes on. */
async function linesInTheLog(folder) {
  mkdirSync(folder);
  const file = join(folder, 'logging.wasm');
  writeFileSync(file, loggingModule);
  const node = await RuesNode.start(join(folder, 'chain'), '--mining', 'instant', '--contract-log');
  const url = ['--url', `http://127.0.0.1:${node.port}`];
  const done = (...args) => {
    const { status, stdout, stderr } = rues(...args, ...url);
    assert.equal(status, 0, stderr);
    return stdout;
  };
  const id = done('deploy', file, '--wait').split('\n')[0];
  node.child.stderr.pause();
  const kCalls = 5; // half a megabyte: more than a pipe and this program take
  for (let call = 0; call < kCalls; ++call)
    done('contract', 'call', id, 'log', `0x${'61'.repeat(2_000)}`, '--gas-limit', '30000000', '--wait');
  node.child.stderr.resume();
  const lines = () => node.log.match(new RegExp(`contract ${id} in block \\d+, transaction [0-9a-f]{64}: "a{1024}" and 976 bytes more`, 'g')) ?? [];
  for (const end = Date.now() + kPatience; lines().length < kCalls * kLines && Date.now() < end;) await sleep(20);
  assert.equal(lines().length, kCalls * kLines);
  await node.stop();
}

/** A chain keeps the value of contract-log with which it began. */
async function contractLog(data) {
  const node = await RuesNode.start(data, '--mining', 'manual', '--contract-log');
  await node.mine();
  await node.stop();
  const refused = rues('node', '--listen', '127.0.0.1:0', '--data', data, '--mining', 'manual');
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /the stored chain began with contract-log on; start it with the same settings/);
  const verified = rues('store', 'verify', '--data', data);
  assert.equal(verified.status, 0, verified.stderr);
  await (await RuesNode.start(data, '--mining', 'manual', '--contract-log')).stop();
}

await withFolder(async (data) => {
  const node = await RuesNode.start(join(data, 'chain'), '--mining', 'manual');
  await prepared(node);
  await tracedOverHttp(node);
  tracedOnTheCommandLine(node);
  await node.stop();
  await contractLog(join(data, 'logging'));
  await linesInTheLog(join(data, 'lines'));
});
