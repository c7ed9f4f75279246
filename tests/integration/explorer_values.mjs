// How the explorer shows values: amounts, accounts, memos, foreign text; how it reads schemas, typed arguments, feeders and pages. These modules are
// pure, so the test needs no browser.
import assert from 'node:assert/strict';
import { ago, bareHash, count, duration, dusk, finality, integer, isAccount, isHash, many, product, readHex, readJson, short, tame, textOfHex, valueOfHex } from '../../web/explorer/format.mjs';
import { Pages } from '../../web/explorer/pages.mjs';
import { Items, exampleOf, readSchema } from '../../web/explorer/schema.mjs';

const plain = (text) => text.replaceAll('\u202f', ' ');
assert.equal(plain(dusk(1)), '0.000000001 DUSK');
assert.equal(plain(dusk(1_500_000_000)), '1.5 DUSK');
assert.equal(plain(dusk(0)), '0 DUSK');
assert.equal(plain(dusk('18446744073709551615')), '18 446 744 073.709551615 DUSK');
assert.equal(plain(dusk(9007199254740993n)), '9 007 199.254740993 DUSK');
assert.equal(plain(dusk(-1_000_000_000n)), '−1 DUSK');
for (const none of [undefined, null, 1.5, 2 ** 60, '', '1e9', 'x', {}]) assert.equal(dusk(none), '–', String(none));
assert.equal(plain(count('1234567')), '1 234 567');
assert.deepEqual([0, 1, '1', 2, 1234].map((number) => plain(many(number, 'transaction'))),
  ['0 transactions', '1 transaction', '1 transaction', '2 transactions', '1 234 transactions']);
assert.equal(product(4294967296, '4294967296'), 18446744073709551616n);
assert.equal(integer('0x10'), undefined);

// docs/reference/ledger.md 14: account 0 of the test seed.
const kAccount = 'oCqYsUMRqpRn2kSabH52Gt6FQCwH5JXj5MtRdYVtjMSJ73AFvdbPf98p3gz98fQwNy9ZBiDem6m9BivzURKFSKLYWP3N9JahSPZs9PnZ996P18rTGAjQTNFsxtbrKx79yWu';
assert.ok(isAccount(kAccount));
for (const wrong of [kAccount.slice(0, -2), `${kAccount}1`, kAccount.replace('q', '0'), kAccount.replace('q', 'l'), '', '1'.repeat(131), 'a'.repeat(64)])
  assert.ok(!isAccount(wrong), wrong);
assert.ok(isHash(`0x${'aB'.repeat(32)}`));
assert.equal(bareHash(`0x${'aB'.repeat(32)}`), 'ab'.repeat(32));
for (const wrong of ['a'.repeat(63), 'g'.repeat(64), '']) assert.ok(!isHash(wrong));
assert.equal(short('0123456789abcdef0123'), '01234567…cdef0123');

const hex = (text) => Buffer.from(text).toString('hex');
assert.equal(textOfHex(hex('invoice 7 €')), 'invoice 7 €');
// Characters that would move the cursor, or hide or reverse text, are shown as bytes.
for (const wrong of ['ff', hex('a\u0000'), hex('\u001b[2J'), hex('pay \u202eBOB'), hex('zero\u200bwidth'), '']) assert.equal(textOfHex(wrong), undefined, wrong);

// docs/reference/phoenix-and-plonk.md 3.4: the open value of a note. A hidden one begins with a nonce and has no zeros behind it.
assert.equal(valueOfHex(`4101000000000000${'00'.repeat(60)}`), 321n);
assert.equal(valueOfHex(`ffffffffffffffff${'00'.repeat(60)}`), 18446744073709551615n);
for (const wrong of [undefined, null, 7, '', '4101', `4101000000000000${'00'.repeat(59)}01`, 'zz'.repeat(68)]) assert.equal(valueOfHex(wrong), undefined, String(wrong));

assert.deepEqual([0, 59, 60, 3_661, 90_000].map(duration), ['0 s', '59 s', '1 min', '1 h 1 min', '1 d 1 h']);
assert.deepEqual([[100, 100], [100, 190], [100, 50]].map(([then, now]) => ago(then, now)), ['now', '1 min ago', 'in 50 s']);
assert.deepEqual([{ Final: 0 }, { Confirmed: 1 }, { Accepted: 2 }, { Attested: 1 }, undefined].map((status) => finality(status).text),
  ['final', 'confirmed', 'accepted', 'attested', 'unknown']);

// Foreign text: characters that are not seen are replaced, and what is long is cut, never within a character.
assert.equal(tame('a\u202eb\u0000c\nx\u2028'), 'a\ufffdb\ufffdc\ufffdx\ufffd');
assert.equal(tame('a\nb\u0000', 200, { lines: true }), 'a\nb\ufffd');
assert.equal(tame('x'.repeat(200)), 'x'.repeat(200));
assert.equal(tame('x'.repeat(201)), `${'x'.repeat(200)}…`);
assert.equal(tame('😀😀', 3), '😀…');

