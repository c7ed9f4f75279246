// A session from its first message to its close: subscriptions, one transfer, every frame in order
// (docs/reference/protocol.md 1, 6, 7).
import assert from 'node:assert/strict';
import { RuesNode, Session, withFolder } from './node.mjs';
import { kTransfer } from './vectors.mjs';

const kTransferContract = `01${'00'.repeat(31)}`;
const kStakeContract = `02${'00'.repeat(31)}`;

function sortedKeys(value) {
  if (Array.isArray(value)) return value.map(sortedKeys);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sortedKeys(value[key])]));
}

// rusk-1.7 section 0: payloads are serde_json values, so keys are sorted and there are no blanks.
function payloadJson(frame) {
  const text = frame.payload.toString();
  const value = JSON.parse(text);
  assert.equal(text, JSON.stringify(sortedKeys(value)), `${frame.name}: keys sorted, no blanks`);
  return value;
}

// The keys of the original first (docs/reference/protocol.md 6.2), then ours: docs/reference/differences.md 33 and
// docs/delivery.md.
function checkHeader(frame, { origin, type, height, block }) {
  const expected = [
    'Content-Location',
    ...(origin ? ['Rusk-Origin'] : []),
    ...(type ? ['Content-Type'] : []),
    'Rues-Position',
    'Rues-Height',
    ...(block ? ['Rues-Block-Hash'] : []),
  ];
  assert.deepEqual(Object.keys(frame.header), expected, `${frame.name}: header keys`);
  assert.equal(frame.text, JSON.stringify(frame.header), `${frame.name}: header without blanks`);
  assert.equal(frame.header['Rusk-Origin'], origin);
  assert.equal(frame.header['Content-Type'], type);
  assert.equal(frame.header['Rues-Height'], String(height), `${frame.name}: height`);
  assert.equal(frame.header['Rues-Block-Hash'], block);
}

