// A gateway that executes the blocks: its state is the node's, block by block, for transfers, stakes, contracts and shielded transactions; it answers reads
// itself with the node's bytes, also while no node answers; and it goes on after kills. Another one begins with the snapshot of a node's folder.
import assert from 'node:assert/strict';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kRoot } from './dev_script.mjs';
import { RuesNode, request, within, withFolder } from './node.mjs';
import { contentOf, expectNoGap, kSender, kTransfers, logOf, reaches, statusOf, statusWhen } from './following.mjs';
import { kExecutedWithError, kFailed, kWrongUse, run, runBeside } from './program.mjs';
import { moduleWithInit, plainModule } from './recorded_modules.mjs';

const kTransfer = `01${'00'.repeat(31)}`;
const kStake = `02${'00'.repeat(31)}`;
const kInstant = ['--mining', 'instant', '--log-level', 'warning'];

const tipOf = async (node) => (await statusOf(node)).tip;

/** Resolves when the node makes no more blocks: the last one is empty, so every transaction is final. */
async function rests(node) {
  const query = '{block(height:-1){header{height hash} transactions{id}}}';
  return within((async () => {
    for (;;) {
      const { data: { block } } = JSON.parse((await request(node, 'POST', '/graphql', { 'Content-Type': 'application/json' }, JSON.stringify({ query }))).body);
      if (block.transactions.length === 0) return block.header;
      await new Promise((resolve) => setTimeout(resolve, 50)); // no event says so
    }
  })(), 'an empty block');
}

/** Both have the same tip, which stays, and the gateway has executed it. */
async function isLevel(gateway, node) {
  const { hash } = await rests(node);
  await statusWhen(gateway, ({ tip }) => tip.hash === hash, 'the tip of the node');
}

const readsOf = (deployed) => [
  ['POST', '/on/node/provisioners'], ['POST', '/on/stats/account_count'], ['POST', '/on/stats/tx_count'], ['POST', `/on/account:${kSender}/status`],
  ['POST', '/on/blocks/gas-price', '5'], ['POST', `/on/contract:${kTransfer}/status`], ['POST', `/on/contract_owner:${deployed}/owner`],
  ['POST', `/on/contracts:${kTransfer}/root`], ['POST', `/on/contracts:${kTransfer}/num_notes`], ['POST', `/on/contracts:${kStake}/get_version`],
  ['POST', `/on/contracts:${kTransfer}/nothing`], ['POST', `/on/contracts:${'07'.repeat(32)}/nothing`],
  ['POST', `/on/driver:${kStake}/get_schema`], ['POST', '/on/transactions/simulate', 'not a transaction'],
  ['GET', '/contracts'], ['GET', `/contracts/${deployed}`], ['GET', `/contracts/${kStake}`], ['GET', `/contracts/${deployed}/calls`],
];

async function answersOf(server, deployed) {
  const out = {};
  for (const [method, path, body = ''] of readsOf(deployed)) {
    const { status, headers, body: bytes } = await request(server, method, path, {}, body);
    out[`${method} ${path}`] = { status, type: headers['content-type'], body: bytes.toString() };
  }
  return out;
}