assert.deepEqual([' 0x0A 0b\n', '', '0x'].map(readHex), [{ hex: '0a0b' }, { hex: '' }, { hex: '' }]);
assert.deepEqual(readHex('ab'.repeat(65_536)), { hex: 'ab'.repeat(65_536) });
for (const wrong of ['0', 'zz', '0x0x', 'ab'.repeat(65_537)]) assert.ok(readHex(wrong).problem, wrong.slice(0, 10));
assert.deepEqual([' 9007199254740993 ', '', '{"a":1.50}'].map(readJson), [{ json: '9007199254740993' }, { json: 'null' }, { json: '{"a":1.50}' }]);
for (const wrong of ['{', "'a'", '1 2', `"${'x'.repeat(262_143)}"`]) assert.ok(readJson(wrong).problem, wrong.slice(0, 10));

// A schema is whatever a driver's owner wrote.
for (const wrong of [null, undefined, 7, 'x', [], {}, { functions: {} }, { functions: null }]) assert.equal(readSchema(wrong), undefined, JSON.stringify(wrong));
assert.deepEqual(readSchema({ functions: [{ name: 'f', input: '()', output: 'u64' }, { name: 'f' }, { name: '' }, { name: 'g' }, { name: 'x'.repeat(201) }, null, 5], events: [{ topic: 't', data: { a: 1 } }, {}] }),
  { functions: [{ name: 'f', input: '()', output: 'u64' }, { name: 'g', input: '', output: '' }], events: [{ topic: 't', type: '{"a":1}' }], left: 6 });
// Drivers of dusk-forge give an event a list of topics.
assert.deepEqual(readSchema({ functions: [], events: [{ topics: ['a', 'b', 7], data: 'X' }, { topic: 'c', data: 'Y' }] }),
  { functions: [], events: [{ topic: 'a', type: 'X' }, { topic: 'b', type: 'X' }, { topic: 'c', type: 'Y' }], left: 1 });
assert.equal(readSchema({ functions: [], events: Array.from({ length: 201 }, (_, i) => ({ topic: `t${i}` })) }).left, 1);
const large = readSchema({ functions: Array.from({ length: 500 }, (_, i) => ({ name: `f${i}`, input: 'x'.repeat(1_000) })), events: 'none' });
assert.deepEqual([large.functions.length, large.events.length, large.left, large.functions[0].input.length], [200, 0, 300, 120]);
assert.deepEqual(['()', 'u64', '(u64, u64)', 'Vec<u8>', 'String', 'bool', 'Other'].map(exampleOf), ['null', '0', '[0, 10]', '[]', '""', 'false', '']);

// The items of a feeder arrive in pieces of any size.
const kArray = '[1,"a,]\\"[",{"b":[2,3]},[],null]';
for (let size = 1; size <= kArray.length; ++size) {
  const items = new Items(10, 1_000);
  for (let at = 0; at < kArray.length; at += size) assert.ok(items.take(kArray.slice(at, at + size)));
  assert.deepEqual(items.texts.map((text) => JSON.parse(text)), JSON.parse(kArray), `pieces of ${size}`);
  assert.ok(!items.isCut);
}
const none = new Items(10, 1_000);
none.take('[]');
assert.deepEqual([none.texts, none.isCut], [[], false]);
const few = new Items(2, 1_000);
assert.ok(!few.take('[1,2,3,4]'));
assert.deepEqual([few.texts, few.isCut], [['1', '2'], true]);
const exactly = new Items(2, 1_000);
assert.ok(exactly.take('[1,2]'));
const long = new Items(10, 5);
assert.ok(!long.take('["abc","def"]'));
assert.deepEqual(long.texts, ['"abc"']);

// A list that grows at its begin while it is read from there to older entries.
let all = ['e', 'd', 'c', 'b', 'a'];
const pageOf = (before) => {
  const from = before === undefined ? 0 : all.indexOf(before) + 1;
  const entries = all.slice(from, from + 2);
  return { entries, next: from + 2 < all.length ? entries.at(-1) : null };
};
let reads = 0;
const pages = new Pages(async (before) => (++reads, pageOf(before)), (one) => one);
await pages.load();
assert.deepEqual([pages.shown, pages.hasOlder], [['e', 'd'], true]);
await pages.readOlder(2);
all = ['g', 'f', ...all];
await pages.refresh();
assert.deepEqual([pages.shown, pages.hasOlder], [['g', 'f', 'e', 'd', 'c', 'b'], true]);
await pages.readOlder(2);
assert.deepEqual([pages.shown, pages.hasOlder], [['g', 'f', 'e', 'd', 'c', 'b', 'a'], false]);
await pages.refresh();
assert.equal(pages.shown.length, 7, 'nothing new, nothing twice');
all = [...Array.from({ length: 20 }, (_, i) => `n${i}`), ...all];
reads = 0;
await pages.refresh();
assert.deepEqual([reads, pages.shown, pages.hasOlder], [4, all.slice(0, 8), true], 'after too many new entries the list begins again');
