// A node that lies: a proxy before an honest one.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { proxyBefore } from './following.mjs';

/** A server that answers as the node does, but for `lie`, which changes the data of GraphQL answers while `lies` is true. */
export async function liarBefore(node, lie) {
  const server = await proxyBefore(node, (url, answer) => {
    if (url !== '/graphql' || !server.lies) return;
    const json = JSON.parse(answer.body);
    if (json.data) lie(json.data);
    answer.body = JSON.stringify(json);
  });
  server.lies = false;
  return server;
}

/** The lists of events in an answer for blocks, one for each block. */
export const eventsIn = (data) => Object.entries(data).filter(([key]) => /^e\d+$/.test(key)).map(([, value]) => value.json);

const kBase58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** The bytes of a key in base58. */
function keyOf(text) {
  let number = 0n;
  for (const char of text) number = number * 58n + BigInt(kBase58.indexOf(char));
  return Buffer.from(number.toString(16).padStart(192, '0'), 'hex');
}

function little(number, size) {
  const out = Buffer.alloc(8);
  out.writeBigUInt64LE(BigInt(number));
  return out.subarray(0, size);
}

const hex = (text) => Buffer.from(text, 'hex');

/** The bytes of an attestation (docs/reference/ledger.md 10.3). */
function attestationOf({ result, validation, ratification }) {
  const votes = ({ bitset, aggregate_signature: signature }) => Buffer.concat([little(bitset, 8), hex(signature)]);
  const vote = result.Valid ? Buffer.concat([Buffer.of(1, 1), hex(result.Valid)]) : Buffer.of(0, result === 'NoQuorum' ? 3 : 0);
  return Buffer.concat([vote, votes(validation), votes(ratification)]);
}

/** The hash of a header in JSON (docs/reference/ledger.md 10.1). */
function hashOf(header) {
  assert.equal(header.failed_iterations.length, 0);
  const bytes = Buffer.concat([
    Buffer.of(header.version), little(header.height, 8), little(header.timestamp, 8),
    ...['prev_block_hash', 'seed', 'state_hash', 'event_bloom'].map((name) => hex(header[name])),
    keyOf(header.generator_bls_pubkey), hex(header.txroot), hex(header.faultroot), little(header.gas_limit, 8),
    Buffer.of(header.iteration), attestationOf(header.prev_block_cert), Buffer.of(0),
  ]);
  return createHash('sha3-256').update(bytes).digest('hex');
}

/** Changes a block with its events so that it has the hash of its own header, as a liar does who makes blocks. */
export function forge(block, events, change) {
  const header = JSON.parse(block.header.json);
  assert.equal(hashOf(header), header.hash);
  const before = header.hash;
  change(header);
  header.hash = hashOf(header);
  block.header.json = JSON.stringify(header);
  for (const event of events) if (event.origin === before) event.origin = header.hash;
}
