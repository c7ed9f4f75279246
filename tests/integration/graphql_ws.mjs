// GraphQL over a WebSocket with graphql-ws, the library that clients use: every subscription, live and after a position, queries, a slow reader, a
// killed server; and messages by hand that this library never sends.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { RuesNode, WebSocket, expectMemory, residentBytes, withFolder, within } from './node.mjs';
import { kTransfer } from './vectors.mjs';

const require = createRequire(join(process.env.RUES_NODE_MODULES, 'package.json'));
const { createClient, MessageType, GRAPHQL_TRANSPORT_WS_PROTOCOL } = require('graphql-ws');
const kContract = `01${'0'.repeat(62)}`;
const kStake = `02${'0'.repeat(62)}`;
const kRows = Math.max(200, Math.floor(4_000 / Number(process.env.RUES_LOAD_SHARE || 1)));

const urlOf = (node) => `ws://127.0.0.1:${node.port}/graphql`;
const clientOf = (node, more = {}) => createClient({ url: urlOf(node), webSocketImpl: WebSocket, retryAttempts: 0, ...more });

/** One operation and its results. */
class Operation {
  constructor(client, query, variables) {
    this.results = [];
    this.waiting = [];
    this.ended = new Promise((resolve) => {
      this.stop = client.subscribe({ query, variables }, {
        next: (result) => { this.results.push(result); this.wake(); },
        error: (errors) => resolve({ errors }),
        complete: () => resolve({ complete: true }),
      });
    });
  }
  wake() {
    this.waiting = this.waiting.filter(([count, resolve]) => this.results.length < count || (resolve(), false));
  }
  /** The data of the first `count` results. */
  async first(count, what) {
    await within(new Promise((resolve) => { this.waiting.push([count, resolve]); this.wake(); }), what);
    return this.results.slice(0, count).map((result) => {
      assert.equal(result.errors, undefined, JSON.stringify(result.errors));
      return result.data;
    });
  }
}

/** Resolves when the server has processed everything that the client sent so far. */
async function settled(client) {
  const asked = new Operation(client, '{ __typename }');
  assert.deepEqual(await within(asked.ended, 'answer'), { complete: true });
}

async function overHttp(node, query) {
  const answer = await node.request('POST', '/graphql', { 'Content-Type': 'application/json' }, JSON.stringify({ query }));
  return JSON.parse(answer.body);
}

async function queries(node, client) {
  for (const query of [
    '{ block(height: 0) { header { hash height } transactions { id } } lastBlockPair { json } }',
    '{ tx(hash: "zz") { id } lastBlockPair { json } }',
  ]) {
    const asked = new Operation(client, query);
    assert.deepEqual(await within(asked.ended, 'answer'), { complete: true });
    assert.deepEqual(asked.results, [await overHttp(node, query)]);
  }
  for (const wrong of ['{ nothing }', '{', 'subscription { blockAccepted { nothing } }']) {
    const { errors } = await within(new Operation(client, wrong).ended, 'refusal');
    assert.ok(Array.isArray(errors) && errors[0].message && errors[0].locations, JSON.stringify(errors));
  }
  const { errors } = await overHttp(node, 'subscription { blockAccepted { position } }');
  assert.equal(errors[0].message, 'Schema is not configured for subscriptions.', 'HTTP has no subscriptions');
}

const kBlocks = 'subscription($after: String) { blockAccepted(after: $after) { position block { header { height hash } transactions { id } status } } }';
const heights = (rows) => rows.map((row) => row.blockAccepted.block.header.height);

