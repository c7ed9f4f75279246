// A chain continues where it stopped: after SIGTERM its tip, balances, nonces and event positions are kept; after kill -9 also the transactions in
// the mempool, whose `included` is published only once.
import assert from 'node:assert/strict';
import { RuesNode, Session, positionOf, withFolder } from './node.mjs';
import { kTransfer } from './vectors.mjs';

const kTopics = ['included', 'executed', 'removed'].map((topic) => `/on/transactions:${kTransfer.id}/${topic}`);
const accounts = async (node) => [await node.account(kTransfer.sender), await node.account(kTransfer.receiver)];

async function watch(node) {
  const session = await Session.open(node);
  await session.subscribe('/on/blocks/accepted', ...kTopics);
  return session;
}

const isReplay = (frame) => frame.header['Rues-Replay'] === 'true';
const names = (frames) => frames.map((frame) => frame.name);

function isAccepted(height) {
  return (frame) => frame.name === 'blocks/accepted' && frame.header['Rues-Height'] === String(height);
}

await withFolder(async (data) => {
  let node = await RuesNode.start(data, '--mining', 'manual');
  let session = await watch(node);
  await node.mine(3);
  await session.until(isAccepted(3), 'block 3');
  assert.equal((await node.post('propagate', kTransfer.bytes)).status, 202);
  await session.until((frame) => frame.name === 'transactions/included', 'included');
  const beforeKill = session.frames.at(-1);
  await node.stop('SIGKILL');

  node = await RuesNode.start(data, '--mining', 'manual');
  session = await watch(node);
  const pooled = await node.account(kTransfer.sender);
  assert.equal(pooled.nonce, 0);
  assert.equal(pooled.next_nonce, 2, 'the pooled transaction survives kill -9');
  const twice = await node.post('preverify', kTransfer.bytes);
  assert.equal(twice.status, 400);
  assert.match(twice.body.toString(), /this transaction exists in the mempool/, 'docs/reference/ledger.md 3.2 #14');
  assert.equal(await node.mine(), 4, 'the tip has not changed');
  await session.until(isAccepted(4), 'block 4');
  const live = session.frames.filter((frame) => !isReplay(frame));
  assert.deepEqual(names(live), ['transactions/executed', 'transactions/removed', 'blocks/accepted'], 'no second included');
  assert.deepEqual(names(session.frames.filter(isReplay)), ['transactions/included'], 'earlier events are replayed');
  const [from, to] = [positionOf(beforeKill), positionOf(live[0])];
  assert.equal(to.epoch, from.epoch, 'the same log');
  // Between them are the moonlight and reward events of block 4.
  assert.equal(to.sequence - from.sequence, 3, 'no gap in the log');
  const tip = session.frames.at(-1);
  const state = await accounts(node);
  assert.equal(state[1].balance, 1_001_000_000_000_000 + 77);
  await node.stop('SIGTERM');

  node = await RuesNode.start(data, '--mining', 'manual');
  session = await watch(node);
  assert.deepEqual(await accounts(node), state, 'balances and nonces');
  const known = await node.post('preverify', kTransfer.bytes);
  assert.equal(known.status, 400);
  assert.match(known.body.toString(), /this transaction exists in the ledger/, 'docs/reference/ledger.md 3.2 #15');
  assert.equal(await node.mine(), 5);
  await session.until(isAccepted(5), 'block 5');
  const next = session.frames.at(-1);
  assert.deepEqual(names(session.frames.filter((frame) => !isReplay(frame))), ['blocks/accepted']);
  assert.equal(JSON.parse(next.payload).header.prev_block_hash, tip.entity, 'block 5 follows block 4');
  // Block 5: reward, confirmed, finalized, accepted.
  assert.equal(positionOf(next).sequence - positionOf(tip).sequence, 4, 'no gap in the log');
  await node.stop();
});
