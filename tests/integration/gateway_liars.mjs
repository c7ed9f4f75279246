// Nodes that lie, beside an honest one: whatever they do that a header disproves, the gateway's log equals the honest node's, and the liar is ejected
// with the reason. A liar is a proxy before the honest node that changes what it says.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { RuesNode, withFolder } from './node.mjs';
import { expectSameLog, kTransfers, reaches, statusWhen } from './following.mjs';
import { eventsIn, liarBefore } from './lying.mjs';

const kManual = ['--mining', 'manual', '--log-level', 'warning'];

const someEvents = (data) => eventsIn(data).filter((events) => events.length > 0);
const flipped = (hex) => (hex.startsWith('0') ? '1' : '0') + hex.slice(1);
const headersIn = (data, change) => {
  for (const block of data.blocks ?? []) {
    if (!block.header.json) continue;
    const header = JSON.parse(block.header.json);
    change(header, block);
    block.header.json = JSON.stringify(header);
  }
};

const kLies = {
  'an altered event': [(data) => someEvents(data).forEach((events) => (events[0].data = flipped(events[0].data))), /bloom/],
  'an event with another topic': [(data) => someEvents(data).forEach((events) => (events[0].topic = 'mint')), /bloom/],
  'a dropped event': [(data) => someEvents(data).forEach((events) => events.pop()), /bloom/],
  'an invented event': [(data) => someEvents(data).forEach((events) => events.push({ ...events[0], data: 'abcdef' })), /bloom/],
  'an event of another transaction': [(data) => someEvents(data).forEach((events) => (events[0].origin = flipped(events[0].origin))), /not in the block/],
  'an altered header': [(data) => headersIn(data, (header) => (header.state_hash = flipped(header.state_hash))), /another hash/],
  'another hash': [(data) => headersIn(data, (header) => (header.hash = flipped(header.hash))), /another hash/],
  'dropped transactions': [(data) => data.blocks?.forEach((block) => block.transactions?.pop()), /root/],
  'reordered transactions': [(data) => data.blocks?.forEach((block) => block.transactions?.reverse()), /root/],
  'an answer of another form': [(data) => data.blocks?.forEach((block) => delete block.status), /no good status/],
};

for (const [name, [lie, why]] of Object.entries(kLies)) {
  await withFolder(async (folder) => {
    const node = await RuesNode.start(join(folder, 'node'), ...kManual);
    const liar = await liarBefore(node, lie);
    const gateway = await RuesNode.startGateway(join(folder, 'gateway'), [liar.url, node.url], '--ejection-time', '1h');
    await statusWhen(gateway, (status) => status.gateway.following === liar.url, 'the liar is followed');
    await node.mine();
    await reaches(gateway, 1);
    liar.lies = true;
    // A gateway that begins to follow asks for the mempool, where the order is lost. It has begun when it has one transaction.
    for (let i = 0; i < 3; ++i) {
      assert.equal((await node.post('propagate', kTransfers[i].bytes)).status, 202);
      await statusWhen(gateway, (status) => status.mempool === i + 1, 'mempool of the gateway');
    }
    await node.mine(4);
    await reaches(gateway, 5);
    const { gateway: state } = await statusWhen(gateway, (status) => status.gateway.following === node.url, `${name}: the honest node is followed`);
    assert.equal(state.upstreams[0].state, 'ejected', name);
    assert.match(state.upstreams[0].why, why, name);
    assert.ok(state.asked_again >= 3, `${name}: asked again ${state.asked_again} times`);
    const events = await expectSameLog(gateway, node, name);
    console.log(`${name}: ejected (${state.upstreams[0].why}), ${events} events equal`);
    await gateway.stop();
    await liar.end();
    await node.stop();
  });
}

// Blocks in another order, which only a query for several blocks can have: while the gateway asks for what there was before it.
await withFolder(async (folder) => {
  const node = await RuesNode.start(join(folder, 'node'), ...kManual);
  await node.mine(40);
  const liar = await liarBefore(node, (data) => data.blocks?.reverse());
  liar.lies = true;
  const gateway = await RuesNode.startGateway(join(folder, 'gateway'), [liar.url, node.url], '--ejection-time', '1h');
  await reaches(gateway, 40);
  const { gateway: state } = await statusWhen(gateway, (status) => status.gateway.following === node.url, 'the honest node is followed');
  assert.match(state.upstreams[0].why, /block 16 stands where block 1 was asked for/);
  await expectSameLog(gateway, node, 'blocks in another order');
  await gateway.stop();
  await liar.end();
  await node.stop();
});

// A stale tip: the liar shows no block after the second. It is followed until it stays behind for too long.
await withFolder(async (folder) => {
  const node = await RuesNode.start(join(folder, 'node'), ...kManual);
  await node.mine(2);
  const { header } = JSON.parse((await node.request('POST', '/graphql', { 'Content-Type': 'application/json' },
    JSON.stringify({ query: '{block(height:2){header{height hash}}}' }))).body).data.block;
  const liar = await liarBefore(node, (data) => {
    if (data.block?.header.height !== undefined) data.block = { header };
    if (data.blocks) data.blocks = [];
  });
  const gateway = await RuesNode.startGateway(join(folder, 'gateway'), [liar.url, node.url], '--stale-after', '500ms');
  await statusWhen(gateway, (status) => status.gateway.following === liar.url, 'the liar is followed');
  await reaches(gateway, 2);
  liar.lies = true;
  await node.mine(5);
  await reaches(gateway, 7);
  const { gateway: state } = await statusWhen(gateway, (status) => status.gateway.upstreams[0].state === 'stale', 'the liar is stale');
  assert.equal(state.following, node.url);
  assert.equal(state.upstreams[0].behind, 5);
  await expectSameLog(gateway, node, 'stale tip');
  liar.lies = false; // it has caught up
  await statusWhen(gateway, (status) => status.gateway.upstreams[0].state === 'healthy', 'the node is back');
  await gateway.stop();
  await liar.end();
  await node.stop();
});

// A tip that is announced and not shown.
await withFolder(async (folder) => {
  const node = await RuesNode.start(join(folder, 'node'), ...kManual);
  const liar = await liarBefore(node, (data) => {
    if (data.block?.header.height !== undefined) data.block.header = { height: 1_000, hash: 'ab'.repeat(32) };
  });
  const gateway = await RuesNode.startGateway(join(folder, 'gateway'), [node.url, liar.url], '--ejection-time', '1h');
  await node.mine();
  await reaches(gateway, 1);
  liar.lies = true;
  const { gateway: state } = await statusWhen(gateway, (status) => status.gateway.upstreams[1].state === 'ejected', 'the liar is ejected');
  assert.match(state.upstreams[1].why, /reports block 1000, and does not show block 2/);
  await node.mine();
  await reaches(gateway, 2);
  await gateway.stop();
  await liar.end();
  await node.stop();
});
