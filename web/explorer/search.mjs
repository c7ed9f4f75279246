// What a text of the search field is: a height, a hash of a block or a transaction, an account, a contract.
import { query } from './api.mjs';
import { h, note } from './dom.mjs';
import { bareHash, contractName, isAccount, isHash, short } from './format.mjs';

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
  if (!isHash(text)) {
    return show('Search', h('h1', {}, 'Not found'), note(`“${short(text, 24)}” is no height, no hash and no account.`, 'bad'),
      h('p', {}, 'A height is a number, as 1 024. A hash of a block, a transaction or a contract has 64 hexadecimal digits, with or without 0x. An account is a ' +
        'public key in base58, about 130 letters and digits.'));
  }
  const hash = bareHash(text);
  if (contractName(hash)) return go('contract', hash);
  const found = await query(kLooked, { hash }, { signal });
  if (found.block) return go('block', hash);
  if (found.tx || found.mempoolTx) return go('tx', hash);
  show('Search', h('h1', {}, 'Not found'), note('Neither a block nor a transaction of this chain has this hash.', 'bad'), h('p.hash', {}, hash),
    h('p', {}, 'A transaction that was sent a moment ago may not have arrived yet. ', h('a', { href: `#/tx/${hash}` }, 'Wait for it'), ' or look at it as a ',
      h('a', { href: `#/contract/${hash}` }, 'contract'), '.'));
}
