// Asks a server what the tests of Dusk's SDK w3sper ask (docs/reference/ledger.md 12.2; its numbers stand in front of the parts here). The chain makes
// blocks by itself. The SDK is in no package registry that a setup can use, so the requests have its form and the transactions come from the recording of
// a real node: first those that fund the accounts, then those of its scenarios. Those that spend notes are made by the program.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RuesNode, Session, kTestData, postedForm, withFolder } from './node.mjs';
import { runBeside } from './program.mjs';
import { kTransfer } from './vectors.mjs';

const read = (file) => JSON.parse(readFileSync(join(kTestData, 'rusk-1.7', file), 'utf8'));
const { keys, scenarios } = read('scenarios.json');
const funding = read('chain.json').blocks.filter(({ header }) => header.height <= 32).flatMap(({ transactions }) => transactions);
const steps = new Map(scenarios.flatMap(({ name, steps: all }) => all.map((step) => [`${name}: ${step.label}`, step])));
const accountOf = (scenario) => keys[`x:${scenario}`].account;

const kSdk = { 'Rusk-Version': '1.0.0-rc.0' };
const kBinary = { 'Content-Type': 'application/octet-stream', ...kSdk };
const kJson = { 'Content-Type': 'application/json', ...kSdk };
const kTransferContract = `/on/contracts:01${'00'.repeat(31)}`;
const kStakeContract = `/on/contracts:02${'00'.repeat(31)}`;
const kNotes = 2068; // of the genesis
const kLeaf = 736; // bytes
const kFieldOrder = 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001n; // docs/reference/phoenix-and-plonk.md 1.1

let node;
let session;

async function ask(path, headers = kSdk, body = '') {
  const answer = await node.request('POST', path, headers, body);
  assert.equal(answer.status, 200, `${path}: ${answer.body}`);
  return answer.body;
}
const json = async (path, body) => JSON.parse(await ask(path, kJson, body === undefined ? '' : JSON.stringify(body)));
const account = async (key) => {
  const { balance, nonce } = await json(`${kTransferContract}/account`, key);
  return { balance: BigInt(balance), nonce: BigInt(nonce) };
};
const stakeOf = (key) => json(`${kStakeContract}/get_stake`, key);
const number = (value) => {
  const out = Buffer.alloc(8);
  out.writeBigUInt64LE(BigInt(value));
  return out;
};
const numbers = (...values) => Buffer.concat(values.map(number));
const feed = (contract, name, argument) => ask(`${contract}/${name}`, { ...kBinary, 'Rusk-Feeder': 'true' }, argument);

/** The SDK subscribes after `propagate` was answered, in a request of its own, and then waits for the event. */
async function sent(id, bytes) {
  assert.equal((await node.post('propagate', bytes)).status, 202, id);
  await session.subscribe(`/on/transactions:${id}/executed`);
  const at = await session.until(({ entity, topic }) => entity === id && topic === 'executed', `${id} executed`);
  return JSON.parse(session.frames[at].payload);
}

/** Sends the transaction of a recorded scenario: preverify, propagate, executed. */
async function run(name) {
  const { id, tx } = steps.get(name);
  const bytes = Buffer.from(tx, 'hex');
  assert.equal((await node.post('preverify', bytes)).status, 202, name);
  return sent(id, bytes);
}
async function executed(name) {
  const event = await run(name);
  assert.equal(event.err, null, name);
  return { ...event, gas: BigInt(event.gas_spent) };
}

/** 13, 17 to 19: connection, height, gas price. */
async function network() {
  const info = read('http.json').find(({ request: { path }, answer: { status } }) => path === '/on/node/info' && status === 200);
  assert.deepEqual(Object.keys(await json('/on/node/info')), Object.keys(JSON.parse(info.answer.body.text)), 'keys in this order');
  const { block } = JSON.parse(await ask('/on/graphql/query', kSdk, 'query { block(height: -1) { header { height } } }'));
  assert.ok(block.header.height > 0);
  for (const price of Object.values(await json('/on/blocks/gas-price'))) assert.ok(Number.isInteger(price));
}

