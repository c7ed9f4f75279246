// Orders of many blocks at the real program: it serves others between their blocks, a stop does not wait for them, and a moved clock stays moved
// after a restart.
import assert from 'node:assert/strict';
import { RuesNode, withFolder, within } from './node.mjs';
import { kTransfer } from './vectors.mjs';

const kOrder = '10000'; // number of blocks; takes longer than every limit below

async function heightOf(node) {
  return JSON.parse((await node.request('GET', '/status')).body).tip.height;
}

await withFolder(async (data) => {
  const node = await RuesNode.start(data, '--mining', 'manual');
  const orders = Array.from({ length: 5 }, () => node.request('POST', '/dev/mine', {}, kOrder));
  while ((await heightOf(node)) < 10) await new Promise(setImmediate);

  const begun = performance.now();
  assert.equal((await node.post('propagate', kTransfer.bytes)).status, 202);
  assert.ok(await node.mine() < 10_000, 'a request for one block does not wait for requests for many');
  assert.equal((await node.account(kTransfer.sender)).nonce, 1, 'the transaction is executed while blocks are made');
  assert.equal((await node.request('POST', '/dev/time', {}, '1')).status, 200);
  assert.ok(performance.now() - begun < 2_000, 'other requests are handled between the blocks');

  const asked = performance.now();
  node.child.kill('SIGTERM');
  for (const answer of await within(Promise.all(orders), 'answers at the stop')) {
    assert.equal(answer.status, 503);
    assert.equal(answer.body.toString(), '{"error":"the node is stopping"}');
  }
  assert.deepEqual(await within(node.ended, 'end'), { code: 0, signal: null });
  assert.ok(performance.now() - asked < 10_000, 'containers are killed after 10 s');
});

await withFolder(async (data) => {
  const timestamp = async (node) => JSON.parse((await node.request('GET', '/status')).body).tip.timestamp;
  const first = await RuesNode.start(data, '--mining', 'manual');
  const before = await timestamp(first);
  const moved = JSON.parse((await first.request('POST', '/dev/time', {}, '86400')).body).timestamp;
  assert.ok(moved >= before + 86_400);
  await first.stop();

  const second = await RuesNode.start(data, '--mining', 'manual');
  await second.mine();
  const after = await timestamp(second);
  assert.ok(after >= moved && after < moved + 60, `${after - moved} s behind the moved clock`);
  assert.equal((await second.request('POST', '/dev/time', {}, '10')).status, 200);
  await second.mine();
  assert.ok(await timestamp(second) >= after + 10);
  await second.stop();
});
