// The page of an account: balance, stake and history.
import { account, history, kSpentRow, query, stake } from './api.mjs';
import { amount, copyable, facts, fill, h, note, section } from './dom.mjs';
import { count, finality, integer, isAccount } from './format.mjs';
import { parseExact } from './rues.mjs';
import { addTimes, movementOf, movementRow, movementStamp, recentOf } from './movements.mjs';

const kPage = 25; // rows that are read and shown at a time
const kMostPages = 8; // pages that are read to reach known rows; beyond them the list starts again
const kMostRecent = 200; // blocks that are searched and not final (the server's limit)

const concerns = (json, address) => json.sender === address || json.receiver === address;

async function showStake(place, address, signal) {
  try {
    const found = await stake(address, signal);
    const staked = found?.amount;
    if (found === null) return place.replaceChildren(h('p.dim', {}, 'None.'));
    place.replaceChildren(facts(
      ['Stake', staked ? amount(staked.value) : 'none'],
      ['Locked', staked && amount(staked.locked)],
      ['Eligible from', staked && ['block ', count(staked.eligibility)]],
      ['Reward', amount(found.reward)],
      ['Faults', `${count(found.faults)}, hard ${count(found.hard_faults)}`],
    ), h('p', {}, h('a', { href: `#/stake/${address}` }, 'More about this stake')));
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
  const rows = all.filter(({ json }) => concerns(json, address)).map((one) => recentOf(one, address));
  return { final, rows };
}

/** The height of the last final block that this page knows; -1: none. */
const finalHeight = (chain) => chain.latestBlocks(Infinity).find(({ status }) => finality(status).text === 'final')?.height ?? -1;

/**
 * The rows of an account's history, newest first. Rows of final blocks come from the archive, page by page. Rows of
 * later blocks come from `Chain`, until their block is final.
 */
class Rows {
  #final = []; // rows of final blocks, newest first
  #recent = new Map(); // rows of later blocks, by id
  #next = null; // cursor of the archive's next page; null: no more pages
  #address;
  #signal;

  constructor(address, signal) {
    this.#address = address;
    this.#signal = signal;
  }
  /** Reads all rows again. */
  async load(chain) {
    const [{ final, rows }, page] = await Promise.all([recent(this.#address, this.#signal), this.#read()]);
    this.#final = page.rows;
    this.#next = page.next;
    this.#recent = new Map(rows.map((one) => [one.id, one]));
    this.take(chain, chain.transactions.keys(), final);
  }
  async readOlder() {
    const page = await this.#read(this.#next);
    this.#final.push(...page.rows);
    this.#next = page.next;
  }
  /** Takes those of `ids` that concern the account and are in blocks above `final`. Returns whether there was one. */
  take(chain, ids, final = finalHeight(chain)) {
    let isAny = false;
    for (const id of ids) {
      const one = chain.transactions.get(id);
      if (!one || one.blockHeight <= final || !concerns(one.json, this.#address)) continue;
      this.#recent.set(id, recentOf(one, this.#address));
      isAny = true;
    }
    return isAny;
  }
  /** Whether a block of a recent row has become final. */
  isStale(chain) {
    const final = finalHeight(chain);
    return [...this.#recent.values()].some(({ height }) => height <= final);
  }
  /** Reads the rows that became final since the last read: the archive's pages up to a known row. */
  async settle(chain) {
    const final = finalHeight(chain);
    const known = new Set(this.#final.map(({ id }) => id));
    const fresh = [];
    let next;
    let isJoined = false;
    for (let pages = 0; pages < kMostPages && next !== null && !isJoined; ++pages) {
      const page = await this.#read(next);
      const unknown = page.rows.filter(({ id }) => !known.has(id));
      fresh.push(...unknown);
      isJoined = unknown.length < page.rows.length;
      next = page.next;
    }
    if (isJoined) {
      this.#final.unshift(...fresh);
    } else {
      this.#final = fresh;
      this.#next = next;
    }
    for (const [id, { height }] of this.#recent) if (height <= final) this.#recent.delete(id);
  }
  all() {
    const final = new Set(this.#final.map(({ id }) => id)); // a block may become final between two reads
    const recents = [...this.#recent.values()].filter(({ id }) => !final.has(id)).sort((a, b) => b.height - a.height);
    return [...recents, ...this.#final];
  }
  get hasOlder() {
    return this.#next !== null;
  }

  async #read(before = undefined) {
    const { transactions, next } = await history(this.#address, kPage, before, this.#signal);
    return { rows: transactions.map((group) => movementOf(group, this.#address)), next };
  }
}

export async function accountPage({ argument, chain, signal, show }) {
  if (!isAccount(argument)) {
    return show('Account', h('h1', {}, 'Account'), note('This is not an account: a public key is 96 bytes in base58, about 130 letters and digits.', 'bad'), h('p.hash', {}, argument));
  }
  const address = argument;
  const balances = h('div', {}, h('p.dim', {}, 'reading …'));
  const staked = h('div', {}, h('p.dim', {}, 'reading …'));
  const list = h('ol.rows');
  const nothing = h('p.dim', {}, 'reading …');
  const older = h('button', { type: 'button', hidden: true }, 'Older');
  const rows = new Rows(address, signal);
  let shown = kPage;

  const draw = () => {
    const all = rows.all();
    const some = all.slice(0, shown);
    fill(list, some, ({ id }) => id, (one) => movementRow(one, address), movementStamp);
    nothing.hidden = some.length > 0;
    nothing.textContent = 'Nothing yet.';
    older.hidden = some.length === all.length && !rows.hasOlder;
    older.disabled = false;
    if (some.some(({ at }) => at === undefined)) addTimes(some, signal).then(draw, () => undefined);
  };
  const showBalance = async () => {
    const { balance, nonce, next_nonce: next } = await account(address, signal);
    balances.replaceChildren(facts(['Balance', amount(balance, 'strong.amount')], ['Nonce', count(nonce), integer(next) !== integer(nonce) + 1n && ` (next ${count(next)}, with the mempool)`]));
  };
  const showOlder = async () => {
    older.disabled = true;
    shown += kPage;
    if (rows.all().length < shown && rows.hasOlder) await rows.readOlder();
    draw();
  };
  const failed = (place) => (error) => {
    if (signal.aborted) return;
    place.hidden = false;
    place.replaceChildren(note(error.message, 'bad'));
  };

  // Steps run one after another, because each of them changes the rows with which the next one begins.
  let work = Promise.resolve();
  const next = (step) => (work = work.then(() => signal.aborted || step()).catch(failed(nothing)));
  older.addEventListener('click', () => next(showOlder));
  show(`Account ${address.slice(0, 8)}`, h('h1', {}, 'Account'), h('p', {}, copyable(address)), balances, section('Stake', staked),
    section('History', nothing, list, h('p.more', {}, older)));

  const refreshBalance = () => showBalance().catch(failed(balances));
  const load = () => next(() => rows.load(chain).then(draw));
  chain.watch((changes) => {
    if (changes.has('snapshot')) return void Promise.all([load(), refreshBalance()]);
    const isPaid = rows.take(chain, changes);
    if (isPaid) draw();
    if (isPaid || [...changes].some((id) => chain.mempool.has(id) && concerns(chain.mempool.get(id).json, address))) refreshBalance();
    if (changes.has('blocks') && rows.isStale(chain)) next(() => rows.isStale(chain) && rows.settle(chain).then(draw));
  }, signal);
  await Promise.all([load(), refreshBalance(), showStake(staked, address, signal)]);
}