async function blocks(node, client) {
  const live = new Operation(client, kBlocks);
  await settled(client);
  await node.mine(3);
  const rows = await live.first(3, 'three blocks');
  assert.deepEqual(heights(rows), [1, 2, 3]);
  assert.equal(rows[0].blockAccepted.block.header.hash, (await overHttp(node, '{ block(height: 1) { header { hash } } }')).data.block.header.hash);

  const late = new Operation(client, kBlocks, { after: rows[0].blockAccepted.position });
  assert.deepEqual(heights(await late.first(2, 'events since then')), [2, 3]);
  await node.mine(1);
  assert.deepEqual(heights(await late.first(3, 'and new events')), [2, 3, 4]);
  assert.deepEqual(heights(await live.first(4, 'live')), [1, 2, 3, 4]);
  late.stop();
  await settled(client);
  await node.mine(1);
  await live.first(5, 'the other goes on');
  await settled(client);
  assert.equal(late.results.length, 3, 'nothing comes after its end');
  live.stop();
  return rows[0].blockAccepted.position;
}

async function refusals(client, position) {
  const because = async (query) => (await within(new Operation(client, query).ended, 'refusal')).errors?.[0].message;
  assert.match(await because('subscription { blockAccepted(after: "yesterday") { position } }'), /^a position must be/);
  const elsewhere = `${'0'.repeat(15)}1-${position.split('-')[1]}`;
  assert.match(await because(`subscription { blockAccepted(after: "${elsewhere}") { position } }`), /are no longer kept/);
  assert.match(await because('subscription { transactionExecuted(id: "zz") { position } }'), /^Invalid character/);
  assert.match(await because('subscription { transactionExecuted(id: "00") { position } }'), /64 hex digits/);
  assert.match(await because('subscription { a: blockAccepted { position } b: blockAccepted { position } }'), /./);
}

/** A transfer as a transaction and as events of contracts, requested in every possible way. */
async function transfers(node, client) {
  const kEvent = '{ position blockHeight blockHash contractId topic origin data }';
  const executed = `{ position transaction { id err gasSpent blockHeight blockHash tx { json } } }`;
  const any = new Operation(client, `subscription { transactionExecuted ${executed} }`);
  const one = new Operation(client, `subscription($id: String) { transactionExecuted(id: $id) ${executed} }`, { id: kTransfer.id });
  const other = new Operation(client, `subscription { transactionExecuted(id: "${'0'.repeat(64)}") ${executed} }`);
  const asked = {
    both: new Operation(client, `subscription { contractEvent(contractId: "${kContract}", topic: "moonlight") ${kEvent} }`),
    topic: new Operation(client, `subscription { contractEvent(topic: "moonlight") ${kEvent} }`),
    contract: new Operation(client, `subscription { contractEvent(contractId: "${kContract}") ${kEvent} }`),
    all: new Operation(client, `subscription { contractEvent ${kEvent} }`),
    wrong: new Operation(client, `subscription { contractEvent(contractId: "${kStake}", topic: "moonlight") ${kEvent} }`),
  };
  await settled(client);
  assert.equal((await node.post('propagate', kTransfer.bytes)).status, 202);
  const height = await node.mine(1);

  for (const operation of [any, one]) {
    const [{ transactionExecuted: { transaction } }] = await operation.first(1, 'executed');
    assert.equal(transaction.id, kTransfer.id);
    assert.equal(transaction.blockHeight, height);
    assert.equal(transaction.err, null);
  }
  const late = new Operation(client, `subscription($id: String) { transactionExecuted(id: $id) ${executed} }`, { id: kTransfer.id });
  assert.deepEqual(await late.first(1, 'earlier events'), await one.first(1, 'the same'));

  const listed = (await overHttp(node, `{ contractEvents(height: ${height}) { json } }`)).data.contractEvents.json;
  assert.equal(listed.length, 2, 'moonlight and reward');
  const emitted = async (operation, count) => (await operation.first(count, 'events')).map((row) => row.contractEvent);
  const [moonlight, reward] = await emitted(asked.all, 2);
  for (const event of [moonlight, reward]) {
    const same = listed.find((each) => each.source === event.contractId);
    assert.deepEqual([event.topic, event.data, event.origin], [same.topic, same.data, same.origin]);
    assert.equal(event.blockHeight, height);
  }
  for (const name of ['both', 'topic', 'contract']) assert.deepEqual(await emitted(asked[name], 1), [moonlight], name);

  const rest = new Operation(client, `subscription { contractEvent(after: "${moonlight.position}") ${kEvent} }`);
  assert.deepEqual(await emitted(rest, 1), [reward], 'in the middle of a block');
  await settled(client);
  assert.deepEqual([other.results, asked.wrong.results], [[], []]);
  for (const operation of [any, one, other, late, rest, ...Object.values(asked)]) operation.stop();
}

