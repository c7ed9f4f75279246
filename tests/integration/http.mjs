// Every recorded request of a real node (tests/data/rusk-1.7/http.json) against a fresh chain. An answer that differs
// must be licensed by the row itself (`we`, with its decision) or be named in tests/conformance/deviations.json; a
// name there that no longer differs fails too, so the list only shrinks.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { RuesNode, kTestData, withFolder } from './node.mjs';

const rows = JSON.parse(readFileSync(join(kTestData, 'rusk-1.7/http.json'), 'utf8'));
const deviations = JSON.parse(readFileSync(new URL('../conformance/deviations.json', import.meta.url), 'utf8'));

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isContainer(value) {
  return typeof value === 'object' && value !== null;
}

/** Same keys and types; an empty list or a null on either side says nothing about what stands there. */
function alike(want, got) {
  const silent = (value) => value === null || (Array.isArray(value) && value.length === 0);
  if (silent(want) || silent(got)) return true;
  if (Array.isArray(want)) return Array.isArray(got) && alike(want[0], got[0]);
  if (!isContainer(want)) return typeof want === typeof got;
  if (!isContainer(got) || Array.isArray(got)) return false;
  const keys = Object.keys(want).sort();
  return isDeepStrictEqual(keys, Object.keys(got).sort()) && keys.every((key) => alike(want[key], got[key]));
}

function requestBody(body) {
  if ('text' in body) return Buffer.from(body.text);
  if ('hex' in body) return Buffer.from(body.hex, 'hex');
  return Buffer.alloc(body.repeat[0].length * body.repeat[1], body.repeat[0]);
}

function bodyDifference(compare, want, got) {
  const brief = (text) => JSON.stringify(text.slice(0, 200));
  if ('text' in want) {
    const text = got.toString();
    const value = parsed(want.text);
    if (isContainer(value)) {
      const ours = parsed(text);
      const equal = compare === 'exact' ? isDeepStrictEqual(value, ours) : alike(value, ours);
      return ours !== undefined && equal ? [] : [`${compare} body ${brief(text)}, recorded ${brief(want.text)}`];
    }
    return compare !== 'exact' || text === want.text ? [] : [`body ${brief(text)}, recorded ${brief(want.text)}`];
  }
  const hex = got.toString('hex');
  return !('hex' in want) || compare !== 'exact' || hex === want.hex ? [] : [`bytes ${brief(hex)}, recorded ${brief(want.hex)}`];
}

function differences(row, got) {
  const want = row.answer;
  const found = [];
  // No recorded status: the real node dropped the connection; only a row with `we` says what we do instead.
  const statuses = row.we?.status ?? [want.status];
  if (!statuses.includes(got.status)) found.push(`status ${got.status}, expected ${statuses.join(' or ')}`);
  if (!got.headers.has('rusk-version')) found.push('no rusk-version header');
  if (got.status !== want.status || row.we || row.compare === 'status') return found;
  const mediaType = (text) => text.split(';')[0];
  const type = new Map(want.headers).get('content-type') ?? '';
  const ours = got.headers.get('content-type') ?? '';
  if (type && mediaType(type) !== mediaType(ours)) found.push(`content type '${ours}', recorded '${type}'`);
  return [...found, ...bodyDifference(row.compare, want.body, got.body)];
}

const failures = [];
const count = { equal: 0, listed: 0 };
await withFolder(async (data) => {
  const node = await RuesNode.start(data, '--mining', 'manual');
  for (const row of rows) {
    const { method, path, headers, body } = row.request;
    const got = await node.request(method, path, headers, requestBody(body));
    const found = differences(row, got);
    const listed = row.name in deviations;
    if (found.length === 0 && !listed) count.equal += 1;
    else if (found.length > 0 && listed) count.listed += 1;
    else if (listed) failures.push(`${row.name}: answers as recorded; take it off the list`);
    else failures.push(`${row.name}: ${method} ${path.slice(0, 80)}\n    ${found.join('\n    ')}`);
  }
  const names = new Set(rows.map((row) => row.name));
  for (const name of Object.keys(deviations)) {
    if (!names.has(name)) failures.push(`${name}: is listed, but no such request was recorded`);
  }

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

console.log(`${count.equal} as recorded, ${count.listed} listed deviations, ${failures.length} failures`);
assert.equal(failures.length, 0, `\n${failures.join('\n')}`);
