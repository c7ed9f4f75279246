// No event is ever lost: positions, replays, resumed sessions, and the other ways to read the log (docs/delivery.md), with the real program.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { RuesNode, Session, WebSocket, positionOf, within, withFolder } from './node.mjs';
import { kTransfer } from './vectors.mjs';

const kAccepted = '/on/blocks/accepted';
const topicOf = (topic) => `/on/transactions:${kTransfer.id}/${topic}`;
const heights = (frames) => frames.filter((frame) => frame.name === 'blocks/accepted').map((frame) => Number(frame.header['Rues-Height']));
const isBlock = (height) => (frame) => frame.name === 'blocks/accepted' && frame.header['Rues-Height'] === String(height);
const errorOf = (answer) => ({ status: answer.status, code: answer.headers.get('rues-error-code') });

/** A socket with parameters in its URL: the headers of its 101, its id, its texts and frames. */
async function openWith(node, query) {
  const session = new Session();
  Object.assign(session, { node, frames: [], waiting: [], texts: [] });
  session.socket = new WebSocket(`ws://127.0.0.1:${node.port}/on?${query}`, { perMessageDeflate: false });
  session.socket.on('upgrade', (response) => (session.headers = response.headers));
  session.collect();
  await session.said((texts) => texts.length >= 2, 'id and what was recovered');
  session.id = session.texts[0];
  return session;
}

async function subscribeAfter(session, path, position, header = true) {
  const target = header ? path : `${path}?after=${position}`;
  const answer = await session.node.request('GET', target, { 'Rusk-Session-Id': session.id, ...(header ? { 'Rues-After': position } : {}) });
  return { status: answer.status, position: answer.headers.get('rues-position'), recovered: answer.headers.get('rues-recovered'), answer };
}

/** The events of a streamed response, as they come. */
function openStream(node, path, headers = {}) {
  const stream = { events: [], waiting: [] };
  stream.request = http.get({ host: '127.0.0.1', port: node.port, path, headers }, (response) => {
    stream.response = response;
    let text = '';
    response.setEncoding('utf8');
    response.on('data', (more) => {
      text += more;
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const event = Object.fromEntries(text.slice(0, end).split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]));
        text = text.slice(end + 2);
        if (event.data) stream.events.push({ ...event, data: JSON.parse(event.data) });
      }
      stream.waiting = stream.waiting.filter((look) => !look());
    });
    response.on('error', () => {});
  });
  stream.until = (count) =>
    within(new Promise((resolve) => {
      const look = () => stream.events.length >= count && (resolve(), true);
      if (!look()) stream.waiting.push(look);
    }), `${count} events of the stream`);
  return stream;
}

