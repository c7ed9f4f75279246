// The requests of every client of GraphQL (docs/reference/graphql.md 6), in the form in which it sends them, and its
// use of the answers; then requests that no client should
// send. Transfers come from the recording of a real node; they are valid on the default genesis.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RuesNode, kTestData, withFolder } from './node.mjs';

const kTransfers = 30;
const recorded = JSON.parse(readFileSync(join(kTestData, 'rusk-1.7/chain.json'), 'utf8'))
  .blocks.flatMap((block) => block.transactions).slice(0, kTransfers);
const kPayer = recorded[0].json.sender;

let node;
const url = (path) => `http://localhost:${node.port}${path}`;

async function send(path, body, headers = {}) {
  const response = await fetch(url(path), { method: 'POST', body, headers });
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
}

/** A client of the older endpoint: it gets the bare data, or fails. */
async function legacy(query, headers = {}) {
  const answer = await send('/on/graphql/query', query, headers);
  assert.equal(answer.status, 200, `${query}: ${answer.text}`);
  const data = JSON.parse(answer.text);
  assert.ok(!('errors' in data), `${query.slice(0, 300)}: ${answer.text.slice(0, 300)}`);
  return data;
}

async function standard(query, variables) {
  const answer = await send('/graphql', JSON.stringify({ query, variables }), { 'Content-Type': 'application/json' });
  assert.equal(answer.status, 200);
  return JSON.parse(answer.text);
}

async function refused(query, variables) {
  const { data, errors } = await standard(query, variables);
  assert.equal(data, null);
  return errors[0].message;
}

/** The keys of an object, in order. */
const keys = (object) => Object.keys(object).join(' ');
const octets = { 'Content-Type': 'application/octet-stream', 'rusk-version': '1.0.0-rc.0' };

async function fill() {
  for (const [i, { id, raw }] of recorded.entries()) {
    const answer = await node.post('propagate', Buffer.from(`01${raw.slice(4)}`, 'hex'));
    assert.equal(answer.status, 202, `${id}: ${answer.body}`);
    if (i === 0) await mempool(id);
    await node.mine();
  }
  await node.mine(2); // all earlier blocks are final now
}

async function mempool(id) {
  const { mempoolTxs } = await legacy('query { mempoolTxs { id gasLimit gasPrice txType memo json } }', { 'Content-Type': 'text/plain' });
  assert.deepEqual(mempoolTxs.map((tx) => tx.id), [id]);
  assert.equal(JSON.parse(mempoolTxs[0].json).sender, kPayer);
  const found = await legacy('query($id: String!) { mempoolTx(hash: $id) { isDeploy } }', { 'Rusk-gqlvar-id': JSON.stringify(id) });
  assert.deepEqual(found, { mempoolTx: { isDeploy: false } });
}

async function ruskWallet() {
  const ask = (query) => legacy(query, octets);
  const { id, raw, gasSpent } = recorded[3];
  assert.equal((await send('/on/graphql/query', '', octets)).status, 200, 'connection check');
  assert.deepEqual(await ask(`query { tx(hash: "${id}") { id, err }}`), { tx: { id, err: null } });
  const { tx: where } = await ask(`query { tx(hash: "${id}") { blockHash, blockHeight, gasSpent } }`);
  assert.equal(keys(where), 'blockHash blockHeight gasSpent');
  assert.ok(where.gasSpent > gasSpent / 2, 'gas');
  const { block } = await ask(`query { block(height: ${where.blockHeight}) { transactions {id, raw, gasSpent, err}}}`);
  // This wallet is linked with dusk-core 1.6, which decodes only this envelope (docs/reference/differences.md 32).
  assert.deepEqual(block.transactions, [{ id, raw: `01${raw.slice(4)}`, gasSpent: where.gasSpent, err: null }]);
  assert.deepEqual(await ask(`query { tx(hash: "${id}") { tx { raw } } }`), { tx: { tx: { raw: `01${raw.slice(4)}` } } });
  const { blockHash, blockHeight } = where;
  assert.deepEqual(await ask(`query { checkBlock(height: ${blockHeight}, hash: "${blockHash}", onlyFinalized: true) }`), { checkBlock: true });
  assert.deepEqual(await ask(`query { checkBlock(height: ${blockHeight + 1}, hash: "${blockHash}", onlyFinalized: true) }`), { checkBlock: false });
  const { fullMoonlightHistory } = await ask(`query { fullMoonlightHistory(address: "${kPayer}") { json } }`);
  for (const group of fullMoonlightHistory.json) {
    assert.equal(keys(group), 'block_height events origin');
    for (const event of group.events) assert.equal(keys(event), 'data reverted target topic');
  }
  const one = await ask(`query { fullMoonlightHistory(address: "${kPayer}", fromBlock: ${blockHeight}, toBlock: ${blockHeight}) { json } }`);
  assert.deepEqual(one.fullMoonlightHistory.json.map((group) => group.block_height), [blockHeight]);
}

