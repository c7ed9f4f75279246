// The start page, the endpoints for operators, files from the configuration, and the generated documents.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeCertificate } from './certificate.mjs';
import { expectMemory, residentBytes, RuesNode, Session, withFolder, within } from './node.mjs';

const kCrs = Buffer.alloc(200_000, 'common reference string');
const kDriver = Buffer.from('0061736d01000000', 'hex');
const kLarge = Buffer.concat([kDriver, Buffer.alloc(199_992, 'a driver')]);
const kSha256 = createHash('sha256').update(kCrs).digest('hex');

async function pages(node) {
  const page = await node.request('GET', '/', { Accept: 'text/html,*/*' });
  assert.equal(page.status, 200);
  assert.match(page.headers.get('content-type'), /^text\/html/);
  assert.match(page.body.toString(), /^<!doctype html>/);
  const start = JSON.parse((await node.request('GET', '/')).body);
  for (const path of [start.status, start.openapi]) assert.equal((await node.request('GET', path)).status, 200, path);
  assert.equal((await node.request('POST', '/')).status, 404, 'docs/reference/differences.md 23');
  assert.equal((await node.request('PUT', '/')).status, 404);
  assert.equal((await node.request('HEAD', '/')).status, 200);

  assert.deepEqual(JSON.parse((await node.request('GET', '/healthz')).body), { alive: true });
  assert.deepEqual(JSON.parse((await node.request('GET', '/readyz')).body), { ready: true });
  await node.mine(3);
  const session = await Session.open(node);
  const status = JSON.parse((await node.request('GET', '/status')).body);
  assert.equal(status.tip.height, 3);
  assert.equal(status.chain_id, 0);
  assert.equal(status.sessions, 1);
  assert.equal(status.accounts, 4);
  assert.ok(status.memory_bytes > 1_000_000);
  await session.close();
  const document = await node.request('GET', '/openapi.json');
  assert.equal(JSON.parse(document.body).openapi, '3.1.0');
  assert.deepEqual((await node.request('GET', '/api-docs/openapi.json')).body, document.body);
}

/** The page loads the files of the repository, with the types that a browser needs, and loads them again only when they have changed. */
async function files(node) {
  const kTypes = { html: 'text/html; charset=utf-8', css: 'text/css; charset=utf-8', mjs: 'text/javascript; charset=utf-8', svg: 'image/svg+xml' };
  const kWeb = new URL('../../web/', import.meta.url);
  for (const page of ['explorer', 'graphiql']) {
    const index = await node.request('GET', `/${page}`);
    assert.equal(index.status, 200, page);
    assert.equal((await node.request('GET', `/${page}/`)).status, 200, page);
    for (const name of readdirSync(new URL(page, kWeb))) {
      const file = await node.request('GET', `/${page}/${name}`);
      assert.equal(file.status, 200, name);
      assert.equal(file.headers.get('content-type'), kTypes[name.split('.').pop()], name);
      assert.ok(file.body.equals(readFileSync(new URL(`${page}/${name}`, kWeb))), name);
      if (name === 'index.html') assert.ok(file.body.equals(index.body));
    }
    for (const { headers } of [index, await node.request('HEAD', `/${page}`)]) {
      const policy = new Map(headers.get('content-security-policy').split(';').map((rule) => rule.trim().split(/ (.*)/)));
      assert.equal(policy.get('default-src'), "'none'");
      for (const [name, sources] of policy) assert.doesNotMatch(sources, /http|\*|unsafe-eval/, name);
      assert.equal(policy.get('script-src'), "'self'", 'no script but the files');
      assert.equal(headers.get('x-content-type-options'), 'nosniff');
    }
    const known = { 'If-None-Match': index.headers.get('etag') };
    const same = await node.request('GET', `/${page}`, known);
    assert.equal(same.status, 304);
    assert.equal(same.body.length, 0);
    assert.equal((await node.request('GET', `/${page}`, { 'If-None-Match': '"other"' })).status, 200);
    for (const name of ['nothing.js', '..%2findex.html', 'INDEX.HTML', 'a/b']) assert.equal((await node.request('GET', `/${page}/${name}`)).status, 404, name);
    assert.equal((await node.request('POST', `/${page}`)).status, 405);
  }
  const client = await node.request('GET', '/explorer/rues.mjs');
  assert.ok(client.body.equals(readFileSync(new URL('../../clients/js/rues.mjs', import.meta.url))));
  for (const [name, least] of [['graphiql.js', 900_000], ['graphiql.css', 400_000], ['react.js', 10_000], ['react-dom.js', 100_000]]) {
    assert.ok((await node.request('GET', `/graphiql/${name}`)).body.length > least, name);
  }
  for (const name of ['graphiql', 'react']) assert.match((await node.request('GET', `/graphiql/${name}-licence.txt`)).body.toString(), /MIT License/);
}

