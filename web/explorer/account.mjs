// One account: what it has, its stake, and what went in and out.
import { account, history, kSpentRow, query, stake } from './api.mjs';
import { accountLink, amount, blockLink, copyable, facts, fill, h, label, note, section, transactionLink } from './dom.mjs';
import { count, integer, isAccount, kTransfer, parseExact } from './format.mjs';
import { kindOf } from './rows.mjs';

const kPage = 25; // rows of history that are looked for at once
const kFirstWindow = 20_000; // blocks; doubled until there are enough rows
const kMostRecent = 200; // blocks that are not final and are looked through (the server's limit)

/** A group of the history (all events of one transaction) as seen from `address`. */
function movementOf({ block_height: height, origin, events }, address) {
  let change = 0n;
  let other;
  for (const { data, target, topic } of events) {
    if (target !== kTransfer || data === null || typeof data !== 'object') continue;
    const value = integer(data.value) ?? 0n;
    if (topic === 'moonlight') {
      const receiver = data.receiver ?? data.sender;
      if (data.sender === address) change -= value;
      if (receiver === address) change += value;
      other = data.sender === address ? receiver : data.sender;
    } else if (data.receiver?.Moonlight === address || data.receiver === address) {
      change += value;
    }
  }
  return { id: origin, height, change, other, kinds: [...new Set(events.map(({ topic }) => (topic === 'moonlight' ? 'transfer' : topic)))] };
}

/** The same of a transaction that is in no final block yet. */
function recentOf({ id, err, blockHeight, json, ...rest }, address) {
  const receiver = json.receiver ?? (json.call ? undefined : json.sender);
  const value = integer(json.value) ?? 0n;
  const change = err ? 0n : (receiver === address ? value : 0n) - (json.sender === address ? value : 0n);
  const other = json.sender === address ? receiver : json.sender;
  return { id, height: blockHeight, change, other, kinds: [kindOf({ json, isDeploy: json.is_deploy, ...rest })], err, isRecent: true };
}

function row({ id, height, change, other, kinds, err, isRecent }, address) {
  const direction = change > 0n ? 'in' : change < 0n ? 'out' : 'none';
  return h('li.row.money', {},
    h('span.first', {}, transactionLink(id), isRecent && label('not final', 'wait'), err && label('failed', 'bad', err)),
    h('span.second', {}, h('span.kind', {}, kinds.join(', ')), other && other !== address && [change > 0n ? 'from ' : 'to ', accountLink(other)],
      other === address && 'to itself'),
    h('span.third', {}, h(`span.amount.${direction}`, {}, change > 0n && '+', amount(change)), h('span.dim', {}, 'block ', blockLink(height))));
}

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
    fill(list, sorted, ({ id }) => id, (one) => row(one, address), ({ isRecent, err }) => `${isRecent} ${err}`);
    nothing.hidden = sorted.length > 0;
    nothing.textContent = reached > 0 ? `Nothing from block ${count(reached)} on.` : 'Nothing yet.';
    older.hidden = !(reached > 0);
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
