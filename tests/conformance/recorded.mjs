// Sends every recorded request of a real node (tests/data/rusk-1.7/http.json) to a server. An answer may differ only if
// the row itself allows it (`we`, with its decision) or deviations.json names the row. A named row that no longer
// differs fails too, so the list only shrinks.
import { readFileSync } from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';
import { isDeepStrictEqual } from 'node:util';
import { request } from './exchange.mjs';

const kRows = JSON.parse(readFileSync(new URL('../data/rusk-1.7/http.json', import.meta.url), 'utf8'));
const kDeviations = JSON.parse(readFileSync(new URL('deviations.json', import.meta.url), 'utf8'));

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

/** Whether both values have the same keys and types. An empty list or a null on either side matches any value. */
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
  // No recorded status means that the real node dropped the connection. Then the row must say in `we` what we do
  // instead.
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

/** How to connect to `url`, for `request`. Certificates are not checked, because this test is not about them. */
export function targetOf(url) {
  const { protocol, hostname, port, host } = new URL(url);
  const secure = protocol === 'https:';
  const to = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || (secure ? 443 : 80) };
  return {
    authority: host,
    connect: () => (secure ? tls.connect({ ...to, servername: hostname, rejectUnauthorized: false }) : net.connect(to)),
  };
}

/**
 * Sends every recorded request to the server at `url`, which must have a fresh local chain. `plain`: a real Rusk, held
 * to the recording alone.
 */
export async function compareWithRecording(url, plain = false) {
  const deviations = plain ? {} : kDeviations;
  const target = targetOf(url);
  const failures = [];
  const count = { equal: 0, listed: 0 };
  for (const row of kRows) {
    const { method, path, headers, body } = row.request;
    const got = await request(target, method, path, headers, requestBody(body));
    const found = differences(plain ? { ...row, we: undefined } : row, got);
    const listed = row.name in deviations;
    if (found.length === 0 && !listed) count.equal += 1;
    else if (found.length > 0 && listed) count.listed += 1;
    else if (listed) failures.push(`${row.name}: answers as recorded; take it off the list`);
    else failures.push(`${row.name}: ${method} ${path.slice(0, 80)}\n    ${found.join('\n    ')}`);
  }
  const names = new Set(kRows.map((row) => row.name));
  for (const name of Object.keys(deviations)) {
    if (!names.has(name)) failures.push(`${name}: is listed, but no such request was recorded`);
  }
  return { ...count, failures };
}
