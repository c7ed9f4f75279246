// What the tests of the gateway share: transfers of the recorded chain, and the events in a log.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { join } from 'node:path';
import { Session, kTestData, postedForm, request, within } from './node.mjs';

const blocks = JSON.parse(readFileSync(join(kTestData, 'rusk-1.7/chain.json'), 'utf8')).blocks;
const recorded = blocks.filter((block) => block.header.height <= 40).flatMap((block) => block.transactions);
export const kSender = recorded[0].json.sender;
/** The transfers of the recorded chain's first sender, in the order of their nonces from 1 on. */
export const kTransfers = recorded
  .filter((tx) => tx.json.sender === kSender)
  .map((tx) => ({ id: tx.id, bytes: postedForm(tx.raw) }));

const kTopics = ['blocks/accepted', 'blocks/statechange', 'transactions/included', 'transactions/executed', 'transactions/removed',
  'transactions/dropped', 'transactions/deferred', 'contracts/moonlight', 'contracts/phoenix', 'contracts/deposit', 'contracts/convert',
  'contracts/stake', 'contracts/unstake', 'contracts/reward', 'contracts/withdraw', 'contracts/contract_to_account',
  'contracts/hello', 'contracts/deploy'];
export const kPaths = kTopics.map((topic) => `/on/${topic}`);

/** Every event in the log of a node or gateway, oldest first. */
export async function logOf(server) {
  const out = [];
  for (let after = ''; ;) {
    const query = kPaths.map((path) => `on=${path}`).join('&') + (after && `&after=${after}`);
    const page = await request(server, 'GET', `/events/history?${query}&limit=10000`);
    assert.equal(page.status, 200, page.body.toString());
    out.push(...page.body.toString().split('\n').filter(Boolean).map((line) => JSON.parse(line)));
    after = page.headers.get('rues-position');
    if (after === page.headers.get('rues-head')) return out;
  }
}

/** An event without its place in a log, which two logs need not have in common. */
export function contentOf({ headers, ...payload }) {
  const { 'Rues-Position': _, ...rest } = headers;
  return JSON.stringify({ rest, ...payload });
}

/** Fails unless the positions of a log are one epoch and count from 1. */
export function expectNoGap(log) {
  const positions = log.map((event) => event.headers['Rues-Position']);
  const epoch = positions[0].split('-')[0];
  assert.deepEqual(positions, positions.map((_, index) => `${epoch}-${index + 1}`));
}

export async function statusOf(gateway) {
  return JSON.parse((await gateway.request('GET', '/status')).body);
}

/** Resolves with the status of the gateway once `matches` holds for it. */
export function statusWhen(gateway, matches, what) {
  return within((async () => {
    for (;;) {
      const status = await statusOf(gateway);
      if (matches(status)) return status;
      await new Promise((resolve) => setTimeout(resolve, 50)); // no event says how the gateway's nodes are
    }
  })(), what);
}

/** Resolves once the gateway has a block of this height. */
export async function reaches(gateway, height) {
  const session = await Session.open(gateway);
  await session.subscribe('/on/blocks/accepted');
  if ((await statusOf(gateway)).tip.height < height)
    await session.until((frame) => frame.name === 'blocks/accepted' && Number(frame.header['Rues-Height']) >= height, `tip ${height} of the gateway`);
  await session.close();
}

/** Fails unless the gateway's log has the events of the node's log, in its order. */
export async function expectSameLog(gateway, node, context) {
  const own = await logOf(gateway);
  const theirs = await logOf(node);
  expectNoGap(own);
  assert.deepEqual(own.map(contentOf), theirs.map(contentOf), context);
  return own.length;
}

/** A server before the node that gives its answers on, after `change(url, { status, headers, body })`. WebSockets go through as they are. */
export async function proxyBefore(node, change) {
  const server = http.createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    const asked = http.request({ port: node.port, host: '127.0.0.1', method: request.method, path: request.url,
      headers: request.headers });
    asked.on('error', () => response.destroy());
    asked.on('response', async (given) => {
      const { connection: _, 'content-length': __, 'transfer-encoding': ___, ...headers } = given.headers;
      const answer = { status: given.statusCode, headers, body: Buffer.concat(await given.toArray()) };
      change(request.url, answer);
      response.writeHead(answer.status, answer.headers);
      response.end(answer.body);
    });
    asked.end(body);
  });
  const sockets = new Set();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  });
  server.on('upgrade', (request, socket) => {
    const to = net.connect(node.port, '127.0.0.1');
    const head = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}\r\n`).join('');
    to.write(`${request.method} ${request.url} HTTP/1.1\r\n${head}\r\n`);
    to.on('error', () => socket.destroy());
    to.on('close', () => socket.destroy());
    socket.on('close', () => to.destroy());
    to.pipe(socket);
    socket.pipe(to);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.url = `http://127.0.0.1:${server.address().port}`;
  server.end = () => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  };
  return server;
}
