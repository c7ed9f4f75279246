// The page of the mempool, in the order in which the block producer takes transactions: highest gas price first.
import { post } from './api.mjs';
import { facts, fill, h, note } from './dom.mjs';
import { count, integer } from './format.mjs';
import { waitingRow } from './rows.mjs';

const kShown = 200;

export async function mempoolPage({ chain, signal, show }) {
  const list = h('ol.rows');
  const number = h('span', {}, '–');
  const prices = h('span', {}, '–');
  const nothing = h('p.dim', { hidden: true }, 'Nothing waits for a block.');
  const more = h('p.dim', { hidden: true });
  const problem = h('div');
  const refresh = () => {
    const price = ({ gasPrice }) => integer(gasPrice) ?? 0n;
    const sorted = [...chain.mempool.values()].sort((a, b) => (price(a) === price(b) ? (a.id < b.id ? 1 : -1) : price(a) < price(b) ? 1 : -1));
    fill(list, sorted.slice(0, kShown), ({ id }) => id, waitingRow);
    number.textContent = count(sorted.length);
    nothing.hidden = sorted.length > 0 || !chain.tip;
    more.hidden = sorted.length <= kShown;
    more.textContent = `and ${count(sorted.length - kShown)} more`;
    problem.replaceChildren(...(chain.connection === 'lost' && !chain.tip ? [note(`The mempool cannot be read: ${chain.problem}`, 'bad')] : []));
  };
  const readPrices = async () => {
    const { min, median, max, average } = await post('/on/blocks/gas-price', '', undefined, signal);
    prices.textContent = `${count(min)} to ${count(max)} LUX, median ${count(median)}, mean ${count(Math.round(Number(average)))}`;
  };
  show('Mempool', h('h1', {}, 'Mempool'), problem, facts(['Transactions', number], ['Gas prices', prices]), nothing, list, more);
  refresh();
  chain.watch((changes) => {
    refresh();
    if (changes.has('mempool')) readPrices().catch(() => undefined);
  }, signal);
  await readPrices().catch((error) => signal.aborted || (prices.textContent = error.message));
}
