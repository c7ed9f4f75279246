// A process that may open few files: connections leave enough files to store, log and journal, and the log reports the lower limit.
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

/** An idle connection; `ended` resolves in whatever way it ends. */
function idle(node) {
  const socket = node.connect();
  socket.on('error', () => {});
  socket.ended = new Promise((resolve) => socket.on('close', resolve));
  return socket.resume();
}

/** Sends requests one after the other on one connection. */
class KeptConnection {
  constructor(node) {
    this.socket = node.connect();
    this.got = '';
    this.socket.on('data', (part) => (this.got += part.toString('latin1')));
  }
  /** Returns the body of the answer, which must be 200. */
  async post(path, body) {
    this.got = '';
    this.socket.write(`POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    for (;;) {
      const [head, ...rest] = this.got.split('\r\n\r\n');
      const length = /\r\ncontent-length: (\d+)/.exec(head);
      const said = rest.join('\r\n\r\n');
      if (length && said.length === Number(length[1])) {
        assert.match(head, /^HTTP\/1\.1 200 /);
        return said;
      }
      await within(once(this.socket, 'data'), `answer to ${path}`);
    }
  }
}

await withFolder(async (folder) => {
  const data = join(folder, 'data');
  const config = join(folder, 'rues.toml');
  writeFileSync(config, 'block-time = "50ms"\nclient-connections = 1000000\n'); // one client takes all
  for (const files of [150, 256]) {
    // Every start writes new tables of the store, so the second run has more of them to open.
    const node = await RuesNode.startBy(limited(files), data, '--config', config, '--mining', 'interval', '--loops', '1');
    const lowering = async () => {
      for (;;) {
        const found = /max-connections is lowered from 16000 to (\d+)/.exec(node.log);
        if (found) return found;
        await once(node.child.stderr, 'data');
      }
    };
    const lowered = await within(lowering(), 'the line about the lower limit');
    const most = Number(lowered[1]);
    assert.ok(most >= 16 && most < files, `${most} connections of ${files} files`);

    const watcher = await Session.open(node);
    await watcher.subscribe('/on/blocks/accepted');
    const kept = new KeptConnection(node);
    await kept.post('/on/node/info', '');
    const sockets = Array.from({ length: files }, () => idle(node));
    // These are more connections than there is room for: the others are closed, again and again.
    await within(Promise.all(sockets.slice(most).map((socket) => socket.ended)), 'end of connections that are too many');
    for (let i = 0; i < 20; ++i) await within(idle(node).ended, 'end of one connection too many');

    assert.ok(openFiles(node) + 32 <= files, `${openFiles(node)} of ${files} files are open`);
    assert.match(await kept.post('/on/graphql/query', 'query { block(height: 0) { header { height } } }'), /"height":0/, 'a block of the store');
    node.child.kill('SIGHUP'); // the program opens its settings file again
    const reloaded = async () => {
      while (!/reloaded: no setting has changed/.test(node.log)) await once(node.child.stderr, 'data');
    };
    await within(reloaded(), 'settings read again');
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
    await within(connected(), 'an answer after a connection is free again');
    kept.socket.destroy();
    await watcher.close();
    await node.stop();
  }

  // A setting within the limit is not changed, and there is no warning.
  const enough = await RuesNode.startBy(limited(1_024), data, '--mining', 'manual', '--max-connections', '100');
  assert.doesNotMatch(enough.log, /max-connections/);
  await enough.stop();

  const none = spawnSync('bash', ['-c', `ulimit -n 60; exec "${kProgram}" node --listen 127.0.0.1:0 --data "${data}"`], { timeout: 20_000 });
  assert.equal(none.status, 1);
  assert.match(none.stderr.toString(), /^rues: the process may open only 60 files \(ulimit -n\), and needs at least \d+\n$/);
});
