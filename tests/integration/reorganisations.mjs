// Blocks that are taken back (docs/decisions/0032) with the real program: what sessions of every finality get across reorganisations, kills and
// resumed connections; what waits for a transaction; the archive, `rues store verify` and `rues listen`. RUES_SEED repeats a run.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { RuesNode, Session, WebSocket, kProgram, positionOf, seededRandom, within, withFolder } from './node.mjs';
import { kTransfer } from './vectors.mjs';
import { connect } from '../../clients/js/rues.mjs';

const kAccepted = '/on/blocks/accepted';
const kReverted = '/on/blocks/reverted';
const kFinalities = ['accepted', 'confirmed', 'final'];
const random = seededRandom();
const below = (bound) => Math.floor(random() * bound);

const reorg = (node, order) => node.json('/dev/reorg', JSON.stringify(order));

async function openWith(node, query, texts) {
  const session = Object.assign(new Session(), { node, frames: [], waiting: [], texts: [] });
  session.socket = new WebSocket(`ws://127.0.0.1:${node.port}/on?${query}`, { perMessageDeflate: false });
  session.collect();
  await session.said((all) => all.length >= texts, 'session');
  session.id = session.texts[0];
  return session;
}

// --- a transaction across a reorganisation ---
await withFolder(async (data) => {
  let node = await RuesNode.start(data, '--mining', 'manual');
  const session = await openWith(node, 'retractions=true', 1);
  await session.subscribe(`/on/transactions:${kTransfer.id}/executed`, kReverted, kAccepted);
  const plain = await Session.open(node);
  await plain.subscribe(kAccepted);
  assert.equal((await node.post('propagate', kTransfer.bytes)).status, 202);
  await node.mine();
  const after = await node.account(kTransfer.sender);
  assert.equal(after.nonce, 1);

  const done = await reorg(node, { depth: 1 });
  assert.deepEqual(done.returned, [kTransfer.id]);
  assert.equal(done.height, 0);
  assert.equal((await node.account(kTransfer.sender)).nonce, 0);
  const frames = await session.until((frame) => frame.header['Rues-Retracted'] && frame.topic === 'executed', 'retraction');
  const [executed, accepted, reverted, ...retracted] = session.frames.slice(0, frames + 1);
  assert.deepEqual([executed.topic, accepted.topic, reverted.topic], ['executed', 'accepted', 'reverted']);
  assert.deepEqual(JSON.parse(reverted.payload), { atHeight: 1 });
  assert.equal(reverted.entity, accepted.entity);
  assert.deepEqual(retracted.map((frame) => frame.topic), ['accepted', 'executed'], 'the last event is retracted first');
  assert.deepEqual(retracted[1].payload, executed.payload);
  assert.ok(positionOf(retracted[1]).sequence > positionOf(executed).sequence);

  // The answer waits until the transaction is final, in whatever block.
  const answer = node.request('POST', '/on/transactions/propagate', { 'Content-Type': 'application/octet-stream', 'Rues-Wait': 'finalized' }, kTransfer.bytes);
  await node.mine(1);
  await reorg(node, { depth: 1, replace: [[kTransfer.bytes.toString('hex')]] });
  await node.mine(1);
  const outcome = JSON.parse((await within(answer, 'outcome')).body);
  assert.equal(outcome.outcome, 'finalized');
  assert.equal(outcome.block_height, 1);
  assert.equal((await node.account(kTransfer.sender)).balance, after.balance);
  await plain.until((frame) => Number(frame.header['Rues-Height']) === 2, 'block 2');
  assert.ok(plain.frames.every((frame) => !('Rues-Retracted' in frame.header)));
  await node.stop();

  const verified = spawnSync(kProgram, ['store', 'verify', '--data', data], { encoding: 'utf8' });
  assert.equal(verified.status, 0, verified.stdout + verified.stderr);
  const archive = spawnSync(kProgram, ['archive', 'check', '--data', data], { encoding: 'utf8' });
  assert.equal(archive.status, 0, archive.stdout + archive.stderr);
});

// --- wrong orders ---
await withFolder(async (data) => {
  const node = await RuesNode.start(data, '--mining', 'manual');
  await node.mine(70);
  for (const [order, text] of [
    [{ depth: 0 }, 'depth: at least one block must be taken back'],
    [{ depth: 71 }, 'depth: the tip is at height 70, and block 0 stays'],
    [{ depth: 65 }, 'depth: at most 64 blocks can be taken back now, because older states are not kept'],
    [{ depth: 2, final: false }, 'depth: block 69 is final; at most 1 blocks are not'],
    [{ depth: 1, replace: [['zz']] }, 'replace[0][0]: hex digits are expected'],
  ]) {
    const answer = await node.request('POST', '/dev/reorg', {}, JSON.stringify(order));
    assert.equal(answer.status, 400);
    assert.deepEqual(JSON.parse(answer.body), { error: `Invalid input: ${text}` });
  }
  await node.stop();
});

