// Gateways as one cluster over a real nats-server, and over three: one of them ingests, all have the same log, positions included; also when the
// ingester is killed, when a server of NATS is killed, and when a machine comes later or comes back.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '../../clients/js/rues.mjs';
import { RuesNode, WebSocket, kProgram, within, withFolder } from './node.mjs';
import { contentOf, expectNoGap, kPaths, kTransfers, logOf, reaches, statusOf, statusWhen } from './following.mjs';
import { kNatsServer, startNats } from './nats.mjs';

if (!kNatsServer) {
  console.log('skipped: no nats-server on this machine');
  process.exit(77);
}

const kManual = ['--mining', 'manual', '--log-level', 'warning'];
const clusterOf = (status) => status.gateway.cluster;
let sent = 0;

async function send(to, count) {
  for (const end = sent + count; sent < end; ++sent) {
    const answer = await to.post('propagate', kTransfers[sent].bytes);
    assert.equal(answer.status, 202, answer.body.toString());
  }
}

/** A machine of the cluster, with its name, folder and flags, so that it can be started again. */
class Machine {
  constructor(folder, name, node, nats, ...flags) {
    Object.assign(this, { folder: join(folder, name), name, node, flags: ['--cluster', nats.urls.join(','), '--machine', name, ...flags] });
  }

  async start() {
    this.gateway = await RuesNode.startGateway(this.folder, [this.node.url], ...this.flags);
    return this;
  }

  kill() {
    return this.gateway.stop('SIGKILL');
  }
}

