// The heights of answers (docs/decisions/0039): every answer that is computed from the chain says at which block, a request can name the block that
// its answer must know, and reads that several clients ask of a gateway at one tip are passed on once.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { RuesNode, withFolder } from './node.mjs';
import { kSender, kTransfers, proxyBefore, reaches, statusOf, statusWhen } from './following.mjs';

const kManual = ['--mining', 'manual', '--log-level', 'warning', '--final-after', '20'];
const kTransferContract = '01'.padEnd(64, '0');
const kRoot = ['POST', `/on/contracts:${kTransferContract}/root`];
const kUpload = ['POST', `/on/contract:${kTransferContract}/upload_driver`, 'none'];
const kQuery = JSON.stringify({ query: '{block(height:-1){header{height}}}' });
const kReads = [
  ['POST', `/on/account:${kSender}/status`],
  kRoot,
  ['POST', '/on/node/provisioners'],
  ['GET', `/archive/accounts/${kSender}`],
  ['GET', '/contracts'],
  ['POST', '/graphql', kQuery],
  ['POST', '/on/graphql/query', '{block(height:-1){header{height}}}'],
];

const ask = (server, [method, path, body = ''], headers = {}) =>
  server.request(method, path, path === '/graphql' ? { 'Content-Type': 'application/json', ...headers } : headers, body);

/** The block that an answer was computed at. */
const tipOf = ({ headers }) => ({ height: Number(headers.get('rues-height')), hash: headers.get('rues-hash') });

await withFolder(async (folder) => {
  const node = await RuesNode.start(join(folder, 'node'), ...kManual);
  const gateway = await RuesNode.startGateway(join(folder, 'gateway'), [node.url]);
  assert.equal((await node.post('propagate', kTransfers[0].bytes)).status, 202);
  await node.mine(3);
  await reaches(gateway, 3);

  for (const server of [node, gateway]) {
    const { tip } = await statusOf(node);
    for (const read of kReads) {
      // Twice: what is kept for the tip says it too.
      for (let i = 0; i < 2; ++i) {
        const answer = await ask(server, read);
        assert.equal(answer.status, 200, `${read[1]}: ${answer.body}`);
        assert.deepEqual(tipOf(answer), { height: tip.height, hash: tip.hash }, read[1]);
      }
    }
  }

  // A block that is there, by height or hash, costs no wait; also one below the tip.
  const { tip } = await statusOf(node);
  const { block } = JSON.parse((await ask(node, ['POST', '/on/graphql/query', '{block(height:1){header{hash}}}'])).body);
  for (const server of [node, gateway]) {
    for (const wanted of [{ 'Rues-Min-Height': '3' }, { 'Rues-Min-Hash': tip.hash }, { 'Rues-Min-Hash': block.header.hash, 'Rues-Min-Height': '2' }]) {
      for (const read of kReads) assert.equal((await ask(server, read, wanted)).status, 200, `${read[1]} ${JSON.stringify(wanted)}`);
    }
    for (const wrong of [{ 'Rues-Min-Height': '-1' }, { 'Rues-Min-Hash': 'ab' }]) {
      const answer = await ask(server, kRoot, wrong);
      assert.equal(answer.status, 400);
      assert.equal(answer.headers.get('rues-error-code'), 'invalid_input');
      assert.match(answer.body.toString(), /Rues-Min-H(eight|ash): .* expected/);
    }
  }

  // A block that comes later is waited for, and the answer knows it.
  for (const server of [node, gateway]) {
    const { height } = (await statusOf(node)).tip;
    const waiting = kReads.map((read) => ask(server, read, { 'Rues-Min-Height': String(height + 1) }));
    // Requests without the header are answered meanwhile, and the others wait.
    for (let i = 0; i < 3; ++i) assert.equal(tipOf(await ask(server, kRoot)).height, height);
    await node.mine(1);
    for (const [index, answer] of (await Promise.all(waiting)).entries()) {
      assert.equal(answer.status, 200, `${kReads[index][1]}: ${answer.body}`);
      assert.ok(tipOf(answer).height >= height + 1, kReads[index][1]);
    }
    await reaches(gateway, height + 1);
  }

  // A block that does not come is given up.
  for (const server of [node, gateway]) {
    const wanted = [{ 'Rues-Min-Height': '1000' }, { 'Rues-Min-Hash': 'ab'.repeat(32) }];
    for (const answer of await Promise.all(wanted.map((each) => ask(server, kRoot, each)))) {
      assert.equal(answer.status, 503);
      assert.equal(answer.headers.get('rues-error-code'), 'block_not_reached');
      assert.equal(answer.headers.get('retry-after'), '1');
      assert.match(answer.body.toString(), /the wanted block is not there yet: the tip is block \d+/);
    }
  }

  // Identical reads at one tip are passed on once; others, and those that the mempool changes, each time.
  const passed = async () => (await statusOf(gateway)).gateway.upstreams[0].requests;
  await node.mine(1);
  await reaches(gateway, 6);
  await statusWhen(gateway, ({ gateway: { upstreams } }) => upstreams[0].height >= 6, 'the node is known to have the tip');
  let before = await passed();
  const answers = await Promise.all(Array.from({ length: 30 }, () => ask(gateway, kRoot)));
  answers.push(await ask(gateway, kRoot, { 'User-Agent': 'another' }));
  const expected = await ask(node, kRoot);
  for (const answer of answers) {
    assert.equal(answer.status, 200);
    assert.equal(answer.body.toString(), expected.body.toString());
  }
  assert.equal(await passed() - before, 1, 'identical reads');
  before = await passed();
  for (let i = 0; i < 3; ++i) await ask(gateway, kReads[0]);
  assert.equal(await passed() - before, 3, 'the next nonce follows from the mempool');
  before = await passed();
  for (let i = 0; i < 3; ++i) await ask(gateway, kRoot, { Authorization: 'Bearer secret' });
  assert.equal(await passed() - before, 3, 'requests of one client only');
  before = await passed();
  for (const language of ['de', 'fr', 'de']) await ask(gateway, kRoot, { 'Accept-Language': language });
  assert.equal(await passed() - before, 2, 'another header is another question');
  before = await passed();
  assert.equal((await ask(gateway, kUpload)).status, 400);
  await ask(gateway, kRoot);
  await ask(gateway, kRoot);
  assert.equal(await passed() - before, 2, 'a data driver that may have changed ends sharing');
  await node.mine(1);
  await reaches(gateway, 7);
  before = await passed();
  for (let i = 0; i < 3; ++i) assert.equal(tipOf(await ask(gateway, kRoot)).height, 7);
  assert.equal(await passed() - before, 1, 'a new tip is another question');

  // A block that was taken back is said to be so at once; what the chain has now counts.
  const { tip: taken } = await statusOf(node);
  await node.json('/dev/reorg', JSON.stringify({ depth: 2 }));
  await node.mine(2);
  const { tip: newest } = await statusOf(node);
  await statusWhen(gateway, (status) => status.tip.hash === newest.hash, 'the gateway has gone to the other branch');
  for (const server of [node, gateway]) {
    for (const read of kReads) {
      const answer = await ask(server, read, { 'Rues-Min-Hash': taken.hash });
      assert.equal(answer.status, 412, answer.body.toString());
      assert.equal(answer.headers.get('rues-error-code'), 'block_taken_back');
      assert.equal(JSON.parse(answer.body).error, `the block ${taken.hash} was taken back`);
      assert.deepEqual(tipOf(await ask(server, read, { 'Rues-Min-Hash': newest.hash })), { height: newest.height, hash: newest.hash }, read[1]);
    }
  }
  await gateway.stop();
  await node.stop();
});