// --- sessions of every finality, against a model ---
await withFolder(async (data) => {
  const kFinalAfter = 3;
  const flags = ['--mining', 'manual', '--final-after', String(kFinalAfter)];
  let node = await RuesNode.start(data, ...flags);
  const chain = []; // the blocks that are in the chain, from height 1: hash and what they reached
  const expected = { accepted: [], confirmed: [], final: [] };
  const stateOf = (index) => {
    const followers = chain.length - 1 - index;
    return followers >= kFinalAfter ? 2 : followers >= 1 ? 1 : 0;
  };
  const blocks = JSON.parse((await node.request('POST', '/on/graphql/query', {}, 'query { block(height: 0) { header { hash } } }')).body);
  assert.ok(blocks.block.header.hash);
  const hashAt = async (height) =>
    JSON.parse((await node.request('POST', '/on/graphql/query', {}, `query { block(height: ${height}) { header { hash } } }`)).body).block.header.hash;
  const mined = async () => {
    chain.push({ hash: await hashAt(chain.length + 1), reached: -1 });
    for (const [index, block] of chain.entries()) {
      for (let state = Math.max(0, block.reached + 1); state <= stateOf(index); ++state) {
        expected[kFinalities[state]].push(`accepted ${block.hash}`);
        block.reached = state;
      }
    }
  };
  const takenBack = (depth) => {
    for (; depth > 0; --depth) {
      const block = chain.pop();
      for (let state = 0; state <= block.reached; ++state) expected[kFinalities[state]].push(`reverted ${block.hash}`);
    }
  };

  const seen = { accepted: [], confirmed: [], final: [] };
  const newest = {};
  let sessions = {};
  const collect = () => {
    for (const [finality, session] of Object.entries(sessions)) {
      const after = newest[finality] ?? 0;
      for (const frame of session.frames.filter((each) => positionOf(each).sequence > after)) {
        seen[finality].push(`${frame.topic} ${frame.entity}`);
        newest[finality] = Math.max(newest[finality] ?? 0, positionOf(frame).sequence);
      }
    }
  };
  for (const finality of kFinalities) {
    const session = await Session.open(node);
    for (const path of [kAccepted, kReverted]) {
      const answer = await node.request('GET', path, { 'Rusk-Session-Id': session.id, 'Rues-Finality': finality });
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get('rues-finality'), finality === 'accepted' ? undefined : finality);
    }
    sessions[finality] = session;
  }
  const epoch = JSON.parse((await node.request('GET', '/status')).body).position.split('-')[0];
  const resumeAll = async (from) => {
    for (const finality of kFinalities) {
      const after = `${epoch}-${newest[finality] ?? from}`;
      const session = await openWith(node, `resume=${sessions[finality].id}&after=${after}`, 2);
      assert.equal(JSON.parse(session.texts[1]).recovered, true);
      sessions[finality] = session;
    }
  };
  for (let step = 0; step < 60; ++step) {
    const what = below(12);
    if (what === 0 && chain.length > 0) {
      const depth = 1 + below(Math.min(chain.length, 6));
      await reorg(node, { depth });
      takenBack(depth);
    } else if (what === 1) {
      collect();
      for (const session of Object.values(sessions)) session.socket.terminate();
      await node.stop('SIGKILL');
      node = await RuesNode.start(data, ...flags);
      await resumeAll(0);
    } else if (what === 2) {
      collect();
      for (const session of Object.values(sessions)) session.socket.terminate();
      await resumeAll(0);
    } else {
      await node.mine();
      await mined();
    }
  }
  // Blocks that end it, so that the last events of each finality are known to have come.
  for (let i = 0; i < 2 * kFinalAfter; ++i) {
    await node.mine();
    await mined();
  }
  for (const finality of kFinalities) {
    const last = expected[finality].at(-1).split(' ')[1];
    await sessions[finality].until((frame) => frame.entity === last && frame.topic === 'accepted', `last of ${finality}`);
  }
  collect();
  for (const finality of kFinalities) assert.deepEqual(seen[finality], expected[finality], finality);

  // --- the command and the client for JavaScript get the same ---
  const begin = `${epoch}-0`;
  const count = expected.final.length;
  const child = spawn(kProgram, ['listen', '--url', `http://127.0.0.1:${node.port}`, '--json', '--finality', 'final', '--after', begin, '--count', String(count), kAccepted, kReverted]);
  const lines = [];
  for await (const line of createInterface(child.stdout)) lines.push(JSON.parse(line));
  assert.deepEqual(
    lines.map(({ headers }) => headers['Content-Location']),
    expected.final.map((text) => `/on/blocks:${text.split(' ')[1]}/${text.split(' ')[0]}`),
  );
  const client = await connect(`http://127.0.0.1:${node.port}`, { WebSocket, finality: 'final', after: begin });
  const got = [];
  for await (const event of await client.subscribe(kAccepted)) {
    got.push(event.location);
    if (got.length === expected.final.filter((text) => text.startsWith('accepted')).length) break;
  }
  await client.close();
  assert.deepEqual(
    got,
    expected.final.filter((text) => text.startsWith('accepted')).map((text) => `/on/blocks:${text.split(' ')[1]}/accepted`),
  );
  for (const session of Object.values(sessions)) session.socket.terminate();
  await node.stop();
  const verified = spawnSync(kProgram, ['store', 'verify', '--data', data], { encoding: 'utf8' });
  assert.equal(verified.status, 0, verified.stdout + verified.stderr);
});
