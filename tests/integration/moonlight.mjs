// Moonlight transactions made without the program: keys, bytes, ids and signatures from docs/reference/ledger.md 1 and 2 alone, with the BLS12-381 of
// @noble/curves. What the program accepts of them, it would accept of any other client.
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const packages = createRequire(join(process.env.RUES_NODE_MODULES, 'package.json'));
const { bls12_381: bls } = packages('@noble/curves/bls12-381');
const hashes = createRequire(packages.resolve('@noble/curves/bls12-381'));
const { blake2b } = hashes('@noble/hashes/blake2');
const { blake3 } = hashes('@noble/hashes/blake3');

const kOrder = bls.fields.Fr.ORDER;
const kMontgomery = 1n << 384n;
const kSeed = Buffer.from('9910666385c437ed2a02a374e9590a7313518c1f26510a2e767097f4915a91a8d6f2447b744cdf38c83cbcd9227137ac1bffb8378fe96d14892214c4fc75dddd', 'hex');
const kChain = 0;

export const kTransferContract = `01${'00'.repeat(31)}`;

const littleEndian = (bytes) => BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);

function bytesOf(value, length) {
  return Buffer.from(value.toString(16).padStart(2 * length, '0'), 'hex').reverse();
}

export function number(value) {
  return bytesOf(BigInt(value), 8);
}

const counted = (bytes) => Buffer.concat([number(bytes.length), bytes]);

export function base58(bytes) {
  const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
  let text = '';
  for (let value = BigInt(`0x${bytes.toString('hex')}`); value > 0n; value /= 58n) text = alphabet[Number(value % 58n)] + text;
  return text;
}

/** The first 64 bytes of ChaCha12 with nonce 0 and counter 0. */
function chacha12(key) {
  const start = new Uint32Array(16);
  start.set([0x61707865, 0x3320646e, 0x79622d32, 0x6b206574]);
  for (let i = 0; i < 8; ++i) start[4 + i] = key.readUInt32LE(4 * i);
  const state = start.slice();
  const step = (a, b, c, rotation) => {
    state[a] += state[b];
    const mixed = state[c] ^ state[a];
    state[c] = (mixed << rotation) | (mixed >>> (32 - rotation));
  };
  const quarter = (a, b, c, d) => (step(a, b, d, 16), step(c, d, b, 12), step(a, b, d, 8), step(c, d, b, 7));
  for (let round = 0; round < 6; ++round) {
    for (let i = 0; i < 4; ++i) quarter(i, 4 + i, 8 + i, 12 + i);
    for (let i = 0; i < 4; ++i) quarter(i, 4 + ((i + 1) % 4), 8 + ((i + 2) % 4), 12 + ((i + 3) % 4));
  }
  const out = Buffer.alloc(64);
  for (let i = 0; i < 16; ++i) out.writeUInt32LE((state[i] + start[i]) >>> 0, 4 * i);
  return out;
}

/** A profile of the local chain's seed (docs/reference/ledger.md 2.6, 14). `raw` is the key as contracts archive it. */
export function profile(index) {
  const key = createHash('sha256').update(kSeed).update(number(index)).update('SK').digest();
  const secret = littleEndian(chacha12(key)) % kOrder;
  const point = bls.G2.Point.BASE.multiply(secret);
  const publicKey = Buffer.from(point.toBytes(true));
  const { x, y } = point.toAffine();
  const limbs = [x.c0, x.c1, y.c0, y.c1].map((element) => bytesOf((element * kMontgomery) % bls.fields.Fp.ORDER, 48));
  return { secret, publicKey, account: base58(publicKey), raw: Buffer.concat([...limbs, Buffer.alloc(8)]) };
}

/** Data of a transaction that calls a contract. */
export function call(contract, name, argument = Buffer.alloc(0)) {
  const id = Buffer.from(contract, 'hex');
  return {
    bytes: Buffer.concat([Buffer.from([1]), id, counted(Buffer.from(name)), counted(argument)]),
    signed: Buffer.concat([id, Buffer.from(name), argument]),
  };
}

/** Data of a transaction that deploys a contract, and the contract's id (docs/reference/ledger.md 1.3, docs/reference/machine.md 1.6). */
export function deployment(bytecode, owner, argument, nonce = 0) {
  const hash = Buffer.from(blake3(bytecode));
  const init = argument === undefined ? Buffer.from([0]) : Buffer.concat([Buffer.from([1]), counted(argument)]);
  return {
    id: Buffer.from(blake2b(Buffer.concat([bytecode, number(nonce), owner]), { dkLen: 32 })).toString('hex'),
    bytes: Buffer.concat([Buffer.from([2]), hash, counted(bytecode), counted(owner), init, number(nonce)]),
    signed: Buffer.concat([hash, owner, argument ?? Buffer.alloc(0)]),
  };
}

/**
 * A blob whose elements are all `value`, its commitment, which is `value` times the generator, and its proof, which is the identity: the polynomial is
 * constant (EIP-4844). Its hash is that of docs/reference/protocol.md 8.6.
 */
export function constantBlob(value) {
  const data = Buffer.alloc(131_072);
  for (let at = 31; at < data.length; at += 32) data[at] = value;
  const commitment = Buffer.from(bls.G1.Point.BASE.multiply(BigInt(value)).toBytes(true));
  const proof = Buffer.concat([Buffer.from([0xc0]), Buffer.alloc(47)]);
  const hash = createHash('sha256').update(commitment).digest();
  hash[0] = 1;
  return { hash, commitment, proof, data };
}

/** Data of a transaction with blobs (docs/reference/ledger.md 1.3). A blob without `data` has no sidecar. */
export function withBlobs(blobs) {
  const parts = blobs.map(({ hash, commitment, proof, data }) => Buffer.concat([hash, ...(data ? [Buffer.from([1]), commitment, proof, data] : [Buffer.from([0])])]));
  return { bytes: Buffer.concat([Buffer.from([4, blobs.length]), ...parts]), signed: Buffer.concat(blobs.map(({ hash }) => hash)) };
}

/** docs/reference/ledger.md 2.2 */
export function sign(message, { secret }) {
  const point = bls.G1.hashToCurve(message, { DST: 'BLS_SIG_BLS12381G1_XMD:SHA-256_DUSK_V2' });
  return Buffer.from(point.multiply(secret).toBytes(true));
}

/** A transaction of `sender`, as clients post it, and its id. Amounts are in lux; its value is 0. */
export function transaction(sender, { nonce, data, deposit = 0, gasLimit = 100_000_000, gasPrice = 1 }) {
  const fields = Buffer.concat([0, deposit, gasLimit, gasPrice].map(number));
  const chain = Buffer.from([kChain]);
  const message = Buffer.concat([chain, sender.publicKey, fields, number(nonce), data.signed]);
  const signature = sign(message, sender);
  const none = Buffer.from([0]); // the receiver, then the address for refunds: both are the sender
  const payload = Buffer.concat([chain, sender.publicKey, none, fields, none, number(nonce), data.bytes]);
  const id = littleEndian(createHash('blake2b512').update(message).update(signature).digest()) % kOrder;
  return { id: bytesOf(id, 32).toString('hex'), bytes: Buffer.concat([Buffer.from([1]), counted(payload), signature]) };
}
