// The requests of each client of docs/reference/protocol.md 0.2, in the form in which it sends them (with `fetch` and
// `ws`), without GraphQL and proving. Bytes come from the
// recording of a real node and from docs/reference/ledger.md 8 and 14.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RuesNode, Session, kTestData, postedForm, withFolder } from './node.mjs';
import { kTransfer } from './vectors.mjs';

const kBinary = { 'Content-Type': 'application/octet-stream' };
const kJson = { 'Content-Type': 'application/json' };
const kFeeder = { 'Rusk-Feeder': 'true' };
const kW3sperVersion = { 'Rusk-Version': '1.0.0-rc.0' }; // the header of w3sper and rusk-wallet
const kTransferContract = `/on/contracts:01${'00'.repeat(31)}`;
const kStakeContract = `/on/contracts:02${'00'.repeat(31)}`;

const recorded = new Map(JSON.parse(readFileSync(join(kTestData, 'rusk-1.7/http.json'), 'utf8')).map((row) => [row.name, row]));
const recordedHex = (name) => recorded.get(name).answer.body.hex;

let node;
const url = (path) => `http://localhost:${node.port}${path}`;

async function post(path, headers = {}, body = '') {
  const response = await fetch(url(path), { method: 'POST', headers, body });
  // `response.body.cancel()` of w3sper needs a body, and a 204 has none.
  assert.notEqual(response.status, 204, path);
  return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
}

async function bytes(path, headers = {}, body = '') {
  const answer = await post(path, { ...kBinary, ...headers }, body);
  assert.equal(answer.status, 200, `${path}: ${answer.bytes}`);
  return answer.bytes;
}

async function json(path, headers = {}, body = '') {
  const answer = await post(path, headers, body);
  assert.equal(answer.status, 200, `${path}: ${answer.bytes}`);
  assert.equal(answer.headers.get('content-type'), 'application/json');
  return JSON.parse(answer.bytes);
}

async function refused(status, text, path, headers = {}, body = '') {
  const answer = await post(path, headers, body);
  assert.equal(answer.status, status, `${path}: ${answer.bytes}`);
  assert.match(JSON.parse(answer.bytes).error, text);
}

async function accountQueries() {
  const raw = await bytes(`${kTransferContract}/account`, {}, kTransfer.receiverRkyv);
  assert.equal(raw.toString('hex'), '000000000000000000906b79678e0300', 'docs/reference/ledger.md 8.5');
  const hex = await post(`${kTransferContract}/account`, {}, `0x${kTransfer.receiverRkyv.toString('hex')}`);
  assert.equal(hex.bytes.toString(), raw.toString('hex'));
  const viaDriver = await json(`${kTransferContract}/account`, kJson, JSON.stringify(kTransfer.receiver));
  assert.deepEqual(viaDriver, { balance: '1001000000000000', nonce: '0' });
  assert.deepEqual(await json(`/on/account:${kTransfer.receiver}/status`), { balance: 1001000000000000, next_nonce: 1, nonce: 0 });
  const balance = await bytes(`${kTransferContract}/contract_balance`, {}, Buffer.from(`02${'00'.repeat(31)}`, 'hex'));
  assert.equal(balance.toString('hex'), '00204aa9d1010000', 'docs/reference/ledger.md 8.5');
  assert.equal((await bytes(`${kTransferContract}/chain_id`)).toString('hex'), '00');
}

async function stakeQueries() {
  const stake = await bytes(`${kStakeContract}/get_stake`, {}, kTransfer.receiverRkyv);
  assert.equal(stake.length, 56);
  assert.equal(stake.readUInt8(0), 1, 'has a stake');
  assert.equal(stake.readUInt8(8), 1, 'has an amount');
  assert.equal(stake.readBigUInt64LE(16), 2_000_000_000_000n);
  assert.equal((await bytes(`${kStakeContract}/get_stake`, {}, kTransfer.senderRkyv)).toString('hex'), '00'.repeat(56), 'docs/reference/ledger.md 8.5');
  const keys = await bytes(`${kStakeContract}/get_stake_keys`, {}, kTransfer.receiverRkyv);
  const key = kTransfer.receiverRkyv.toString('hex');
  assert.equal(keys.toString('hex'), `01${'00'.repeat(7)}${'00'.repeat(8)}${key}${key}`, 'docs/reference/ledger.md 8.5');
  const viaDriver = await json(`${kStakeContract}/get_stake_keys`, kJson, JSON.stringify(kTransfer.receiver));
  assert.deepEqual(viaDriver, { account: kTransfer.receiver, owner: { Account: kTransfer.receiver } });
  assert.equal(await json(`${kStakeContract}/get_stake`, kJson, JSON.stringify(kTransfer.sender)), null);
  assert.equal((await bytes(`${kStakeContract}/get_version`)).toString('hex'), '0800000000000000', 'docs/reference/ledger.md 8.5');
  assert.equal((await bytes(`${kStakeContract}/get_config`)).toString('hex'), '0010a5d4e80000000100000000000000', 'docs/reference/ledger.md 8.5');
  assert.equal((await bytes(`${kStakeContract}/burnt_amount`)).toString('hex'), '0000000000000000', 'docs/reference/ledger.md 8.5');
  assert.equal(await json(`${kStakeContract}/get_version`, kJson, 'null'), '8');
}