// A node that answers from before the wanted block is left for another one. What it says to one client alone, nobody else gets.
await withFolder(async (folder) => {
  const node = await RuesNode.start(join(folder, 'node'), ...kManual);
  await node.mine(3);
  const kinds = {
    'an older tip': ({ headers }) => {
      headers['rues-height'] = '2';
    },
    'a refusal of one client': (answer, call) => {
      if (call > 1) return;
      answer.status = 429;
      answer.headers['content-type'] = 'application/json';
      answer.body = JSON.stringify({ error: 'too many' });
    },
    'a cookie': ({ headers }, call) => {
      headers['set-cookie'] = `route=${call}`;
    },
  };
  for (const [kind, change] of Object.entries(kinds)) {
    let calls = 0;
    const proxy = await proxyBefore(node, (url, answer) => {
      if (/^\/on\/(contracts|account):/.test(url)) change(answer, ++calls);
    });
    const nodes = kind === 'an older tip' ? [proxy.url, node.url] : [proxy.url];
    const gateway = await RuesNode.startGateway(join(folder, kind.replaceAll(' ', '_')), nodes);
    await reaches(gateway, 3);
    await statusWhen(gateway, ({ gateway: { upstreams } }) => upstreams.every((each) => each.height >= 3), 'the nodes are known');
    // One read is shared, the other is not.
    const reads = [kRoot, kReads[0]].flatMap((read) => Array.from({ length: 12 }, () => ask(gateway, read, { 'Rues-Min-Height': '3' })));
    const answers = await Promise.all(reads);
    assert.ok(calls > 0, `${kind}: the proxy was asked`);
    const refused = answers.filter((answer) => answer.status !== 200).map((answer) => answer.status);
    assert.deepEqual(refused, kind === 'a refusal of one client' ? [429] : [], kind);
    for (const answer of answers) assert.ok(answer.status === 429 || tipOf(answer).height === 3, kind);
    const cookies = answers.map(({ headers }) => headers.get('set-cookie')).filter(Boolean);
    assert.equal(new Set(cookies).size, kind === 'a cookie' ? answers.length : 0, `${kind}: each client has its own cookie`);
    await gateway.stop();
    await proxy.end();
  }
  await node.stop();
});