/** 1, 4 to 7, 24, 25: queries before any transaction. */
async function queries() {
  const zero = keys.p0.account;
  assert.deepEqual(await account(zero), { balance: 1_001_000_000_000_000n, nonce: 0n });
  assert.equal(await json(`${kStakeContract}/get_version`, null), '8');
  assert.equal((await ask(`${kTransferContract}/chain_id`, kBinary)).toString('hex'), '00');
  const list = JSON.parse(await ask(`${kTransferContract}/sync_accounts`, { ...kJson, 'Rusk-Feeder': 'true' }, '["3","0"]'));
  assert.deepEqual(list, [[{ balance: '1001000000000000', nonce: '0' }, zero]]);
  const encoded = await ask(`/on/driver:01${'00'.repeat(31)}/encode_input_fn:sync_accounts`, kJson, '["3","7"]');
  assert.equal(encoded.toString(), numbers(3, 7).toString('hex'));
  const { amount, faults } = await stakeOf(zero);
  assert.deepEqual({ amount, faults }, { amount: { value: '2000000000000', locked: '0', eligibility: '0' }, faults: 0 });
  assert.equal(await stakeOf(keys.p1.account), null);
}

/** 2, 3: the notes of the genesis, and the nullifiers of a wallet that owns most of them. */
async function notes() {
  assert.equal((await ask(`${kTransferContract}/num_notes`, kBinary)).readBigUInt64LE(), BigInt(kNotes));
  const leaves = await feed(kTransferContract, 'leaves_from_height', number(0));
  assert.equal(leaves.length, kNotes * kLeaf);
  assert.equal((await feed(kTransferContract, 'leaves_from_pos', number(kNotes - 1))).toString('hex'), leaves.subarray(-kLeaf).toString('hex'));
  const count = 1857;
  const body = Buffer.alloc(count * 32 + 8);
  for (let i = 0; i < count; ++i) body.writeUInt32LE(i + 1, i * 32);
  body.writeInt32LE(-32 * count, count * 32);
  body.writeUInt32LE(count, count * 32 + 4);
  assert.equal(body.length, 59_432);
  assert.equal((await ask(`${kTransferContract}/existing_nullifiers`, kBinary, body)).toString('hex'), '00'.repeat(8), 'none is spent');
}

async function fund() {
  for (const tx of funding.slice(0, -1)) assert.equal((await node.post('propagate', postedForm(tx.raw))).status, 202, tx.id);
  const last = funding.at(-1);
  assert.equal((await sent(last.id, postedForm(last.raw))).err, null);
  assert.equal((await account(keys.p0.account)).nonce, BigInt(funding.length));
}

/** 8: a deposit with the transfer contract, which has an event. */
async function deposit() {
  await session.subscribe(`${kTransferContract}/deposit`);
  const { inner } = await executed('call-deposit: tx');
  assert.deepEqual(inner.call, { contract: `01${'00'.repeat(31)}`, fn_args: number(2).toString('base64'), fn_name: 'deposit' });
  const at = await session.until(({ name }) => name === 'contracts/deposit', 'deposit');
  assert.equal(session.frames[at].header['Rusk-Origin'], steps.get('call-deposit: tx').id);
  const decoded = await ask(`/on/driver:01${'00'.repeat(31)}/decode_event:deposit`, kJson, `0x${session.frames[at].payload.toString('hex')}`);
  assert.equal(JSON.parse(decoded).value, '2');
}

