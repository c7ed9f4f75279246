// How the program ends: sessions are closed with 1012 one after the other over `drain-time`, requests under way are answered, a second signal ends it
// at once, and closing its terminal ends it like a signal.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { createInterface } from 'node:readline';
import { kProgram, RuesNode, Session, withFolder, within } from './node.mjs';
import { kTransfer } from './vectors.mjs';

const kSessions = 6;

async function openSessions(node) {
  const sessions = [];
  for (let i = 0; i < kSessions; ++i) {
    const session = await Session.open(node);
    session.closed = once(session.socket, 'close').then(([code, reason]) => ({ code, reason: reason.toString(), at: performance.now() }));
    sessions.push(session);
  }
  return sessions;
}

/** A request without the last byte of its body, until `finish` sends it. */
async function halfAsked(node) {
  const socket = net.connect(node.port, '127.0.0.1');
  socket.write('POST /on/node/info HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n');
  let answer = '';
  socket.on('data', (data) => (answer += data));
  const ended = once(socket, 'close');
  await within(once(socket, 'data'), '100 Continue');
  return {
    async finish() {
      socket.write('x');
      await within(ended, 'end of the last answer');
      return answer;
    },
  };
}

function accepts(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.on('connect', () => (socket.destroy(), resolve(true)));
    socket.on('error', () => resolve(false));
  });
}

function checkClose({ code, reason }) {
  assert.equal(code, 1012);
  assert.match(reason, /^Service restart/);
}

await withFolder(async (data) => {
  const kDrain = 1_500;
  const node = await RuesNode.start(data, '--mining', 'manual', '--loops', '1', '--drain-time', `${kDrain}ms`);
  const sessions = await openSessions(node);
  const request = await halfAsked(node);
  const idle = net.connect(node.port, '127.0.0.1');
  idle.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await within(once(idle, 'data'), 'answer');
  const idleEnded = once(idle.resume(), 'close');

  const begin = performance.now();
  node.child.kill('SIGTERM');
  const first = await within(Promise.race(sessions.map((session) => session.closed)), 'first close');
  checkClose(first);
  await within(idleEnded, 'end of an idle connection');
  assert.equal(await accepts(node.port), false, 'no new connection is accepted');
  assert.match(await request.finish(), /\r\n\r\nHTTP\/1\.1 200 OK\r\n[^]*connection: close\r\n/i);

  const ends = await within(Promise.all(sessions.map((session) => session.closed)), 'all closed');
  ends.sort((a, b) => a.at - b.at).forEach((end, i) => {
    checkClose(end);
    assert.ok(end.at - begin >= (i * kDrain) / kSessions, `close ${i} after ${end.at - begin} ms, before its turn`);
  });
  assert.deepEqual(await within(node.ended, 'end'), { code: 0, signal: null });
});

// Requests with `Rues-Wait` are answered at once, however much of `drain-time` is left for sessions.
await withFolder(async (data) => {
  const node = await RuesNode.start(data, '--mining', 'manual', '--loops', '2', '--drain-time', '1h');
  const sessions = await openSessions(node);
  const watching = await Session.open(node);
  await watching.subscribe('/on/transactions/included');
  const waits = (until) =>
    node.request('POST', '/on/transactions/propagate', { 'Content-Type': 'application/octet-stream', 'Rues-Wait': until, 'Rues-Wait-Seconds': '300' }, kTransfer.bytes);
  const first = waits('executed');
  await watching.until((frame) => frame.name === 'transactions/included', 'included');
  const second = waits('finalized');
  await new Promise((resolve) => setTimeout(resolve, 200));

  node.child.kill('SIGTERM');

  for (const answer of await within(Promise.all([first, second]), 'answers')) {
    if (answer.status !== 503) assert.equal(JSON.parse(answer.body).outcome, 'pending');
  }
  assert.equal((await first).status, 200, 'the chain has it');
  assert.ok(sessions.some(({ socket }) => socket.readyState === socket.OPEN), 'some sessions are closed later');
  node.child.kill('SIGTERM');
  assert.deepEqual(await within(node.ended, 'end'), { code: 0, signal: null });
});

await withFolder(async (data) => {
  const node = await RuesNode.start(data, '--mining', 'manual', '--loops', '1', '--drain-time', '1h');
  const sessions = await openSessions(node);
  node.child.kill('SIGTERM');
  checkClose(await within(Promise.race(sessions.map((session) => session.closed)), 'first close'));
  assert.equal(sessions.filter((session) => session.socket.readyState === session.socket.OPEN).length, kSessions - 1);

  node.child.kill('SIGINT');
  for (const session of sessions) checkClose(await within(session.closed, 'close'));
  assert.deepEqual(await within(node.ended, 'end'), { code: 0, signal: null });
  assert.match(node.log, /second signal: /);
});

await withFolder(async (data) => {
  const terminal = spawn('script', ['-qec', `${kProgram} node --mining manual --listen 127.0.0.1:0 --data ${data}`, '/dev/null']);
  const port = await within((async () => {
    for await (const line of createInterface(terminal.stdout)) {
      const url = /http:\/\/127\.0\.0\.1:(\d+)/.exec(line);
      if (url) return Number(url[1]);
    }
    throw new Error('no address');
  })(), 'address printed');
  const watching = net.connect(port, '127.0.0.1');
  await within(once(watching, 'connect'), 'connection');
  watching.on('error', () => {}); // it may not have been accepted yet
  const ended = new Promise((resolve) => watching.resume().on('close', resolve));
  terminal.kill('SIGKILL');
  await within(ended, 'end with the terminal');
  assert.equal(await accepts(port), false);
});
