// The prover of the running program: what stays of a witness in its memory, and which common reference strings it takes.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeCertificate } from './certificate.mjs';
import { kProgram, kTestData, RuesNode, withFolder } from './node.mjs';

const kSanitized = Boolean(process.env.RUES_SANITIZE); // a proof takes minutes, and the memory is terabytes of tables
const kBinary = { 'Content-Type': 'application/octet-stream' };
const kCircuit = Buffer.from(readFileSync(join(kTestData, 'prover/tx_circuit_one_input.hex'), 'latin1').trim(), 'hex');
// The end of a point, and the value of the note that is spent with its blinder (docs/reference/phoenix-and-plonk.md 4.5). Decoded, the point has other
// bytes: what is searched are the buffers through which the body comes. Copies on the stack cannot be wiped in C++.
const kSecret = kCircuit.subarray(2_602, 2_658);

/** The parts of its memory that the process can write and has written: address and size. The rest is terabytes of address space. */
function* written(pid) {
  const kPage = 4_096;
  const pages = openSync(`/proc/${pid}/pagemap`, 'r');
  for (const [, begin, end, resident] of readFileSync(`/proc/${pid}/smaps`, 'latin1').matchAll(/^([0-9a-f]+)-([0-9a-f]+) rw[^]*?^Rss: +(\d+) kB$/gm)) {
    if (resident === '0') continue;
    const first = parseInt(begin, 16) / kPage;
    const flags = Buffer.alloc(8 * (parseInt(end, 16) / kPage - first));
    const count = readSync(pages, flags, 0, flags.length, 8 * first) / 8;
    for (let at = 0; at < count; ++at) {
      let size = 0;
      while (at + size < count && (flags[8 * (at + size) + 7] & 0xc0) !== 0) ++size; // present or swapped (proc(5))
      if (size > 0) yield [(first + at) * kPage, size * kPage];
      at += size;
    }
  }
  closeSync(pages);
}

/** The number of copies of `needle` in the memory of the node. */
function copiesIn(node, needle) {
  const memory = openSync(`/proc/${node.child.pid}/mem`, 'r');
  let found = 0;
  for (const [at, size] of written(node.child.pid)) {
    const piece = Buffer.alloc(size);
    try {
      readSync(memory, piece, 0, size, at);
    } catch {
      continue; // it was unmapped meanwhile
    }
    for (let hit = piece.indexOf(needle); hit >= 0; hit = piece.indexOf(needle, hit + 1)) ++found;
  }
  closeSync(memory);
  return found;
}

/** Asks until the keys are made. */
async function proven(node, body) {
  for (;;) {
    const answer = await node.request('POST', '/on/prover/prove', kBinary, body);
    if (answer.status !== 503) return answer;
    await new Promise((resolve) => setTimeout(resolve, 1_000 * Number(answer.headers.get('retry-after')) / 10));
  }
}

async function keepsNoWitness(node) {
  const padding = Buffer.alloc(300_000); // bytes behind the circuit are ignored; the body comes in many reads
  for (const [what, headers, body] of [
    ['binary', kBinary, kCircuit],
    ['hex', {}, `0x${kCircuit.toString('hex')}`],
    ['long', kBinary, Buffer.concat([kCircuit, padding])],
    ['long hex', {}, `0x${Buffer.concat([kCircuit, padding]).toString('hex')}`],
    ['no circuit', kBinary, kCircuit.subarray(0, kCircuit.length - 1)],
    ['another path', kBinary, kCircuit],
  ]) {
    const path = what === 'another path' ? '/on/prover/nothing' : '/on/prover/prove';
    const { status } = await node.request('POST', path, headers, body);
    assert.ok({ 'no circuit': [400], 'another path': [501] }[what]?.includes(status) ?? [200, 503].includes(status), `${what}: ${status}`);
    assert.equal(copiesIn(node, kSecret), 0, what);
    assert.equal(copiesIn(node, Buffer.from(kSecret.toString('hex'), 'latin1')), 0, `${what}: as text`);
  }
  const proof = await proven(node, kCircuit);
  assert.equal(proof.status, 200);
  assert.equal(copiesIn(node, kSecret), 0, 'a proof');
}

test('a witness does not stay in the memory of the node', { skip: kSanitized }, () => withFolder(async (folder) => {
  const node = await RuesNode.start(join(folder, 'plain'));
  // Without this the test could not fail: an answer that repeats a header has the bytes, and so has the memory.
  await node.request('POST', '/on/prover/prove', { ...kBinary, 'X-Seen': kSecret.toString('hex') }, kCircuit);
  assert.ok(copiesIn(node, Buffer.from(kSecret.toString('hex'), 'latin1')) > 0, 'the search finds what is there');
  await node.stop();
  for (const flags of [[], makeCertificate(folder).flags]) {
    const fresh = await RuesNode.start(join(folder, `data${flags.length}`), ...flags);
    await keepsNoWitness(fresh);
    await fresh.stop();
  }
}));

test('a reference string that is nobody\'s proves nothing', () => withFolder(async (folder) => {
  const [file, changed] = ['developer.crs', 'changed.crs'].map((name) => join(folder, name));
  execFileSync(kProgram, ['crs', 'make', file]);
  const bytes = readFileSync(file);
  bytes.writeUInt8(bytes.at(-1) ^ 1, bytes.length - 1);
  writeFileSync(changed, bytes);
  for (const [data, crs, why] of [
    ['of-nobody', changed, 'the file of the setting crs is neither the network\'s nor that of `rues crs make`'],
    ['of-the-network', file, 'this chain began with the network\'s verifier keys, and the setting crs does not name the network\'s file'],
  ]) {
    mkdirSync(join(folder, data));
    if (data === 'of-the-network') await (await RuesNode.start(join(folder, data), '--prover', 'off')).stop();
    const node = await RuesNode.start(join(folder, data), '--crs', crs);
    const answer = await node.request('POST', '/on/prover/prove', kBinary, kCircuit);
    assert.equal(answer.status, 404);
    assert.equal(answer.body.toString(), '{"error":"Not found: prover"}');
    assert.ok(node.log.includes(`prover/prove answers 404: ${why}`), node.log);
    assert.equal((await node.request('POST', '/on/node/crs')).status, 200, 'it is served all the same');
    await node.stop();
  }
}));