async function ingesterOf(machines) {
  return within((async () => {
    for (;;) {
      for (const machine of machines) {
        if (clusterOf(await statusOf(machine.gateway)).role === 'ingester') return machine;
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })(), 'an ingester');
}

/** Every machine has the same log, byte for byte, and without a gap; returns it. */
async function expectOneLog(machines, height) {
  for (const machine of machines) await reaches(machine.gateway, height);
  // The tip is there with all of its events, but changes of the mempool may still be on their way.
  await within((async () => {
    for (;;) {
      const all = await Promise.all(machines.map((machine) => statusOf(machine.gateway)));
      if (new Set(all.map((status) => status.position)).size === 1) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })(), 'one position');
  const logs = await Promise.all(machines.map((machine) => logOf(machine.gateway)));
  expectNoGap(logs[0]);
  logs.forEach((log, i) => assert.deepEqual(log, logs[0], machines[i].name));
  return logs[0];
}

/** Mines `blocks` blocks with a transfer each. */
async function grow(node, blocks) {
  for (let i = 0; i < blocks; ++i) {
    await send(node, 1);
    await node.mine();
  }
}

const ofBlocks = (log) => log.filter((event) => !/transactions:[0-9a-f]+\/(included|removed)$/.test(event.headers['Content-Location'])).map(contentOf);

async function killsOf(folder, count) {
  sent = 0;
  const nats = await startNats(folder, count);
  const node = await RuesNode.start(join(folder, 'node'), ...kManual);
  await grow(node, 3);
  const machines = ['a', 'b', 'c'].map((name) => new Machine(folder, name, node, nats));
  const [a, b, c] = machines;
  await Promise.all([a, b].map((machine) => machine.start()));
  let height = 3;
  const expectAll = async (list) => {
    const log = await expectOneLog(list, height);
    assert.deepEqual(ofBlocks(log), ofBlocks(await logOf(node)), 'the events of the node');
    return log;
  };
  await expectAll([a, b]);

  // A machine that comes later, with an empty folder.
  await c.start();
  await expectAll(machines);

  // A client of one machine goes on at another one, with its position.
  const first = await connect(b.gateway.url, { WebSocket });
  const seen = [];
  const subscriptions = kPaths.map((path) => first.subscribe(path, (event) => seen.push(event.position)));
  await Promise.all(subscriptions.map((subscription) => subscription.ready));
  await grow(node, 1);
  height += 1;
  await expectAll(machines);
  const position = await within((async () => {
    for (;;) {
      const { position: end } = await statusOf(b.gateway);
      if (seen.at(-1) === end) return first.position;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })(), 'the last event at the client');
  first.close();
  await grow(node, 2);
  height += 2;
  await expectAll(machines);
  const second = await connect(c.gateway.url, { WebSocket });
  const gaps = [];
  second.addEventListener('gap', (gap) => gaps.push(gap.detail));
  for (const path of kPaths) second.subscribe(path, { after: position }, (event) => seen.push(event.position));
  const end = (await statusOf(c.gateway)).position;
  const number = (text) => Number(text.split('-')[1]);
  await within((async () => {
    while (!seen.includes(end)) await new Promise((resolve) => setTimeout(resolve, 20));
  })(), 'the later events');
  second.close();
  const numbers = seen.map(number).sort((x, y) => x - y);
  assert.deepEqual(numbers, numbers.map((_, i) => numbers[0] + i), 'every event once');
  assert.deepEqual(gaps, []);

  // The ingester is killed while the chain goes on; another machine takes over.
  const times = [];
  for (let round = 0; round < 3; ++round) {
    const victim = await ingesterOf(machines);
    const rest = machines.filter((machine) => machine !== victim);
    const mining = grow(node, 4);
    await victim.kill();
    const killed = Date.now();
    await mining;
    height += 4;
    await ingesterOf(rest);
    times.push(Date.now() - killed);
    await expectAll(rest);
    await victim.start();
    await expectAll(machines);
  }
  console.log(`take-over with ${count} server(s) of NATS: ${times.map((time) => `${(time / 1000).toFixed(1)} s`).join(', ')}`);
  assert.ok(Math.max(...times) < 15_000, 'within 15 s');

  // A server of NATS is killed. With three the cluster goes on without it; with one it goes on when the server is back.
  for (const server of nats.servers) {
    await server.kill();
    const mining = grow(node, 2);
    if (count === 1) {
      await statusWhen(a.gateway, (status) => !clusterOf(status).connected, 'the lost connection is told');
      assert.equal((await a.gateway.request('GET', '/status')).status, 200);
      server.start();
    }
    await mining;
    height += 2;
    await expectAll(machines);
    if (count > 1) server.start();
    await within(server.healthy(), 'a server of NATS that has everything');
    await Promise.all(machines.map((machine) => statusWhen(machine.gateway, (status) => clusterOf(status).connected, 'connected')));
  }

  // The ingester stops by itself: it gives the lease back.
  const ingester = await ingesterOf(machines);
  await ingester.gateway.stop();
  const stopped = Date.now();
  const others = machines.filter((machine) => machine !== ingester);
  await ingesterOf(others);
  console.log(`take-over after a stop: ${((Date.now() - stopped) / 1000).toFixed(1)} s`);
  await grow(node, 1);
  height += 1;
  await expectAll(others);

  // An emptied machine builds its log again.
  rmSync(ingester.folder, { recursive: true });
  await ingester.start();
  await expectAll(machines);

  const status = await statusWhen(a.gateway, (now) => clusterOf(now).machines.length === 3
    && clusterOf(now).machines.every((machine) => machine.height === height), 'all machines are seen');
  assert.deepEqual(clusterOf(status).machines.map((machine) => machine.name), ['a', 'b', 'c']);
  assert.equal(clusterOf(status).machines.filter((machine) => machine.role === 'ingester').length, 1);
  const text = execFileSync(kProgram, ['gateway', 'status', '--url', a.gateway.url], { encoding: 'utf8' });
  assert.match(text, /^cluster +(ingester|edge) a, 0 behind message \d+ of the stream$/m);
  assert.match(text, /^c +(ingester|edge) +\d+ +\d+$/m);

  // Folders of a cluster and of a gateway alone are not mixed up.
  await b.gateway.stop();
  await assert.rejects(RuesNode.startGateway(b.folder, [node.url]), /belongs to a machine of the cluster rues/);
  await assert.rejects(new Machine(folder, 'b', node, nats, '--cluster-name', 'other').start(), /belongs to a machine of the cluster rues/);
  for (const machine of machines.filter((each) => each !== b)) await machine.gateway.stop();
  const alone = await RuesNode.startGateway(join(folder, 'alone'), [node.url]);
  await alone.stop();
  await assert.rejects(new Machine(folder, 'alone', node, nats).start(), /belongs to no machine of a cluster/);
  await node.stop();
  await nats.stop();
}

await withFolder((folder) => killsOf(folder, 1));
await withFolder((folder) => killsOf(folder, 3));

// A stream without room: the ingester waits, says so, and goes on when there is room.
await withFolder(async (folder) => {
  sent = 0;
  const nats = await startNats(folder, 1, 'max_file_store: 100KB');
  const node = await RuesNode.start(join(folder, 'node'), ...kManual);
  const machine = await new Machine(folder, 'a', node, nats).start();
  await reaches(machine.gateway, 0);
  await node.mine(100);
  await statusWhen(machine.gateway, (status) => /resource|storage|space/i.test(clusterOf(status).trouble), 'the trouble is told');
  await machine.gateway.stop();
  await node.stop();
  await nats.stop();
});
