// clients/js without the program: its pure parts, and scripted servers. One of them behaves like a plain Rusk node.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { WebSocket, within } from './node.mjs';
import { Backoff, Resumption, RuesError, connect, decodeFrame, parseExact, parseLocation, parsePath, parsePosition } from '../../clients/js/rues.mjs';

const { WebSocketServer } = createRequire(join(process.env.RUES_NODE_MODULES, 'package.json'))('ws');
const kId = '00112233445566778899aabbccddeeff';
const place = (seq) => `0000000000000007-${seq}`;
const at = (seq) => parsePosition(place(seq));

// docs/reference/protocol.md 6.1: u32 little-endian length, header JSON, payload.
function frame(header, payload = '{}') {
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  return Buffer.concat([length, text, Buffer.from(payload)]);
}
const accepted = (seq) => frame({ 'Content-Location': '/on/blocks:bb/accepted', 'Rues-Position': place(seq) }, `{"seq":${seq}}`);

// Frames.
const event = decodeFrame(accepted(3));
assert.equal(event.location, '/on/blocks:bb/accepted');
assert.equal(event.position, place(3));
assert.deepEqual(event.json(), { seq: 3 });
assert.equal(event.replay, false);
for (const bad of ['', 'abc', '\xff\xff\xff\x7f{}', '\x02\0\0\0[]', '\x04\0\0\0null', '\x07\0\0\0{"a":1}', '\x01\0\0\0{'])
  assert.throws(() => decodeFrame(Buffer.from(bad, 'latin1')), { code: 'malformed' }, JSON.stringify(bad));

// Integers of the node have 64 bits, but numbers of JavaScript are exact only up to 2^53 (docs/reference/ledger.md 1.1:
// amounts are u64 LUX).
const kExact = [
  ['9007199254740991', 9007199254740991],
  ['9007199254740993', 9007199254740993n],
  ['-9007199254740993', -9007199254740993n],
  ['18446744073709551615', 18446744073709551615n],
  ['"18446744073709551615"', '18446744073709551615'],
  ['"an \\"18446744073709551615\\" in a text"', 'an "18446744073709551615" in a text'],
  ['0.12345678901234567890', 0.1234567890123456789],
  ['12345678901234567890.5', 12345678901234567890.5],
  ['12345678901234567890e1', 123456789012345678900],
];
for (const [text, value] of kExact) {
  assert.deepEqual(parseExact(text), value, text);
  assert.deepEqual(parseExact(`{"a":[${text},1],"b":${text}}`), { a: [value, 1], b: value }, text);
}
assert.throws(() => parseExact('{"a":'), SyntaxError);
for (const bad of ['<html>', '[00000000000000001]', '[9007199254740993,]']) assert.throws(() => parseExact(bad), SyntaxError, bad);
// An object that looks like the placeholder for a BigInt stays as it is.
assert.deepEqual(parseExact('{"#":0,"##":{"#":0},"a":9007199254740993}'), { '#': 0, '##': { '#': 0 }, a: 9007199254740993n });
const wide = decodeFrame(frame({ 'Content-Location': '/on/blocks:bb/accepted' }, '{"value":18446744073709551615}'));
assert.equal(wide.json({ bigint: true }).value, 18446744073709551615n);
assert.equal(wide.json().value, 18446744073709552000);

// Positions and paths in the form in which the server writes and reads them.
assert.equal(at(12).seq, 12);
for (const bad of [undefined, '', '7', '0000000000000007', '000000000000000G-1', '0000000000000007-01', '0000000000000007--1'])
  assert.equal(parsePosition(bad), undefined, bad);
assert.deepEqual(parsePath('/on/Blocks/accepted'), undefined);
assert.deepEqual(parsePath('/on/blocks/ACCEPTED'), { component: 'blocks', entity: undefined, topic: 'accepted' });
assert.equal(parsePath(`/on/blocks:0x${'AB'.repeat(32)}/accepted`).entity, 'ab'.repeat(32));
assert.equal(parsePath('/on/contracts:aa/Deposit%20it').topic, 'Deposit it');
assert.deepEqual(parsePath('/on/contracts:a%2Fb/100%'), { component: 'contracts', entity: 'a/b', topic: '100%' });
// A contract may emit any topic, and the location of an event is not percent-encoded (docs/reference/protocol.md 2.1,
// 6.2).
for (const topic of ['a/b', '100%41', 'x:y', 'a b?#', 'MintC', ''])
  assert.deepEqual(parseLocation(`/on/contracts:aa/${topic}`), { component: 'contracts', entity: 'aa', topic });