async function w3sper() {
  const ask = (query) => legacy(`query { ${query} }`);
  const { height } = (await ask('block(height: -1) { header { height } }')).block.header;
  const { hash } = (await ask(`block(height: ${height}) { header { hash } }`)).block.header;
  assert.deepEqual(await ask(`checkBlock(\n  height: ${height - 1},\n  hash: "${hash}",\n  onlyFinalized: true\n) `), { checkBlock: false });
  const history = async (ord) => (await ask(
    `fullMoonlightHistory(\n  address: "${kPayer}",\n  fromBlock: 0,\n  ord: "${ord}",\n  toBlock: ${height}\n) { json }`)).fullMoonlightHistory.json;
  const ascending = await history('asc');
  assert.deepEqual(await history('desc'), [...ascending].reverse());
  const ids = ascending.map((group) => group.origin);
  assert.equal(ids.length, kTransfers, 'the payer of all of them');
  // It matches the answer with its own list by position, so more than ten entries need the order of the request. It asks for 500 at once.
  const many = Array.from({ length: 500 }, (_, i) => ids[i % ids.length]);
  const answer = await ask(many.map((id, i) => `tx${i}: tx(hash: "${id}") {
              blockHash,
              blockTimestamp,
              err,
              gasSpent,
              tx {
                callData { fnName },
                gasLimit,
                gasPrice,
                isDeploy,
                memo
              }
            }`).join(','));
  assert.deepEqual(Object.keys(answer), many.map((_, i) => `tx${i}`));
  const expected = new Map(recorded.map((tx) => [tx.id, tx.gasLimit]));
  assert.deepEqual(Object.values(answer).map(({ tx }) => tx.gasLimit), many.map((id) => expected.get(id)));
}