/** 30 to 35: stake, top up, unstake a part and all. */
async function stakes() {
  const one = accountOf('stake-top-up-before-eligibility');
  await executed('stake-top-up-before-eligibility: stake');
  assert.deepEqual((await stakeOf(one)).amount, { value: '1000000000321', locked: '0', eligibility: '4320' });
  await executed('stake-top-up-before-eligibility: top up');
  assert.deepEqual((await stakeOf(one)).amount, { value: '1000000000444', locked: '0', eligibility: '4320' }, 'no penalty before eligibility');

  const part = accountOf('unstake-partial');
  await executed('unstake-partial: stake');
  const before = await account(part);
  const { gas } = await executed('unstake-partial: 123 of 1000 DUSK + 200');
  assert.deepEqual((await stakeOf(part)).amount, { value: '1000000000077', locked: '0', eligibility: '4320' });
  assert.equal((await account(part)).balance, before.balance + 123n - gas);

  await executed('unstake-full: stake');
  await executed('unstake-full: all');
  const gone = await stakeOf(accountOf('unstake-full'));
  assert.equal(gone?.amount ?? null, null);
}

/** 34, 38, 39: the generator of the blocks takes of its reward, and tops up its stake, which locks a tenth. */
async function rewards() {
  const zero = keys.p0.account;
  const mine = [...steps.values()].filter(({ fields, id }) => fields.sender === 'p0' && fields.nonce > funding.length && id);
  mine.sort((a, b) => a.fields.nonce - b.fields.nonce);
  const nameOf = new Map([...steps].map(([name, step]) => [step.id, name]));
  for (const step of mine) {
    const name = nameOf.get(step.id);
    const before = { ...(await account(zero)), stake: await stakeOf(zero) };
    const event = await run(name);
    const after = { ...(await account(zero)), stake: await stakeOf(zero) };
    assert.equal(after.nonce, before.nonce + 1n, name);
    if (name === 'reward-withdraw-partial: 1234') {
      assert.equal(event.err, null);
      assert.equal(after.balance, before.balance + 1234n - BigInt(event.gas_spent));
    }
    if (name !== 'stake-top-up-penalty: top up 500') continue;
    assert.equal(event.err, null);
    const [then, now] = [before.stake.amount, after.stake.amount];
    assert.equal(BigInt(now.value), BigInt(then.value) + 450n);
    assert.equal(BigInt(now.locked), BigInt(then.locked) + 50n);
    return;
  }
  assert.fail('a step of profile 0 is missing');
}

/** 42, 43, 46, 47, 50, 51: transfers with and without memo, a conversion into a note, calls with value and deposit. */
async function transfers() {
  const payer = accountOf('transfer-plain');
  const [before, receiver] = [await account(payer), await account(keys.p2.account)];
  const [first, second] = [await executed('transfer-plain: first'), await executed('transfer-plain: second')];
  assert.deepEqual(await account(payer), { balance: before.balance - 77n - 78n - first.gas - second.gas, nonce: 2n });
  assert.equal((await account(keys.p2.account)).balance, receiver.balance + 155n);

  const memo = await executed('memo-066: tx');
  assert.equal(memo.inner.memo, steps.get('memo-066: tx').fields.data.memo);

  const { block_height: height } = await executed('convert-shield: tx');
  const leaves = await feed(kTransferContract, 'leaves_from_height', number(height));
  assert.equal(leaves.length, kLeaf, 'the new note');
  assert.equal(leaves.readBigUInt64LE(728), BigInt(height), 'docs/reference/ledger.md 8.2');
  assert.ok(leaves.includes(number(321)), 'its value');
  assert.equal((await ask(`${kTransferContract}/num_notes`, kBinary)).readBigUInt64LE(), BigInt(kNotes + 1));
  const opening = await ask(`${kTransferContract}/opening`, kBinary, number(kNotes));
  assert.equal(opening.readUInt8(0), 1, 'the note has an opening');

  const call = await executed('call-get-version: tx');
  assert.equal(call.inner.value, 1);
  assert.ok(call.gas < 500_000_000n);
  const depositor = accountOf('call-get-version-deposit');
  const had = await account(depositor);
  const { gas } = await executed('call-get-version-deposit: tx');
  assert.equal((await account(depositor)).balance, had.balance - gas, 'nobody took the deposit');
}