await withFolder(async (data) => {
  const node = await RuesNode.start(data, '--mining', 'manual');
  const session = await Session.open(node);
  assert.match(session.id, /^[0-9a-f]{32}$/, 'docs/reference/protocol.md 1.2: first message');
  await session.subscribe(
    '/on/blocks/accepted',
    '/on/blocks/statechange',
    `/on/contracts:${kTransferContract}/moonlight`,
    `/on/contracts:${kStakeContract}/reward`,
    ...['included', 'executed', 'removed'].map((topic) => `/on/transactions:${kTransfer.id}/${topic}`),
  );

  // Blocks 1 and 2 so that the block of the transfer has a parent whose state changes.
  assert.equal(await node.mine(2), 2);
  const accepted = (height) => (frame) => frame.name === 'blocks/accepted' && frame.header['Rues-Height'] === String(height);
  await session.until(accepted(2), 'block 2');
  const empty = session.frames.splice(0);
  assert.deepEqual(
    empty.map((frame) => frame.name),
    // docs/reference/recorded.md 2 #19: block 1 has no statechange.
    ['contracts/reward', 'blocks/accepted', 'contracts/reward', 'blocks/statechange', 'blocks/statechange', 'blocks/accepted'],
  );
  const parent = empty.at(-1).entity;

  const before = { sender: await node.account(kTransfer.sender), receiver: await node.account(kTransfer.receiver) };
  const posted = await node.post('propagate', kTransfer.bytes);
  assert.equal(posted.status, 202);
  assert.equal(posted.body.length, 0, 'docs/reference/ledger.md 15 #7: empty body');
  await session.until((frame) => frame.name === 'transactions/included', 'included');
  assert.equal(await node.mine(), 3);
  await session.until(accepted(3), 'block 3');

  const frames = session.frames.splice(0);
  assert.deepEqual(
    frames.map((frame) => frame.name),
    [
      'transactions/included',
      'contracts/moonlight',
      'contracts/reward',
      'transactions/executed',
      'blocks/statechange',
      'blocks/statechange',
      'transactions/removed',
      'blocks/accepted',
    ],
    'docs/reference/protocol.md 7.2, docs/reference/recorded.md 1 #9',
  );
  const [included, moonlight, reward, executed, confirmed, finalized, removed, block] = frames;
  const hash = block.entity;
  const inBlock = { height: 3, block: hash };
  const json = 'application/json';
  const bytes = 'application/octet-stream';
  checkHeader(included, { type: json, height: 2 });
  checkHeader(moonlight, { origin: kTransfer.id, type: bytes, ...inBlock });
  checkHeader(reward, { origin: hash, type: bytes, ...inBlock });
  checkHeader(executed, { type: json, ...inBlock });
  checkHeader(confirmed, { type: json, ...inBlock });
  checkHeader(finalized, { type: json, ...inBlock });
  checkHeader(removed, inBlock);
  checkHeader(block, { type: json, ...inBlock });
  const positions = [...empty, ...frames].map((frame) => frame.header['Rues-Position']);
  assert.equal(new Set(positions).size, positions.length, 'positions are not repeated');

  for (const frame of [included, executed, removed]) assert.equal(frame.entity, kTransfer.id);
  assert.deepEqual(payloadJson(included), kTransfer.json);
  const spent = payloadJson(executed);
  assert.deepEqual(spent, { block_height: 3, err: null, gas_spent: spent.gas_spent, inner: kTransfer.json }, 'docs/reference/protocol.md 7.5');
  assert.equal(removed.payload.length, 0, 'docs/reference/protocol.md 6.3');

  // MoonlightTransactionEvent: 648 bytes (docs/reference/ledger.md 8), keys, value and gas in it as in the executed
  // payload.
  assert.equal(moonlight.entity, kTransferContract);
  assert.equal(moonlight.payload.length, 648);
  const gas = Buffer.alloc(8);
  gas.writeBigUInt64LE(BigInt(spent.gas_spent));
  const value = Buffer.from('4d00000000000000', 'hex');
  for (const [what, part] of Object.entries({ sender: kTransfer.senderRkyv, receiver: kTransfer.receiverRkyv, gas, value })) {
    assert.ok(moonlight.payload.includes(part), `moonlight event holds the ${what}`);
  }
  assert.equal(reward.entity, kStakeContract);
  assert.ok(reward.payload.length > 0);

  // The parent is confirmed, then final, and the new tip is published.
  for (const [frame, state] of [[confirmed, 'confirmed'], [finalized, 'finalized']]) {
    assert.equal(frame.entity, parent);
    assert.equal(frame.payload.toString(), `{"atHeight":3,"state":"${state}"}`, 'docs/reference/protocol.md 6.4');
  }

  const { header, transactions } = payloadJson(block);
  assert.deepEqual(transactions, [kTransfer.id]);
  assert.equal(header.hash, hash);
  assert.equal(header.height, 3);
  assert.equal(header.prev_block_hash, parent);
  assert.deepEqual(header.prev_block_cert.result, { Valid: parent }, 'docs/reference/differences.md 26');
  assert.equal(header.txroot, kTransfer.txroot, 'docs/reference/rusk-1.7.md 7.1');

  const after = { sender: await node.account(kTransfer.sender), receiver: await node.account(kTransfer.receiver) };
  assert.equal(after.receiver.balance, before.receiver.balance + 77);
  assert.equal(after.sender.balance, before.sender.balance - 77 - spent.gas_spent);
  assert.equal(after.sender.nonce, 1);

  // After DELETE no event comes; a second DELETE finds no subscription (docs/reference/rusk-1.7.md 1.3).
  for (const path of ['/on/blocks/statechange', `/on/contracts:${kStakeContract}/reward`]) {
    assert.equal((await session.subscription('DELETE', path)).status, 200);
    const again = await session.subscription('DELETE', path);
    assert.equal(again.status, 404);
    assert.equal(again.body.toString(), '{"error":"Subscription not found"}');
  }
  await node.mine();
  await session.until(accepted(4), 'block 4');
  assert.deepEqual(session.frames.map((frame) => frame.name), ['blocks/accepted']);
  assert.deepEqual(session.texts, [session.id], 'docs/reference/protocol.md 1.2: nothing else is sent as text');

  assert.deepEqual(await session.close(), { code: 1000, reason: 'done' }, 'docs/reference/differences.md 6');
  assert.equal((await session.subscription('GET', '/on/blocks/accepted')).status, 424, 'docs/reference/protocol.md 1.6');
  await node.stop();
});
