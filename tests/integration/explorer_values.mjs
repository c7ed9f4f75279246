// How the explorer shows values: amounts, accounts, memos. The module is pure, so the test needs no browser.
import assert from 'node:assert/strict';
import { ago, bareHash, count, duration, dusk, finality, integer, isAccount, isHash, many, product, short, textOfHex } from '../../web/explorer/format.mjs';

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

assert.deepEqual([0, 59, 60, 3_661, 90_000].map(duration), ['0 s', '59 s', '1 min', '1 h 1 min', '1 d 1 h']);
assert.deepEqual([[100, 100], [100, 190], [100, 50]].map(([then, now]) => ago(then, now)), ['now', '1 min ago', 'in 50 s']);
assert.deepEqual([{ Final: 0 }, { Confirmed: 1 }, { Accepted: 2 }, { Attested: 1 }, undefined].map((status) => finality(status).text),
  ['final', 'confirmed', 'accepted', 'attested', 'unknown']);