/** 9, 44, 45, 48, 49: a transfer of notes with a memo, a conversion into balance, a deposit by a Phoenix address. */
async function shielded() {
  if (process.env.RUES_SANITIZE) return console.log('skipped: a proof takes minutes under a sanitizer');
  const payer = ['--from', '1', '--url', `http://127.0.0.1:${node.port}`];
  const spent = async (...args) => {
    const { id, transaction } = JSON.parse((await runBeside([...args, ...payer, '--dry-run', '--json'])).stdout);
    const bytes = Buffer.from(transaction, 'hex');
    assert.equal((await node.post('preverify', bytes)).status, 202, args.join(' '));
    const event = await sent(id, bytes);
    assert.equal(event.err, null, args.join(' '));
    return { ...event, id };
  };
  const count = async () => Number((await ask(`${kTransferContract}/num_notes`, kBinary)).readBigUInt64LE());

  const before = await count();
  const { inner } = await spent('transfer', '--shielded', '--to', keys.p2.address, '--amount', '77lux', '--memo', 'thanks');
  assert.equal(inner.memo, Buffer.from('thanks').toString('hex'));
  assert.equal(await count(), before + 3, 'payment, change, refund');
  const asked = Buffer.alloc(40);
  const montgomery = (BigInt(`0x${Buffer.from(inner.nullifiers[0], 'hex').reverse().toString('hex')}`) << 256n) % kFieldOrder;
  Buffer.from(montgomery.toString(16).padStart(64, '0'), 'hex').reverse().copy(asked);
  asked.writeInt32LE(-32, 32);
  asked.writeUInt32LE(1, 36);
  assert.equal((await ask(`${kTransferContract}/existing_nullifiers`, kBinary, asked)).toString('hex'), asked.toString('hex'), 'it is spent');

  const owner = await account(keys.p1.account);
  await spent('unshield', '78lux');
  assert.deepEqual(await account(keys.p1.account), { ...owner, balance: owner.balance + 78n }, 'the notes have paid the gas');

  const given = await spent('contract', 'call', 'transfer', 'deposit', '2', '--deposit', '2lux', '--shielded');
  assert.deepEqual(given.inner.call, { contract: `01${'00'.repeat(31)}`, fn_args: number(2).toString('base64'), fn_name: 'deposit' });
  const at = await session.until(({ name, header }) => name === 'contracts/deposit' && header['Rusk-Origin'] === given.id, 'deposit');
  const decoded = await ask(`/on/driver:01${'00'.repeat(31)}/decode_event:deposit`, kJson, `0x${session.frames[at].payload.toString('hex')}`);
  assert.deepEqual([JSON.parse(decoded).sender, JSON.parse(decoded).value], [null, '2']);
}

/** 16, 41: sessions get thousands of subscriptions that nobody ends, and a block becomes final. */
async function history() {
  for (let i = 0; i < 200; ++i) await session.subscribe(`/on/transactions:foo-id-${i}/removed`);
  const { block } = JSON.parse(await ask('/on/graphql/query', kSdk, 'query { block(height: -1) { header { height hash } } }'));
  const { height, hash } = block.header;
  await session.subscribe(`/on/blocks:${hash}/statechange`);
  await session.until(({ entity, topic, payload }) => entity === hash && topic === 'statechange' && JSON.parse(payload).state === 'finalized', 'final');
  const checked = await ask('/on/graphql/query', kSdk, `query { checkBlock(height: ${height}, hash: "${hash}", onlyFinalized: true) }`);
  assert.deepEqual(JSON.parse(checked), { checkBlock: true });
}

await withFolder(async (data) => {
  assert.equal(kTransfer.receiver, keys.p0.account);
  node = await RuesNode.start(data, '--block-time', '200ms', '--eligible-after', '0s');
  session = await Session.open(node);
  await session.subscribe('/on/blocks/accepted');
  await session.until(({ name }) => name === 'blocks/accepted', 'a block');
  for (const part of [network, queries, notes, fund, deposit, stakes, rewards, transfers, shielded, history]) {
    console.log(part.name);
    await part();
  }
  await session.close();
  await node.stop();
});