async function explorer() {
  const info = 'fragment TransactionInfo on SpentTransaction { blockHash, blockHeight, blockTimestamp, err, gasSpent, id, ' +
    'tx { blobHashes, callData { contractId, data, fnName }, gasLimit, gasPrice, id, isDeploy, memo, txType, json } }';
  const both = `${info} fragment BlockInfo on Block { header { hash, gasLimit, height, prevBlockHash, seed, stateHash, timestamp, version }, ` +
    'fees, gasSpent, reward, transactions {...TransactionInfo} }';
  const ask = (query, variables = {}) => legacy(query, {
    'Content-Type': 'application/json',
    ...Object.fromEntries(Object.entries(variables).map(([name, value]) => [`Rusk-gqlvar-${name}`, JSON.stringify(value)])),
  });
  const { blocks, transactions } = await ask(
    `${both} query($amount: Int!) { blocks(last: $amount) {...BlockInfo}, transactions(last: $amount) {...TransactionInfo} }`, { amount: 15 });
  assert.equal(blocks.length, 15);
  assert.deepEqual(transactions.map((tx) => tx.id), recorded.slice(-15).map((tx) => tx.id).reverse());
  assert.equal((await ask(`${both} query($amount: Int!) { blocks(last: $amount) {...BlockInfo} }`, { amount: 100 })).blocks.length, 33);
  const block = blocks.find((each) => each.transactions.length > 0);
  assert.equal(keys(block), 'header fees gasSpent reward transactions');
  assert.equal(block.fees, block.transactions.reduce((sum, tx) => sum + tx.gasSpent * tx.tx.gasPrice, 0));
  const id = block.header.hash;
  assert.deepEqual((await ask(`${both} query($id: String!) { block(hash: $id) {...BlockInfo} }`, { id })).block, block);
  const { json } = (await ask('query($id: String!) { block(hash: $id) { header { json } } }', { id })).block.header;
  assert.equal(JSON.parse(json).hash, id);
  const height = await ask('query($height: Float!) { block(height: $height) { header { hash } } }', { height: block.header.height });
  assert.equal(height.block.header.hash, id);
  const tx = block.transactions[0];
  const merged = (await ask(`${info} query($id: String!) { tx(hash: $id) { ...TransactionInfo tx { json } } }`, { id: tx.id })).tx;
  assert.deepEqual(merged, tx);
  const search = 'query($id: String!) { block(hash: $id) { header { hash } }, tx(hash: $id) { id } }';
  assert.deepEqual(await ask(search, { id }), { block: { header: { hash: id } }, tx: null });
  assert.deepEqual(await ask(search, { id: tx.id }), { block: null, tx: { id: tx.id } });
  const history = await ask('query GetFullMoonlightHistory($address: String!) { fullMoonlightHistory(address: $address) { json } }', { address: kPayer });
  const batch = history.fullMoonlightHistory.json.map((group, i) => `tx${i}: tx(hash: "${group.origin}") { ...TransactionInfo }`).join(' ');
  assert.equal(Object.values(await ask(`query { ${batch} } ${info}`)).filter(Boolean).length, kTransfers);
}

/** The only client that reads the text of errors. */
async function extension() {
  const probe = await send('/on/graphql/query', 'query { contractEvents(height: 0) }', { 'Content-Type': 'text/plain' });
  assert.match(probe.text, /must have a selection of subfields/);
  assert.doesNotMatch(probe.text, /Unknown field/);
  const { tx } = await legacy(`query { tx(hash: "${recorded[0].id}") { id err gasSpent blockHash blockHeight blockTimestamp tx { id gasLimit gasPrice txType isDeploy memo } } }`,
    { 'Content-Type': 'text/plain' });
  assert.equal(tx.tx.txType, 'Moonlight');
}

async function tools() {
  const tip = await legacy('query { block(height: -1) { header { height } } }', { 'Content-Type': 'application/json', 'Rusk-Version': '1.0.0' });
  assert.equal(tip.block.header.height, kTransfers + 2);
  const fragments = 'fragment TransactionInfo on SpentTransaction { tx { json } }\n' +
    'fragment BlockInfo on Block { header { generatorBlsPubkey, height, timestamp }, transactions {...TransactionInfo} }\n';
  // An empty list of variables is not valid GraphQL, but the node accepts it.
  const { blocks } = await legacy(`${fragments}query() { blocks(range: [1, 200]) {...BlockInfo} }`);
  assert.deepEqual(blocks.map((block) => block.header.height), Array.from({ length: kTransfers + 2 }, (_, i) => i + 1));
  const count = await legacy('query($count: Int!) { blocks(last: $count) { header { height } } }', { 'rusk-gqlvar-count': '100' });
  assert.equal(count.blocks.length, kTransfers + 3);
}

