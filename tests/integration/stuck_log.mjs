// A pipe that nobody reads takes the node's log. Its event loops go on, no line is lost that the pipe takes later, and SIGTERM ends the program.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { kProgram, RuesNode, within, withFolder } from './node.mjs';

/** Fills a pipe, so that the next write to it blocks. Others must hold it open. */
function fill(pipe) {
  const end = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
  for (let size = 4096; size > 0; ) {
    try {
      writeSync(end, Buffer.alloc(size, 0x0a));
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
      size = size === 1 ? 0 : size / 2;
    }
  }
  closeSync(end);
}

/** Reads a pipe until `text` has come. */
async function readUntil(pipe, text) {
  const reader = spawn('cat', [pipe]);
  let got = '';
  reader.stdout.on('data', (part) => (got += part));
  while (!got.includes(text)) await within(once(reader.stdout, 'data'), text);
  reader.kill();
  await once(reader, 'exit');
}

/** A client with one connection more than it may have, which the node refuses and logs. */
async function refused(node, localAddress) {
  const sockets = Array.from({ length: 3 }, () => net.connect({ port: node.port, host: '127.0.0.1', localAddress }));
  sockets.forEach((each) => each.on('error', () => {}).resume());
  await within(Promise.race(sockets.map((each) => once(each, 'close'))), 'a connection refused');
  sockets.forEach((each) => each.destroy());
}

await withFolder(async (folder) => {
  const pipe = join(folder, 'log');
  execFileSync('mkfifo', [pipe]);
  const held = openSync(pipe, constants.O_RDWR);
  fill(pipe);
  const node = await RuesNode.startBy(['sh', '-c', 'exec 2<>"$0"; exec "$@"', pipe, kProgram], join(folder, 'data'), '--loops', '1',
    '--client-connections', '2');

  await refused(node, '127.0.0.2');
  assert.ok((await node.json('/on/node/info')).chain_id !== undefined);
  await readUntil(pipe, 'connections of 127.0.0.2 are refused');
  fill(pipe);
  await node.stop();

  closeSync(held);
});
