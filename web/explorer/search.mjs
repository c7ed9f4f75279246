// Finds what a text in the search field means: a height, a hash of a block or a transaction, an account, a contract or
// a memo.
import { blockTimes, contract, query, withMemo } from './api.mjs';
import { h, note } from './dom.mjs';
import { bareHash, contractName, isAccount, isHash, kTransfer, short } from './format.mjs';
import { transactionRow } from './rows.mjs';

const kLooked = `query ($hash: String!) {
  block(hash: $hash) { header { height } }
  tx(hash: $hash) { id }
  mempoolTx(hash: $hash) { id }
}`;

export async function search({ argument, signal, show }) {
  const text = argument.trim();
  const go = (page, id) => location.replace(`#/${page}/${encodeURIComponent(id)}`);
  const digits = text.replace(/[\s,_\u202f]/g, '');
  if (/^\d{1,18}$/.test(digits)) return go('block', String(BigInt(digits)));
  if (isAccount(text)) return go('account', text);
  if (/^memo:./.test(text)) return go('memo', text.slice(5));
  if (!isHash(text)) {
    // Not found without an archive, or when no transaction has this memo.
    if ((await withMemo(text, signal).catch(() => [])).length > 0) return go('memo', text);
    return show('Search', h('h1', {}, 'Not found'), note(`“${short(text, 24)}” is not a height, a hash, an account or a memo.`, 'bad'),
      h('p', {}, 'A height is a number, such as 1 024. A hash of a block, a transaction or a contract has 64 hexadecimal digits, with or without 0x. An account is a ' +
        'public key in base58, about 130 letters and digits. Only whole memos are found. Write memo: before a memo that looks like something else.'));
  }
  const hash = bareHash(text);
  if (contractName(hash)) return go('contract', hash);
  const found = await query(kLooked, { hash }, { signal });
  if (found.block) return go('block', hash);
  if (found.tx || found.mempoolTx) return go('tx', hash);
  const isContract = await contract(hash, signal).then(() => true, (error) => {
    if (error.status === 404) return false;
    throw error;
  });
  if (isContract) return go('contract', hash);
  show('Search', h('h1', {}, 'Not found'), note('Neither a block, a transaction nor a contract of this chain has this hash.', 'bad'), h('p.hash', {}, hash),
    h('p', {}, 'A transaction that was sent a moment ago may not have arrived yet. ', h('a', { href: `#/tx/${hash}` }, 'Wait for it'), '.'));
}

const kMemoRows = 200;

/** A group of the archive in the form that rows of transactions need. */
function spentOf({ block_height: blockHeight, origin: id, events }, times) {
  const { data } = events.find(({ target, topic }) => target === kTransfer && topic === 'moonlight');
  return { id, blockHeight, blockTimestamp: times.get(blockHeight), json: { ...data, type: 'moonlight', call: null } };
}

/** The page of all transactions with a memo, such as deposits at an exchange. */
export async function memoPage({ argument, signal, show }) {
  const groups = (await withMemo(argument, signal)).reverse();
  const shown = groups.slice(0, kMemoRows);
  const times = await blockTimes(shown.map(({ block_height: height }) => height), signal);
  show('Memo', h('h1', {}, 'Memo'), h('p', {}, `“${argument}”`),
    groups.length === 0 && note('No transaction of a final block has this memo.', 'bad'),
    h('ol.rows', {}, shown.map((group) => transactionRow(spentOf(group, times)))),
    groups.length > shown.length && h('p.dim', {}, `and ${groups.length - shown.length} older ones`));
}