assert.equal(parseLocation('/on/nodes:aa/x'), undefined);
for (const bad of ['/on/node/info', '/on/blocks', '/on/blocks/', '/on/blocks:/accepted', '/on/blocks/a/b', '/on/blocks/%ff'])
  assert.equal(parsePath(bad), undefined, bad);

// The client warns once of a subscription that no event can match. Contracts choose their topics, so any topic can
// match there.
{
  const resumption = new Resumption();
  for (const path of ['/on/blocks/accepted', `/on/transactions:${'ab'.repeat(32)}/deferred`, '/on/contracts:aa/anything']) assert.equal(resumption.add(path), undefined);
  assert.deepEqual(resumption.takeNotices(), []);
  assert.equal(resumption.add('/on/blocks/acceptd'), undefined);
  assert.deepEqual(resumption.takeNotices(),
    [{ type: 'warning', path: '/on/blocks/acceptd', why: 'blocks publishes no topic `acceptd` (known: accepted, statechange, reverted)' }]);
  assert.equal(resumption.add('/on/blocks/acceptd'), 'already subscribed');
  assert.match(resumption.add('/on/node/info'), /^not an event path/);
}

// Pauses double up to 5 s, and half of each is random.
const backoff = new Backoff();
assert.deepEqual([0, 1, 0].map((chance) => backoff.next(chance)), [50, 200, 200]);
for (let i = 0; i < 10; ++i) backoff.next(0);
assert.equal(backoff.next(1), 5_000);
backoff.reset();
assert.equal(backoff.next(1), 100);

// Events that a full queue does not take are fetched from where it stopped, once the reader continues.
{
  const resumption = new Resumption();
  resumption.opened({}, { session: 's1' });
  for (const path of ['/on/blocks/accepted', '/on/blocks/statechange']) {
    resumption.add(path);
    resumption.subscribed(path, at(10));
  }
  const deliver = (topic, seq) => resumption.event(parsePath(`/on/blocks:bb/${topic}`), at(seq), false);
  assert.deepEqual(deliver('accepted', 11), ['/on/blocks/accepted']);
  resumption.pause('/on/blocks/accepted');
  assert.deepEqual(deliver('accepted', 12), []);
  assert.deepEqual(deliver('statechange', 13), ['/on/blocks/statechange'], 'the others go on');
  assert.equal(resumption.next().do, 'listen');
  resumption.lost('');
  let step = resumption.next();
  assert.deepEqual([step.resume, step.after.seq], ['s1', 13], 'nothing is fetched while its queue is full');
  resumption.opened(step, { session: 's2', recovered: true, from: at(13) });
  assert.equal(resumption.next().do, 'listen');
  resumption.goesOn('/on/blocks/accepted');
  step = resumption.next();
  assert.deepEqual([step.do, step.resume, step.after.seq], ['connect', 's2', 11]);
  resumption.opened(step, { session: 's3', recovered: true, from: at(11) });
  assert.deepEqual(deliver('accepted', 12), ['/on/blocks/accepted']);
  assert.deepEqual(deliver('statechange', 13), [], 'had it before');
  assert.deepEqual(resumption.takeNotices().map(({ type }) => type), ['lost', 'resumed']);
}

// A subscription that continues while a connection opens at a later position is fetched by the next connection.
{
  const resumption = new Resumption();
  resumption.opened({}, { session: 's1' });
  resumption.add('/on/blocks/accepted');
  resumption.subscribed('/on/blocks/accepted', at(10));
  resumption.add('/on/blocks/statechange');
  resumption.subscribed('/on/blocks/statechange', at(10));
  resumption.pause('/on/blocks/accepted');
  resumption.event(parsePath('/on/blocks:bb/statechange'), at(20), false);
  resumption.lost('');
  const step = resumption.next();
  resumption.goesOn('/on/blocks/accepted');
  resumption.opened(step, { session: 's2', recovered: true, from: at(20) });
  assert.equal(resumption.next().after.seq, 10);
}