const range = (from, limit) => {
  const out = Buffer.alloc(16);
  out.writeBigUInt64LE(BigInt(from), 0);
  out.writeBigUInt64LE(BigInt(limit), 8);
  return out;
};

async function feeders() {
  const accounts = recordedHex('call-accounts-feeder');
  assert.equal((await bytes(`${kTransferContract}/sync_accounts`, kFeeder, range(0, 0))).toString('hex'), accounts);
  const item = 216 * 2;
  const some = await bytes(`${kTransferContract}/sync_accounts`, { 'Rusk-Feeder': '1' }, range(1, 2));
  assert.equal(some.toString('hex'), accounts.slice(item, 3 * item));
  assert.equal((await bytes(`${kTransferContract}/sync_accounts`, kFeeder, range(9, 0))).length, 0);
  const hex = await post(`${kTransferContract}/sync_accounts`, kFeeder, `0x${range(0, 0).toString('hex')}`);
  assert.equal(hex.bytes.toString(), accounts);
  const list = await json(`${kTransferContract}/sync_accounts`, { ...kJson, ...kFeeder }, '["3","0"]');
  assert.deepEqual(list, [[{ balance: '1001000000000000', nonce: '0' }, kTransfer.receiver]], 'docs/reference/ledger.md 8.7');

  const balances = await bytes(`${kTransferContract}/sync_contract_balances`, kFeeder, range(0, 0));
  assert.equal(balances.toString('hex'), `02${'00'.repeat(31)}00204aa9d1010000`, 'docs/reference/ledger.md 8.5');
  const pairs = await json(`${kTransferContract}/sync_contract_balances`, { ...kJson, ...kFeeder }, '[0,0]');
  assert.deepEqual(pairs, [[`02${'00'.repeat(31)}`, '2000000000000']]);

  const stakes = await bytes(`${kStakeContract}/stakes`, kFeeder);
  const theirs = Buffer.from(recordedHex('call-stakes'), 'hex');
  assert.equal(stakes.length, theirs.length);
  for (const at of [0, 456]) {
    // Rewards, at byte 440 of an item, grew on the recorded chain.
    assert.equal(stakes.subarray(at, at + 440).toString('hex'), theirs.subarray(at, at + 440).toString('hex'));
  }

  // docs/reference/differences.md 2: w3sper finds the text of Rusk 1.6 and sends the request again with the header.
  await refused(400, /^Invalid input: rusk-feeder header is missing.*Missing\s+feed/, `${kTransferContract}/sync_accounts`, kBinary, range(0, 0));
  // A function that is no feeder gives an empty answer when it is called as a feeder (docs/reference/ledger.md 8.3).
  assert.equal((await bytes(`${kTransferContract}/chain_id`, kFeeder)).length, 0);
  // web-wallet calls bridges like this; without such a contract it gets an error.
  await refused(400, /Unsupported/, `/on/contracts:${'aa'.repeat(32)}/pending_withdrawals`, { ...kJson, ...kFeeder }, 'null');
}

async function versions() {
  const wallet = { ...kBinary, ...kW3sperVersion };
  assert.equal((await post('/on/node/info', wallet)).status, 200);
  await refused(400, /^Version error: Mismatched rusk version/, '/on/node/info', { 'Rusk-Version': '2.0.0' });
  // rusk-wallet checks a connection with a request; any answer is enough.
  assert.equal((await post('/', wallet)).status, 404);
}

async function explorer() {
  assert.equal((await json('/on/node/info')).chain_id, 0);
  const provisioners = await json('/on/node/provisioners');
  const staked = provisioners.find(({ key }) => key === kTransfer.receiver);
  assert.equal(staked.amount, 2_000_000_000_000);
  assert.deepEqual(staked.owner, { Account: kTransfer.receiver });
  const shape = JSON.parse(recorded.get('provisioners').answer.body.text);
  assert.deepEqual(provisioners.map(Object.keys), shape.map(Object.keys), 'same entries, keys in the same order');
  assert.deepEqual(provisioners.map(({ key }) => key), shape.map(({ key }) => key));
  assert.deepEqual(await json('/on/network/peers_location'), []);
  assert.deepEqual(await json('/on/stats/tx_count'), { public: 0, shielded: 0, total: 0 });
  assert.deepEqual(await json('/on/stats/account_count'), { public_accounts: 4 });
}

