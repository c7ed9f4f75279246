// What the recording does not show of HTTP: echoed headers, CORS, the developer's endpoints.
import assert from 'node:assert/strict';
import { RuesNode, withFolder } from './node.mjs';

await withFolder(async (data) => {
  const node = await RuesNode.start(data, '--mining', 'manual');
  // X- headers come back (rusk-1.7 1.5); OPTIONS and Allow are decisions 3 and 4.
  const echo = await node.request('POST', '/on/node/info', { 'X-Trace': '1.10' });
  assert.equal(echo.headers.get('x-trace'), '1.10');
  const wrongMethod = await node.request('PUT', '/on/blocks/accepted');
  assert.equal(wrongMethod.status, 405);
  assert.equal(wrongMethod.headers.get('allow'), 'POST,GET,DELETE,OPTIONS');
  const preflight = await node.request('OPTIONS', '/on/node/info', { Origin: 'http://a.test' });
  assert.equal(preflight.status, 204);
  assert.ok(preflight.headers.get('access-control-allow-origin'));
  const feeder = await node.request('POST', '/on/blocks/accepted', {});
  assert.equal(feeder.status, 501, 'rusk-1.7 1.6: known route, unknown topic');

  // Decision 3: a page or a proxy never reaches the developer's endpoints, whatever the peer address.
  const kForeign = [
    { Origin: 'http://localhost' },
    { Forwarded: 'for=127.0.0.1' },
    { 'X-Forwarded-For': '127.0.0.1' },
    { Host: 'rues.example' },
    { Host: 'localhost.rues.example' },
  ];
  for (const headers of kForeign) {
    const refused = await node.request('POST', '/dev/mine', headers);
    assert.equal(refused.status, 403, JSON.stringify(headers));
    assert.ok(!refused.headers.has('access-control-allow-origin'));
  }
  for (const host of ['localhost', '127.0.0.1:80', '[::1]:8080']) {
    assert.equal((await node.request('POST', '/dev/mine', { Host: host }, '0')).status, 200, host);
  }
  assert.equal((await node.request('POST', '/dev/mine', {}, '10001')).status, 400);
  assert.deepEqual(await node.json('/dev/mine'), { height: 1 });
  await node.stop();
});
