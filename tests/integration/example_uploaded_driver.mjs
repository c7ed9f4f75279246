// The driver of examples/contract, uploaded: the node's engine gives the same answers as Node's own WebAssembly, and calls of the contract may be JSON.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataDriver } from './data_driver.mjs';
import { buildExample } from './example.mjs';
import { Book, guest, keeper } from './guest_book.mjs';
import { deployment, number, sign } from './moonlight.mjs';
import { RuesNode, Session, withFolder } from './node.mjs';

const kJson = { 'Content-Type': 'application/json' };

await withFolder(async (folder) => {
  buildExample(folder);
  const read = (name) => readFileSync(join(folder, name));
  const wasm = read('driver.wasm');
  const local = DataDriver.load(wasm);
  const node = await RuesNode.start(join(folder, 'data'), '--mining', 'manual');
  const session = await Session.open(node);
  const book = new Book(node, session, local);
  const deploy = deployment(read('contract.wasm'), keeper.publicKey, number(0));
  book.id = deploy.id;
  await session.subscribe(`/on/contracts:${book.id}/signed`);
  assert.equal((await book.send(keeper, deploy, { gasLimit: 20_000_000, gasPrice: 2_000 })).err, null);
  for (const message of ['first', 'ü€😀 "\\'])
    assert.equal((await book.call(guest, 'sign', { message, tip: '4' }, { deposit: 4 })).err, null);

  const post = async (path, body = '', headers = kJson) => {
    const { status, body: answer } = await node.request('POST', path, headers, body);
    return { status, text: answer.toString() };
  };
  const json = async (path, body, headers) => {
    const { status, text } = await post(path, body, headers);
    assert.equal(status, 200, `${path}: ${text}`);
    return JSON.parse(text);
  };
  const driver = (method) => `/on/driver:${book.id}/${method}`;
  const contract = (name) => `/on/contracts:${book.id}/${name}`;

  // The owner uploads it, nobody else can.
  const upload = (who, file = wasm) => {
    const signature = sign(createHash('sha3-256').update(file).digest(), who).toString('hex');
    return node.request('POST', `/on/contract:${book.id}/upload_driver`, { 'Content-Type': 'application/octet-stream', sign: signature }, file);
  };
  assert.equal((await upload(guest)).status, 400);
  assert.equal((await post(driver('get_version'))).status, 404);
  assert.equal((await upload(keeper)).status, 200);

  assert.equal((await post(driver('get_version'))).text, '1.0.0');
  assert.deepEqual(await json(driver('get_schema')), local.schema());
  const argument = JSON.stringify({ message: 'm', tip: '5' });
  const encoded = local.encodeInput('sign', argument);
  assert.equal((await post(driver('encode_input_fn:sign'), argument)).text, encoded.toString('hex'));
  assert.deepEqual(await json(driver('decode_input_fn:sign'), `0x${encoded.toString('hex')}`), { message: 'm', tip: '5' });
  const event = session.frames.find(({ topic }) => topic === 'signed').payload;
  assert.deepEqual(await json(driver('decode_event:signed'), `0x${event.toString('hex')}`), local.decodeEvent('signed', event));
  const refused = await post(driver('encode_input_fn:sign'), '{"message":"m"}');
  assert.deepEqual([refused.status, JSON.parse(refused.text).error], [
    422,
    'Data driver error: Data-Driver Error: FfiError("FFI returned 2: Json(\\"the fields are message and tip, once each\\")")',
  ]);

  // Calls in JSON.
  assert.deepEqual(await json(contract('about'), 'null'), await book.query('about', null));
  assert.deepEqual(await json(contract('entry'), '"1"'), await book.query('entry', 1));
  assert.deepEqual(await json(contract('entries'), '0', { ...kJson, 'Rusk-Feeder': 'true' }), await book.entries(0));
  assert.equal((await post(contract('entry'), 'x')).status, 400);

  // A driver that was replaced is not taken again, until its bytes are others: an empty custom section is enough.
  const withSection = Buffer.concat([wasm, Buffer.from([0, 1, 0])]);
  assert.equal((await upload(keeper, withSection)).status, 200);
  const again = await upload(keeper);
  assert.deepEqual([again.status, /Replaced driver: another one has replaced it/.test(again.body)], [400, true]);
  assert.equal((await upload(keeper, withSection)).status, 200, 'the one that is stored');
  assert.deepEqual(await json(driver('get_schema')), local.schema());
  await session.close();
  await node.stop();
});