await withFolder(async (data) => {
  const flags = ['--mining', 'manual', '--debug-token', 'secret'];
  let node = await RuesNode.start(data, ...flags);
  const epoch = (await node.request('GET', '/status')).body.toString().match(/"position":"([0-9a-f]{16})-/)[1];
  const at = (sequence) => `${epoch}-${sequence}`;

  // --- a subscription from an earlier position ---
  let session = await Session.open(node);
  await node.mine(3);
  const fromStart = await subscribeAfter(session, kAccepted, at(0));
  assert.deepEqual({ ...fromStart, answer: undefined }, { status: 200, position: at(0), recovered: 'true', answer: undefined });
  await session.until(isBlock(3), 'block 3');
  await node.mine();
  await session.until(isBlock(4), 'block 4');
  assert.deepEqual(heights(session.frames), [1, 2, 3, 4]);
  assert.ok(session.frames.every((frame) => !('Rues-Replay' in frame.header)));
  const other = await Session.open(node);
  const byQuery = await subscribeAfter(other, kAccepted, positionOf(session.frames[1]).sequence ? session.frames[1].header['Rues-Position'] : '', false);
  assert.equal(byQuery.recovered, 'true');
  await other.until(isBlock(4), 'block 4');
  assert.deepEqual(heights(other.frames), [3, 4]);
  const foreign = await subscribeAfter(other, '/on/blocks/statechange', `${'0'.repeat(16)}-1`);
  assert.equal(foreign.recovered, 'false');
  for (const bad of ['1', 'x-1', `${epoch}-01`, `${epoch.toUpperCase()}G-1`])
    assert.deepEqual(errorOf((await subscribeAfter(other, '/on/blocks/reverted', bad)).answer), { status: 400, code: 'invalid_input' }, bad);

  // --- a transaction whose sender subscribes too late, and one whose sender cannot miss its events ---
  const waiting = node.request('POST', '/on/transactions/propagate', { 'Content-Type': 'application/octet-stream', 'Rues-Wait': 'executed', 'Rusk-Session-Id': other.id, 'Rues-Watch': 'true' }, kTransfer.bytes);
  await other.until((frame) => frame.name === 'transactions/included', 'included');
  await node.mine();
  const waited = await waiting;
  assert.equal(waited.status, 200);
  assert.ok(waited.headers.get('rues-position'));
  const outcome = JSON.parse(waited.body);
  assert.equal(outcome.outcome, 'executed');
  assert.equal(outcome.error, null);
  assert.equal(outcome.block_height, 5);
  await other.until((frame) => frame.name === 'transactions/removed', 'removed');
  const executed = other.frames.find((frame) => frame.name === 'transactions/executed');
  assert.equal(outcome.position, executed.header['Rues-Position']);
  assert.equal(outcome.block_hash, executed.header['Rues-Block-Hash']);
  assert.equal((await other.subscription('DELETE', topicOf('executed'))).status, 404, 'the watch ended with the transaction');

  const late = await Session.open(node);
  await late.subscribe(topicOf('executed'), topicOf('removed'), topicOf('dropped'));
  await late.until((frame) => frame.name === 'transactions/removed', 'removed');
  assert.deepEqual(late.frames.map((frame) => [frame.name, frame.header['Rues-Replay']]), [['transactions/executed', 'true'], ['transactions/removed', 'true']]);
  assert.equal(late.frames[0].text.replace(',"Rues-Replay":"true"', ''), executed.text, 'otherwise it is the same');

  const again = (headers) => node.request('POST', '/on/transactions/propagate', { 'Content-Type': 'application/octet-stream', ...headers }, kTransfer.bytes);
  assert.equal((await again({})).status, 400, 'a refusal is answered at once');
  assert.deepEqual(JSON.parse((await again({ 'Rues-Wait': 'executed' })).body), outcome, 'a transaction that is already executed is answered with its outcome');
  await other.subscribe(topicOf('dropped'));
  assert.equal((await again({ 'Rues-Wait': 'executed', 'Rusk-Session-Id': other.id, 'Rues-Watch': 'true' })).status, 200);
  assert.equal((await other.subscription('DELETE', topicOf('executed'))).status, 404, 'no subscription to a transaction that publishes nothing more');
  assert.equal((await other.subscription('DELETE', topicOf('dropped'))).status, 200, 'earlier subscriptions stay');
  for (const headers of [{ 'Rues-Wait': 'soon' }, { 'Rues-Wait': 'executed', 'Rues-Wait-Seconds': '0' }, { 'Rues-Watch': 'yes' }])
    assert.equal((await node.request('POST', '/on/transactions/propagate', { ...headers, 'Content-Type': 'application/octet-stream' }, kTransfer.bytes)).status, 400);
  assert.equal((await node.request('POST', '/on/transactions/propagate', { 'Rues-Watch': 'true', 'Content-Type': 'application/octet-stream' }, kTransfer.bytes)).status, 424);
  assert.equal((await node.request('POST', '/on/transactions/propagate', { 'Rues-Watch': 'true', 'Rusk-Session-Id': '0'.repeat(32), 'Content-Type': 'application/octet-stream' }, kTransfer.bytes)).status, 424);

  // --- commands on the socket ---
  const spoken = await Session.open(node);
  const say = async (command) => {
    const before = spoken.texts.length;
    spoken.socket.send(typeof command === 'string' ? command : JSON.stringify(command));
    await spoken.said((texts) => texts.length > before, 'an answer');
    return JSON.parse(spoken.texts.at(-1));
  };
  const subscribed = await say({ subscribe: [kAccepted, '/on/nodes/x'], after: at(0), id: 7 });
  assert.deepEqual(subscribed, {
    subscribed: [{ on: kAccepted, position: at(0), recovered: true }],
    errors: [{ on: '/on/nodes/x', code: 'path_not_found', error: 'Path not found' }],
    id: 7,
  });
  await spoken.until(isBlock(5), 'block 5');
  assert.deepEqual(heights(spoken.frames), [1, 2, 3, 4, 5]);
  spoken.socket.send('hello');
  spoken.socket.send('');
  assert.deepEqual(await say({ unsubscribe: [kAccepted, kAccepted] }), {
    unsubscribed: [kAccepted],
    errors: [{ on: kAccepted, code: 'not_subscribed', error: 'Subscription not found' }],
  });
  for (const bad of ['{', '{}', '{"subscribe":[]}', '{"subscribe":"/on/blocks/accepted"}', '{"subscribe":["/on/blocks/accepted"],"after":1}', '{"subscribe":["/on/blocks/accepted"],"x":1}', `{"subscribe":${JSON.stringify(Array(65).fill(kAccepted))}}`])
    assert.equal((await say(bad)).code, 'invalid_input', bad);

  // The largest accepted commands get their answers, even if the client reads none of them for a while.
  const many = Array.from({ length: 64 }, (_, i) => `/on/transactions:${i.toString(16).padStart(64, '0')}/executed`);
  assert.equal((await say({ subscribe: many, id: 'x'.repeat(64) })).subscribed.length, 64);
  assert.equal((await say({ unsubscribe: many })).unsubscribed.length, 64);
  const nonsense = many.map((path) => path.replace('transactions', 'nodes'));
  assert.equal((await say({ subscribe: nonsense })).errors.length, 64);
  assert.equal((await say({ subscribe: [kAccepted], id: 'x'.repeat(65) })).code, 'invalid_input');
  // A URI has at most 1,024 bytes. A byte that a path cannot contain is written as three, also in the answer.
  const uri = (topic) => `/on/contracts:${'0'.repeat(64)}/${topic}`;
  const longest = uri('t'.repeat(1_024 - uri('').length));
  assert.equal((await say({ subscribe: [longest] })).subscribed[0].on, longest);
  for (const long of [`${longest}t`, uri('%01'.repeat(5_000))]) {
    const { errors } = await say({ subscribe: [long] });
    assert.deepEqual(errors.map(({ code }) => code), ['invalid_input']);
  }

  // --- Server-Sent Events and pages of history ---
  const stream = openStream(node, `/events?on=${kAccepted}&on=${encodeURIComponent(topicOf('executed'))}&after=${at(0)}`);
  await stream.until(7);
  assert.equal(stream.response.headers['content-type'], 'text/event-stream');
  assert.deepEqual(stream.events[0], { id: at(0), event: 'hello', data: { recovered: true, from: at(0) } });
  assert.deepEqual(stream.events.slice(1).map(({ data }) => data.headers['Rues-Height']), ['1', '2', '3', '4', '5', '5']);
  assert.equal(stream.events[5].event, topicOf('executed'));
  assert.deepEqual(stream.events[5].data.json, JSON.parse(executed.payload));
  const continued = openStream(node, `/events?on=${kAccepted}`, { 'Last-Event-ID': stream.events[3].id });
  await node.mine();
  await continued.until(4);
  assert.deepEqual(continued.events.slice(1).map(({ data }) => data.json.header.height), [4, 5, 6]);
  await stream.until(8);
  stream.request.destroy();
  continued.request.destroy();
  // A browser connects again with its first URL and the id of the last event; polyfills send the id as a parameter. Proxies pass on each event at
  // once.
  const returning = openStream(node, `/events?on=${kAccepted}&after=${at(0)}`, { 'Last-Event-ID': continued.events[2].id });
  const polyfill = openStream(node, `/events?on=${kAccepted}&after=${at(0)}&lastEventId=${continued.events[2].id}`);
  for (const one of [returning, polyfill]) {
    await one.until(2);
    assert.deepEqual(one.events.slice(1).map(({ data }) => data.json.header.height), [6]);
    assert.equal(one.response.headers['x-accel-buffering'], 'no');
    assert.match(one.response.headers['cache-control'], /no-transform/);
    one.request.destroy();
  }
  for (const bad of ['/events', '/events?on=/on/nodes/x', `/events?on=${kAccepted}&after=1`, `/events?on=${kAccepted}&x=1`, `/events/history?on=${kAccepted}&limit=0`, `/events/history?on=${kAccepted}&limit=10001`])
    assert.ok([400, 404].includes((await node.request('GET', bad)).status), bad);

  const pages = [];
  for (let after = ''; ; ) {
    const page = await node.request('GET', `/events/history?on=${kAccepted}&on=/on/contracts:${'01'.padEnd(64, '0')}/moonlight&limit=2${after}`);
    assert.equal(page.status, 200);
    assert.equal(page.headers.get('content-type'), 'application/x-ndjson');
    pages.push(page.body.toString().split('\n').filter(Boolean).map((line) => JSON.parse(line)));
    assert.ok(pages.at(-1).length <= 2);
    if (page.headers.get('rues-position') === page.headers.get('rues-head')) break;
    after = `&after=${page.headers.get('rues-position')}`;
  }
  const history = pages.flat();
  assert.deepEqual(history.filter((line) => line.json).map((line) => line.json.header.height), [1, 2, 3, 4, 5, 6]);
  assert.equal(history.filter((line) => line.base64 !== undefined).length, 1, 'the event of the contract');
  const sequences = history.map((line) => Number(line.headers['Rues-Position'].split('-')[1]));
  assert.deepEqual(sequences, [...sequences].sort((a, b) => a - b));

  // --- resumed sessions ---
  await session.until(isBlock(6), 'block 6');
  const seen = session.frames.at(-1).header['Rues-Position'];
  const closed = once(session.socket, 'close');
  const taker = await openWith(node, `resume=${session.id}&after=${seen}`);
  assert.equal((await within(closed, 'the old socket closed'))[0], 4001);
  assert.equal(taker.headers['rues-recovered'], 'true');
  assert.equal(taker.headers['rues-position'], seen);
  assert.deepEqual(JSON.parse(taker.texts[1]), { recovered: true, from: seen, session: taker.id });
  assert.equal((await session.subscription('GET', kAccepted)).status, 424, 'the old id');
  taker.socket.terminate();
  await node.mine(2);
  const resumed = await openWith(node, `resume=${taker.id}&after=${seen}`);
  await resumed.until(isBlock(8), 'block 8');
  assert.deepEqual(heights(resumed.frames), [7, 8]);
  const lastSeen = resumed.frames.at(-1).header['Rues-Position'];
  await node.stop('SIGKILL');
  node = await RuesNode.start(data, ...flags);
  await node.mine();
  const survived = await openWith(node, `resume=${resumed.id}&after=${lastSeen}`);
  await survived.until(isBlock(9), 'block 9');
  assert.deepEqual(heights(survived.frames), [9]);
  assert.equal(survived.headers['rues-recovered'], 'true');
  await survived.close();
  const over = await openWith(node, `resume=${survived.id}&after=${lastSeen}`);
  assert.equal(JSON.parse(over.texts[1]).recovered, false, 'a session that its client closed cannot be resumed');
  let started = await openWith(node, `after=${lastSeen}`);
  started.socket.send(JSON.stringify({ subscribe: [kAccepted] }));
  await started.until(isBlock(9), 'block 9');
  for (const bad of ['after=1', 'resume=1']) {
    const socket = new WebSocket(`ws://127.0.0.1:${node.port}/on?${bad}`);
    const [, response] = await within(once(socket, 'unexpected-response'), 'a refusal');
    assert.equal(response.statusCode, 400);
    socket.on('error', () => {});
    response.destroy();
  }

  // --- a named session must be open (docs/reference/differences.md 38); peers (docs/reference/differences.md 39) ---
  const info = (id) => node.request('POST', '/on/node/info', { 'Rusk-Session-Id': id });
  assert.equal((await info(started.id)).status, 200);
  for (const id of [survived.id, '0'.repeat(32), 'xyz']) assert.deepEqual(errorOf(await info(id)), { status: 424, code: 'session_unknown' }, id);
  const kPeers = '/on/network/peers';
  assert.equal((await node.request('GET', `${kPeers}?count=5`)).body.toString(), '[]');
  assert.equal((await node.request('GET', kPeers)).status, 400);
  assert.equal((await started.subscription('GET', kPeers)).status, 200);
  assert.equal((await started.subscription('DELETE', kPeers)).status, 200);

  // --- an encoded slash stays part of its entity, also after the server was killed ---
  const odd = '/on/contracts:a%2Fb/c%2Fd';
  const slashed = await Session.open(node);
  await slashed.subscribe(odd);
  await node.stop('SIGKILL');
  node = await RuesNode.start(data, ...flags);
  const restored = await openWith(node, `resume=${slashed.id}&after=${at(0)}`);
  const inside = await node.request('GET', `/debug/sessions/${restored.id.slice(0, 8)}`);
  assert.deepEqual(JSON.parse(inside.body).subscriptions, [odd]);
  assert.equal((await restored.subscription('DELETE', odd)).status, 200);
  started = await openWith(node, `after=${lastSeen}`);
  await started.subscribe(kAccepted);

  // --- the debug endpoints ---
  const list = await node.request('GET', '/debug/sessions');
  assert.equal(list.status, 200);
  assert.ok(JSON.parse(list.body).sessions.some((one) => one.id === started.id.slice(0, 8)));
  const one = await node.request('GET', `/debug/sessions/${started.id.slice(0, 8)}`);
  assert.deepEqual(JSON.parse(one.body).subscriptions, [kAccepted]);
  assert.ok(!one.body.toString().includes(started.id), 'never the whole id');
  assert.equal((await node.request('GET', '/debug/sessions/00000000')).status, 404);
  assert.equal((await node.request('GET', '/debug/sessions/xyz')).status, 400);
  assert.equal((await node.request('GET', '/debug/sessions', { Origin: 'https://example.org' })).status, 403);
  assert.equal((await node.request('GET', '/debug/sessions', { Host: 'node.example.org' })).status, 403);
  assert.equal((await node.request('GET', '/debug/sessions', { Host: 'node.example.org', Authorization: 'Bearer secreT' })).status, 403);
  assert.equal((await node.request('GET', '/debug/sessions', { Host: 'node.example.org', Authorization: 'Bearer secret' })).status, 200);

  // --- the close of a stopping server names the position to resume from ---
  const last = once(started.socket, 'close');
  const streamAtEnd = openStream(node, `/events?on=${kAccepted}`);
  await streamAtEnd.until(1);
  await node.stop();
  const [code, reason] = await within(last, 'closed by the drain');
  assert.equal(code, 1012);
  assert.match(reason.toString(), new RegExp(`^Service restart, last position ${epoch}-\\d+$`));
  assert.equal(streamAtEnd.events.at(-1).event, 'bye');
});

// A subscription to all contracts at once (docs/reference/differences.md 37), unless a setting forbids it.
await withFolder(async (data) => {
  const kAny = '/on/contracts/moonlight';
  const closed = await RuesNode.start(`${data}/a`, '--mining', 'manual', '--contracts-wildcard', 'false');
  const refused = await Session.open(closed);
  assert.equal((await refused.subscription('GET', kAny)).status, 404);
  await closed.stop();
  const node = await RuesNode.start(`${data}/b`, '--mining', 'manual');
  const session = await Session.open(node);
  await session.subscribe(kAny);
  assert.equal((await node.post('propagate', kTransfer.bytes)).status, 202);
  await node.mine();
  await session.until((frame) => frame.name === 'contracts/moonlight', 'the event');
  assert.equal((await session.subscription('DELETE', kAny)).status, 200);
  await node.stop();
});
