// Decoded events of contracts (docs/delivery.md) with the real program: in order, the same on every way, and after a restart.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { createInterface } from 'node:readline';
import { RuesNode, Session, WebSocket, kProgram, positionOf, within, withFolder } from './node.mjs';
import { kTransfer } from './vectors.mjs';
import { connect } from '../../clients/js/rues.mjs';

const kTransferContract = '01'.padEnd(64, '0');
const kStakeContract = '02'.padEnd(64, '0');
const kMoonlight = `/on/contracts:${kTransferContract}/moonlight`;
const kReward = `/on/contracts:${kStakeContract}/reward`;
const kAccepted = '/on/blocks/accepted';
const kSessions = 20;
const kBlocks = 150;

/** A session at a socket with parameters. */
async function openWith(node, query, texts) {
  const session = Object.assign(new Session(), { node, frames: [], waiting: [], texts: [] });
  session.socket = new WebSocket(`ws://127.0.0.1:${node.port}/on?${query}`, { perMessageDeflate: false });
  session.collect();
  await session.said((all) => all.length >= texts, 'session');
  session.id = session.texts[0];
  return session;
}

/** What the contract's data driver makes of an event that came as it is. */
async function driven(node, frame) {
  const answer = await node.request('POST', `/on/driver:${frame.entity}/decode_event:${frame.topic}`, { 'Content-Type': 'application/octet-stream' }, frame.payload);
  assert.equal(answer.status, 200, String(answer.body));
  return answer.body.toString();
}

/** The last lines of `rues listen`, once it has printed so many. */
async function listen(node, count, ...flags) {
  const child = spawn(kProgram, ['listen', '--url', `http://127.0.0.1:${node.port}`, '--json', '--count', String(count), ...flags]);
  const lines = [];
  for await (const line of createInterface(child.stdout)) lines.push(JSON.parse(line));
  return lines;
}

await withFolder(async (data) => {
  const flags = ['--mining', 'manual'];
  let node = await RuesNode.start(data, ...flags);
  const stored = await Session.open(node);
  await stored.subscribe(kMoonlight, kReward);
  const decoded = await openWith(node, 'decode=json', 1);
  await decoded.subscribe(kMoonlight, kReward, kAccepted);

  // --- a transfer and the reward of its block ---
  assert.equal((await node.post('propagate', kTransfer.bytes)).status, 202);
  await node.mine();
  await decoded.until((frame) => frame.name === 'blocks/accepted', 'block');
  await stored.until((frame) => frame.name === 'contracts/reward', 'reward');
  const events = decoded.frames.filter((frame) => frame.component === 'contracts');
  assert.deepEqual(events.map((frame) => frame.name).sort(), ['contracts/moonlight', 'contracts/reward']);
  assert.equal(stored.frames.length, events.length);
  for (const [i, frame] of events.entries()) {
    const raw = stored.frames[i];
    assert.equal(frame.payload.toString(), await driven(node, raw));
    assert.deepEqual(frame.header, { ...raw.header, 'Content-Type': 'application/json', 'Rues-Decoded': 'json' });
    assert.ok(!('Rues-Decoded' in raw.header));
  }
  const transfer = JSON.parse(events.find((frame) => frame.topic === 'moonlight').payload);
  assert.equal(transfer.sender, kTransfer.sender);
  assert.equal(transfer.receiver, kTransfer.receiver);
  assert.equal(Number(transfer.value), 77);

  // --- history, a stream, the command line and the client say the same ---
  const first = positionOf(events[0]).epoch + '-0';
  const page = await node.request('GET', `/events/history?on=${kMoonlight}&decode=json`);
  assert.deepEqual(JSON.parse(page.body.toString().trim()).json, transfer);
  assert.ok(JSON.parse((await node.request('GET', `/events/history?on=${kMoonlight}`)).body.toString().trim()).base64);
  const stream = await new Promise((resolve) => {
    const request = http.get({ host: '127.0.0.1', port: node.port, path: `/events?on=${kMoonlight}&decode=json&after=${first}` }, (response) => {
      let text = '';
      response.on('error', () => {});
      response.on('data', (more) => {
        text += more;
        const data = /event: \/on\/contracts.*\ndata: (.*)\n\n/.exec(text);
        if (data) resolve([JSON.parse(data[1]), request.destroy()][0]);
      });
    });
    request.on('error', () => {});
  });
  assert.deepEqual(stream.json, transfer);
  assert.equal(stream.headers['Rues-Decoded'], 'json');
  const [line] = await within(listen(node, 1, '--decode', '--after', first, kMoonlight), 'listen --decode');
  assert.deepEqual(line.json, transfer);
  const [rawLine] = await within(listen(node, 1, '--after', first, kMoonlight), 'listen');
  assert.ok(rawLine.base64 && !('Rues-Decoded' in rawLine.headers));
  const client = await connect(`http://127.0.0.1:${node.port}`, { WebSocket, decode: true });
  const { value: event } = await within(client.subscribe(kMoonlight, { after: first }).next(), 'event of the client');
  assert.deepEqual(event.json(), transfer);
  assert.equal(event.undecoded, undefined);
  client.close();
  const other = await node.request('GET', kMoonlight, { 'Rusk-Session-Id': stored.id, 'Rues-Decode': 'xml' });
  assert.equal(other.status, 400);
  assert.equal(other.body.toString(), '{"error":"Invalid input: events can be decoded as json or no"}');

  // --- many sessions under load: each gets every event once, in order, decoded ---
  const sessions = [];
  for (let i = 0; i < kSessions; ++i) {
    const session = await openWith(node, 'decode=json', 1);
    await session.subscribe(...(i % 2 === 0 ? [kAccepted, kReward] : [kReward, kAccepted]));
    sessions.push(session);
  }
  const height = await node.mine(kBlocks);
  for (const session of sessions) {
    await session.until((frame) => frame.name === 'blocks/accepted' && Number(frame.header['Rues-Height']) === height, `block ${height}`);
    assert.equal(session.frames.length, 2 * kBlocks);
    const order = session.frames.map((frame) => positionOf(frame).sequence);
    assert.ok(order.every((sequence, i) => i === 0 || sequence > order[i - 1]), 'in order');
    for (const frame of session.frames) assert.equal(frame.header['Rues-Decoded'], frame.component === 'contracts' ? 'json' : undefined);
  }

  // --- a killed server: a resumed session keeps its choice, for events from before and after ---
  const last = sessions[0].frames.at(-1).header['Rues-Position'];
  const before = sessions[0].frames.at(-5).header['Rues-Position'];
  await node.stop('SIGKILL');
  node = await RuesNode.start(data, ...flags);
  const resumed = await openWith(node, `resume=${sessions[0].id}&after=${before}`, 2);
  assert.equal(JSON.parse(resumed.texts[1]).recovered, true);
  await node.mine();
  await resumed.until((frame) => frame.name === 'blocks/accepted' && Number(frame.header['Rues-Height']) === height + 1, 'the next block');
  assert.equal(resumed.frames.length, 6);
  for (const frame of resumed.frames.filter((one) => one.component === 'contracts')) {
    assert.equal(frame.header['Rues-Decoded'], 'json');
    JSON.parse(frame.payload);
  }
  assert.deepEqual(resumed.frames.slice(0, 4).map((frame) => [frame.text, frame.payload.toString()]), sessions[0].frames.slice(-4).map((frame) => [frame.text, frame.payload.toString()]));
  assert.equal(resumed.frames[3].header['Rues-Position'], last);
  const closed = once(resumed.socket, 'close');
  await node.stop();
  assert.equal((await within(closed, 'close'))[0], 1012);
});
