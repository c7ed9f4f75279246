// A gateway before nodes that take blocks back (docs/decisions/0034): its chain is the node's afterwards, its log says what was taken back, and
// clients of every finality get what a model says, live, resumed, and after the gateway was down.
import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { RuesNode, Session, WebSocket, positionOf, request, withFolder } from './node.mjs';
import { kSender, kTransfers, reaches, statusOf, statusWhen } from './following.mjs';

const kFinalAfter = 20;
const kGatewayFlags = process.argv.slice(2); // also run with --execute
const kFlags = ['--mining', 'manual', '--log-level', 'warning', '--final-after', String(kFinalAfter)];
const kAccepted = '/on/blocks/accepted';
const kReverted = '/on/blocks/reverted';
const kFinalities = ['accepted', 'confirmed', 'final'];

const reorg = (node, order) => node.json('/dev/reorg', JSON.stringify(order));

async function ask(server, query) {
  const answer = await request(server, 'POST', '/graphql', { 'Content-Type': 'application/json' }, JSON.stringify({ query }));
  assert.equal(answer.status, 200, answer.body.toString());
  const { data, errors } = JSON.parse(answer.body);
  assert.equal(errors, undefined, JSON.stringify(errors));
  return data;
}

/** Everything of the chain that GraphQL and the archive say. */
async function chainOf(server) {
  const { block } = await ask(server, '{block(height:-1){header{height}}}');
  const heights = Array.from({ length: block.header.height }, (_, i) => i + 1);
  const out = await ask(server, `{blocks(range:[1,${heights.length}]){header{json} status transactions{id gasSpent err}} mempoolTxs{id}}`);
  out.mempoolTxs = out.mempoolTxs.map(({ id }) => id).sort();
  out.events = [];
  for (const height of heights) out.events.push((await ask(server, `{contractEvents(height:${height}){json}}`)).contractEvents);
  out.archive = JSON.parse((await request(server, 'GET', `/archive/accounts/${kSender}?limit=100`)).body);
  return out;
}

/** Resolves when the gateway has the node's tip and mempool; then everything must be equal. */
async function expectSameChain(gateway, node, what) {
  const { tip, mempool } = await statusOf(node);
  await statusWhen(gateway, (status) => status.tip.hash === tip.hash && status.mempool === mempool, `${what}: block ${tip.height} ${tip.hash}`);
  assert.deepEqual(await chainOf(gateway), await chainOf(node), what);
}

async function openWith(server, query, texts) {
  const session = Object.assign(new Session(), { node: server, frames: [], waiting: [], texts: [] });
  session.socket = new WebSocket(`ws://127.0.0.1:${server.port}/on?${query}`, { perMessageDeflate: false });
  session.collect();
  await session.said((all) => all.length >= texts, 'session');
  session.id = session.texts[0];
  return session;
}

/** Blocks that a client has, by what it was sent: `reverted` takes the last one away, `accepted` adds its child. */
class Model {
  blocks = [];
  newest = 0;
  reverted = 0;

  take(frame) {
    const { sequence } = positionOf(frame);
    if (sequence <= this.newest) return; // sent again to a session that resumed
    this.newest = sequence;
    if (frame.topic === 'reverted') {
      assert.equal(this.blocks.pop()?.hash, frame.entity, 'the last block is taken back first');
      ++this.reverted;
      return;
    }
    const { header } = JSON.parse(frame.payload);
    if (this.blocks.length > 0) {
      assert.equal(header.prev_block_hash, this.blocks.at(-1).hash, `block ${header.height} follows the one before it`);
    }
    this.blocks.push({ hash: frame.entity, height: header.height });
  }
}

/** One session of each finality, which may be cut and resumed. */
class Clients {
  static async open(server) {
    const out = new Clients();
    out.models = Object.fromEntries(kFinalities.map((finality) => [finality, new Model()]));
    out.sessions = {};
    for (const finality of kFinalities) {
      const session = await Session.open(server);
      for (const path of [kAccepted, kReverted]) {
        const answer = await server.request('GET', path, { 'Rusk-Session-Id': session.id, 'Rues-Finality': finality });
        assert.equal(answer.status, 200);
      }
      out.sessions[finality] = session;
    }
    out.epoch = (await statusOf(server)).position.split('-')[0];
    return out;
  }

  /** Ends the connections. */
  cut() {
    for (const finality of kFinalities) {
      const session = this.sessions[finality];
      session.frames.splice(0).forEach((frame) => this.models[finality].take(frame));
      session.socket.terminate();
    }
  }