// The unknown position of one subscription is no gap for the others, although the log has grown meanwhile.
{
  const resumption = new Resumption();
  resumption.opened({}, { session: 's1' });
  resumption.add('/on/blocks/accepted');
  resumption.subscribed('/on/blocks/accepted', at(10));
  resumption.add('/on/blocks/statechange', parsePosition('0123456789abcdef-7'));
  resumption.subscribed('/on/blocks/statechange', at(50));
  const lost = resumption.next();
  assert.equal(lost.after.text, '0123456789abcdef-7');
  resumption.opened(lost, { session: 's2', recovered: false, from: at(60) });
  resumption.opened(resumption.next(), { session: 's3' });
  for (const path of ['/on/blocks/accepted', '/on/blocks/statechange']) resumption.subscribed(path, at(61));
  const back = resumption.next();
  assert.deepEqual([back.resume, back.after.seq], ['s3', 10]);
  resumption.opened(back, { session: 's4', recovered: true, from: at(10) });
  const gaps = resumption.takeNotices().filter(({ type }) => type === 'gap');
  assert.deepEqual(gaps.map(({ path }) => path), ['/on/blocks/statechange']);
  assert.deepEqual(resumption.event(parsePath('/on/blocks:bb/accepted'), at(11), false), ['/on/blocks/accepted']);
  assert.deepEqual(resumption.event(parsePath('/on/blocks:bb/statechange'), at(59), false), []);
}

