// The contract of examples/contract on a chain: deployed, called, queried, streamed and watched. The program has no part in the transactions
// (moonlight.mjs), nor in the conversions between JSON and bytes: the driver runs on Node's own WebAssembly, as in an SDK.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { DataDriver } from './data_driver.mjs';
import { buildExample } from './example.mjs';
import { Book, guest, kMessageBytes, keeper } from './guest_book.mjs';
import { call, deployment, kTransferContract, number, transaction } from './moonlight.mjs';
import { RuesNode, Session, kTestData, withFolder } from './node.mjs';

const kBinary = { 'Content-Type': 'application/octet-stream' };
const kEntries = 100;

/** The first contract that was deployed on the recorded chain: its function `call` calls any other contract. */
function proxyCode() {
  const { blocks } = JSON.parse(readFileSync(join(kTestData, 'rusk-1.7', 'chain-contracts.json'), 'utf8'));
  const { raw } = blocks.flatMap(({ transactions }) => transactions).find(({ json, err }) => json.is_deploy && err === null);
  const start = raw.indexOf(Buffer.from('\0asm').toString('hex'));
  const length = Buffer.from(raw.slice(start - 16, start), 'hex').readBigUInt64LE();
  return Buffer.from(raw.slice(start, start + 2 * Number(length)), 'hex');
}

async function onChain(node, wasm, driver) {
  const session = await Session.open(node);
  const book = new Book(node, session, driver);
  const leastTip = driver.encodeInput('init', '3');
  const deploy = deployment(wasm, keeper.publicKey, leastTip);
  book.id = deploy.id;
  await session.subscribe(`/on/contracts:${book.id}/deploy`, `/on/contracts:${book.id}/signed`, `/on/contracts:${book.id}/collected`);

  // Deploying. 5,000,000 gas are the least charge; a contract of less than 50,000 bytes costs no more.
  const deployed = await book.send(keeper, deploy, { gasLimit: 20_000_000, gasPrice: 2_000 });
  assert.equal(deployed.err, null);
  assert.ok(wasm.length < 50_000 && deployed.gas > 5_000_000 && deployed.gas < 8_000_000, `${wasm.length} bytes, ${deployed.gas} gas`);
  const at = await session.until(({ entity, topic }) => entity === book.id && topic === 'deploy', 'deploy');
  const { contract, size } = JSON.parse(session.frames[at].payload);
  assert.deepEqual({ contract, size }, { contract: book.id, size: wasm.length });
  const about = { entries: '0', keeper: keeper.account, least_tip: '3', owner: keeper.account, tips: '0' };
  assert.deepEqual(await book.query('about', null), about);

  // Signing, with a tip.
  const before = await book.balance(guest);
  const first = await book.call(guest, 'sign', { message: 'hello 🌙', tip: '5' }, { deposit: 5 });
  assert.equal(first.err, null);
  assert.equal(await book.balance(guest), before - 5n - BigInt(first.gas));
  const line = { guest: guest.account, height: '2', message: 'hello 🌙', number: '0', tip: '5' };
  assert.deepEqual(await book.event(first.id, 'signed'), line);
  assert.deepEqual(await book.query('entry', 0), line);
  const second = await book.call(keeper, 'sign', { message: 'm'.repeat(kMessageBytes), tip: '3' }, { deposit: 3 });
  assert.equal(second.err, null);
  assert.deepEqual(await book.query('about', null), { ...about, entries: '2', tips: '8' });
  const balance = await node.request('POST', `/on/contracts:${kTransferContract}/contract_balance`, kBinary, Buffer.from(book.id, 'hex'));
  assert.deepEqual(balance.body, number(8));

  // The feeder, from an entry on and from behind the last one.
  const all = await book.entries(0);
  assert.deepEqual(all.map((entry) => [entry.number, entry.guest, entry.message.length]), [['0', guest.account, line.message.length], ['1', keeper.account, kMessageBytes]]);
  assert.deepEqual(await book.entries(1), all.slice(1));
  assert.deepEqual(await book.entries(2), []);

  // Failures. The sender pays the whole gas limit, gets the deposit back, and the book is as it was.
  const kLimit = 10_000_000;
  const refused = async (sender, name, argument, text, deposit = 0) => {
    const had = await book.balance(sender);
    const bytes = Buffer.isBuffer(argument) ? argument : driver.encodeInput(name, argument);
    const { err, gas } = await book.send(sender, call(book.id, name, bytes), { deposit, gasLimit: kLimit });
    assert.equal(err, `Panic: ${text}`);
    assert.equal(gas, kLimit);
    assert.equal(await book.balance(sender), had - BigInt(kLimit), 'the deposit came back');
  };
  const transferRefuses = 'the transfer contract refuses deposit:';
  await refused(guest, 'sign', { message: 'm', tip: '2' }, 'the least tip is 3 lux', 2);
  await refused(guest, 'sign', { message: '', tip: '3' }, 'the message is empty', 3);
  await refused(guest, 'sign', { message: 'm', tip: '3' }, `${transferRefuses} There is no deposit in the transaction`);
  await refused(guest, 'sign', { message: 'm', tip: '3' }, `${transferRefuses} The value to deposit doesn't match the value in the transaction`, 4);
  await refused(guest, 'sign', Buffer.concat([number(3), Buffer.alloc(kMessageBytes + 1, 'm')]), 'the message has more than 136 bytes', 3);
  await refused(guest, 'sign', Buffer.concat([number(3), Buffer.from([0xff])]), 'the message is not UTF-8', 3);
  await refused(guest, 'sign', Buffer.alloc(7), 'the argument must be a tip and a message');
  await refused(guest, 'collect', '1', 'only the keeper can collect the tips');
  await refused(keeper, 'collect', '9', 'there are only 8 lux of tips');
  await refused(keeper, 'collect', Buffer.alloc(0), 'the argument must be a number of 8 bytes');
  assert.deepEqual(await book.query('about', null), { ...about, entries: '2', tips: '8' });
  assert.deepEqual(await book.entries(0), all);
  assert.ok(!session.frames.some(({ topic, header }) => topic === 'signed' && ![first.id, second.id].includes(header['Rusk-Origin'])), 'no event of a failed call');

  // Queries that fail. A query has no sender, so nobody can collect in one.
  for (const [name, argument, text] of [['entry', '2', 'there is no entry 2'], ['collect', '1', 'only the keeper can collect the tips']]) {
    const { status, body } = await book.ask(name, argument);
    assert.deepEqual([status, JSON.parse(body).error], [400, `VM error: Panic: ${text}`]);
  }

  // Collecting.
  const had = await book.balance(keeper);
  const collected = await book.call(keeper, 'collect', '6');
  assert.equal(collected.err, null);
  assert.equal(await book.balance(keeper), had + 6n - BigInt(collected.gas));
  assert.deepEqual(await book.event(collected.id, 'collected'), { keeper: keeper.account, value: '6' });
  assert.deepEqual(await book.query('about', null), { ...about, entries: '2', tips: '2' });

  // Gas for the transaction itself, but not for the call.
  const spent = await book.call(guest, 'sign', { message: 'm', tip: '3' }, { deposit: 3, gasLimit: first.gas - 3_000 });
  assert.equal(spent.err, 'OutOfGas');
  assert.deepEqual(await book.query('about', null), { ...about, entries: '2', tips: '2' });

  const proxy = deployment(proxyCode(), keeper.publicKey);
  assert.equal((await book.send(keeper, proxy, { gasLimit: 20_000_000, gasPrice: 2_000 })).err, null);
  await throughAnotherContract(book, proxy.id);
  await session.close();
}