  async resume(server) {
    for (const finality of kFinalities) {
      const after = `${this.epoch}-${this.models[finality].newest}`;
      const session = await openWith(server, `resume=${this.sessions[finality].id}&after=${after}`, 2);
      assert.equal(JSON.parse(session.texts[1]).recovered, true);
      this.sessions[finality] = session;
    }
  }

  async end(blocks) {
    for (const finality of kFinalities) {
      const last = blocks[finality].at(-1);
      await this.sessions[finality].until((frame) => frame.topic === 'accepted' && frame.entity === last, `the last ${finality} block`);
    }
    this.cut();
  }
}

let sent = 0;
async function send(to, count) {
  for (const end = sent + count; sent < end; ++sent) assert.equal((await to.post('propagate', kTransfers[sent].bytes)).status, 202);
}

// --- one node; depths, a shorter branch, transactions, the gateway down, clients that resume ---
await withFolder(async (folder) => {
  const node = await RuesNode.start(join(folder, 'node'), ...kFlags);
  await node.mine(2);
  let gateway = await RuesNode.startGateway(join(folder, 'gateway'), [node.url], ...kGatewayFlags);
  await reaches(gateway, 2);
  await statusWhen(gateway, (status) => status.gateway.following === node.url, 'the node is followed');
  const clients = await Clients.open(gateway);
  const retracting = await openWith(gateway, 'retractions=true', 1);
  await retracting.subscribe('/on/blocks/accepted', '/on/blocks/reverted', '/on/transactions/executed', '/on/contracts/moonlight');

  let taken = 0;
  for (const depth of [1, 3, 10]) {
    await send(node, 2);
    await node.mine(1);
    await node.mine(depth);
    await expectSameChain(gateway, node, `before depth ${depth}`);
    await reorg(node, { depth });
    taken += depth;
    // The node has only fewer blocks now, and its stream says that it took the others back.
    await expectSameChain(gateway, node, `after depth ${depth}, before a new block`);
    await node.mine(2);
    await expectSameChain(gateway, node, `after depth ${depth}`);
    const { gateway: state } = await statusOf(gateway);
    assert.equal(state.taken_back, taken);
    assert.equal(state.upstreams[0].ejections, 0);
  }

  // Transactions that are executed again in other blocks, while clients are away.
  await send(node, 3);
  await node.mine(1);
  await expectSameChain(gateway, node, 'before transactions are taken back');
  clients.cut();
  await reorg(node, { depth: 1, replace: [[kTransfers[sent - 3].bytes.toString('hex')]] });
  taken += 1;
  await node.mine(2);
  await expectSameChain(gateway, node, 'after transactions were taken back');
  await clients.resume(gateway);

  // The gateway is killed; the node leaves the branch of the gateway's tip, twice.
  await send(node, 2);
  await node.mine(4);
  await expectSameChain(gateway, node, 'before the gateway is killed');
  const last = (await statusOf(node)).tip.hash;
  await retracting.until((frame) => frame.name === 'blocks/accepted' && frame.entity === last, 'everything before the kill');
  clients.cut();
  retracting.socket.terminate();
  await gateway.stop('SIGKILL');
  await reorg(node, { depth: 3 });
  await node.mine(2);
  await send(node, 1);
  await node.mine(2);
  await reorg(node, { depth: 2 });
  await node.mine(4);
  gateway = await RuesNode.startGateway(join(folder, 'gateway'), [node.url], ...kGatewayFlags);
  await expectSameChain(gateway, node, 'after the gateway was killed');
  assert.equal((await statusOf(gateway)).gateway.taken_back, 3);
  taken += 3;
  await clients.resume(gateway);

  // The gateway is killed while the node takes blocks back again and again.
  for (let kill = 0; kill < 3; ++kill) {
    clients.cut();
    const turning = (async () => {
      for (let i = 0; i < 4; ++i) {
        await node.mine(2);
        await reorg(node, { depth: 1 + i });
        await node.mine(i + 1);
      }
    })();
    await gateway.stop('SIGKILL');
    await turning;
    gateway = await RuesNode.startGateway(join(folder, 'gateway'), [node.url], ...kGatewayFlags);
    await expectSameChain(gateway, node, `after kill ${kill}`);
    await clients.resume(gateway);
  }

  await node.mine(kFinalAfter + 2);
  await expectSameChain(gateway, node, 'at the end');
  const { blocks } = await chainOf(node);
  const hashes = blocks.map((block) => JSON.parse(block.header.json).hash);
  const since = { accepted: hashes.slice(2), confirmed: hashes.slice(0, -1), final: hashes.slice(0, -kFinalAfter) };
  await clients.end(since);
  for (const finality of kFinalities) {
    const got = clients.models[finality].blocks.map(({ hash }) => hash);
    const expected = since[finality].slice(since[finality].indexOf(got[0]));
    assert.deepEqual(got, expected, `${finality}: the blocks that a client has`);
    assert.ok(got.length >= 5, `${finality}: ${got.length} blocks`);
  }
  assert.equal(clients.models.final.reverted, 0, 'no final block was taken back');
  assert.ok(clients.models.accepted.reverted >= taken, `${clients.models.accepted.reverted} reverted blocks`);

  // A client that asked for retractions has none left of the events of a block that was taken back.
  const left = new Map();
  for (const { header, entity, name } of retracting.frames) {
    if (name === 'blocks/reverted') continue;
    const key = `${header['Rues-Block-Hash']} ${name} ${entity}`;
    left.set(key, (left.get(key) ?? 0) + (header['Rues-Retracted'] ? -1 : 1));
  }
  const gone = new Set(retracting.frames.filter((frame) => frame.name === 'blocks/reverted').map((frame) => frame.entity));
  assert.ok(gone.size >= 15, `${gone.size} blocks`);
  for (const [key, count] of left) assert.equal(count > 0, !gone.has(key.split(' ')[0]), `${key}: ${count}`);
  await gateway.stop();
  await node.stop();
});

