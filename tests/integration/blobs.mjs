// Transactions with blobs, made here from the reference alone and by `rues transfer --blob`: admission and its words, the block, the data by hash and commitment, GraphQL, a kill,
// a restart, and the end of the data's time. docs/reference/ledger.md 1.3, 1.6, 3.2; docs/reference/protocol.md 8.6.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { constantBlob, profile, transaction, withBlobs } from './moonlight.mjs';
import { RuesNode, withFolder } from './node.mjs';
import { kDone, kWrongUse, run } from './program.mjs';

const kBlocks = 5; // of `blob-blocks`
const kFlags = ['--mining', 'manual', '--blob-blocks', String(kBlocks)];
const kBinary = { Accept: 'application/octet-stream' };
const sender = profile(1);

const sidecar = ({ commitment, proof, data }) => Buffer.concat([commitment, proof, data]);

function look(node, what, name, headers = {}) {
  return node.request('POST', `/on/blobs:${name.toString('hex')}/${what}`, headers);
}

async function graphql(node, query) {
  const { status, body } = await node.request('POST', '/graphql', { 'Content-Type': 'application/json' }, JSON.stringify({ query }));
  assert.equal(status, 200, body.toString());
  const { data, errors } = JSON.parse(body);
  assert.equal(errors, undefined);
  return data;
}

/** The transaction is refused by preverify and propagate alike. */
async function refused(node, { id, bytes }, why) {
  for (const topic of ['preverify', 'propagate']) {
    const answer = await node.post(topic, bytes);
    assert.equal(answer.status, 400);
    assert.equal(JSON.parse(answer.body).error, `Invalid input: Tx ${id} not accepted: ${why}`);
  }
}

async function hostile(node) {
  const [good, other] = [constantBlob(3), constantBlob(4)];
  const send = (blobs, options = {}) => transaction(sender, { nonce: 1, data: withBlobs(blobs), gasLimit: 10_000_000, ...options });
  await refused(node, send([]), 'No blobs provided');
  await refused(node, send(Array(7).fill(good)), 'Transaction has too many blobs: 7');
  await refused(node, send([good, other], { gasLimit: 1_999_999 }), 'gas limit lower than minimum 2000000');
  await refused(node, send([good, { hash: other.hash }]), `Transaction blob id ${other.hash.toString('hex')} is missing sidecar`);
  await refused(node, send([{ ...good, hash: other.hash }]), 'Invalid blob: Hash does not match commitment');
  await refused(node, send([{ ...good, data: other.data }]), 'Invalid blob: KZG proof verification failed');
  await refused(node, send([{ ...good, proof: good.commitment }]), 'Invalid blob: KZG proof verification failed');
  await refused(node, send([{ ...good, proof: Buffer.alloc(48) }]), 'Invalid blob: Cannot verify blob KZG proof: C_KZG_BADARGS');
  const large = Buffer.from(good.data);
  large[0] = 0xff;
  await refused(node, send([{ ...good, data: large }]), 'Invalid blob: Cannot verify blob KZG proof: C_KZG_BADARGS');
  const eight = send(Array(8).fill(good));
  await refused(node, eight, `Maximum transaction size exceeded ${12 + 1 + eight.bytes.length}`);

  const { bytes } = send([good]);
  for (const length of [100, 300, bytes.length - 1, bytes.length - 131_000]) {
    const cut = await node.post('preverify', bytes.subarray(0, length));
    assert.equal(cut.status, 400);
    assert.match(JSON.parse(cut.body).error, /^Invalid input: Data: (InvalidData|BadLength \{ found: \d+, expected: \d+ \})$/);
  }
  assert.equal((await node.account(sender.account)).next_nonce, 1, 'none of them is in the mempool');
}

/** The data of a blob in each of its forms, or 404 for all of them. */
async function expectData(node, blob, isKept) {
  for (const [what, name] of [['hash', blob.hash], ['commitment', blob.commitment]]) {
    const bytes = await look(node, what, name, kBinary);
    if (!isKept) {
      assert.equal(bytes.status, 404);
      assert.equal(JSON.parse(bytes.body).error, `Not found: Blob with versioned hash ${blob.hash.toString('hex')} not found`);
      continue;
    }
    assert.equal(bytes.status, 200);
    assert.ok(bytes.body.equals(sidecar(blob)));
    assert.equal((await look(node, what, name)).body.toString(), sidecar(blob).toString('hex'));
    const json = JSON.parse((await look(node, what, name, { 'Content-Type': 'application/json' })).body);
    assert.deepEqual(json, { commitment: blob.commitment.toString('hex'), data: blob.data.toString('hex'), proof: blob.proof.toString('hex') });
  }
}