async function crs(node) {
  const kAccept = { Accept: 'application/octet-stream' };
  const whole = await node.request('POST', '/on/node/crs', kAccept);
  assert.equal(whole.headers.get('crs-hash'), kSha256);
  assert.ok(whole.body.equals(kCrs));
  const hex = await node.request('POST', '/on/node/crs');
  assert.equal(hex.body.toString(), kCrs.toString('hex'));
  const tag = whole.headers.get('etag');
  assert.notEqual(hex.headers.get('etag'), tag);
  assert.equal((await node.request('POST', '/on/node/crs', { ...kAccept, 'If-None-Match': tag })).status, 304);
  for (const range of ['bytes=0-9', 'bytes=5000000-']) {
    const all = await node.request('POST', '/on/node/crs', { ...kAccept, Range: range });
    assert.equal(all.status, 200, 'Range counts for GET only (RFC 9110 14.2)');
    assert.ok(all.body.equals(kCrs));
    for (const name of ['content-range', 'accept-ranges']) assert.ok(!all.headers.has(name), name);
  }
}

async function ranges(node) {
  const kPath = '/static/drivers/large.wasm';
  const whole = await node.request('GET', kPath);
  assert.equal(whole.headers.get('accept-ranges'), 'bytes');
  const tag = whole.headers.get('etag');
  const ask = (range, more = {}) => node.request('GET', kPath, { Range: range, ...more });
  const last = kLarge.length - 1;
  for (const [range, from, to] of [['bytes=0-0', 0, 0], ['bytes=70000-140000', 70_000, 140_000], ['bytes=199990-', 199_990, last], ['bytes=-5', last - 4, last], ['bytes=5-999999', 5, last]]) {
    const part = await ask(range);
    assert.equal(part.status, 206, range);
    assert.equal(part.headers.get('content-range'), `bytes ${from}-${to}/${kLarge.length}`);
    assert.ok(part.body.equals(kLarge.subarray(from, to + 1)), range);
  }
  for (const range of ['bytes=200000-', 'bytes=-0']) {
    const outside = await ask(range);
    assert.equal(outside.status, 416, range);
    assert.equal(outside.headers.get('content-range'), `bytes */${kLarge.length}`);
  }
  for (const range of ['bytes=2-1', 'bytes=0-1,4-5', 'lines=0-1', 'bytes=x-']) assert.equal((await ask(range)).status, 200, range);
  assert.equal((await ask('bytes=0-0', { 'If-Range': tag })).status, 206);
  assert.equal((await ask('bytes=0-0', { 'If-Range': '"other"' })).status, 200);
  for (const range of ['bytes=0-9', 'bytes=5000000-', 'bytes=-0']) {
    const head = await node.request('HEAD', kPath, { Range: range });
    assert.equal(head.status, 200, `HEAD with ${range} (RFC 9110 14.2)`);
    assert.ok(!head.headers.has('content-range'), range);
    assert.equal(head.headers.get('accept-ranges'), 'bytes');
    assert.equal(head.headers.get('etag'), tag);
  }
}