// --- a node that takes back a final block contradicts what the gateway has published as final ---
await withFolder(async (folder) => {
  const node = await RuesNode.start(join(folder, 'node'), '--mining', 'manual', '--log-level', 'warning');
  const gateway = await RuesNode.startGateway(join(folder, 'gateway'), [node.url], ...kGatewayFlags, '--ejection-time', '1h');
  await node.mine(5);
  await reaches(gateway, 5);
  const { tip } = await statusOf(gateway);
  await reorg(node, { depth: 3 });
  await node.mine(4);
  const { gateway: state } = await statusWhen(gateway, (status) => status.gateway.upstreams[0].state === 'ejected', 'the node is ejected');
  assert.match(state.upstreams[0].why, /(has another|does not show) block 4/);
  assert.deepEqual((await statusOf(gateway)).tip, tip, 'the gateway keeps its chain');
  assert.equal(state.taken_back, 0);
  await gateway.stop();
  await node.stop();
});

// --- two nodes on two branches: the gateway stays with the one that it follows, until that stays behind ---
await withFolder(async (folder) => {
  let first = await RuesNode.start(join(folder, 'first'), ...kFlags);
  await first.mine(3);
  await first.stop();
  cpSync(join(folder, 'first'), join(folder, 'second'), { recursive: true });
  first = await RuesNode.start(join(folder, 'first'), ...kFlags);
  const second = await RuesNode.start(join(folder, 'second'), ...kFlags);
  await first.mine(1);
  assert.equal((await second.post('propagate', kTransfers[0].bytes)).status, 202);
  const gateway = await RuesNode.startGateway(join(folder, 'gateway'), [first.url, second.url], ...kGatewayFlags, '--stale-after', '1s');
  await reaches(gateway, 4);
  await second.mine(2);
  await first.mine(1);
  await expectSameChain(gateway, first, 'the first is followed');
  await statusWhen(gateway, (status) => status.gateway.upstreams[1].branch === 'other', 'the second is on another branch');
  await second.mine(1); // one ahead, which is no reason
  await statusWhen(gateway, (status) => status.gateway.upstreams[1].height === 6, 'the second is ahead');
  await first.mine(1);
  await reaches(gateway, 6);
  assert.equal((await statusOf(gateway)).gateway.following, first.url);
  await second.mine(4); // four ahead, and the first makes no more blocks
  await statusWhen(gateway, (status) => status.gateway.following === second.url, 'the second is followed');
  await expectSameChain(gateway, second, 'the second is followed');
  const { gateway: state } = await statusOf(gateway);
  assert.equal(state.reorganisations, 1);
  assert.equal(state.taken_back, 3);
  assert.deepEqual(state.upstreams.map(({ ejections }) => ejections), [0, 0]);
  for (const each of [gateway, first, second]) await each.stop();
});
