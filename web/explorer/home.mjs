// The first page: figures of the chain, and its last blocks and transactions, live.
import { get, post } from './api.mjs';
import { blockLink, fill, h, note, section, time } from './dom.mjs';
import { count, duration, finality } from './format.mjs';
import { blockRow, blockStamp, transactionRow, transactionStamp, waitingRow } from './rows.mjs';

const kShown = 12;
const kRefresh = 3_000; // ms between requests for figures that no event reports

function figure(name) {
  const value = h('dd', {}, '–');
  return { element: h('div', {}, h('dt', {}, name), value), set: (...what) => value.replaceChildren(...what) };
}

/** Mean seconds between the given blocks. */
function interval(blocks) {
  const [first, last] = [blocks.at(-1), blocks[0]];
  return blocks.length < 2 ? undefined : (last.timestamp - first.timestamp) / (last.height - first.height);
}

export async function homePage({ chain, signal, show }) {
  const figures = { tip: figure('Tip'), last: figure('Last block'), final: figure('Final to'), pace: figure('Block time'), pool: figure('Mempool'),
    accounts: figure('Accounts'), sent: figure('Transactions') };
  const blocks = h('ol.rows.blocks');
  const transactions = h('ol.rows');
  const nothing = h('p.dim', { hidden: true }, 'No transaction yet. Try ', h('code', {}, "rues transfer --to '#1' --amount 1"), '.');
  const problem = h('div');

  const refresh = () => {
    const latest = chain.latestBlocks(kShown);
    fill(blocks, latest, ({ hash }) => hash, blockRow, blockStamp);
    const waiting = [...chain.mempool.values()].slice(0, kShown);
    const spent = chain.latestTransactions(kShown);
    fill(transactions, [...waiting, ...spent], ({ id }) => id, (one) => (one.blockHash === undefined ? waitingRow(one) : transactionRow(one)),
      (one) => (one.blockHash === undefined ? 'waiting' : transactionStamp(one)));
    nothing.hidden = waiting.length + spent.length > 0 || !chain.tip;
    const isLost = chain.connection === 'lost';
    problem.replaceChildren(...(isLost && !chain.tip ? [note(`The chain cannot be read: ${chain.problem}`, 'bad')] : []));
    if (!chain.tip) return;
    figures.tip.set(blockLink(chain.tip.height));
    figures.last.set(time(chain.tip.timestamp));
    const final = chain.latestBlocks(Infinity).find(({ status }) => finality(status).text === 'final');
    figures.final.set(final ? blockLink(final.height) : '–');
    const pace = interval(chain.latestBlocks(20));
    figures.pace.set(pace === undefined ? '–' : pace < 60 ? `${pace.toFixed(1)} s` : duration(pace));
    figures.pool.set(h('a', { href: '#/mempool' }, count(chain.mempool.size)));
  };

  const counts = async () => {
    const [status, sent] = await Promise.all([get('/status', signal), post('/on/stats/tx_count', '', undefined, signal)]);
    figures.accounts.set(count(status.accounts));
    figures.sent.set(count(sent.total));
  };

  show('', h('h1.unseen', {}, 'The chain'), problem, h('dl.figures', {}, Object.values(figures).map(({ element }) => element)),
    h('div.columns', {}, section('Latest blocks', blocks, h('p.more', {}, h('a', { href: '#/blocks' }, 'All blocks'))),
      section('Latest transactions', nothing, transactions)));
  refresh();
  chain.watch(refresh, signal);
  const timer = setInterval(() => document.hidden || counts().catch(() => undefined), kRefresh);
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  await counts().catch(() => undefined); // the timer asks again soon, and the header shows a lost connection
}