/** The sender stays the same when contracts call each other. So any contract that the keeper calls could collect, if the book did not refuse it. */
async function throughAnotherContract(book, proxy) {
  const through = async (name, json, deposit = 0) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(name.length);
    const argument = Buffer.concat([Buffer.from(book.id, 'hex'), length, Buffer.from(name), book.driver.encodeInput(name, json)]);
    return (await book.send(keeper, call(proxy, 'call', argument), { deposit })).err;
  };
  const about = await book.query('about', null);
  assert.ok(Number(about.tips) > 0);
  assert.equal(await through('collect', '1'), 'Panic: only the keeper can collect the tips');
  const notItsOwn = "The calling contract doesn't match the contract in the transaction";
  assert.equal(await through('sign', { message: 'm', tip: '3' }, 3), `Panic: the transfer contract refuses deposit: ${notItsOwn}`);
  assert.deepEqual(await book.query('about', null), about);
}

/** The book has an end, and a book without a least tip takes signatures for nothing. */
async function fullBook(node, wasm, driver) {
  const session = await Session.open(node);
  const book = new Book(node, session, driver);
  const deploy = deployment(wasm, Buffer.from('nobody'), undefined, 1);
  book.id = deploy.id;
  const state = await node.account(guest.account);
  book.nonces.set(guest, state.nonce);
  assert.equal((await book.send(guest, deploy, { gasLimit: 20_000_000, gasPrice: 2_000 })).err, null);
  const data = call(book.id, 'sign', driver.encodeInput('sign', { message: 'again', tip: '0' }));
  const first = state.nonce + 2;
  for (let i = 0; i < kEntries; ++i) {
    const answer = await node.post('propagate', transaction(guest, { nonce: first + i, data, gasLimit: 3_000_000 }).bytes);
    assert.equal(answer.status, 202, answer.body.toString());
    if (i % 50 === 49) await node.mine();
  }
  book.nonces.set(guest, first + kEntries - 1);
  const about = await book.query('about', null);
  assert.deepEqual(about, { entries: String(kEntries), keeper: guest.account, least_tip: '0', owner: Buffer.from('nobody').toString('hex'), tips: '0' });
  assert.equal((await book.entries(0)).length, kEntries);
  assert.equal((await book.call(guest, 'sign', { message: 'one more', tip: '0' }, { gasLimit: 3_000_000 })).err, 'Panic: the book is full');
  await session.close();
}

await withFolder(async (folder) => {
  buildExample(folder);
  const read = (name) => readFileSync(join(folder, name));
  const driver = DataDriver.load(read('driver.wasm'));
  const node = await RuesNode.start(join(folder, 'data'), '--mining', 'manual');
  for (const part of [onChain, fullBook]) {
    console.log(part.name);
    await part(node, read('contract.wasm'), driver);
  }
  await node.stop();
});
