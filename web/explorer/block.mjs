// The page of a block, and the list of blocks.
import { blockEvents, kBlockRow, kHeader, kSpentRow, query } from './api.mjs';
import { accountLink, amount, blockHashLink, copyable, facts, fill, finalityLabel, h, hidden, note, section, time } from './dom.mjs';
import { causeOf, eventList } from './events.mjs';
import { bareHash, count, isHash, moment } from './format.mjs';
import { parseExact } from './rues.mjs';
import { blockOf, blockRow, blockStamp, transactionRow } from './rows.mjs';

const kBlock = `query ($height: Float, $hash: String) {
  block(height: $height, hash: $hash) { ${kHeader} status reward fees gasSpent transactions { ${kSpentRow} } }
  lastBlockPair { json }
}`;

export async function blockPage({ argument, chain, signal, show }) {
  const isByHash = isHash(argument);
  if (!isByHash && !/^\d{1,15}$/.test(argument)) {
    return show('Block', h('h1', {}, 'Block'), note(`“${argument}” is neither a height nor a hash.`, 'bad'));
  }
  const variables = isByHash ? { hash: bareHash(argument) } : { height: Number(argument) };
  const { block, lastBlockPair } = await query(kBlock, variables, { signal });
  const tip = lastBlockPair.json.last_block[0];
  if (!block) return missing({ argument, chain, signal, show, isByHash, tip });
  const { header } = block;
  const status = h('span', {}, finalityLabel(block.status));
  const next = h('a', { href: `#/block/${header.height + 1}`, rel: 'next', hidden: header.height >= tip }, 'Next block →');
  const eventsHere = h('div', {}, h('p.dim', {}, 'reading …'));
  const transactions = block.transactions.map((spent) => ({ ...spent, json: parseExact(spent.tx.json), isDeploy: spent.tx.isDeploy }));
  show(`Block ${header.height}`,
    h('h1', {}, 'Block ', count(header.height), ' ', status),
    h('p.around', {}, header.height > 0 && h('a', { href: `#/block/${header.height - 1}`, rel: 'prev' }, '← Block before'), next),
    facts(
      ['Hash', copyable(header.hash)],
      ['Time', moment(header.timestamp), ' (', time(header.timestamp), ')'],
      ['Transactions', count(transactions.length)],
      ['Gas', `${count(block.gasSpent)} of ${count(header.gasLimit)}`],
      ['Fees', amount(block.fees)],
      ['Reward', amount(block.reward)],
      ['Generator', accountLink(header.generatorBlsPubkey, true)],
      ['Parent', header.height > 0 ? blockHashLink(header.prevBlockHash, true) : h('span.hash', {}, header.prevBlockHash)],
    ),
    hidden('More of the header', facts(
      ['State hash', h('span.hash', {}, header.stateHash)],
      ['Transactions root', h('span.hash', {}, header.txRoot)],
      ['Seed', h('span.hash', {}, header.seed)],
      ['Iteration', count(header.iteration)],
      ['Version', count(header.version)],
    )),
    section('Transactions', transactions.length === 0 ? h('p.dim', {}, 'None in this block.') : h('ol.rows', {}, transactions.map(transactionRow))),
    section('Events', eventsHere));

  chain.watch((changes) => {
    const now = chain.blocks.get(header.hash);
    if (now && changes.has(header.hash)) status.replaceChildren(finalityLabel(now.status));
    if (chain.tip?.height > header.height) next.hidden = false;
  }, signal);
  await showEvents(eventsHere, header.hash, signal);
}

/** Shows the events of a block in `place`; with `only` (an id), those of one transaction. */
export async function showEvents(place, hash, signal, only = undefined) {
  try {
    const all = await blockEvents(hash, signal);
    const list = only ? eventList(all.filter(({ origin }) => origin === only), signal, () => []) : eventList(all, signal, ({ origin }) => causeOf(origin, hash));
    place.replaceChildren(await list);
  } catch (error) {
    if (!signal.aborted) place.replaceChildren(note(`The events cannot be read: ${error.message}`, 'bad'));
  }
}

/** The page of an unknown block. For a height above the tip it waits until the block comes. */
function missing({ argument, chain, signal, show, isByHash, tip }) {
  if (isByHash) {
    return show('Block', h('h1', {}, 'Block not found'), note('No block of this chain has this hash.', 'bad'), h('p.hash', {}, argument));
  }
  show(`Block ${argument}`, h('h1', {}, `Block ${argument}`),
    note(`There is no block ${argument} yet: the tip is ${tip}. This page shows it when it is made.`, 'bad'),
    h('p', {}, 'Or was it a ', h('a', { href: `#/memo/${argument}` }, 'memo'), '?'));
  const asked = Number(argument);
  const look = () => {
    if (chain.tip?.height >= asked && !signal.aborted) window.dispatchEvent(new Event('hashchange'));
  };
  chain.watch(look, signal);
}

const kPage = 25;

/** The list of blocks. `#/blocks` follows the tip; `#/blocks/500` begins at a height. */
export async function blocksPage({ argument, chain, signal, show }) {
  const isLive = argument === '';
  if (!isLive && !/^\d{1,15}$/.test(argument)) return show('Blocks', h('h1', {}, 'Blocks'), note(`“${argument}” is not a height.`, 'bad'));
  const from = (top) => [Math.max(0, top - kPage + 1), top];
  const text = isLive
    ? `{ blocks(last: ${kPage}) { ${kBlockRow} } }`
    : `query ($range: [Int!]) { blocks(range: $range) { ${kBlockRow} } }`;
  const { blocks } = await query(text, isLive ? {} : { range: from(Number(argument)) }, { signal });
  const read = blocks.map(blockOf).sort((a, b) => b.height - a.height);
  const list = h('ol.rows');
  const older = h('p.more');
  const refresh = () => {
    const all = new Map(read.map((block) => [block.hash, block]));
    for (const block of chain.blocks.values()) if (isLive || all.has(block.hash)) all.set(block.hash, block);
    const rows = [...all.values()].sort((a, b) => b.height - a.height).slice(0, kPage);
    fill(list, rows, ({ hash }) => hash, blockRow, blockStamp);
    const least = rows.at(-1)?.height ?? 0;
    const links = [];
    if (!isLive) links.push(h('a', { href: '#/blocks' }, '← Latest'));
    if (least > 0) links.push(h('a', { href: `#/blocks/${least - 1}` }, 'Older →'));
    if (older.dataset.least !== String(least)) older.replaceChildren(...links);
    older.dataset.least = least;
  };
  show('Blocks', h('h1', {}, 'Blocks'), read.length === 0 ? h('p.dim', {}, 'None here.') : list, older);
  refresh();
  chain.watch(refresh, signal);
}
