// kill -9 under load, 50 times on one chain (fewer by RUES_LOAD_SHARE). After each kill `rues store verify` finds the chain whole: executed again
// from its genesis it is equal, and the log has no gap and every transaction once. Every transaction that was answered 202 is in a block or in the
// mempool. At the end the accounts are equal to those of a chain that was never killed. RUES_SEED repeats the moments of the kills as far as the
// machine allows.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RuesNode, Session, kProgram, kTestData, positionOf, postedForm, seededRandom, withFolder } from './node.mjs';

const kKills = Math.max(5, Math.floor(50 / Number(process.env.RUES_LOAD_SHARE || 1)));
const kLatestKill = 60; // ms after the load began: about ten blocks
console.log(`${kKills} kills`);
const random = seededRandom();

// The transfers of the recorded chain's first sender, in the order of their nonces from 1 on.
const blocks = JSON.parse(readFileSync(join(kTestData, 'rusk-1.7/chain.json'), 'utf8')).blocks;
const recorded = blocks.filter((block) => block.header.height <= 40).flatMap((block) => block.transactions);
const kSender = recorded[0].json.sender;
const kTransfers = recorded
  .filter((tx) => tx.json.sender === kSender)
  .map((tx) => ({ id: tx.id, bytes: postedForm(tx.raw), ...tx.json }));
kTransfers.forEach((tx, index) => assert.equal(tx.nonce, index + 1));
assert.ok(kTransfers.length >= kKills, 'a transfer for every kill');
const kReceivers = [...new Set(kTransfers.map((tx) => tx.receiver ?? kSender))].filter((account) => account !== kSender);

/** 'pool', 'ledger' or 'nowhere', derived from the refusals of docs/reference/ledger.md 3.2 #14 and #15. */
async function placeOf(node, transfer) {
  const answer = await node.post('preverify', transfer.bytes);
  const text = answer.body.toString();
  if (text.includes('this transaction exists in the mempool')) return 'pool';
  if (text.includes('this transaction exists in the ledger')) return 'ledger';
  // A used or missing nonce would mean that another transaction took its place.
  assert.equal(answer.status, 202, `nonce ${transfer.nonce}: ${text}`);
  return 'nowhere';
}

/**
 * The number of events in the log of a chain: rules of docs/reference/protocol.md 7.2 for blocks of plain transfers
 * made by hand.
 */
function eventsIn(tip, inPool, inLedger) {
  const ofBlocks = tip === 0 ? 0 : 2 + 4 * (tip - 1); // reward, accepted; from block 2 on also two state changes
  return ofBlocks + (inPool + inLedger) + 3 * inLedger; // included; moonlight, executed, removed
}

let answered = 0; // transfers 0 to `answered` - 1 were answered 202
let firstSequence; // first number in the log

/** Checks the chain while nothing happens on it, and mines one block; returns how many transfers the chain has. */
async function check(node, context) {
  const places = [];
  for (const transfer of kTransfers.slice(0, answered)) places.push(await placeOf(node, transfer));
  // The transfer under way when the node was killed may or may not be there.
  if (answered < kTransfers.length) {
    const place = await placeOf(node, kTransfers[answered]);
    if (place !== 'nowhere') places.push(place);
  }
  assert.ok(!places.includes('nowhere'), `${context}: answered 202 and lost: ${places}`);
  const inLedger = places.lastIndexOf('ledger') + 1;
  assert.ok(places.slice(0, inLedger).every((place) => place === 'ledger'), `${context}: nonces in order`);
  const account = await node.account(kSender);
  assert.equal(account.nonce, inLedger, `${context}: nonce`);
  assert.equal(account.next_nonce, places.length + 1, `${context}: next nonce`);
  for (const receiver of kReceivers) {
    const executed = kTransfers.slice(0, inLedger).filter((tx) => tx.receiver === receiver);
    const got = (await node.account(receiver)).balance;
    assert.equal(got, executed.reduce((sum, tx) => sum + tx.value, 0), `${context}: balance of ${receiver}`);
  }

  const session = await Session.open(node);
  await session.subscribe('/on/blocks/accepted', '/on/transactions/executed');
  const tip = await node.mine();
  const last = await session.until((frame) => frame.name === 'blocks/accepted', 'accepted');
  const frame = session.frames[last];
  assert.equal(frame.header['Rues-Height'], String(tip));
  const executed = session.frames.slice(0, last).map((event) => event.entity);
  assert.deepEqual(executed, kTransfers.slice(inLedger, places.length).map((tx) => tx.id), `${context}: executed once`);
  const sequence = positionOf(frame).sequence - eventsIn(tip, 0, places.length);
  firstSequence ??= sequence;
  assert.equal(sequence, firstSequence, `${context}: the log has no gap`);
  await session.close();
  return places.length;
}

/** Posts transfers up to `budget` and mines without pause until the node dies. */
function load(node, budget) {
  const untilDead = (error) => {
    if (node.child.signalCode === null && !node.dying) throw error;
  };
  const post = async () => {
    while (answered < budget) {
      const { status, body } = await node.post('propagate', kTransfers[answered].bytes);
      assert.equal(status, 202, body.toString());
      answered += 1;
    }
  };
  const mine = async () => {
    for (;;) await node.mine();
  };
  return Promise.all([post().catch(untilDead), mine().catch(untilDead)]);
}

async function neverKilled() {
  return withFolder(async (data) => {
    const node = await RuesNode.start(data, '--mining', 'manual');
    for (const transfer of kTransfers) assert.equal((await node.post('propagate', transfer.bytes)).status, 202);
    await node.mine();
    const state = await stateOf(node);
    await node.stop();
    return state;
  });
}

async function stateOf(node) {
  const state = {};
  for (const account of [kSender, ...kReceivers]) state[account] = await node.account(account);
  return state;
}

await withFolder(async (data) => {
  for (let kill = 1; kill <= kKills; ++kill) {
    const node = await RuesNode.start(data, '--mining', 'manual', '--log-level', 'warning');
    answered = await check(node, `before kill ${kill}`);
    const loaded = load(node, Math.floor((kTransfers.length * kill) / kKills));
    // There is no event to wait for: the moment itself is what the test varies.
    await new Promise((resolve) => setTimeout(resolve, random() * kLatestKill));
    node.dying = true;
    await node.stop('SIGKILL');
    await loaded;
    const verified = spawnSync(kProgram, ['store', 'verify', '--data', data], { encoding: 'utf8' });
    assert.equal(verified.status, 0, `after kill ${kill}: ${verified.stdout}${verified.stderr}`);
  }
  const node = await RuesNode.start(data, '--mining', 'manual');
  answered = await check(node, 'after the last kill');
  const under = answered;
  for (; answered < kTransfers.length; ++answered) {
    assert.equal((await node.post('propagate', kTransfers[answered].bytes)).status, 202);
  }
  await node.mine();
  assert.deepEqual(await stateOf(node), await neverKilled(), 'the state of a chain that was never killed');
  await node.stop();
  console.log(`${under} of ${kTransfers.length} transfers sent between kills`);
});