/** Answers that nobody reads must not hold copies of the page: hundreds of them cost little more than their connections. */
async function unread(node) {
  const kClients = 300;
  for (const path of ['/graphiql/graphiql.js', '/openapi.json']) {
    const { body } = await node.request('GET', path);
    const before = residentBytes(node);
    const sockets = [];
    for (let i = 0; i < kClients; ++i) {
      const socket = node.connect();
      socket.on('error', () => {});
      await within(once(socket, node.ca ? 'secureConnect' : 'connect'), 'connection');
      socket.pause();
      socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      sockets.push(socket);
    }
    for (const socket of sockets) await within(once(socket, 'readable'), 'begin of an answer');
    const connection = node.ca ? 80_000 : 10_000;
    expectMemory(residentBytes(node) - before, kClients * (connection + body.length / 4), `${kClients} answers of ${path} that nobody reads`);
    for (const socket of sockets) socket.destroy();
  }
}

async function drivers(node) {
  const file = await node.request('GET', '/static/drivers/wallet-core-1.6.1.wasm');
  assert.equal(file.headers.get('content-type'), 'application/wasm');
  assert.equal(file.headers.get('cache-control'), 'public, max-age=31536000, immutable');
  assert.ok(file.body.equals(kDriver));
  const head = await node.request('HEAD', '/static/drivers/wallet-core-1.6.1.wasm');
  assert.equal(head.status, 200);
  assert.equal(head.body.length, 0);
  for (const name of ['secret.txt', 'other.wasm', '..%2fcrs', '']) {
    assert.equal((await node.request('GET', `/static/drivers/${name}`)).status, 404, name);
  }
}

await withFolder(async (folder) => {
  const [crsFile, driverFolder, locations, data] = ['crs', 'drivers', 'peers.json', 'data'].map((name) => join(folder, name));
  writeFileSync(crsFile, kCrs);
  mkdirSync(driverFolder);
  writeFileSync(join(driverFolder, 'wallet-core-1.6.1.wasm'), kDriver);
  writeFileSync(join(driverFolder, 'large.wasm'), kLarge);
  writeFileSync(join(driverFolder, 'secret.txt'), 'not a driver');
  writeFileSync(locations, '[{"city":"Amsterdam","country":null,"countryCode":"NL","lat":52.4,"lon":4.9}]');
  const node = await RuesNode.start(data, '--mining', 'manual', '--crs', crsFile, '--static-drivers', driverFolder,
    '--peers', '192.0.2.1:9000, 192.0.2.2:9000', '--peers-location', locations);
  await pages(node);
  await files(node);
  await crs(node);
  await drivers(node);
  await ranges(node);
  await unread(node);
  // A change of the files now has an effect only after the next start.
  writeFileSync(crsFile, 'another');
  writeFileSync(join(driverFolder, 'wallet-core-1.6.1.wasm'), kDriver.subarray(0, 10));
  await crs(node);
  await drivers(node);
  assert.deepEqual(await node.json('/on/network/peers', '1'), ['192.0.2.1:9000']);
  assert.deepEqual(await node.json('/on/network/peers', '9'), ['192.0.2.1:9000', '192.0.2.2:9000']);
  assert.equal((await node.json('/on/network/peers_location'))[0].city, 'Amsterdam');
  await node.stop();

  const bare = await RuesNode.start(data, '--mining', 'manual');
  const none = await bare.request('POST', '/on/node/crs');
  assert.equal(none.status, 404);
  assert.match(JSON.parse(none.body).error, /no common reference string is configured/);
  assert.equal((await bare.request('GET', '/static/drivers/wallet-core-1.6.1.wasm')).status, 404);
  await bare.stop();

  const secured = await RuesNode.start(data, '--mining', 'manual', ...makeCertificate(folder).flags);
  await unread(secured);
  await secured.stop();
});
