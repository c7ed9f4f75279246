// One account: what it has, its stake, and what went in and out.
import { account, history, kSpentRow, query, stake } from './api.mjs';
import { amount, copyable, facts, fill, h, note, section } from './dom.mjs';
import { count, integer, isAccount, parseExact } from './format.mjs';
import { addTimes, movementOf, movementRow, movementStamp, recentOf } from './movements.mjs';

const kPage = 25; // rows of history that are looked for at once
const kFirstWindow = 20_000; // blocks; doubled until there are enough rows
const kMostRecent = 200; // blocks that are not final and are looked through (the server's limit)

async function showStake(place, address, signal) {
  try {
    const found = await stake(address, signal);
    const staked = found?.amount;
    place.replaceChildren(found === null ? h('p.dim', {}, 'None.') : facts(
      ['Stake', staked ? amount(staked.value) : 'none'],
      ['Locked', staked && amount(staked.locked)],
      ['Eligible from', staked && ['block ', count(staked.eligibility)]],
      ['Reward', amount(found.reward)],
      ['Faults', `${count(found.faults)}, hard ${count(found.hard_faults)}`],
    ));
  } catch (error) {
    if (!signal.aborted) place.replaceChildren(h('p.dim', {}, `It cannot be read: ${error.message}`));
  }
}

/** Transactions of the account in blocks that are not final. */
async function recent(address, signal) {
  const { lastBlockPair } = await query('{ lastBlockPair { json } }', {}, { signal });
  const { last_block: [tip], last_finalized_block: [final] } = lastBlockPair.json;
  if (tip <= final) return { final, rows: [] };
  const range = [Math.max(final + 1, tip - kMostRecent + 1), tip];
  const { blockTxs } = await query(`query ($range: [Int!]) { blockTxs(range: $range) { ${kSpentRow} } }`, { range }, { signal });
  const all = blockTxs.map(({ tx, ...spent }) => ({ ...spent, json: parseExact(tx.json) }));
  const rows = all.filter(({ json }) => json.sender === address || json.receiver === address).map((one) => recentOf(one, address));
  return { final, rows };
}

export async function accountPage({ argument, chain, signal, show }) {
  if (!isAccount(argument)) {
    return show('Account', h('h1', {}, 'Account'), note('This is no account: a public key is base58 of 96 bytes, about 130 letters and digits.', 'bad'), h('p.hash', {}, argument));
  }
  const address = argument;
  const balances = h('div', {}, h('p.dim', {}, 'reading …'));
  const staked = h('div', {}, h('p.dim', {}, 'reading …'));
  const list = h('ol.rows');
  const nothing = h('p.dim', {}, 'reading …');
  const older = h('button', { type: 'button', hidden: true }, 'Older');
  const rows = new Map();
  let reached; // the lowest block that was looked through

  const draw = () => {
    const sorted = [...rows.values()].sort((a, b) => b.height - a.height);
    fill(list, sorted, ({ id }) => id, (one) => movementRow(one, address), movementStamp);
    nothing.hidden = sorted.length > 0;
    nothing.textContent = reached > 0 ? `Nothing from block ${count(reached)} on.` : 'Nothing yet.';
    older.hidden = !(reached > 0);
    if (sorted.some(({ at }) => at === undefined)) addTimes(sorted, signal).then(draw, () => undefined);
  };
  const showBalance = async () => {
    const { balance, nonce, next_nonce: next } = await account(address, signal);
    balances.replaceChildren(facts(['Balance', amount(balance, 'strong.amount')], ['Nonce', count(nonce), integer(next) !== integer(nonce) + 1n && ` (next ${count(next)}, with the mempool)`]));
  };
  /** Looks back from block `top` until there is a page more. */
  const lookBack = async (top) => {
    older.disabled = true;
    const wanted = rows.size + kPage;
    for (let size = kFirstWindow; top >= 0 && rows.size < wanted; size *= 2) {
      const from = Math.max(0, top - size + 1);
      for (const group of await history(address, from, top, signal)) rows.set(group.origin, movementOf(group, address));
      top = from - 1;
      reached = from;
    }
    older.disabled = false;
  };
  const refreshHistory = async () => {
    const { final, rows: fresh } = await recent(address, signal);
    for (const [id, one] of rows) if (one.isRecent) rows.delete(id);
    if (reached === undefined) await lookBack(final);
    else for (const group of await history(address, Math.max(0, final - kFirstWindow), final, signal)) rows.set(group.origin, movementOf(group, address));
    for (const one of fresh) if (!rows.has(one.id)) rows.set(one.id, one);
    draw();
  };
  const failed = (place) => (error) => {
    if (!signal.aborted) place.replaceChildren(note(error.message, 'bad'));
  };

  older.addEventListener('click', () => lookBack(reached - 1).then(draw, failed(nothing)));
  show(`Account ${address.slice(0, 8)}`, h('h1', {}, 'Account'), h('p', {}, copyable(address)), balances, section('Stake', staked),
    section('History', nothing, list, h('p.more', {}, older)));

  let isBusy = false;
  let isAgain = false;
  const refresh = async () => {
    if (isBusy) return void (isAgain = true);
    isBusy = true;
    await Promise.all([showBalance().catch(failed(balances)), refreshHistory().catch(failed(nothing))]);
    isBusy = false;
    if (isAgain && !signal.aborted) {
      isAgain = false;
      refresh();
    }
  };
  chain.watch((changes) => {
    const concerns = (one) => one && (one.json.sender === address || one.json.receiver === address);
    const isOurs = [...changes].some((id) => concerns(chain.transactions.get(id)) || concerns(chain.mempool.get(id)));
    const becameFinal = [...rows.values()].some(({ isRecent }) => isRecent) && changes.has('blocks');
    if (isOurs || becameFinal || changes.has('snapshot')) refresh();
  }, signal);
  await Promise.all([refresh(), showStake(staked, address, signal)]);
}
