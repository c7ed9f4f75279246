// The legacy event system with the real program (docs/legacy.md): names, answers, events, slow readers, kills, and the form of Rusk 0.7 to 1.0.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Legacy, decode, encode, kTypes } from './legacy_client.mjs';
import { RuesNode, WebSocket, expectMemory, residentBytes, seededRandom, within, withFolder } from './node.mjs';
import { kTransfer } from './vectors.mjs';

const kShare = Number(process.env.RUES_LOAD_SHARE || 1);
const kContract = `01${'0'.repeat(62)}`;
const kBytes = { 'Content-Type': 'application/octet-stream' };
const random = seededRandom();

/** The rows of the tables of hosts in docs/legacy.md: host, topic, path. */
function documented() {
  const page = readFileSync(new URL('../../docs/legacy.md', import.meta.url), 'utf8');
  const rows = page.split('\n').map((line) => line.split('|').map((cell) => cell.trim())).filter((cells) => /^`\/on\//.test(cells[3] ?? ''));
  return rows.flatMap(([, host, topics, path]) => {
    const named = [...topics.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
    return (named.length > 0 ? named : ['chain_id']).map((topic) => ({
      host: host.slice(1, -1),
      topic,
      path: path.slice(1, -1).replace(/<topic>|<function>/, topic),
    }));
  });
}

/** Each name of the page is answered as its equivalent, and every answer has the headers of the page. */
async function names(node) {
  const legacy = await Legacy.open(node);
  const rows = documented();
  assert.ok(rows.length >= 30, `${rows.length} names`);
  const data = { peers: '10', alive_nodes: '10', gql: '{ block(height: 0) { header { height } } }', query: '{ block(height: 0) { header { height } } }', upload_driver: '0x00' };
  for (const { host, topic, path } of rows) {
    const fill = (name) => name.replace('<base58>', kTransfer.sender).replace('<hex>', kContract).replace('<hash>', '0'.repeat(64));
    const rues = await node.request('POST', fill(path), {}, data[topic] ?? '');
    const said = await legacy.ask(fill(host), topic, data[topic] ?? '');
    const what = `${host} ${topic}`;
    assert.equal(said.headers.Status.split(';')[0], String(rues.status), what);
    assert.deepEqual(said.data, rues.body, what);
    assert.equal(said.headers['Content-Length'], String(said.data.length), what);
    assert.equal(said.headers['Rusk-Version'], '1.7.0', what);
    assert.ok(said.headers['Content-Type'], what);
    assert.equal(said.target, fill(host));
    assert.equal(said.topic, topic);
    if (rues.status >= 400 && rues.body.length > 0)
      assert.equal(said.headers.Status, `${rues.status}; ${JSON.parse(rues.body).error}`, what);
  }
  assert.equal((await legacy.ask('nobody', 'info')).headers.Status, '404; Path not found');
  assert.equal((await legacy.ask('node', 'nobody')).headers.Status, '501; Unsupported operation');
  await legacy.close();
}

/** The life of a transfer, as a client of Messages sees it. */
async function transfer(node) {
  const legacy = await Legacy.open(node);
  for (const uri of ['/on/blocks/accepted', `/on/transactions:${kTransfer.id}/included`, `/on/transactions:${kTransfer.id}/executed`, `/on/transactions:${kTransfer.id}/removed`, `/on/contracts:${kContract}/moonlight`]) {
    const said = await legacy.ask('rues', 'subscribe', uri);
    assert.equal(said.headers.Status, '200; OK', uri);
    assert.match(said.headers['Rues-Position'], /^[0-9a-f]{16}-\d+$/);
    assert.equal(said.data.length, 0);
  }
  // `Rues-Watch` subscribes the socket that sends the transaction.
  const watcher = await Legacy.open(node);
  const sent = await watcher.ask('Chain', 'propagate_tx', kTransfer.bytes, { headers: { ...kBytes, 'X-Exact': ' 1.10 é" ', 'rues-watch': 'true' } });
  assert.equal(sent.headers.Status, '202; Accepted');
  assert.equal(sent.headers['X-Exact'], ' 1.10 é" ');
  assert.match(sent.headers['Rues-Position'], /^[0-9a-f]{16}-\d+$/);
  // 64 requests wait for the block, so the next one is not read before.
  const patient = await Legacy.open(node);
  const waits = Array.from({ length: 64 }, () => patient.ask('transactions', 'propagate', kTransfer.bytes, { headers: { ...kBytes, 'Rues-Wait': 'executed' } }));
  const last = patient.ask('node', 'info');
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(patient.messages.length, 0, 'the 65th request waits');
  await node.mine();
  for (const wait of await Promise.all(waits)) {
    assert.equal(wait.headers.Status, '200; OK');
    assert.equal(JSON.parse(wait.data).outcome, 'executed');
  }
  assert.equal((await last).headers.Status, '200; OK');
  await patient.close();
  assert.deepEqual((await watcher.events(3)).map((event) => event.topic), ['included', 'executed', 'removed']);
  await watcher.close();
  const events = await legacy.events(5);
  const [included, ...rest] = events;
  assert.deepEqual([included.type, included.target, included.topic], [kTypes.host, 'transactions', 'included']);
  assert.equal(JSON.parse(included.data).sender, kTransfer.sender);
  assert.deepEqual(rest.map((event) => event.topic).sort(), ['accepted', 'executed', 'moonlight', 'removed']);
  const by = Object.fromEntries(events.map((event) => [event.topic, event]));
  assert.deepEqual([by.moonlight.type, by.moonlight.target], [kTypes.contract, kContract]);
  assert.equal(by.moonlight.headers['Content-Type'], 'application/octet-stream');
  assert.equal(by.moonlight.headers['Rusk-Origin'], kTransfer.id);
  assert.equal(by.removed.data.length, 0);
  assert.equal(by.executed.headers['Rues-Entity'], kTransfer.id);
  assert.equal(JSON.parse(by.executed.data).err, null);
  assert.equal(by.accepted.headers['Rues-Entity'], JSON.parse(by.accepted.data).header.hash);
  for (const event of events) {
    assert.equal(event.headers['Content-Length'], String(event.data.length));
    assert.ok(event.headers['Content-Type']);
    assert.match(event.headers['Rues-Height'], /^\d+$/);
  }
  const positions = events.map((event) => Number(event.headers['Rues-Position'].split('-')[1]));
  assert.deepEqual(positions, [...positions].sort((a, b) => a - b), 'in the order of the log');
  const graph = await legacy.ask('graphql', 'query', 'query($h: Float) { block(height: $h) { header { height } } }', { headers: { 'rusk-GQLVAR-h': '1' } });
  assert.equal(graph.data.toString(), '{"block":{"header":{"height":1}}}');
  // A feeder: one Message for each item, then the end.
  legacy.socket.send(encode({ headers: { 'Rusk-Feeder': '1', 'X-Feed': 'a', ...kBytes }, type: kTypes.contract, target: kContract, topic: 'sync_accounts', data: Buffer.alloc(16) }));
  await legacy.until(() => legacy.messages.some((message) => message.headers.Status === '204; End'), 'end of the feeder');
  const items = legacy.messages.filter((message) => message.headers['X-Feed'] === 'a');
  const whole = await node.request('POST', `/on/contracts:${kContract}/sync_accounts`, { 'Rusk-Feeder': '1', ...kBytes }, Buffer.alloc(16));
  assert.ok(items.length > 2);
  assert.deepEqual(Buffer.concat(items.map((item) => item.data)), whole.body);
  const status = JSON.parse((await legacy.ask('me', 'status', '', { type: kTypes.debugger })).data);
  assert.equal(status.subscriptions.length, 5);
  assert.deepEqual(await legacy.close(), { code: 1000, reason: '' });
}

async function broken(node) {
  const good = encode({ headers: { 'X-Id': '1' }, target: 'node', topic: 'info' });
  for (const cut of [good.length - 1, good.length - 6, good.length - 14]) {
    const legacy = await Legacy.open(node);
    legacy.socket.send(good.subarray(0, cut));
    const said = await legacy.until(() => legacy.messages[0], 'answer to a broken frame');
    assert.match(said.headers.Status, /^400; Invalid input: /);
    assert.equal(said.headers['X-Id'], '1');
    assert.equal((await legacy.ask('node', 'info')).headers.Status, '200; OK', 'the socket is still of use');
    await legacy.close();
  }
  for (const bytes of [Buffer.alloc(0), good.subarray(0, 3), good.subarray(0, 10), Buffer.from('ffffffff', 'hex')]) {
    const legacy = await Legacy.open(node);
    legacy.socket.send(bytes);
    assert.equal((await within(legacy.closed, 'close')).code, 1007);
  }
  const legacy = await Legacy.open(node);
  legacy.socket.send('{"headers":{"X-A":"b"},"event":{"target":{"type":"Host","name":"node"},"topic":"info","data":""}}');
  const said = await legacy.until(() => legacy.texts[0], 'text');
  assert.equal(said.headers['X-A'], 'b');
  assert.equal(JSON.parse(said.data).version, '1.7.0');
  legacy.socket.send('nonsense');
  assert.equal((await within(legacy.closed, 'close')).code, 1007);
}

/** 10,000 requests on one socket, sent before any answer is read. */
async function many(node) {
  const legacy = await Legacy.open(node);
  const kCount = 10_000;
  const kinds = [['node', 'info'], ['node', 'provisioners'], ['Chain', 'gas'], ['graphql', 'query', '{ block(height: 0) { header { hash } } }'], ['nobody', 'x']];
  const begun = process.hrtime.bigint();
  for (let i = 0; i < kCount; ++i) {
    const [target, topic, data] = kinds[i % kinds.length];
    legacy.socket.send(encode({ headers: { 'X-Request-Id': String(i) }, target, topic, data }));
  }
  await legacy.until(() => legacy.messages.length === kCount, `${kCount} answers`);
  console.log(`${kCount} requests: ${Number(process.hrtime.bigint() - begun) / 1e6} ms`);
  const statuses = new Map(legacy.messages.map((message) => [message.headers['X-Request-Id'], message.headers.Status]));
  assert.equal(statuses.size, kCount, 'each is answered once');
  for (let i = 0; i < kCount; ++i) assert.equal(statuses.get(String(i)), i % kinds.length === 4 ? '404; Path not found' : '200; OK', String(i));
  await legacy.close();
}

/** A reader that stops costs a cursor, and gets everything when it reads again. */
async function slow(node) {
  const kBlocks = 250 * Math.max(4, Math.floor(12 / kShare));
  const first = JSON.parse((await node.request('GET', '/status')).body).tip.height;
  const legacy = await Legacy.open(node, '/legacy?on=/on/blocks/accepted&on=/on/contracts/reward');
  const before = residentBytes(node);
  legacy.socket.pause();
  for (let mined = 0; mined < kBlocks; mined += 250) await node.mine(250);
  const [session] = JSON.parse((await node.request('GET', '/debug/sessions')).body).sessions;
  assert.ok(session.blocked && session.lag > 0, `the reader is behind: ${JSON.stringify(session)}`);
  expectMemory(residentBytes(node) - before, 64 << 20, `a reader that stops for ${kBlocks} blocks`);
  legacy.socket.resume();
  const events = await legacy.events(2 * kBlocks);
  const heights = (topic) => events.filter((event) => event.topic === topic).map((event) => Number(event.headers['Rues-Height']));
  const expected = Array.from({ length: kBlocks }, (_, index) => first + 1 + index);
  assert.deepEqual(heights('accepted'), expected);
  assert.deepEqual(heights('reward'), expected);
  await legacy.close();
}

/** The positions of all events of `path` in the log. A page holds as many as fit. */
async function positionsOf(node, path) {
  const out = [];
  for (let after = ''; ;) {
    const page = await node.request('GET', `/events/history?on=${path}&limit=10000${after && `&after=${after}`}`);
    assert.equal(page.status, 200, page.body.toString());
    for (const line of page.body.toString().split('\n').filter(Boolean)) out.push(JSON.parse(line).headers['Rues-Position']);
    after = page.headers.get('rues-position');
    if (after === page.headers.get('rues-head')) return out;
  }
}

/** Kills the server under a subscriber again and again; the events of all its sockets together are those of the log. */
async function kills(data, flags) {
  const kKills = Math.max(3, Math.floor(15 / kShare));
  const seen = [];
  let after = `${'0'.repeat(16)}-0`;
  for (let kill = 0; kill <= kKills; ++kill) {
    const node = await RuesNode.start(data, ...flags);
    if (kill === 0) after = `${JSON.parse((await node.request('GET', '/status')).body).position.split('-')[0]}-0`;
    const legacy = await Legacy.open(node, `/legacy?on=/on/blocks/accepted&after=${after}`);
    assert.equal(legacy.head['rues-recovered'], 'true');
    if (kill < kKills) {
      const mining = (async () => {
        for (;;) await node.mine(3);
      })().catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 50 + random() * 300));
      await node.stop('SIGKILL');
      await within(legacy.closed, 'close');
      await mining;
    } else {
      await node.mine();
      const { tip } = JSON.parse((await node.request('GET', '/status')).body);
      await legacy.until(() => legacy.messages.at(-1)?.headers['Rues-Height'] === String(tip.height), 'last block');
      const logged = await positionsOf(node, '/on/blocks/accepted');
      assert.deepEqual([...seen, ...legacy.messages].map((message) => message.headers['Rues-Position']), logged, 'every event exactly once');
      console.log(`${logged.length} events over ${kKills} kills`);
      const stopped = node.stop();
      const end = await within(legacy.closed, 'close');
      await stopped;
      assert.equal(end.code, 1012);
      assert.equal(end.reason, `Service restart, last position ${logged.at(-1)}`);
    }
    seen.push(...legacy.messages);
    after = seen.at(-1)?.headers['Rues-Position'] ?? after;
  }
}

/** What scripts for Rusk 0.7 to 1.0 did. */
async function old(node) {
  const info = await node.json('/on/node/info');
  const post = (path, body, headers = {}) => fetch(`http://127.0.0.1:${node.port}${path}`, { method: 'POST', body, headers });
  const asked = await post('/02/Chain', JSON.stringify({ topic: 'gql', data: 'query { block(height: 0) { header { height } } }' }), { 'X-Request-Id': '7' });
  assert.equal(asked.status, 200);
  assert.equal(asked.headers.get('x-request-id'), '7');
  assert.deepEqual(await asked.json(), { block: { header: { height: 0 } } });
  assert.deepEqual(await (await post('/2/Chain', '{"topic":"info","data":""}')).json(), info);
  const provisioners = await post('/2/rusk', '{"topic":"provisioners","data":""}', { 'Rusk-Version': '>=0.8.0' });
  assert.deepEqual(await provisioners.json(), await node.json('/on/node/provisioners'));
  const mismatch = await post('/2/rusk', '{"topic":"provisioners","data":""}', { 'Rusk-Version': '0.7.0' });
  assert.equal(mismatch.status, 500);
  assert.match(await mismatch.text(), /^Mismatched rusk version/);
  const unknown = await post('/2/rusk', '{"topic":"nothing","data":""}');
  assert.equal(unknown.status, 500);
  const binary = Buffer.concat([Buffer.from([8, 0, 0, 0]), Buffer.from('chain_id')]);
  const contract = await post(`/01/${kContract}`, binary, kBytes);
  const rues = await node.request('POST', `/on/contracts:${kContract}/chain_id`, kBytes);
  assert.deepEqual(Buffer.from(await contract.arrayBuffer()), rues.body);

  const legacy = await Legacy.open(node, `/1/${kContract}`);
  for (const id of ['a', 'b', 'c']) legacy.socket.send(JSON.stringify({ headers: { 'X-Request-Id': id }, event: { topic: 'chain_id', data: '' } }));
  await legacy.until(() => legacy.texts.length === 3, 'replies');
  for (const reply of legacy.texts) {
    assert.deepEqual(Object.keys(reply), ['headers', 'data', 'error']);
    assert.equal(reply.data, rues.body.toString('hex'));
    assert.equal(reply.error, null);
  }
  assert.deepEqual(legacy.texts.map((reply) => reply.headers['X-Request-Id']).sort(), ['a', 'b', 'c']);
  legacy.socket.send('{"headers":{}}');
  assert.equal((await within(legacy.closed, 'close')).code, 1011);
}

/** Old clients require versions that no Rusk of today meets. */
async function anyVersion(node) {
  const example = Buffer.from(
    '5c0000007b22436f6e74656e742d54797065223a226170706c69636174696f6e2f6f637465742d73747265616d222c225275736b2d56657273696f6e223a22302e372e30222c' +
      '22582d526571756573742d4964223a223132626533346566227d02040000007275736b09000000707265766572696679cafe01', 'hex');
  assert.equal(example.length, 121);
  assert.deepEqual(encode({ ...decode(example) }), example);
  const legacy = await Legacy.open(node);
  legacy.socket.send(example);
  const said = await legacy.until(() => legacy.messages[0], 'answer to the example');
  assert.equal(said.headers['X-Request-Id'], '12be34ef');
  const rues = await node.post('preverify', Buffer.from('cafe01', 'hex'));
  assert.equal(said.headers.Status, `400; ${JSON.parse(rues.body).error}`, 'no error of the version');
  await legacy.close();
}

await withFolder(async (data) => {
  const off = await RuesNode.start(data, '--mining', 'manual');
  assert.equal((await off.request('GET', '/legacy')).status, 404);
  assert.equal((await off.request('POST', '/02/Chain', {}, '{}')).status, 404);
  const socket = new WebSocket(`ws://127.0.0.1:${off.port}/legacy`);
  const [error] = await within(once(socket, 'error'), 'refusal');
  assert.match(error.message, /404/);
  await off.stop();
});
await withFolder(async (data) => {
  const node = await RuesNode.start(data, '--mining', 'manual', '--legacy');
  assert.equal(JSON.parse((await node.request('GET', '/')).body).legacy, '/legacy');
  assert.ok(JSON.parse((await node.request('GET', '/openapi.json')).body).paths['/legacy']);
  await names(node);
  await transfer(node);
  await broken(node);
  await many(node);
  await slow(node);
  await old(node);
  await node.stop();
});
await withFolder(async (data) => {
  const node = await RuesNode.start(data, '--mining', 'manual', '--legacy', '--legacy-any-version');
  await anyVersion(node);
  await node.stop();
});
await withFolder((data) => kills(data, ['--mining', 'manual', '--legacy', '--log-level', 'warning']));
