// A good client and a hostile one behind one address. The node counts them as one: the good one is refused with a reason that names the setting.
// Behind a proxy that the node trusts they are two.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { RuesNode, WebSocket, withFolder, within } from './node.mjs';
import { clients, kUpgrade, Peer } from './peers.mjs';

const kShared = '127.0.0.2';
const kOther = '127.0.0.3';
const kHeld = 90_000;

const upload = (size, headers = '') =>
  `POST /on/transactions/preverify HTTP/1.1\r\nHost: localhost\r\n${headers}Content-Length: ${size}\r\n\r\n`;
const named = (answer, setting) => {
  assert.match(answer, /^HTTP\/1\.1 429 /);
  assert.match(answer, /^rues-error-code: client_limit\r$/im);
  assert.match(answer, /^retry-after: \d+\r$/im);
  assert.match(answer, new RegExp(`\\(setting ${setting}\\)`));
};
const listed = async (node, name) => (await clients(node)).clients.find(({ client }) => client === name);
const holds = async (node, name, holding, least) => {
  while (((await listed(node, name))?.[holding] ?? 0) < least);
};

/** A session from an address, and its id. */
async function session(node, localAddress) {
  const socket = new WebSocket(`ws://127.0.0.1:${node.port}/on`, { localAddress });
  const [id] = await within(once(socket, 'message'), 'the id of a session');
  return { socket, id: id.toString() };
}
const subscribe = (node, id, topic, localAddress) =>
  new Peer(node, localAddress).send(`GET /on/blocks/${topic} HTTP/1.1\r\nHost: localhost\r\nRusk-Session-Id: ${id}\r\nConnection: close\r\n\r\n`);

await withFolder(async (data) => {
  const node = await RuesNode.start(data, '--mining', 'manual', '--client-connections', '12', '--client-upload-bytes', '100000',
    '--client-subscriptions', '3', '--client-sessions', '2', '--client-resumes', '1');

  // Uploads. The header of a client that is no trusted proxy changes nothing.
  const hostile = new Peer(node, kShared).send(upload(200_000, 'X-Forwarded-For: 192.0.2.1\r\n') + 'x'.repeat(kHeld));
  await holds(node, kShared, 'uploads', kHeld);
  const good = new Peer(node, kShared).send(upload(30_000, 'X-Forwarded-For: 192.0.2.2\r\n') + '0'.repeat(20_000));
  named((await good.until('(setting ')).got, 'client-upload-bytes');
  const elsewhere = new Peer(node, kOther).send(upload(30_000) + '0'.repeat(20_000));
  await holds(node, kOther, 'uploads', 20_000);
  await elsewhere.send('0'.repeat(10_000)).until('HTTP/1.1 400 ');
  hostile.socket.destroy();

  // Subscriptions, then sessions.
  const first = await session(node, kShared);
  for (const topic of ['accepted', 'statechange', 'reverted']) await subscribe(node, first.id, topic, kShared).until('HTTP/1.1 200 ');
  const second = await session(node, kShared);
  named((await subscribe(node, second.id, 'accepted', kShared).until('(setting ')).got, 'client-subscriptions');
  const other = await session(node, kOther);
  await subscribe(node, other.id, 'accepted', kOther).until('HTTP/1.1 200 ');
  const third = new WebSocket(`ws://127.0.0.1:${node.port}/on`, { localAddress: kShared });
  const [code, reason] = await within(once(third, 'close'), 'the end of one session too many');
  assert.equal(code, 1008);
  assert.equal(reason.toString(), 'your address has too many sessions (setting client-sessions)');

  // Everything that was refused is counted by its reason.
  const { all, refusals } = await clients(node);
  assert.deepEqual([all.uploads.refused, all.subscriptions.refused, all.sessions.refused], [1, 1, 1]);
  assert.equal(refusals.client_limit, 2);
  assert.deepEqual([all.sessions.setting, all.subscriptions.setting_of_all], ['client-sessions', 'subscriptions']);

  // Connections.
  const many = Array.from({ length: 12 }, () => new Peer(node, kShared));
  const refused = () => many.filter((each) => each.got.includes('(setting '));
  while (refused().length === 0) await within(Promise.race(many.map((each) => once(each.socket, 'close'))), 'a refusal');
  named(refused()[0].got, 'client-connections');
  await new Peer(node, kOther).send('GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n').until('HTTP/1.1 200 ');
  await node.stop();
});

await withFolder(async (data) => {
  const node = await RuesNode.start(data, '--mining', 'manual', '--trusted-proxies', kShared, '--client-upload-bytes', '100000',
    '--client-connections', '3');
  const by = (client) => `X-Forwarded-For: 198.51.100.7, ${client}\r\n`;

  new Peer(node, kShared).send(upload(200_000, by('192.0.2.1')) + 'x'.repeat(kHeld));
  await holds(node, '192.0.2.1', 'uploads', kHeld);
  named((await new Peer(node, kShared).send(upload(30_000, by('192.0.2.1')) + '0'.repeat(20_000)).until('(setting ')).got, 'client-upload-bytes');
  const good = new Peer(node, kShared).send(upload(30_000, by('2001:db8::1')) + '0'.repeat(20_000));
  await holds(node, '2001:db8::/64', 'uploads', 20_000);
  await good.send('0'.repeat(10_000)).until('HTTP/1.1 400 ');

  // A WebSocket is the connection of the client that the proxy names.
  const upgrade = (client) => new Peer(node, kShared).send(kUpgrade.replace('Host:', `${by(client)}Host:`));
  for (let i = 0; i < 3; ++i) await upgrade('192.0.2.1').until('HTTP/1.1 101 ');
  named((await upgrade('192.0.2.1').until('(setting ')).got, 'client-connections');
  await upgrade('192.0.2.2').until('HTTP/1.1 101 ');
  assert.equal((await listed(node, '192.0.2.1')).connections, 3);
  await node.stop();
});
