// kill -9 under a load of contract calls, stakes, conversions and deployments, 50 times on two chains (fewer by RUES_LOAD_SHARE). After each kill
// `rues store verify` executes the chain again: headers, pages and log are equal. Every transaction that was answered 202 is in a block or in the
// mempool. At the end a chain that was never killed gets the same transactions in the same blocks, and every state hash is equal. RUES_SEED repeats
// the moments of the kills as far as the machine allows.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RuesNode, kProgram, kTestData, postedForm, seededRandom, withFolder } from './node.mjs';

const kKills = Math.max(4, Math.floor(50 / Number(process.env.RUES_LOAD_SHARE || 1)));
const kLatestKill = 30; // ms after as many answers as chance wants
console.log(`${kKills} kills`);
const random = seededRandom();

/** The transactions of a recorded chain in the order of its blocks; `prelude` blocks fund the senders of the others. */
function recordedTransactions(file, prelude) {
  const { blocks } = JSON.parse(readFileSync(join(kTestData, 'rusk-1.7', file), 'utf8'));
  const all = blocks.flatMap(({ header, transactions }) => transactions.map((tx) => ({ ...tx, height: header.height })));
  // A gas limit that is just enough in one state is refused in another, and so would be what its sender sends later.
  const tight = new Set(all.filter((tx) => tx.err === null && String(tx.gasSpent) === tx.json.fee.gas_limit).map((tx) => tx.json.sender));
  const some = all.filter((tx) => !tight.has(tx.json.sender));
  const form = (tx) => ({ id: tx.id, sender: tx.json.sender, nonce: tx.json.nonce, bytes: postedForm(joined(tx.raw)) });
  return {
    prelude: some.filter((tx) => tx.height <= prelude).map(form),
    load: some.filter((tx) => tx.height > prelude).map(form),
  };
}

/** A text in which long runs of one byte are written as `{repeat, times}` (tests/data/README.md). */
function joined(text) {
  const whole = (part) => (typeof part === 'string' ? part : part.repeat.repeat(part.times));
  return typeof text === 'string' ? text : text.parts.map(whole).join('');
}

async function propagate(node, tx) {
  const { status, body } = await node.post('propagate', tx.bytes);
  assert.equal(status, 202, `nonce ${tx.nonce} of ${tx.sender}: ${body}`);
}

/** Whether the chain has the transaction, derived from the refusals of docs/reference/ledger.md 3.2 #14 and #15. */
async function has(node, tx) {
  const answer = await node.post('preverify', tx.bytes);
  const text = answer.body.toString();
  if (/this transaction exists in the (mempool|ledger)/.test(text)) return true;
  assert.equal(answer.status, 202, `nonce ${tx.nonce} of ${tx.sender}: ${text}`);
  return false;
}

/**
 * Posts the load from number `from` to `to` and mines without pause, and kills the node at a random moment; returns how many transactions were answered.
 */
async function loadUntilDead(node, load, from, to) {
  let answered = from;
  const enough = from + Math.ceil(random() * (to - from));
  const kill = async () => {
    // There is no event to wait for: the moment itself is what the test varies.
    await new Promise((resolve) => setTimeout(resolve, random() * kLatestKill));
    node.dying = true;
    await node.stop('SIGKILL');
  };
  const untilDead = (error) => {
    if (node.child.signalCode === null && !node.dying) throw error;
  };
  const post = async () => {
    while (answered < to) {
      await propagate(node, load[answered]);
      answered += 1;
      if (answered === enough) killed = kill();
    }
  };
  let killed = enough === from ? kill() : undefined;
  const mine = async () => {
    for (;;) await node.mine();
  };
  await Promise.all([post().catch(untilDead), mine().catch(untilDead)]);
  await killed;
  return answered;
}

/** State hash and ids of the transactions of every block. */
async function blocksOf(node, tip) {
  const out = [];
  for (let first = 1; first <= tip; first += 50) {
    const last = Math.min(first + 49, tip);
    const query = `{ blocks(range: [${first}, ${last}]) { header { height, stateHash }, transactions { id } } }`;
    const answer = await node.request('POST', '/graphql', { 'Content-Type': 'application/json' }, JSON.stringify({ query }));
    const { data, errors } = JSON.parse(answer.body);
    assert.equal(errors, undefined);
    for (const { header, transactions } of data.blocks) {
      out[header.height] = { stateHash: header.stateHash, transactions: transactions.map(({ id }) => id) };
    }
  }
  return out;
}

/** Mines until a block is empty: one block has not gas for all that the mempool may hold. */
async function emptyMempool(node) {
  for (;;) {
    const tip = await node.mine();
    const found = await blocksOf(node, tip);
    if (found[tip].transactions.length === 0) return { tip, found };
  }
}

/** Kills a chain that executes the load, and compares it in the end with one that was never killed. */
async function killed(name, { prelude, load: recorded }, kills) {
  const { blocks, bytes } = await withFolder(async (data) => {
    let node = await RuesNode.start(data, '--mining', 'manual', '--log-level', 'warning');
    for (const tx of prelude) await propagate(node, tx);
    await node.mine();
    const rich = new Map();
    for (const { sender } of recorded) if (!rich.has(sender)) rich.set(sender, (await node.account(sender)).balance > 0);
    const load = recorded.filter(({ sender }) => rich.get(sender));

    let sent = 0;
    for (let kill = 1; kill <= kills; ++kill) {
      const answered = await loadUntilDead(node, load, sent, Math.floor((load.length * kill) / kills));
      const verified = spawnSync(kProgram, ['store', 'verify', '--data', data], { encoding: 'utf8' });
      assert.equal(verified.status, 0, `${name}, after kill ${kill}: ${verified.stdout}${verified.stderr}`);
      node = await RuesNode.start(data, '--mining', 'manual', '--log-level', 'warning');
      for (const tx of load.slice(sent, answered)) assert.ok(await has(node, tx), `${name}, after kill ${kill}: answered 202 and lost: ${tx.id}`);
      // The transaction under way when the node was killed may or may not be there.
      sent = answered < load.length && (await has(node, load[answered])) ? answered + 1 : answered;
    }
    const under = sent;
    for (; sent < load.length; ++sent) await propagate(node, load[sent]);
    const { tip, found } = await emptyMempool(node);
    const executed = found.flatMap(({ transactions }) => transactions).sort();
    assert.deepEqual(executed, [...prelude, ...load].map(({ id }) => id).sort(), `${name}: every transaction is executed once`);
    await node.stop();
    console.log(`${name}: ${under} of ${load.length} transactions sent between kills, ${tip} blocks`);
    return { blocks: found, bytes: new Map([...prelude, ...load].map((tx) => [tx.id, tx])) };
  });
  await withFolder(async (data) => {
    const node = await RuesNode.start(data, '--mining', 'manual', '--log-level', 'warning');
    let tip = 0;
    for (const { transactions } of blocks.slice(1)) {
      // Sorted by nonce: a block executes a transaction with a high price as soon as its predecessor was executed.
      const sorted = transactions.map((id) => bytes.get(id)).sort((a, b) => a.nonce - b.nonce);
      for (const tx of sorted) await propagate(node, tx);
      tip = await node.mine();
    }
    assert.deepEqual(await blocksOf(node, tip), blocks, `${name}: the blocks of a chain that was never killed`);
    await node.stop();
  });
}

const half = Math.ceil(kKills / 2);
await killed('deployed contracts', recordedTransactions('chain-contracts.json', 6), half);
await killed('genesis contracts', recordedTransactions('chain.json', 32), kKills - half);