await withFolder(async (folder) => {
  const data = join(folder, 'node');
  let node = await RuesNode.start(data, ...kFlags);
  await hostile(node);

  // Six blobs: the most, and each costs a million at least.
  const blobs = [1, 2, 3, 4, 5, 6].map(constantBlob);
  const six = transaction(sender, { nonce: 1, data: withBlobs(blobs), gasLimit: 10_000_000 });
  const simulated = await node.post('simulate', six.bytes);
  assert.deepEqual(JSON.parse(simulated.body), { error: null, 'gas-spent': 6_000_000 });
  const hex = await node.request('POST', '/on/transactions/preverify', { 'Content-Type': 'text/plain' }, Buffer.from(`0x${six.bytes.toString('hex')}`));
  assert.equal(hex.status, 202, 'hex text is taken too');
  assert.equal((await node.post('propagate', six.bytes)).status, 202);
  const hashes = blobs.map(({ hash }) => hash.toString('hex'));
  const { mempoolTx } = await graphql(node, `{ mempoolTx(hash: "${six.id}") { raw blobHashes memo } }`);
  assert.deepEqual(mempoolTx, { raw: six.bytes.toString('hex'), blobHashes: hashes, memo: null });
  await expectData(node, blobs[0], false);

  await node.stop('SIGKILL');
  node = await RuesNode.start(data, ...kFlags);
  assert.equal(await node.mine(), 1);
  const bare = transaction(sender, { nonce: 1, data: withBlobs(blobs.map(({ hash }) => ({ hash }))), gasLimit: 10_000_000 });
  assert.equal(bare.id, six.id, 'sidecars are no part of the id');
  const { tx } = await graphql(node, `{ tx(hash: "${six.id}") { err gasSpent raw tx { raw blobHashes memo isDeploy txType } } }`);
  assert.deepEqual(tx, {
    err: null, gasSpent: 6_000_000, raw: bare.bytes.toString('hex'),
    tx: { raw: bare.bytes.toString('hex'), blobHashes: hashes, memo: null, isDeploy: false, txType: 'Moonlight' },
  });
  for (const blob of blobs) await expectData(node, blob, true);

  await node.stop('SIGKILL');
  node = await RuesNode.start(data, ...kFlags);
  for (const blob of blobs) await expectData(node, blob, true);

  // The command line makes commitments and proofs itself.
  const url = ['--url', `http://127.0.0.1:${node.port}`];
  const file = join(folder, 'text');
  const text = Buffer.from('a text, shorter than a blob; its first byte is small enough');
  writeFileSync(file, text);
  assert.match(run(['transfer', ...url, '--to', '#2', '--amount', '0', '--blob', join(folder, 'nothing')], { code: kWrongUse }).stderr, /--blob: .*No such file/);
  const wrong = join(folder, 'wrong');
  writeFileSync(wrong, Buffer.concat([Buffer.alloc(64), Buffer.from([0x74])]));
  assert.match(run(['transfer', ...url, '--to', '#2', '--amount', '0', '--blob', wrong], { code: kWrongUse }).stderr, /the 32 bytes at offset 64 are not below the order/);
  writeFileSync(wrong, Buffer.alloc(131_073));
  assert.match(run(['transfer', ...url, '--to', '#2', '--amount', '0', '--blob', wrong], { code: kWrongUse }).stderr, /holds more than 131072 bytes/);
  run(['transfer', ...url, '--to', '#2', '--amount', '0', ...Array(7).fill(['--blob', file]).flat()], { code: kWrongUse });
  run(['transfer', ...url, '--to', '#2', '--amount', '0', '--blob', file, '--memo', 'x'], { code: kWrongUse });
  const signed = run(['transfer', ...url, '--from', '1', '--to', '#2', '--amount', '0', '--blob', file, '--dry-run']).stdout.trim();
  const decoded = JSON.parse(run(['tx', 'decode', '-', '--json'], { input: signed }).stdout);
  assert.equal(decoded.kind, 'moonlight blob');
  assert.equal(decoded.blobs.length, 1);
  assert.match(run(['tx', 'decode', '-'], { input: signed }).stdout, new RegExp(`^blob  ${decoded.blobs[0]}, with its data$`, 'm'));
  const id = run(['transfer', ...url, '--from', '1', '--to', '#2', '--amount', '0', '--blob', file], { code: kDone }).stdout.trim();
  assert.equal(id, decoded.id);
  assert.equal(await node.mine(), 2);
  const made = await look(node, 'hash', Buffer.from(decoded.blobs[0], 'hex'), kBinary);
  assert.equal(made.status, 200);
  assert.ok(made.body.subarray(96, 96 + text.length).equals(text) && made.body.subarray(96 + text.length).equals(Buffer.alloc(131_072 - text.length)));
  const hash = createHash('sha256').update(made.body.subarray(0, 48)).digest();
  hash[0] = 1;
  assert.equal(hash.toString('hex'), decoded.blobs[0]);
  assert.match(run(['tx', 'show', ...url, id]).stdout, new RegExp(`blob\\s+${decoded.blobs[0]}`));
  assert.deepEqual(JSON.parse(run(['tx', 'show', ...url, id, '--json']).stdout).blobs, decoded.blobs);

  // Block 1 + 5 removes the data of block 1, also across a restart, and no more than that.
  await node.mine(kBlocks - 2);
  for (const blob of blobs) await expectData(node, blob, true);
  await node.stop();
  assert.match(run(['store', 'verify', '--data', data]).stdout, /^blobs +7 kept, proven and complete$/m);
  node = await RuesNode.start(data, ...kFlags);
  assert.equal(await node.mine(), 1 + kBlocks);
  for (const blob of blobs) await expectData(node, blob, false);
  assert.equal((await look(node, 'hash', Buffer.from(decoded.blobs[0], 'hex'), kBinary)).status, 200);
  assert.deepEqual((await graphql(node, `{ tx(hash: "${six.id}") { tx { blobHashes } } }`)).tx.tx.blobHashes, hashes, 'the block keeps the hashes');
  await node.stop();
  assert.match(run(['store', 'verify', '--data', data]).stdout, /^blobs +1 kept, proven and complete$/m);
});