async function extension() {
  const info = await post('/on/node/info', kBinary);
  assert.equal(info.status, 200);
  const prover = await post('/on/prover/prove', kBinary, Buffer.alloc(8));
  assert.equal(prover.status, 400);
  assert.equal(prover.bytes.toString(), '{"error":"Invalid input: Dusk-Core Error: BadLength(8, 872)"}');
  // Browsers send a preflight first (docs/reference/differences.md 3).
  const asked = { Origin: 'https://wallet.example', 'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'rusk-version' };
  const preflight = await fetch(url('/on/node/info'), { method: 'OPTIONS', headers: asked });
  assert.ok(preflight.ok);
  assert.equal(preflight.headers.get('access-control-allow-headers'), 'rusk-version');
  assert.equal(info.headers.get('access-control-allow-origin'), '*');
}

/** w3sper: subscribe, preverify, propagate, wait for the frames; then read the changes of the block. */
async function transfer() {
  const session = await Session.open(node);
  const subscribe = (path, method = 'GET') => fetch(url(path), { method, headers: { ...kW3sperVersion, 'Rusk-Session-Id': session.id } });
  const executed = `/on/transactions:${kTransfer.id}/executed`;
  for (const path of ['/on/transactions/included', executed, `/on/transactions:${kTransfer.id}/Removed`, '/on/transactions:foo-id/removed']) {
    assert.equal((await subscribe(path)).status, 200, path);
  }
  assert.equal((await subscribe('/on/transactions:foo-id/removed', 'DELETE')).status, 200);

  const price = await json('/on/blocks/gas-price', kW3sperVersion, '100');
  assert.deepEqual(Object.values(price).map(BigInt), [1n, 1n, 1n, 1n]);
  assert.equal((await post('/on/transactions/preverify', { ...kBinary, ...kW3sperVersion }, kTransfer.bytes)).status, 202);
  // Docs and Postman send the same bytes as text.
  const text = `0x${kTransfer.bytes.toString('hex')}`;
  assert.equal((await post('/on/transactions/preverify', {}, text)).status, 202);
  assert.equal((await post('/on/transactions/propagate', {}, text)).status, 202);
  await refused(400, /exists in the mempool/, '/on/transactions/propagate', kBinary, kTransfer.bytes);
  assert.equal((await json(`/on/account:${kTransfer.sender}/status`)).next_nonce, 2);

  await node.mine();
  const index = await session.until(({ name }) => name === 'transactions/executed', 'executed');
  const frame = session.frames[index];
  assert.equal(frame.header['Content-Location'], executed, 'as it was subscribed');
  const event = JSON.parse(frame.payload);
  assert.equal(event.err, null);
  assert.equal(event.inner.fee.gas_price, '1');
  assert.equal(event.inner.memo, null);
  await session.until(({ name }) => name === 'transactions/removed', 'removed');
  await session.close();

  assert.deepEqual(await json(`/on/account:${kTransfer.sender}/status`), {
    balance: 80_800_000_000_000 - 77 - event.gas_spent, next_nonce: 2, nonce: 1,
  });
  const receiver = await json(`${kTransferContract}/account`, kJson, JSON.stringify(kTransfer.receiver));
  assert.equal(receiver.balance, '1001000000000077');
}

/** rusk-wallet sends bytes and reads the answer to its end. */
async function transferAsBytes() {
  const chain = JSON.parse(readFileSync(join(kTestData, 'rusk-1.7/chain.json'), 'utf8'));
  const other = chain.blocks.flatMap(({ transactions }) => transactions).find(({ json: tx }) => tx.sender !== kTransfer.sender && tx.nonce === 1);
  const answer = await post('/on/transactions/propagate', { ...kBinary, ...kW3sperVersion }, postedForm(other.raw));
  assert.equal(answer.status, 202, answer.bytes.toString());
  assert.equal(answer.bytes.length, 0);
  assert.equal((await json(`/on/account:${other.json.sender}/status`)).next_nonce, 2);
}

/** The transactions are final after some blocks, and unchanged after a restart. */
async function statistics(data) {
  await node.mine(10);
  const counts = async () => [await json('/on/stats/tx_count'), await json('/on/stats/account_count')];
  const before = await counts();
  assert.deepEqual(before[0], { public: 2, shielded: 0, total: 2 });
  await node.stop();
  node = await RuesNode.start(data, '--mining', 'manual');
  assert.deepEqual(await counts(), before);
}

await withFolder(async (data) => {
  node = await RuesNode.start(data, '--mining', 'manual');
  for (const path of [accountQueries, stakeQueries, feeders, versions, explorer, extension, transfer, transferAsBytes]) await path();
  await statistics(data);
  await node.stop();
});