await withFolder(async (folder) => {
  const file = (name, content) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  let node = await RuesNode.start(join(folder, 'node'), ...kInstant);
  const port = node.port;
  let gateway = await RuesNode.startGateway(join(folder, 'gateway'), [node.url], '--execute');
  assert.equal((await statusOf(gateway)).gateway.executes, true);
  assert.equal((await statusOf(gateway)).setup, (await statusOf(node)).setup);

  // Everything is given to the gateway, whose state the commands read, too.
  const at = ['--url', gateway.url];
  const object = async (...args) => JSON.parse((await runBeside([...args, ...at, '--json'])).stdout);
  const sent = async (...args) => {
    const outcome = await object(...args, '--wait');
    assert.equal(outcome.outcome, 'executed', JSON.stringify(outcome));
    return outcome;
  };
  await sent('transfer', '--from', '1', '--to', '#2', '--amount', '5', '--memo', 'by the gateway');
  await sent('stake', '--from', '1', '--amount', '1000');
  await sent('stake', '--from', '1', '--amount', '50');
  await sent('unstake', '--from', '1', '--amount', '1');
  const { contract } = await sent('deploy', file('plain.wasm', plainModule));
  await sent('deploy', file('init.wasm', moduleWithInit), '--init', '0xc0ffee');
  await sent('contract', 'call', contract, 'count');
  await sent('contract', 'call', contract, 'emit', '0x616263');
  const failed = await runBeside(['contract', 'call', contract, 'boom', '0x6e6f', '--gas-limit', '3000000', '--wait', ...at], { code: kExecutedWithError });
  assert.match(failed.stdout, /executed with an error in block \d+, 3000000 gas spent: Panic: no/);
  await sent('shield', '10', '--from', '1');
  if (!process.env.RUES_SANITIZE) { // a proof takes minutes there
    await sent('transfer', '--shielded', '--from', '2', '--to', '#1', '--amount', '0.5', '--state', join(folder, 'notes2.json'));
    await sent('unshield', '1', '--from', '2', '--state', join(folder, 'notes2.json'));
  }
  await isLevel(gateway, node);
  const dry = Buffer.from((await object('contract', 'call', contract, 'count', '--dry-run')).transaction, 'hex');
  const [own, its] = [await gateway.post('simulate', dry), await node.post('simulate', dry)];
  assert.equal(own.status, 200, own.body.toString());
  assert.equal(own.body.toString(), its.body.toString(), 'a simulation');
  const theirs = await answersOf(node, contract);
  assert.deepEqual(await answersOf(gateway, contract), theirs);
  assert.ok(theirs[`GET /contracts/${contract}`].body.includes(contract));

  // Without a node, the gateway still has all of that.
  await node.stop('SIGKILL');
  await statusWhen(gateway, (status) => status.gateway.upstreams[0].state === 'unreachable', 'the node is missed');
  assert.deepEqual(await answersOf(gateway, contract), theirs, 'no node');
  assert.equal((await request(gateway, 'POST', '/on/node/info')).status, 503);
  node = await RuesNode.start(join(folder, 'node'), ...kInstant, '--listen', `127.0.0.1:${port}`);

  // The gateway is killed at some moment of the load, and goes on with the state that it wrote.
  for (let kill = 0; kill < 3; ++kill) {
    const before = (await tipOf(node)).height;
    const load = (async () => {
      for (let i = 0; i < 3; ++i) await runBeside(['transfer', '--from', '2', '--to', '#1', '--amount', '1', '--wait', '--url', node.url]);
    })();
    await reaches(gateway, before + 1 + kill);
    await gateway.stop('SIGKILL');
    await load;
    gateway = await RuesNode.startGateway(join(folder, 'gateway'), [node.url], '--execute');
    await isLevel(gateway, node);
  }
  await gateway.stop();
  gateway = await RuesNode.startGateway(join(folder, 'gateway'), [node.url], '--execute');
  await isLevel(gateway, node);
  assert.deepEqual(await answersOf(gateway, contract), await answersOf(node, contract), 'after kills');
  const log = await logOf(gateway);
  expectNoGap(log);
  const isOfBlock = (event) => !/transactions:[0-9a-f]+\/(included|removed)$/.test(event.headers['Content-Location']);
  assert.deepEqual(log.filter(isOfBlock).map(contentOf), (await logOf(node)).filter(isOfBlock).map(contentOf), 'blocks');
  const text = (await runBeside(['gateway', 'status', '--url', gateway.url])).stdout;
  assert.match(text, /^executed +every block, up to the tip$/m);

  // A folder is gone on with as it was begun, and belongs to nobody else.
  await gateway.stop();
  assert.match(run(['store', 'verify', '--data', join(folder, 'gateway')]).stdout, /executed again, all equal/);
  await assert.rejects(RuesNode.startGateway(join(folder, 'gateway'), [node.url]), /was begun with --execute/);
  await assert.rejects(RuesNode.start(join(folder, 'gateway'), ...kInstant), /the blocks of other nodes, which `rues gateway --execute` follows/);
  const plain = await RuesNode.startGateway(join(folder, 'plain'), [node.url]);
  await plain.stop();
  await assert.rejects(RuesNode.startGateway(join(folder, 'plain'), [node.url], '--execute'), /was begun without --execute/);
  const other = file('other.toml', readFileSync(join(kRoot, 'src/chain/default_genesis.toml'), 'utf8').replace('1_001_000_000_000_000', '1_001_000_000_000_001'));
  await assert.rejects(RuesNode.startGateway(join(folder, 'other'), [node.url], '--execute', '--genesis', other),
    /block 0 of the nodes has the state hash [0-9a-f]{64}, and this genesis gives [0-9a-f]{64}: it is of another chain/);
  for (const [flags, why] of [[['--execute', '--from', '3'], /--from: a gateway that executes/], [['--snapshot', folder], /only a gateway with --execute/]])
    assert.match(run(['gateway', '--upstream', node.url, ...flags], { code: kWrongUse }).stderr, why);

  // From a snapshot: a copy of the folder of a stopped node, and one of a gateway that executes.
  const tip = (await tipOf(node)).height;
  await node.stop();
  cpSync(join(folder, 'node'), join(folder, 'copy'), { recursive: true });
  node = await RuesNode.start(join(folder, 'node'), ...kInstant, '--listen', `127.0.0.1:${port}`);
  await runBeside(['transfer', '--from', '2', '--to', '#1', '--amount', '1', '--wait', '--url', node.url]);
  for (const snapshot of ['copy', 'gateway']) {
    const later = await RuesNode.startGateway(join(folder, `from-${snapshot}`), [node.url], '--execute', '--snapshot', join(folder, snapshot));
    await isLevel(later, node);
    const accepted = (await logOf(later)).filter((event) => event.headers['Content-Location'].endsWith('/accepted'));
    assert.ok(Number(accepted[0].headers['Rues-Height']) >= tip - 1, accepted[0].headers['Rues-Height']);
    const [ofLater, ofNode] = [await answersOf(later, contract), await answersOf(node, contract)];
    delete ofLater[`GET /contracts/${contract}/calls`]; // of the blocks that it has
    delete ofNode[`GET /contracts/${contract}/calls`];
    assert.deepEqual(ofLater, ofNode, snapshot);
    await later.stop();
  }
  assert.match(run(['gateway', '--upstream', node.url, '--execute', '--snapshot', join(folder, 'nothing')], { code: kFailed }).stderr, /snapshot .*nothing: it is no data folder of rues/);
  assert.match(run(['gateway', '--upstream', node.url, '--execute', '--snapshot', join(folder, 'plain')], { code: kFailed }).stderr, /it is of a gateway that does not execute/);
  await node.stop();
});

