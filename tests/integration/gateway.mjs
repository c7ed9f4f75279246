// A gateway before the real node: its clients see what clients of the node see, in the same order; also when either of the two is killed. What the
// gateway does not keep it passes on, untouched.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RuesNode, Session, kProgram, kTestData, request, withFolder } from './node.mjs';
import { contentOf, expectNoGap, expectSameLog, kPaths, kSender, kTransfers, logOf, reaches, statusOf, statusWhen } from './following.mjs';

const kManual = ['--mining', 'manual', '--log-level', 'warning'];
let sent = 0;

async function send(to, count) {
  for (const end = sent + count; sent < end; ++sent) {
    const answer = await to.post('propagate', kTransfers[sent].bytes);
    assert.equal(answer.status, 202, answer.body.toString());
  }
}

/** The events of a session, without their positions. */
const seen = (session) => session.frames.map(({ header, payload }) => contentOf({ headers: header, payload: payload.toString('base64') }));

const untilBlock = (session, height) =>
  session.until((frame) => frame.name === 'blocks/accepted' && frame.header['Rues-Height'] === String(height), `block ${height}`);

async function untilIncluded(session, count) {
  const id = kTransfers[count - 1].id;
  await session.until((frame) => frame.name === 'transactions/included' && frame.entity === id, `included ${id}`);
}

/** Requests that both must answer with the same status, content type and bytes. */
async function expectSameAnswers(gateway, node) {
  const hex = '01'.padEnd(64, '0');
  const query = '{lastBlockPair{json} blocks(last:3){header{json} status transactions{id raw err gasSpent}} '
    + 'contractEvents(height:2){json} mempoolTxs{id}}';
  const asked = [
    ['POST', '/on/node/info'], ['POST', '/on/node/provisioners'], ['POST', `/on/account:${kSender}/status`],
    ['POST', `/on/contracts:${hex}/root`], ['POST', `/on/contracts:${hex}/nothing`], ['POST', '/on/blocks/gas-price', '5'],
    ['POST', '/on/transactions/preverify', 'not a transaction'], ['POST', '/on/transactions/propagate', 'not a transaction'],
    ['POST', '/on/transactions/simulate', 'not a transaction'], ['POST', '/on/stats/tx_count'], ['POST', '/on/prover/prove', 'x'],
    ['GET', '/contracts'], ['POST', '/on/nothing/at-all'], ['GET', `/archive/accounts/${kSender}?limit=3`],
    ['POST', '/on/graphql/query', query],
  ];
  for (const [method, path, body = ''] of asked) {
    const [own, theirs] = [await request(gateway, method, path, {}, body), await request(node, method, path, {}, body)];
    assert.equal(own.status, theirs.status, `${method} ${path}: ${own.body}`);
    assert.equal(own.headers.get('content-type'), theirs.headers.get('content-type'), path);
    assert.equal(own.body.toString(), theirs.body.toString(), path);
  }
}