/** A raw socket, without the library. */
class Raw {
  static async open(node, protocol = GRAPHQL_TRANSPORT_WS_PROTOCOL) {
    const raw = new Raw();
    raw.texts = [];
    raw.socket = new WebSocket(urlOf(node), protocol, { perMessageDeflate: false });
    raw.socket.on('message', (data) => raw.texts.push(JSON.parse(data)));
    raw.closed = once(raw.socket, 'close').then(([code, reason]) => ({ code, reason: reason.toString() }));
    await within(once(raw.socket, 'open'), 'open');
    return raw;
  }
  say(message) {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }
  async init() {
    this.say({ type: MessageType.ConnectionInit });
    await within(once(this.socket, 'message'), 'acknowledgement');
    assert.deepEqual(this.texts.at(-1), { type: 'connection_ack' });
  }
  end() {
    return within(this.closed, 'close');
  }
}

async function closeCodes(node) {
  const subscribe = { id: 'a', type: 'subscribe', payload: { query: 'subscription { blockAccepted { position } }' } };
  const cases = [
    [4400, /^Invalid message: /, false, ['nonsense']],
    [4400, /^Invalid message: /, false, ['[]']],
    [4400, /^Invalid message: /, false, [{ type: 'hello' }]],
    [4400, /^Invalid message: /, true, [{ type: 'subscribe', payload: { query: '{ __typename }' } }]],
    [4400, /^Invalid message: /, true, [{ id: 'a', type: 'subscribe', payload: {} }]],
    [4400, /^Invalid message: /, true, [{ id: 'a', type: 'subscribe', payload: { query: '{ __typename }', variables: 7 } }]],
    [4400, /^Invalid message: /, true, [{ ...subscribe, id: 'x'.repeat(129) }]],
    [4401, /^Unauthorized$/, false, [subscribe]],
    [4409, /^Subscriber for a already exists$/, true, [subscribe, subscribe]],
    [4429, /^Too many initialisation requests$/, true, [{ type: 'connection_init' }]],
  ];
  for (const [code, reason, init, messages] of cases) {
    const raw = await Raw.open(node);
    if (init) await raw.init();
    for (const message of messages) raw.say(message);
    const end = await raw.end();
    assert.equal(end.code, code, `${JSON.stringify(messages)}: ${JSON.stringify(end)}`);
    assert.match(end.reason, reason);
  }
  const long = await Raw.open(node);
  await long.init();
  long.say({ id: 'a', type: 'subscribe', payload: { query: `{ __typename } #${'x'.repeat(65_536)}` } });
  assert.equal((await long.end()).code, 1009);
  const silent = await Raw.open(node);
  silent.say({ type: 'ping' });
  assert.deepEqual(await silent.end(), { code: 4408, reason: 'Connection initialisation timeout' });
  assert.deepEqual(silent.texts, [{ type: 'pong' }], 'a ping is answered before');
  const wordless = new WebSocket(urlOf(node));
  const [code] = await within(once(wordless, 'close'), 'close');
  assert.equal(code, 4406);
}