// Blocks that are taken back take their state with them, also while the gateway is down.
await withFolder(async (folder) => {
  const node = await RuesNode.start(join(folder, 'node'), '--mining', 'manual', '--log-level', 'warning', '--final-after', '20');
  let gateway = await RuesNode.startGateway(join(folder, 'gateway'), [node.url], '--execute');
  let sent = 0;
  const send = async (count) => {
    for (const end = sent + count; sent < end; ++sent) assert.equal((await node.post('propagate', kTransfers[sent].bytes)).status, 202);
  };
  const expectSameState = async (what) => {
    const { tip, mempool } = await statusOf(node);
    await statusWhen(gateway, (status) => status.tip.hash === tip.hash && status.mempool === mempool, what);
    assert.deepEqual(await answersOf(gateway, kStake), await answersOf(node, kStake), what);
  };
  const reorganise = (depth) => node.json('/dev/reorg', JSON.stringify({ depth }));
  await node.mine(2);
  for (const depth of [1, 5]) {
    await send(2);
    await node.mine(depth + 1);
    await expectSameState(`before depth ${depth}`);
    await reorganise(depth + 1);
    await expectSameState(`after depth ${depth}`);
    await node.mine(2);
    await expectSameState(`the blocks in place of depth ${depth}`);
  }
  await send(2);
  await node.mine(4);
  await expectSameState('before the kill');
  await gateway.stop('SIGKILL');
  await reorganise(3);
  await node.mine(5);
  gateway = await RuesNode.startGateway(join(folder, 'gateway'), [node.url], '--execute');
  await expectSameState('after the kill');
  const { gateway: state } = await statusOf(gateway);
  assert.equal(state.upstreams[0].ejections, 0);
  assert.equal(state.reorganisations, 1);
  await gateway.stop();
  assert.match(run(['store', 'verify', '--data', join(folder, 'gateway')]).stdout, /executed again, all equal/);
  await node.stop();
});
