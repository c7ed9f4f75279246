// clients/js against the real program: every event arrives exactly once and in order, whatever happens to connection
// and server.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { join } from 'node:path';
import { RuesNode, WebSocket, withFolder, within } from './node.mjs';
import { kTransfer } from './vectors.mjs';
import { RuesError, connect } from '../../clients/js/rues.mjs';

const kShare = Number(process.env.RUES_LOAD_SHARE ?? 1);
const kRounds = Math.max(2, Math.round(6 / kShare));

const at = (port) => `http://127.0.0.1:${port}`;

/** Collects the client's own events, in order. */
function notices(client) {
  const out = [];
  for (const type of ['lost', 'resumed', 'gap', 'ended', 'error'])
    client.addEventListener(type, ({ detail }) => out.push({ type, ...detail }));
  return out;
}

async function take(subscription, count, what) {
  const out = [];
  while (out.length < count) out.push((await within(subscription.next(), what)).value);
  return out;
}

const heights = (events) => events.map((event) => event.height);
const upTo = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** A proxy to a server, whose connections the test can cut. */
async function proxy(port) {
  const sockets = new Set();
  const server = net.createServer((near) => {
    const far = net.connect(port, '127.0.0.1');
    for (const [one, other] of [[near, far], [far, near]]) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: server.address().port,
    cut: () => sockets.forEach((socket) => socket.destroy()),
    close: () => {
      sockets.forEach((socket) => socket.destroy());
      server.close();
    },
  };
}

// The server is killed again and again while it delivers blocks.
await withFolder(async (data) => {
  let node = await RuesNode.start(data, '--block-time', '20ms');
  const { port } = node;
  const client = await connect(at(port), { WebSocket });
  const told = notices(client);
  const blocks = client.subscribe('/on/blocks/accepted');
  const changes = [];
  client.subscribe('/on/blocks/statechange', (event) => changes.push(event));
  await within(blocks.ready, 'subscription');
  const seen = [];
  for (let round = 0; round < kRounds; ++round) {
    seen.push(...(await take(blocks, 10, `blocks of round ${round}`)));
    // Blocks that wait in the client would let the next round kill the node before the client is back.
    const back = once(client, 'resumed');
    await node.stop('SIGKILL');
    node = await RuesNode.start(data, '--block-time', '20ms', '--listen', `127.0.0.1:${port}`);
    await within(back, `the session of round ${round} resumed`);
  }
  seen.push(...(await take(blocks, 10, 'blocks behind the last kill')));
  assert.deepEqual(heights(seen), upTo(seen[0].height, seen.at(-1).height), 'every block once, in order');
  assert.deepEqual(told.filter(({ type }) => type === 'gap'), []);
  assert.equal(told.filter(({ type }) => type === 'resumed').length, kRounds);
  const keys = changes.map((event) => event.position);
  assert.equal(new Set(keys).size, keys.length, 'every state change once');
  console.log(`${seen.length} blocks and ${changes.length} state changes over ${kRounds} kills`);

  // A subscription goes back to the first event, while the others continue where they are.
  const epoch = client.position.split('-')[0];
  const all = client.subscribe('/on/blocks:' + seen[0].json().header.hash + '/accepted', { after: `${epoch}-0` });
  assert.equal((await take(all, 1, 'an event before the subscription'))[0].position, seen[0].position);
  const next = await take(blocks, 3, 'blocks behind a replay');
  assert.deepEqual(heights(next), upTo(seen.at(-1).height + 1, seen.at(-1).height + 3));
  client.close();
  // Blocks that came before the end may still be in the queue.
  await within(
    (async () => {
      while (!(await blocks.next()).done);
    })(),
    'end of the loop after the end of the client',
  );
  await node.stop();
});

await withFolder(async (data) => {
  const node = await RuesNode.start(join(data, 'node'), '--mining', 'manual', '--contracts-wildcard', 'false');
  const way = await proxy(node.port);

  // Connections break between deliveries and during them.
  const client = await connect(at(way.port), { WebSocket, maxQueue: 5 });
  const told = notices(client);
  const blocks = client.subscribe('/on/blocks/accepted');
  await within(blocks.ready, 'subscription');
  for (let round = 0; round < kRounds; ++round) {
    await node.mine(2);
    if (round % 2 === 0) assert.deepEqual(heights(await take(blocks, 1, 'block')), [2 * round + 1]);
    way.cut();
    if (round % 2 === 0) assert.deepEqual(heights(await take(blocks, 1, 'block')), [2 * round + 2]);
    else assert.deepEqual(heights(await take(blocks, 2, 'block')), [2 * round + 1, 2 * round + 2]);
  }
  assert.deepEqual(told.filter(({ type }) => type === 'gap'), []);

  // A reader does not keep up: the client keeps five events, the others stay at the server.
  const tip = 2 * kRounds;
  await node.mine(40);
  assert.deepEqual(heights(await take(blocks, 40, 'block of a slow reader')), upTo(tip + 1, tip + 40));

  // Leaving a loop unsubscribes, and the path can be subscribed again.
  await node.mine();
  for await (const block of blocks) {
    assert.equal(block.height, tip + 41);
    break;
  }
  assert.equal(client.unsubscribe('/on/blocks/accepted'), false);
  const abort = new AbortController();
  const again = client.subscribe('/on/blocks/accepted', { signal: abort.signal });
  await within(again.ready, 'subscription again');
  assert.throws(() => client.subscribe('/on/blocks/accepted'), RuesError, 'twice');
  const waiting = again.next();
  abort.abort();
  assert.equal((await within(waiting, 'end by a signal')).done, true);
  await assert.rejects(within(client.subscribe('/on/contracts/moonlight').ready, 'refusal'), { code: 'refused' });
  assert.throws(() => client.subscribe('/on/nothing'), RuesError);

  // A session that the server no longer knows is replaced by a new one, which continues at the same position.
  const events = client.subscribe('/on/blocks/accepted');
  const old = await within(events.ready, 'third subscription');
  const thief = new WebSocket(`ws://127.0.0.1:${node.port}/on?resume=${client.sessionId}&after=${old}`);
  await within(once(thief, 'message'), 'session taken over');
  thief.terminate();
  await node.mine(3);
  assert.deepEqual(heights(await take(events, 3, 'blocks of a new session')), upTo(tip + 42, tip + 44));
  assert.deepEqual(told.filter(({ type }) => type === 'gap'), []);

  // A position of an unknown log is a gap, which the client reports before the next event.
  const strange = client.subscribe('/on/blocks/statechange', { after: '0123456789abcdef-7' });
  await node.mine(2);
  const first = (await take(strange, 1, 'event behind a gap'))[0];
  const gap = told.find(({ type }) => type === 'gap');
  assert.equal(gap.path, '/on/blocks/statechange');
  assert.equal(gap.after, '0123456789abcdef-7');
  assert.ok(Number(first.position.split('-')[1]) > Number(gap.from.split('-')[1]));
  assert.deepEqual(heights(await take(events, 2, 'the others have no gap')), [tip + 45, tip + 46]);

  // The client waits for the outcome of a transaction, and reports a refused one.
  const outcome = client.propagate(kTransfer.bytes, { wait: 'executed' });
  await within(
    (async () => {
      while ((await node.account(kTransfer.sender)).next_nonce === 1) await new Promise(setImmediate);
    })(),
    'transfer in the pool',
  );
  await node.mine();
  const { id, outcome: kind, block_height } = await within(outcome, 'outcome');
  assert.deepEqual([id, kind, block_height], [kTransfer.id, 'executed', tip + 47]);
  await assert.rejects(client.propagate(kTransfer.bytes), { code: 'refused', status: 400 });
  await assert.rejects(client.propagate(Buffer.from('00'), { wait: 'executed' }), { code: 'refused' });
  assert.equal((await client.request('POST', '/on/node/info')).status, 200);
  await assert.rejects(connect('http://127.0.0.1:1', { WebSocket }), { code: 'unreachable' });
  client.close();
  way.close();
  await node.stop();
});
