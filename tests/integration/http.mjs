// Parts of HTTP that are not in the recording: echoed headers, CORS, the developer's endpoints.
import assert from 'node:assert/strict';
import net from 'node:net';
import { request, RuesNode, withFolder } from './node.mjs';

await withFolder(async (data) => {
  const node = await RuesNode.start(data, '--mining', 'manual');
  // X- headers are echoed (docs/reference/rusk-1.7.md 1.5); OPTIONS and Allow follow docs/reference/differences.md 3
  // and 4.
  const echo = await node.request('POST', '/on/node/info', { 'X-Trace': '1.10' });
  assert.equal(echo.headers.get('x-trace'), '1.10');
  const wrongMethod = await node.request('PUT', '/on/blocks/accepted');
  assert.equal(wrongMethod.status, 405);
  assert.equal(wrongMethod.headers.get('allow'), 'POST,GET,DELETE,OPTIONS');
  const preflight = await node.request('OPTIONS', '/on/node/info', { Origin: 'http://a.test' });
  assert.equal(preflight.status, 204);
  assert.ok(preflight.headers.get('access-control-allow-origin'));
  const feeder = await node.request('POST', '/on/blocks/accepted', {});
  assert.equal(feeder.status, 501, 'docs/reference/rusk-1.7.md 1.6: known route, unknown topic');

  // docs/reference/differences.md 3: a page or a proxy never reaches the developer's endpoints, whatever the peer
  // address.
  const kForeign = [
    { Origin: 'http://localhost' },
    { Forwarded: 'for=127.0.0.1' },
    { 'X-Forwarded-For': '127.0.0.1' },
    { 'X-Real-IP': '203.0.113.9' },
    { Via: '1.1 proxy' },
    { 'CF-Connecting-IP': '203.0.113.9' },
    { 'Sec-Fetch-Site': 'cross-site' },
    { Host: 'rues.example' },
    { Host: 'localhost.rues.example' },
  ];
  for (const headers of kForeign) {
    const refused = await node.request('POST', '/dev/mine', headers);
    assert.equal(refused.status, 403, JSON.stringify(headers));
    assert.ok(!refused.headers.has('access-control-allow-origin'));
  }
  for (const host of ['localhost', 'LocalHost:8080', '127.0.0.1:80', '[::1]:8080']) {
    assert.equal((await node.request('POST', '/dev/mine', { Host: host }, '0')).status, 200, host);
  }
  // Every address of 127.0.0.0/8 is this machine.
  const other = { port: node.port, connect: () => net.connect({ port: node.port, host: '127.0.0.1', localAddress: '127.9.8.7' }) };
  assert.equal((await request(other, 'POST', '/dev/mine', {}, '0')).status, 200);
  assert.equal((await node.request('POST', '/dev/mine', {}, '10001')).status, 400);
  assert.deepEqual(await node.json('/dev/mine'), { height: 1 });
  await node.stop();

  // Both families on one socket: an IPv4 client of this socket is this machine too.
  const both = await RuesNode.start(data, '--mining', 'manual', '--listen', '[::]:0');
  for (const host of ['127.0.0.1', '::1']) {
    const from = { port: both.port, connect: () => net.connect(both.port, host) };
    assert.equal((await request(from, 'POST', '/dev/mine', {}, '0')).status, 200, host);
    assert.equal((await request(from, 'GET', '/debug/sessions')).status, 200, host);
  }
  await both.stop();

  // The setting turns the developer's endpoints off; then they are not in the served document either.
  const without = await RuesNode.start(data, '--mining', 'manual', '--dev-endpoints', 'false');
  for (const [method, path] of [['POST', '/dev/mine'], ['POST', '/dev/time'], ['GET', '/debug/sessions']]) {
    assert.equal((await without.request(method, path)).status, 404, path);
  }
  const served = JSON.parse((await without.request('GET', '/openapi.json')).body);
  assert.deepEqual(Object.keys(served.paths).filter((path) => /^\/(dev|debug)\b/.test(path)), []);
  await without.stop();
});