async function documents() {
  const data = async (query, variables) => (await standard(query, variables)).data;
  assert.equal((await data('{ lastBlockPair { json } }')).lastBlockPair.json.last_finalized_block[0], kTransfers + 1);
  const { queryType } = (await data('{ __schema { queryType { fields { name } } } }')).__schema;
  assert.equal(queryType.fields.length, 15);
  assert.deepEqual(await data('{ nextPhoenix(height: 1086365) }'), { nextPhoenix: null });
  const events = (await data(`{ finalizedEvents(contractId: "01${'00'.repeat(31)}",) { json } }`)).finalizedEvents.json;
  assert.equal(keys(events), 'endCursor events hasNextPage startCursor');
  assert.equal(keys(events.events[0]), 'block_hash block_height data id origin reverted source topic');
  const [event] = (await data('{ contractEvents(height: 1) { json } }')).contractEvents.json;
  assert.equal(keys(event), 'data origin reverted source topic');
  assert.deepEqual(await data('{ transactionsByMemo(memo: "nobody wrote this") { json } }'), { transactionsByMemo: null });
  const receiver = recorded[0].json.receiver;
  const { moonlightHistory } = await data(`{ moonlightHistory( receiver: "${receiver}" fromBlock: 0 toBlock: 9 ) { json } }`);
  assert.ok(moonlightHistory.json.some((group) => group.origin === recorded[0].id));
  // A variable has another numeric type than its position requires: the node checks the value only
  // (docs/reference/rusk-1.7.md 6.3).
  assert.deepEqual(await data('query ($height: Int!) { block(height: $height) { header { height } } }', { height: 1 }), { block: { header: { height: 1 } } });
  assert.equal(await refused('{ blockTxs(last: 1000) { id } }'), 'count too large (max 200)');
  const old = await data('query { block(height: -1) { header { height hash } reward fees gasSpent } transactions(last: 5) {id } blocks(last: 100) { transactions { err } } }');
  assert.equal(old.transactions.length, 5);
}

/** These requests are refused as a whole, and the program still answers others. */
async function hostile() {
  const fan = Array.from({ length: 60 }, (_, i) => `fragment F${i} on Block { ${i === 59 ? 'fees' : `...F${i + 1} ...F${i + 1}`} }`).join(' ');
  assert.match(await refused(`{ block(height: 0) { ...F0 } } ${fan}`), /recursion depth|too complex/);
  assert.match(await refused('{ block(height: 0) { ...F } } fragment F on Block { ...F }'), /recursion depth/);
  const aliases = (count, field) => `{ ${Array.from({ length: count }, (_, i) => `a${i}:${field}`).join(' ')} }`;
  assert.match(await refused(aliases(5_001, 'nextPhoenix(height:0)')), /too complex/);
  const answer = await send('/on/graphql/query', aliases(100_000, 'mempoolTxs{id}'));
  assert.match(answer.text, /^{"data":null,"errors":/);
  assert.match(await refused(`{ blocks(range: ${'['.repeat(50_000)}`), /recursion limit exceeded/);
  assert.match(await refused(`${'{a'.repeat(60_000)}`), /recursion limit|depth/);
  assert.match(await refused(`{ blocks(range: [${'1 '.repeat(60_000)}]) { fees } }`), /Expected input type|too complex|large/);
  const histories = Array.from({ length: 2_000 }, (_, i) => `a${i}:blocks(range:[${i},${i + 199}]){header{height}}`);
  assert.match(await refused(`{ ${histories.join(' ')} }`), /too complex/);
  const large = JSON.stringify({ query: aliases(900, 'blocks(range:$v){fees}').replace('{', 'query($v:[Int!]){'), variables: { v: Array(400_000).fill(1) } });
  assert.ok(large.length > 2 ** 19);
  const whole = await send('/on/graphql/query', large);
  assert.match(whole.text, /^{"data":null,"errors":/);
  assert.equal((await send('/graphql', large)).status, 413);
  assert.equal((await send('/on/graphql/query', '{ \0 }')).status, 200);
  assert.equal((await fetch(url('/healthz'))).status, 200);
  // Lines end with LF, CR and both (docs/reference/graphql.md 7.1).
  const { errors } = await standard('{\r\n\r  nope }');
  assert.deepEqual(errors[0].locations, [{ line: 3, column: 3 }]);
}

await withFolder(async (folder) => {
  node = await RuesNode.start(folder, '--mining', 'manual');
  await fill();
  for (const part of [ruskWallet, w3sper, explorer, extension, tools, documents, hostile]) {
    await part();
    console.log(`${part.name}: as expected`);
  }
  await node.stop();
});