async function smallThings(node) {
  const raw = await Raw.open(node);
  await raw.init();
  raw.say({ type: 'ping', payload: { a: [1, null] } });
  await within(once(raw.socket, 'message'), 'pong');
  assert.deepEqual(raw.texts.at(-1), { type: 'pong', payload: { a: [1, null] } });
  // An id may be used again after its operation ended; a `complete` for an unknown id is no error.
  raw.say({ id: 'never', type: 'complete' });
  for (let i = 0; i < 3; ++i) {
    raw.say({ id: 'again', type: 'subscribe', payload: { query: 'subscription { blockAccepted { position } }' } });
    raw.say({ id: 'again', type: 'complete' });
  }
  raw.say({ id: 'q', type: 'subscribe', payload: { query: '{ __typename }' } });
  while (!raw.texts.some((text) => text.id === 'q' && text.type === 'complete')) await within(once(raw.socket, 'message'), 'answer');
  assert.deepEqual(raw.texts.filter((text) => text.id === 'q'), [
    { id: 'q', type: 'next', payload: { data: { __typename: 'Query' } } },
    { id: 'q', type: 'complete' },
  ]);
  // At most 64 operations at once.
  for (let i = 0; i <= 64; ++i)
    raw.say({ id: `s${i}`, type: 'subscribe', payload: { query: 'subscription { blockAccepted { position } }' } });
  while (!raw.texts.some((text) => text.id === 's64')) await within(once(raw.socket, 'message'), 'refusal');
  assert.deepEqual(raw.texts.at(-1), { id: 's64', type: 'error', payload: [{ message: 'too many operations on this socket' }] });
  raw.socket.close();
  await raw.end();
}

/** The client reads nothing while thousands of blocks come: the server keeps a cursor for it, not a queue. */
async function slowReader(node) {
  const raw = await Raw.open(node);
  await raw.init();
  raw.say({ id: 'slow', type: 'subscribe', payload: { query: 'subscription { blockAccepted { block { header { height json } } } }' } });
  raw.say({ id: 'q', type: 'subscribe', payload: { query: '{ block(height: -1) { header { height } } }' } });
  while (!raw.texts.some((text) => text.id === 'q' && text.type === 'complete')) await within(once(raw.socket, 'message'), 'answer');
  const from = raw.texts.find((text) => text.id === 'q').payload.data.block.header.height;
  raw.socket.pause();
  const before = residentBytes(node);
  for (let mined = 0; mined < kRows; mined += 100) await node.mine(100);
  expectMemory(residentBytes(node) - before, 48 << 20, `${kRows} blocks for one who does not read`);
  raw.socket.resume();
  const seen = () => raw.texts.filter((text) => text.id === 'slow');
  while (seen().length < kRows) await within(once(raw.socket, 'message'), 'the next block');
  seen().forEach((text, i) => assert.equal(text.payload.data.blockAccepted.block.header.height, from + 1 + i));
  raw.socket.close();
  await raw.end();
}

/** A client only has to keep the position of the last event that it saw. */
async function killed(data) {
  let node = await RuesNode.start(data, '--mining', 'manual');
  let client = clientOf(node);
  const before = new Operation(client, kBlocks);
  await settled(client);
  await node.mine(3);
  const rows = await before.first(2, 'two blocks');
  await node.stop('SIGKILL');
  client.dispose();

  node = await RuesNode.start(data, '--mining', 'manual');
  client = clientOf(node);
  await node.mine(2);
  const after = new Operation(client, kBlocks, { after: rows[1].blockAccepted.position });
  assert.deepEqual(heights(await after.first(3, 'all missed events')), [3, 4, 5]);
  const closed = new Promise((resolve) => client.on('closed', resolve));
  await node.stop();
  assert.equal((await within(closed, 'close')).code, 1012, 'a drain says so');
}

await withFolder(async (data) => {
  const node = await RuesNode.start(data, '--mining', 'manual');
  const client = clientOf(node, { lazy: false });
  await queries(node, client);
  const position = await blocks(node, client);
  await refusals(client, position);
  await transfers(node, client);
  client.dispose();
  await closeCodes(node);
  await smallThings(node);
  await slowReader(node);
  await node.stop();
});
await withFolder(killed);