await withFolder(async (folder) => {
  let node = await RuesNode.start(join(folder, 'node'), ...kManual);
  await send(node, 3);
  await node.mine(2);
  await send(node, 2);
  await node.mine();
  let gateway = await RuesNode.startGateway(join(folder, 'gateway'), [node.url]);
  await reaches(gateway, 3);
  // A gateway that begins to follow asks for the mempool, where the order is lost. It has begun when it has one transaction.
  await send(node, 1);
  await statusWhen(gateway, (status) => status.mempool === 1, 'the node is followed');

  // Live: the same events in the same order, for a transaction that was given to either of the two.
  const [there, here] = [await Session.open(node), await Session.open(gateway)];
  for (const session of [there, here]) await session.subscribe(...kPaths);
  await send(gateway, 2);
  await send(node, 2);
  for (const session of [there, here]) await untilIncluded(session, sent);
  await node.mine(3);
  for (const session of [there, here]) await untilBlock(session, 6);
  assert.deepEqual(seen(here), seen(there), 'live');
  assert.ok(seen(here).length >= 4 * 4 + 3, `${seen(here).length} events`);
  await expectSameAnswers(gateway, node);
  const waited = await gateway.request('POST', '/on/transactions/propagate',
    { 'Content-Type': 'application/octet-stream', 'Rues-Wait': 'included' }, kTransfers[sent].bytes);
  assert.equal(waited.status, 200, waited.body.toString());
  assert.equal(JSON.parse(waited.body).id, kTransfers[sent++].id);

  // The node is killed, and comes back at its address. Sessions of the gateway stay.
  const port = node.port;
  await node.stop('SIGKILL');
  await statusWhen(gateway, (status) => status.gateway.upstreams[0].state === 'unreachable', 'the node is missed');
  assert.equal((await request(gateway, 'POST', '/on/node/info')).status, 503);
  assert.equal((await gateway.request('GET', `/archive/accounts/${kSender}`)).status, 200);
  node = await RuesNode.start(join(folder, 'node'), ...kManual, '--listen', `127.0.0.1:${port}`);
  await send(node, 2);
  await node.mine(2);
  await untilBlock(here, 8);

  // The gateway is killed while blocks are made, several times, and comes back.
  const position = here.frames.at(-1).header['Rues-Position'];
  for (let kill = 0; kill < 4; ++kill) {
    const mining = (async () => {
      for (let i = 0; i < 4; ++i) {
        await send(node, 1);
        await node.mine();
      }
    })();
    await reaches(gateway, 8 + 4 * kill + 1); // the kill comes at some moment of the load
    await gateway.stop('SIGKILL');
    await mining;
    gateway = await RuesNode.startGateway(join(folder, 'gateway'), [node.url]);
    await reaches(gateway, 8 + 4 * (kill + 1));
  }
  const log = await logOf(gateway);
  expectNoGap(log);
  assert.ok(log.some((event) => event.headers['Rues-Position'] === position), 'positions are kept');

  // From the first event that the gateway could see live, both logs are equal, events of the mempool included.
  const isLive = (event) => Number(event.headers['Rues-Height']) > 3;
  assert.deepEqual(log.filter(isLive).map(contentOf), (await logOf(node)).filter(isLive).map(contentOf), 'after kills');
  // Before, events of the mempool are nowhere to be had; those of blocks are all there.
  const isOfBlock = (event) => !/transactions:[0-9a-f]+\/(included|removed)$/.test(event.headers['Content-Location']);
  assert.deepEqual(log.filter(isOfBlock).map(contentOf), (await logOf(node)).filter(isOfBlock).map(contentOf), 'blocks');

  // A stop and a start with nothing in between adds nothing.
  await gateway.stop();
  gateway = await RuesNode.startGateway(join(folder, 'gateway'), [node.url]);
  await statusWhen(gateway, (status) => status.gateway.following === node.url, 'the node is followed');
  assert.equal((await logOf(gateway)).length, log.length);

  const text = execFileSync(kProgram, ['gateway', 'status', '--url', gateway.url], { encoding: 'utf8' });
  assert.match(text, /^tip +24, 0 behind$/m);
  assert.match(text, new RegExp(`^${node.url} +healthy +24 +0 +0 `, 'm'));
  const json = JSON.parse(execFileSync(kProgram, ['gateway', 'status', '--url', gateway.url, '--json'], { encoding: 'utf8' }));
  assert.deepEqual(json, (await statusOf(gateway)).gateway);

  // A folder of a gateway is none of a node, and the other way round.
  await gateway.stop();
  await assert.rejects(RuesNode.start(join(folder, 'gateway'), ...kManual));
  await node.stop();
  await assert.rejects(RuesNode.startGateway(join(folder, 'node'), ['http://127.0.0.1:9']), /belongs to a node/);
});

// From a block on, with two nodes of one chain behind it: the second is followed when the first has gone.
await withFolder(async (folder) => {
  const node = await RuesNode.start(join(folder, 'node'), ...kManual);
  await node.mine(5);
  const first = await RuesNode.startGateway(join(folder, 'first'), [node.url]);
  await reaches(first, 5);
  const gateway = await RuesNode.startGateway(join(folder, 'gateway'), [first.url, node.url], '--from', '3');
  await reaches(gateway, 5);
  await node.mine();
  await reaches(gateway, 6);
  await first.stop('SIGKILL');
  await statusWhen(gateway, (status) => status.gateway.following === node.url, 'the second node is followed');
  await node.mine(2);
  await reaches(gateway, 8);
  const heights = (await logOf(gateway)).filter((event) => event.headers['Content-Location'].endsWith('/accepted'));
  assert.deepEqual(heights.map((event) => Number(event.headers['Rues-Height'])), [4, 5, 6, 7, 8]);
  await gateway.stop();
  await node.stop();
});
