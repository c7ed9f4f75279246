// The frame around the pages: navigation, search, and the state of the connection.
import { Refusal } from './api.mjs';
import { accountPage } from './account.mjs';
import { blockPage, blocksPage } from './block.mjs';
import { Chain } from './chain.mjs';
import { contractPage } from './contract.mjs';
import { contractsPage } from './contracts.mjs';
import { h, note, tick } from './dom.mjs';
import { homePage } from './home.mjs';
import { eventsPage } from './live_events.mjs';
import { mempoolPage } from './mempool.mjs';
import { nodePage } from './node.mjs';
import { memoPage, search } from './search.mjs';
import { stakePage, stakesPage } from './stakes.mjs';
import { transactionPage } from './transaction.mjs';

const kPages = {
  '': homePage,
  blocks: blocksPage,
  block: blockPage,
  tx: transactionPage,
  account: accountPage,
  contracts: contractsPage,
  contract: contractPage,
  stakes: stakesPage,
  stake: stakePage,
  memo: memoPage,
  mempool: mempoolPage,
  events: eventsPage,
  node: nodePage,
  search: search,
};

/** The page in the navigation of a page that is not there. */
const kListOf = { block: 'blocks', contract: 'contracts', stake: 'stakes' };

const chain = new Chain();
const main = document.getElementById('main');
let leave = new AbortController();
let isFirst = true;

function routeOf(hash) {
  const [page, ...rest] = hash.replace(/^#?\/?/, '').split('/');
  try {
    return { page, argument: decodeURIComponent(rest.join('/')) };
  } catch {
    return { page: 'unknown', argument: '' };
  }
}

/**
 * Shows the page of the URL's hash. A page is a function of { argument, chain, signal, show }. It calls `show(title,
 * …elements)` as often as it has something new to show. `signal` aborts when the user leaves the page, which ends its
 * requests and listeners.
 */
async function route() {
  leave.abort(new DOMException('left', 'AbortError'));
  leave = new AbortController();
  const { signal } = leave;
  const { page, argument } = routeOf(location.hash);
  if (page !== 'search') document.getElementById('query').value = '';
  for (const link of document.querySelectorAll('nav a')) {
    const isHere = link.getAttribute('href') === `#/${kListOf[page] ?? page}`;
    if (isHere) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  let isShown = false;
  const show = (title, ...elements) => {
    if (signal.aborted) return;
    document.title = title ? `${title} · rues explorer` : 'rues explorer';
    main.replaceChildren(...elements.flat().filter(Boolean));
    main.removeAttribute('aria-busy');
    if (isShown) return;
    isShown = true;
    scrollTo(0, 0);
    if (!isFirst) main.focus({ preventScroll: true });
    isFirst = false;
  };
  main.setAttribute('aria-busy', 'true');
  const render = kPages[page] ?? (({ show: tell }) => tell('Not found', h('h1', {}, 'Not found'), note(`There is no page “${page}” here.`)));
  try {
    await render({ argument, chain, signal, show });
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof Refusal)) console.error(error);
    const again = h('button', { type: 'button', onclick: route }, 'Try again');
    show('Error', h('h1', {}, 'This could not be shown'), note(error.message, 'bad'), again);
  }
}

const connection = document.getElementById('connection');
const kConnection = { wait: 'connecting …', ok: 'live', lost: 'connection lost, trying again …' };
function tellConnection() {
  connection.className = chain.connection;
  connection.title = chain.problem;
  if (connection.textContent !== kConnection[chain.connection]) connection.textContent = kConnection[chain.connection];
}

document.getElementById('search').addEventListener('submit', (event) => {
  event.preventDefault();
  const text = new FormData(event.target).get('query').trim();
  if (text === '') return;
  const target = `#/search/${encodeURIComponent(text)}`;
  if (location.hash === target) route();
  else location.hash = target;
});
document.addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.ctrlKey || event.metaKey || /^(input|textarea|select)$/i.test(event.target.tagName)) return;
  event.preventDefault();
  document.getElementById('query').focus();
});

chain.watch(tellConnection);
window.addEventListener('hashchange', route);
setInterval(tick, 1_000);
tellConnection();
route();
chain.start();
