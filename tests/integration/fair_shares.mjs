// What one client may hold, while others are served: 127.0.0.2 takes all it can get, 127.0.0.3 must not notice. The program itself shows who holds what.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { kProgram, RuesNode, withFolder, within } from './node.mjs';
import { clients, kAlive, kUpgrade, Peer } from './peers.mjs';

/** The beginning of a message of `size` bytes that never ends, with a mask of zeros. */
function unfinished(size) {
  const frame = Buffer.alloc(14 + size, 0x20);
  frame.writeUInt16BE(0x01fe, 0); // a text in several frames
  frame.writeUInt16BE(size, 2);
  frame.writeUInt32BE(0, 4);
  frame[8] = 0x7b;
  return frame.subarray(0, 8 + size);
}

await withFolder(async (data) => {
  const node = await RuesNode.start(data, '--mining', 'manual', '--max-connections', '200', '--client-message-bytes', '500000',
    '--client-upload-bytes', '1000000');

  // Connections: a quarter of all.
  const greedy = Array.from({ length: 80 }, () => new Peer(node, '127.0.0.2'));
  const refused = async () => greedy.filter((each) => each.got.startsWith('HTTP/1.1 429 '));
  while ((await refused()).length < 30) await within(Promise.race(greedy.map((each) => once(each.socket, 'close'))), 'refusals');
  assert.equal((await refused()).length, 30);
  assert.match((await refused())[0].got, /client-connections/);
  await new Peer(node, '127.0.0.3').send(kAlive).until('HTTP/1.1 200 ');
  greedy.forEach((each) => each.socket.destroy());

  // Unfinished messages.
  const sessions = [];
  for (let i = 0; i < 12; ++i) {
    const one = new Peer(node, '127.0.0.4').send(kUpgrade);
    await one.until('HTTP/1.1 101 ');
    sessions.push(one.send(unfinished(60_000)));
  }
  const closed = () => sessions.filter((each) => each.got.includes('client-message-bytes'));
  while (closed().length < 4) await within(Promise.race(sessions.map((each) => once(each.socket, 'data'))), 'closes with 1008');
  assert.equal(closed().length, 4); // 8 of 60,000 bytes fit
  const [listed] = (await clients(node)).clients.filter(({ client }) => client === '127.0.0.4');
  assert.ok(listed.messages <= 500_000 && listed.messages > 400_000, JSON.stringify(listed));
  assert.ok(listed.refused >= 4, JSON.stringify(listed));

  // Uploads.
  const begun = 'POST /on/transactions/preverify HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900000\r\n\r\n' + 'x'.repeat(800_000);
  new Peer(node, '127.0.0.5').send(begun);
  while (!(await clients(node)).clients.some(({ client, uploads }) => client === '127.0.0.5' && uploads >= 800_000));
  await new Peer(node, '127.0.0.5').send(begun).until('client-upload-bytes');
  const small = new Peer(node, '127.0.0.6').send('POST /on/transactions/preverify HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nab');
  await small.send('cd').until('HTTP/1.1 400 ');

  // The same for people.
  const url = `http://127.0.0.1:${node.port}`;
  const top = spawnSync(kProgram, ['top', '--clients', '--url', url], { encoding: 'utf8' });
  assert.equal(top.status, 0, top.stderr);
  assert.match(top.stdout, /^client +spent ms/);
  assert.match(top.stdout, /^127\.0\.0\.4 /m);
  const json = spawnSync(kProgram, ['top', '--clients', '--json', '--count', '2', '--interval', '10ms', '--url', url], { encoding: 'utf8' });
  assert.equal(json.stdout.trim().split('\n').length, 2);
  assert.ok(JSON.parse(json.stdout.split('\n')[0]).all.messages.refused >= 4);
  assert.equal(spawnSync(kProgram, ['top', '--count', '-1', '--url', url]).status, 2);

  await node.stop();
});
