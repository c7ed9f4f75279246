// Simulation and future nonces with the real program: recorded answers over HTTP, recorded frames over WebSocket.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RuesNode, Session, kTestData, postedForm, withFolder } from './node.mjs';

const read = (name) => JSON.parse(readFileSync(join(kTestData, 'rusk-1.7', name), 'utf8'));
const bodyOf = ({ text, hex }) => (hex === undefined ? text : Buffer.from(hex, 'hex'));

async function recordedSimulations(node) {
  const rows = read('http.json').filter(({ name }) => name.startsWith('simulate-'));
  assert.equal(rows.length, 6);
  for (const { name, request, answer } of rows) {
    const got = await node.request(request.method, request.path, request.headers, bodyOf(request.body));
    assert.equal(got.status, answer.status, name);
    assert.equal(got.body.toString(), answer.body.text, name);
  }
}

async function simulationOfATransfer(node, transfers) {
  const [first, second] = transfers;
  const plain = await node.post('simulate', first.bytes);
  assert.equal(plain.status, 200);
  assert.match(plain.body.toString(), /^\{"error":null,"gas-spent":\d+\}$/);
  const told = await node.request('POST', '/on/transactions/simulate',
    { 'Content-Type': 'application/octet-stream', 'Rues-Events': 'true' }, first.bytes);
  const { events, ...rest } = JSON.parse(told.body);
  assert.deepEqual(rest, JSON.parse(plain.body));
  assert.deepEqual(events.map(({ topic, origin }) => [topic, origin]), [['moonlight', first.id]]);
  assert.equal((await node.post('simulate', second.bytes)).body.toString(), '{"error":"NotReady","gas-spent":0}');
}

// Follows the recorded scenario nonce-gap-filled-later.
async function gapFilledLater(node, transfers) {
  const session = await Session.open(node);
  await session.subscribe('/on/transactions/included', '/on/transactions/deferred', '/on/transactions/dropped');
  const [first, second, third] = transfers;
  for (const transfer of [third, second]) {
    assert.equal((await node.post('preverify', transfer.bytes)).status, 400);
    const answer = await node.post('propagate', transfer.bytes);
    assert.deepEqual([answer.status, answer.body.toString()], [202, '']);
  }
  assert.equal((await node.post('propagate', first.bytes)).status, 202);
  await session.until((frame) => frame.entity === third.id && frame.topic === 'included', 'included of the third');
  assert.deepEqual(session.frames.map(({ topic, entity }) => [topic, entity]), [
    ['deferred', third.id], ['deferred', second.id],
    ['included', first.id], ['included', second.id], ['included', third.id],
  ]);
  assert.equal(session.frames[0].payload.toString(), '{"reason":"missing_intermediate_nonce"}');
  await session.close();
}

const transfers = read('chain.json').blocks.flatMap(({ transactions }) => transactions ?? []).slice(0, 5)
  .map((tx) => ({ id: tx.id, bytes: postedForm(tx.raw) }));

await withFolder(async (data) => {
  const node = await RuesNode.start(data, '--mining', 'manual');
  await recordedSimulations(node);
  await simulationOfATransfer(node, transfers);
  await gapFilledLater(node, transfers);
  await node.stop();
});
console.log('ok');
