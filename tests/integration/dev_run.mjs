// `./dev run`: the demo talks to the node that the script started, and to no other.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import net from 'node:net';
import { fileURLToPath } from 'node:url';
import { kProgram, within } from './node.mjs';

const script = fileURLToPath(new URL('../../dev', import.meta.url));

/** Runs `./dev run` with the program that is already built; `port` is the first port that it tries. */
class Run {
  constructor(port, ...flags) {
    this.child = spawn(script, ['run', ...flags], { env: { ...process.env, RUES_PORT: port, RUES_PROGRAM: kProgram } });
    process.on('exit', () => this.child.kill('SIGTERM'));
    this.text = '';
    this.listeners = new Set();
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.on('data', (bytes) => {
        this.text += bytes;
        for (const listener of this.listeners) listener();
      });
    }
    this.ended = once(this.child, 'close').then(([code]) => code);
  }

  /** The match of the first output for `pattern`. */
  async printed(pattern) {
    const found = new Promise((resolve, reject) => {
      const look = () => pattern.test(this.text) && resolve(pattern.exec(this.text));
      this.listeners.add(look);
      look();
      this.ended.then((code) => reject(new Error(`ended with ${code}:\n${this.text}`)));
    });
    return within(found, `output ${pattern}`);
  }

  /** Waits for the demo, which must succeed; returns the port of the chain. */
  async demo() {
    const [, port] = await this.printed(/the chain goes on at http:\/\/127\.0\.0\.1:(\d+)/);
    assert.match(this.text, /executed in block \d+/);
    assert.match(this.text, /== \d+ s to the first block/);
    return Number(port);
  }

  async stop(signal) {
    this.child.kill(signal);
    return within(this.ended, `end after ${signal}`);
  }
}

const accepts = (port) =>
  new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => resolve(true));
    socket.on('error', () => resolve(false));
    socket.unref();
  });

// Another server is at the port: it would accept the demo's transfer, so it must not get any request.
let asked = 0;
const stranger = createServer((request, response) => {
  asked += 1;
  response.end('{}');
});
stranger.on('connection', () => (asked += 1));
stranger.listen(0, '127.0.0.1');
await once(stranger, 'listening');
const { port: taken } = stranger.address();

{
  const run = new Run(taken, '--block-time', '200ms');
  const port = await run.demo();
  assert.notEqual(port, taken);
  assert.match(run.text, new RegExp(`port ${taken} is taken`));
  assert.match(run.text, /blocks +every 200 ms/); // the flags went to the node
  assert.equal(asked, 0);
  assert.equal(await run.stop('SIGTERM'), 143);
  assert.equal(await accepts(port), false);
}

stranger.close();
await once(stranger, 'close');
{
  const run = new Run(taken, '--', '--block-time', '200ms');
  assert.equal(await run.demo(), taken);
  assert.equal(await run.stop('SIGINT'), 130);
  assert.equal(await accepts(taken), false);
}

// When the node does not start, the script ends with the node's exit code and error text.
{
  const run = new Run(taken, '--no-such-flag');
  assert.notEqual(await within(run.ended, 'end'), 0);
  assert.match(run.text, /no-such-flag/);
  assert.doesNotMatch(run.text, /sending/);
}

// With the caller's own address only the node runs.
{
  const run = new Run(taken, '--listen', '127.0.0.1:0');
  await run.printed(/url +http:\/\/127\.0\.0\.1:\d+/);
  assert.equal(await run.stop('SIGTERM'), 0);
  assert.doesNotMatch(run.text, /sending/);
}
