// Budgets of all clients together. The last part of each is for clients that hold little; when they need it, the client that holds most gives way
// and is told why.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { RuesNode, WebSocket, withFolder, within } from './node.mjs';
import { clients, Peer } from './peers.mjs';

const kHostile = '127.0.0.2';
const upload = (size) => `POST /on/transactions/preverify HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${size}\r\n\r\n`;
const small = (i) => `127.0.0.${10 + i}`;

await withFolder(async (data) => {
  const node = await RuesNode.start(data, '--mining', 'manual', '--upload-bytes', '800000', '--client-upload-bytes', '0', '--subscriptions', '16',
    '--client-kept-sessions', '2');
  const uploads = async () => (await clients(node)).all.uploads;

  // Requests that are not whole: seven eighths of 800,000 bytes, then small ones.
  const hostile = [new Peer(node, kHostile), new Peer(node, kHostile)];
  hostile[0].send(upload(1_000_000) + 'x'.repeat(650_000));
  while ((await uploads()).held < 650_000);
  hostile[1].send(upload(100_000) + 'x'.repeat(90_000)); // beyond seven eighths
  await hostile[1].until('HTTP/1.1 503 ');
  assert.match(hostile[1].got, /all clients have too many bytes of request bodies that are not whole \(setting upload-bytes\)/);
  assert.equal((await uploads()).full, 1);
  const others = [0, 1].map((i) => new Peer(node, small(i)).send(upload(50_000) + '0'.repeat(40_000)));
  await hostile[0].until('HTTP/1.1 503 ');
  assert.match(hostile[0].got, /and your address has the most \(setting upload-bytes\)/);
  for (const each of others) await each.send('0'.repeat(10_000)).until('HTTP/1.1 400 ');
  assert.equal((await uploads()).gave_way, 1);

  // Subscriptions: 13 of 16, then two clients with one each.
  const open = async (localAddress) => {
    const socket = new WebSocket(`ws://127.0.0.1:${node.port}/on`, { localAddress });
    const [id] = await within(once(socket, 'message'), 'the id of a session');
    return { socket, id: id.toString() };
  };
  const subscribe = async ({ id }, path) => node.request('GET', path, { 'Rusk-Session-Id': id });
  const large = await open(kHostile);
  for (let i = 0; i < 14; ++i) assert.equal((await subscribe(large, `/on/blocks:${'0'.repeat(63)}${i.toString(16)}/accepted`)).status, 200);
  const over = await subscribe(large, '/on/blocks/accepted');
  assert.equal(over.status, 503);
  assert.match(over.body.toString(), /all clients have too many subscriptions \(setting subscriptions\)/);
  const ended = within(once(large.socket, 'close'), 'the end of the largest holder');
  const little = await open(small(0));
  assert.equal((await subscribe(little, '/on/blocks/accepted')).status, 200);
  const [code, reason] = await ended;
  assert.equal(code, 1008);
  assert.equal(reason.toString(), 'all clients have too many subscriptions and your address has the most (setting subscriptions)');
  assert.equal((await clients(node)).all.subscriptions.gave_way, 1);

  // Ended sessions: a client keeps its last two.
  const lost = [];
  for (let i = 0; i < 3; ++i) {
    const one = await open(small(1));
    assert.equal((await subscribe(one, '/on/blocks/accepted')).status, 200);
    one.socket.terminate();
    await within(once(one.socket, 'close'), 'the end of a session');
    while ((await clients(node)).clients.find(({ client }) => client === small(1)).sessions > 0);
    lost.push(one.id);
  }
  const found = (await clients(node)).clients.find(({ client }) => client === small(1));
  assert.equal(found.kept, 2);
  assert.ok(found.journal > 0);
  const resumed = await Promise.all(lost.map(async (id) => {
    const socket = new WebSocket(`ws://127.0.0.1:${node.port}/on?resume=${id}`, { localAddress: small(1) });
    const [response] = await within(once(socket, 'upgrade'), 'an upgrade');
    socket.terminate();
    return response.headers['rues-recovered'];
  }));
  assert.deepEqual(resumed, ['false', 'true', 'true']);
  await node.stop();
});
