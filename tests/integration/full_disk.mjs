// A disk that becomes full under the real program: the program ends by itself with code 1 and says why, and on a larger disk it has everything that
// it answered with 202. The disk is a tmpfs in a mount namespace of its own; where that is not permitted the test is skipped (code 77).
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, statfsSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RuesNode, kTestData, postedForm, within, withFolder } from './node.mjs';

if (!process.env.RUES_IN_NAMESPACE) {
  const namespace = [['-m'], ['-r', '-m']].find(
    (flags) => spawnSync('unshare', [...flags, 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0);
  if (!namespace) {
    console.log('SKIPPED: no right to mount a tmpfs');
    process.exit(77);
  }
  const { status } = spawnSync('unshare', [...namespace, process.execPath, fileURLToPath(import.meta.url)],
    { stdio: 'inherit', env: { ...process.env, RUES_IN_NAMESPACE: '1' } });
  process.exit(status ?? 1);
}

function mount(...args) {
  const { status, stderr } = spawnSync('mount', args);
  assert.equal(status, 0, String(stderr));
}

/** Leaves `room` bytes on the disk of `folder`. */
function fill(folder, room) {
  const path = join(folder, 'filler');
  const file = openSync(path, 'w');
  const { bavail, bsize } = statfsSync(folder);
  const block = Buffer.alloc(65_536, 1);
  let written = 0;
  try {
    while (written < bavail * bsize) written += writeSync(file, block);
  } catch (error) {
    assert.equal(error.code, 'ENOSPC');
  }
  closeSync(file);
  truncateSync(path, Math.max(0, written - room));
}

const blocks = JSON.parse(readFileSync(join(kTestData, 'rusk-1.7/chain.json'), 'utf8')).blocks;
const kTransfers = blocks.filter((block) => block.header.height <= 30)
  .flatMap((block) => block.transactions).map((tx) => postedForm(tx.raw));

await withFolder(async (disk) => {
  mount('-t', 'tmpfs', '-o', 'size=32m', 'tmpfs', disk);
  try {
    await fillUp(disk);
  } finally {
    spawnSync('umount', ['--lazy', disk]); // otherwise a busy folder would hide the first error
  }
});
console.log('ok');

async function fillUp(disk) {
  const data = join(disk, 'data');
  let node = await RuesNode.start(data, '--mining', 'manual');
  const answered = [];
  const send = async (transfer) => {
    const { status, body } = await node.post('propagate', transfer);
    if (status === 202) answered.push(transfer);
    else assert.equal(status, 500, body.toString());
  };
  for (const transfer of kTransfers.slice(0, 20)) await send(transfer);
  await node.mine();
  fill(disk, 40_000);

  let ended = false;
  node.ended.then(() => (ended = true));
  const untilEnd = (error) => {
    if (!ended && node.child.exitCode === null && !/closed before|ECONNREFUSED|ECONNRESET/.test(String(error))) throw error;
  };
  const load = (async () => {
    for (const transfer of kTransfers.slice(20)) {
      await send(transfer);
      if (ended) return;
    }
    // The store reserved room for its log before the disk was full; blocks use it up.
    while (!ended) await node.request('POST', '/dev/mine', {}, '500');
  })().catch(untilEnd);
  const { code, signal } = await within(node.ended, 'end of the program on a full disk', 120_000);
  await load;
  assert.deepEqual({ code, signal }, { code: 1, signal: null }, node.log);
  assert.match(node.log, /no space left on the disk while writing/);
  assert.match(node.log, /stopping: the store cannot be written/);
  console.log(`full after ${answered.length} answers of 202`);
  assert.ok(answered.length >= 20);

  mount('-o', 'remount,size=128m', disk);
  node = await RuesNode.start(data, '--mining', 'manual');
  await node.mine();
  for (const transfer of answered) {
    const answer = await node.post('preverify', transfer);
    assert.match(answer.body.toString(), /this transaction exists in the ledger/);
  }
  await node.stop();
}
