// A process that may open few files: connections leave those that store, log and journal need, and the log says so.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kProgram, RuesNode, Session, withFolder, within } from './node.mjs';

/** Runs the program with this limit of open files, soft and hard. */
const limited = (files) => ['bash', '-c', `ulimit -n ${files}; exec "$0" "$@"`, kProgram];
const openFiles = (node) => readdirSync(`/proc/${node.child.pid}/fd`).length;
const count = (text, pattern) => (text.match(pattern) ?? []).length;

/** An idle connection; `ended` is settled however it ends. */
function idle(node) {
  const socket = node.connect();
  socket.on('error', () => {});
  socket.ended = new Promise((resolve) => socket.on('close', resolve));
  return socket.resume();
}

/** Requests one after the other on one connection. */
class KeptConnection {
  constructor(node) {
    this.socket = node.connect();
    this.got = Buffer.alloc(0);
    this.socket.on('data', (part) => (this.got = Buffer.concat([this.got, part])));
  }
  /** The status; the answer must be chunked, and is read past. */
  async stream(head) {
    this.got = Buffer.alloc(0);
    this.socket.write(`${head} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n`);
    while (!this.got.includes('\r\n0\r\n\r\n')) await within(once(this.socket, 'data'), `answer to ${head}`);
    return Number(this.got.subarray(9, 12));
  }
}

await withFolder(async (folder) => {
  const data = join(folder, 'data');
  const crs = join(folder, 'crs');
  writeFileSync(crs, 'common reference string');
  for (const files of [150, 256]) {
    // Every start writes the store's tables anew, so the second run has more of them to open.
    const node = await RuesNode.startBy(limited(files), data, '--mining', 'interval', '--block-time', '50ms', '--loops', '1', '--crs', crs);
    const lowered = /max-connections is lowered from 16000 to (\d+)/.exec(node.log);
    assert.ok(lowered, node.log);
    const most = Number(lowered[1]);
    assert.ok(most >= 16 && most < files, `${most} connections of ${files} files`);

    const watcher = await Session.open(node);
    await watcher.subscribe('/on/blocks/accepted');
    const kept = new KeptConnection(node);
    assert.equal(await kept.stream('POST /on/node/crs'), 200);
    const sockets = Array.from({ length: files }, () => idle(node));
    // More than there is place for: the others are closed, again and again.
    await within(Promise.all(sockets.slice(most).map((socket) => socket.ended)), 'end of connections that are too many');
    for (let i = 0; i < 20; ++i) await within(idle(node).ended, 'end of one that is too many');

    assert.ok(openFiles(node) + 32 <= files, `${openFiles(node)} of ${files} files are open`);
    assert.equal(await kept.stream('POST /on/node/crs'), 200, 'a file can be opened');
    let left = watcher.frames.length + 20;
    await watcher.until(() => --left === 0, 'blocks beside all these connections').catch((error) => {
      throw new Error(`${error.message}\n${node.log}`);
    });
    assert.equal(count(node.log, /accepting pauses/g), 1, node.log);
    assert.equal(count(node.log, /max-connections is lowered/g), 1, node.log);
    assert.doesNotMatch(node.log, /Too many open files|\[error\]/);

    for (const socket of sockets) socket.destroy();
    const connected = async () => {
      for (;;) if (await node.request('POST', '/on/node/info').catch(() => null)) return;
    };
    await within(connected(), 'an answer when there is place again');
    kept.socket.destroy();
    await watcher.close();
    await node.stop();
  }

  // What is asked for and allowed is not touched, and nothing is said.
  const enough = await RuesNode.startBy(limited(1_024), data, '--mining', 'manual', '--max-connections', '100');
  assert.doesNotMatch(enough.log, /max-connections/);
  await enough.stop();

  const none = spawnSync('bash', ['-c', `ulimit -n 60; exec "${kProgram}" node --listen 127.0.0.1:0 --data "${data}"`], { timeout: 20_000 });
  assert.equal(none.status, 1);
  assert.match(none.stderr.toString(), /^rues: the process may open only 60 files \(ulimit -n\), and needs at least \d+\n$/);
});
