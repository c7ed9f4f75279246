// The list of contracts: those of the genesis, and the deployed ones, the newest first.
import { contracts } from './api.mjs';
import { accountLink, blockLink, contractLink, fill, h, note, section, time, transactionLink } from './dom.mjs';
import { kStake, kTransfer, many, short } from './format.mjs';
import { Pages } from './pages.mjs';

const kPage = 25;

const genesisRow = (id) => h('li.row', {}, h('span.first', {}, contractLink(id)), h('span.second', {}, h('span.hash.dim', {}, short(id))));

function row({ id, owner, code_bytes: size, deployment }) {
  return h('li.row.money', {},
    h('span.first', {}, contractLink(id)),
    h('span.second', {}, 'deployed by ', transactionLink(deployment.transaction),
      owner ? h('span', {}, 'owner ', accountLink(owner)) : h('span.dim', {}, 'owner is no account')),
    h('span.third', {}, many(size, 'byte'), h('span.dim', {}, 'block ', blockLink(deployment.block_height), ' · ', time(deployment.block_timestamp))));
}

export async function contractsPage({ chain, signal, show }) {
  const list = h('ol.rows');
  const nothing = h('p.dim', {}, 'reading …');
  const older = h('button', { type: 'button', hidden: true }, 'Older');
  const pages = new Pages(async (before) => {
    const { contracts: entries, next } = await contracts(kPage, before, signal);
    return { entries, next };
  }, ({ id }) => id);
  const draw = () => {
    fill(list, pages.shown, ({ id }) => id, row);
    nothing.hidden = pages.shown.length > 0;
    nothing.textContent = 'None yet.';
    older.hidden = !pages.hasOlder;
  };
  const failed = (error) => {
    if (signal.aborted) return;
    nothing.hidden = false;
    nothing.replaceChildren(note(`The contracts cannot be read: ${error.message}`, 'bad'));
  };
  const next = pages.runner(signal, draw, failed);
  older.addEventListener('click', () => next(() => pages.readOlder(kPage)));
  show('Contracts', h('h1', {}, 'Contracts'), section('Of the genesis', h('ol.rows', {}, [kTransfer, kStake].map(genesisRow))),
    section('Deployed', nothing, list, h('p.more', {}, older)));
  chain.watch((changes) => {
    if (changes.has('snapshot')) next(() => pages.load());
    else if ([...changes].some((id) => chain.transactions.get(id)?.json.is_deploy)) next(() => pages.refresh());
  }, signal);
  await next(() => pages.load());
}
