// Nodes that lie, beside an honest one: a gateway that executes the blocks finds it, its log equals the honest node's, and the liar is ejected with the
// reason. One that does not execute believes what no header disproves.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { RuesNode, withFolder } from './node.mjs';
import { contentOf, expectSameLog, reaches, statusWhen } from './following.mjs';
import { eventsIn, forge, liarBefore } from './lying.mjs';
import { runBeside } from './program.mjs';

const kManual = ['--mining', 'manual', '--log-level', 'warning'];

/** Changes the blocks of an answer that have two transactions. */
const inTelling = (tell) => (data) => {
  (data.blocks ?? []).forEach((block, index) => {
    const events = eventsIn(data)[index];
    if (block.transactions?.length >= 2) tell({ block, events });
  });
};
/** Places of two events in a row that one transaction emitted, and that differ. */
const pairIn = (events) => events.findIndex((event, i) => i > 0 && event.origin === events[i - 1].origin && event.topic !== events[i - 1].topic);
const otherOrigin = (events, origin) => events.find((event) => event.origin !== origin && event.topic === 'moonlight').origin;

/** Lies that no header disproves, and why the gateway ejects the liar. */
const kBelieved = {
  'the order of events of one transaction': [inTelling(({ events }) => {
    const i = pairIn(events);
    [events[i - 1], events[i]] = [events[i], events[i - 1]];
  }), /event \d+ of \d+ is another one/],
  'an event of another transaction': [inTelling(({ events }) => {
    const i = pairIn(events);
    events[i].origin = otherOrigin(events, events[i].origin);
  }), /event \d+ of \d+ is another one/],
  'an event twice': [inTelling(({ events }) => events.push({ ...events.at(-1) })), /event \d+ of \d+ is another one/],
  'gas spent': [inTelling(({ block }) => (block.transactions[0].gasSpent += 1)), /spent \d+ gas, and not \d+/],
  'an invented error': [inTelling(({ block }) => (block.transactions[0].err = 'OutOfGas')), /the error of transaction .* is none, and not `OutOfGas`/],
};
const flipped = (hex) => (hex.startsWith('0') ? '1' : '0') + hex.slice(1);
/** Lies that are found without execution, too, or when the next block comes. */
const kFound = {
  'a state hash': [inTelling(({ block, events }) => forge(block, events, (header) => (header.state_hash = flipped(header.state_hash)))), /gives another state hash/],
  'a gas limit of the block': [inTelling(({ block, events }) => forge(block, events, (header) => (header.gas_limit += 1))), /its gas limit is 3000000001/],
  'a dropped event': [inTelling(({ events }) => events.pop()), /bloom/],
  'an altered event': [inTelling(({ events }) => (events[0].data = flipped(events[0].data))), /bloom/],
  'an invented event': [inTelling(({ events }) => events.push({ ...events[0], data: 'abcdef' })), /bloom/],
};

/** Makes block 2: a stake, which emits two events, and a transfer. */
async function makeTellingBlock(node, gateways) {
  const at = ['--url', node.url];
  const pooled = async (count) => {
    for (const each of gateways) await statusWhen(each, (status) => status.mempool === count, 'mempool of the gateway');
  };
  await runBeside(['stake', '--from', '1', '--amount', '1000', ...at]);
  await pooled(1); // a gateway that begins to follow asks for the mempool, where the order is lost
  await runBeside(['transfer', '--from', '2', '--to', '#1', '--amount', '7', ...at]);
  await pooled(2);
  await node.mine(2);
}

/** Events of contracts and transactions, as a client of the server gets them. */
async function toldBy(server) {
  const query = ['contracts/deposit', 'contracts/stake', 'contracts/moonlight', 'contracts/reward', 'transactions/executed'].map((path) => `on=/on/${path}`).join('&');
  const page = await server.request('GET', `/events/history?${query}&limit=1000`);
  return page.body.toString().split('\n').filter(Boolean).map((line) => contentOf(JSON.parse(line)));
}

for (const [name, [lie, why]] of Object.entries({ ...kBelieved, ...kFound })) {
  await withFolder(async (folder) => {
    const node = await RuesNode.start(join(folder, 'node'), ...kManual);
    const liar = await liarBefore(node, lie);
    const upstreams = [liar.url, node.url];
    const gateway = await RuesNode.startGateway(join(folder, 'gateway'), upstreams, '--execute', '--ejection-time', '1h');
    const believer = await RuesNode.startGateway(join(folder, 'believer'), upstreams, '--ejection-time', '1h');
    for (const each of [gateway, believer]) await statusWhen(each, (status) => status.gateway.following === liar.url, 'the liar is followed');
    await node.mine();
    for (const each of [gateway, believer]) await reaches(each, 1);
    liar.lies = true;
    await makeTellingBlock(node, [gateway, believer]);
    for (const each of [gateway, believer]) await reaches(each, 3);
    const { gateway: state } = await statusWhen(gateway, (status) => status.gateway.following === node.url, `${name}: the honest node is followed`);
    assert.equal(state.upstreams[0].state, 'ejected', name);
    assert.match(state.upstreams[0].why, why, name);
    const events = await expectSameLog(gateway, node, name);
    assert.deepEqual(await toldBy(gateway), await toldBy(node), name);
    if (name in kBelieved) assert.notDeepEqual(await toldBy(believer), await toldBy(node), `${name}: no header disproves it`);
    console.log(`${name}: ejected (${state.upstreams[0].why}), ${events} events equal`);
    for (const each of [gateway, believer]) await each.stop();
    await liar.end();
    await node.stop();
  });
}
