// `./dev run`: the demo talks to the node that the script started, and to no other.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import net from 'node:net';
import { Run } from './dev_script.mjs';
import { within } from './node.mjs';

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
  const run = new Run(taken, ['--block-time', '200ms']);
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
  const run = new Run(taken, ['--', '--block-time', '200ms']);
  assert.equal(await run.demo(), taken);
  assert.equal(await run.stop('SIGINT'), 130);
  assert.equal(await accepts(taken), false);
}

// When the node does not start, the script ends with the node's exit code and error text.
{
  const run = new Run(taken, ['--no-such-flag']);
  assert.notEqual(await within(run.ended, 'end'), 0);
  assert.match(run.text, /no-such-flag/);
  assert.doesNotMatch(run.text, /sending/);
}

// With the caller's own address only the node runs.
{
  const run = new Run(taken, ['--listen', '127.0.0.1:0']);
  await run.printed(/url +http:\/\/127\.0\.0\.1:\d+/);
  assert.equal(await run.stop('SIGTERM'), 0);
  assert.doesNotMatch(run.text, /sending/);
}