/** A server whose sockets and requests the test handles. */
async function scripted({ onSocket, onRequest }) {
  const server = createServer(onRequest);
  const sockets = new WebSocketServer({ server });
  const asked = [];
  sockets.on('connection', (socket, request) => {
    asked.push(request.url);
    socket.send(kId);
    onSocket(socket, asked.length, request);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    asked,
    close: () => {
      for (const socket of sockets.clients) socket.terminate();
      server.close();
    },
  };
}

const next = async (subscription, what) => (await within(subscription.next(), what)).value;

// A plain Rusk node has no /status and no positions, and subscriptions are made by request. Every loss is a gap, which
// the client reports before the next event.
{
  let socket;
  const requests = [];
  const server = await scripted({
    onSocket: (one) => (socket = one),
    onRequest: (request, response) => {
      requests.push(`${request.method} ${request.url} ${request.headers['rusk-session-id'] ?? ''}`.trim());
      response.statusCode = request.url === '/status' ? 404 : 200;
      response.end(() => request.method === 'GET' && request.url !== '/status' && socket.send(frame({ 'Content-Location': '/on/blocks:bb/accepted' })));
    },
  });
  const client = await connect(server.url, { WebSocket, random: () => 0 });
  const told = [];
  for (const type of ['lost', 'gap', 'resumed']) client.addEventListener(type, ({ detail }) => told.push([type, detail.path]));
  const blocks = client.subscribe('/on/blocks/accepted');
  assert.equal(await within(blocks.ready, 'subscription'), undefined, 'no position');
  assert.equal((await next(blocks, 'event')).position, undefined);
  assert.deepEqual(told, []);
  socket.terminate();
  await next(blocks, 'event after the loss');
  assert.deepEqual(told, [['lost', undefined], ['gap', '/on/blocks/accepted'], ['resumed', undefined]]);
  assert.deepEqual(server.asked, ['/on', '/on'], 'nothing is resumed there');
  await assert.rejects(client.propagate(new Uint8Array(4), { wait: 'executed' }), /without the id of the transaction/);
  await assert.rejects(client.propagate(new Uint8Array(4), { wait: 'finalized', id: 'aa' }), { code: 'invalid' });
  client.unsubscribe('/on/blocks/accepted');
  await within((async () => { while (!requests.some((one) => one.startsWith('DELETE'))) await new Promise(setImmediate); })(), 'unsubscription');
  assert.equal(requests.find((one) => one.startsWith('DELETE')), `DELETE /on/blocks/accepted ${kId}`);
  client.close();
  server.close();
}

// To wait for a transaction on a plain Rusk node, the client subscribes to its events before it sends the transaction.
{
  const order = [];
  let socket;
  const server = await scripted({
    onSocket: (one) => (socket = one),
    onRequest: (request, response) => {
      order.push(request.url);
      response.statusCode = request.url === '/status' ? 404 : 200;
      if (request.method === 'POST') response.statusCode = 202;
      response.end();
      if (request.method !== 'POST') return;
      for (const [topic, payload] of [['included', '{}'], ['executed', '{"err":"Panic: no","block_height":9,"gas_spent":5}'], ['removed', '']])
        socket.send(frame({ 'Content-Location': `/on/transactions:aa/${topic}` }, payload));
    },
  });
  const client = await connect(server.url, { WebSocket });
  const outcome = await within(client.propagate(new Uint8Array(4), { wait: 'executed', id: 'aa' }), 'outcome');
  assert.deepEqual([outcome.outcome, outcome.error, outcome.block_height, outcome.gas_spent], ['failed', 'Panic: no', 9, 5]);
  assert.equal(order.at(-1), '/on/transactions/propagate');
  client.close();
  server.close();
}

// On a server with positions and commands the client resumes by URL, and delivers an event once even if the server
// sends it twice.
{
  const commands = [];
  const server = await scripted({
    onSocket: (socket, number) => {
      if (number === 2) socket.send(JSON.stringify({ recovered: true, from: place(11), session: kId }));
      if (number === 2) for (const seq of [11, 12]) socket.send(accepted(seq));
      socket.on('message', (text) => {
        const command = JSON.parse(text);
        commands.push(command);
        const subscribed = command.subscribe.map((on) => ({ on, position: place(10) }));
        socket.send(JSON.stringify({ subscribed, errors: [], id: command.id }));
        socket.send(accepted(11));
        setImmediate(() => socket.terminate());
      });
    },
    onRequest: (request, response) => response.end(JSON.stringify({ position: place(10) })),
  });
  const client = await connect(server.url, { WebSocket, random: () => 0 });
  const got = [];
  const enough = new Promise((resolve) => client.subscribe('/on/blocks/accepted', ({ position }) => got.push(position) === 2 && resolve()));
  await within(enough, 'two events');
  assert.deepEqual(got, [place(11), place(12)]);
  assert.deepEqual(server.asked, ['/on', `/on?resume=${kId}&after=${place(11)}`]);
  assert.deepEqual(commands, [{ subscribe: ['/on/blocks/accepted'], id: 1 }]);
  client.close();
  server.close();
}
// A server with positions is asked to wait for the transaction. Its answer is the outcome, and a refusal is an error.
{
  const posts = [];
  const outcome = { id: 'aa', outcome: 'executed', error: null, block_height: 3, block_hash: 'bb', gas_spent: 1, position: place(12) };
  const server = await scripted({
    onSocket: () => {},
    onRequest: (request, response) => {
      if (request.url === '/status') return response.end(JSON.stringify({ position: place(10) }));
      posts.push([request.headers['rues-wait'], request.headers['rues-wait-seconds']]);
      response.statusCode = posts.length === 1 ? 200 : 400;
      response.end(JSON.stringify(posts.length === 1 ? outcome : { error: 'Invalid nonce' }));
    },
  });
  const client = await connect(server.url, { WebSocket });
  assert.deepEqual(await within(client.propagate(new Uint8Array(4), { wait: 'executed', timeout: 7_500 }), 'outcome'), outcome);
  await assert.rejects(client.propagate(new Uint8Array(4), { wait: 'finalized' }), { code: 'refused', status: 400, message: 'Invalid nonce' });
  assert.deepEqual(posts, [['executed', '7'], ['finalized', '60']]);
  client.close();
  server.close();
}

// A callback that throws causes an `error` event, and all later events are still delivered.
{
  const server = await scripted({
    onSocket: (socket) =>
      socket.on('message', (text) => {
        const { subscribe, id } = JSON.parse(text);
        socket.send(JSON.stringify({ subscribed: subscribe.map((on) => ({ on, position: place(10) })), errors: [], id }));
        for (const seq of [11, 12]) socket.send(accepted(seq));
      }),
    onRequest: (request, response) => response.end(JSON.stringify({ position: place(10) })),
  });
  const client = await connect(server.url, { WebSocket });
  const told = [];
  client.addEventListener('error', ({ detail }) => told.push([detail.error, detail.event.position]));
  let seen = 0;
  const enough = new Promise((resolve) =>
    client.subscribe('/on/blocks/accepted', () => {
      if (++seen === 2) resolve();
      throw seen;
    }),
  );
  await within(enough, 'two events');
  await within(new Promise(setImmediate), 'the end of the second callback');
  assert.deepEqual(told, [[1, place(11)], [2, place(12)]]);
  client.close();
  server.close();
}

await assert.rejects(async () => connect('ftp://a', { WebSocket }), RuesError);
await assert.rejects(async () => connect('http://a', { WebSocket, after: 'x' }), RuesError);
await assert.rejects(connect('http://127.0.0.1:9', { WebSocket, signal: AbortSignal.abort() }), { name: 'AbortError' });
