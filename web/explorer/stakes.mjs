// The pages of stakes: the list of all, and one of them.
import { provisioners } from './api.mjs';
import { accountLink, amount, blockLink, contractLink, copyable, facts, fill, h, label, note, section } from './dom.mjs';
import { count, integer, isAccount, many } from './format.mjs';
import { blockRow, blockStamp } from './rows.mjs';

const kPage = 50;
const kBlocksShown = 12;

const valueOf = ({ amount: staked }) => integer(staked) ?? 0n;
const isEligible = (stake, tip) => valueOf(stake) > 0n && tip !== undefined && integer(stake.eligibility) <= BigInt(tip);

/** A part of a whole as a percentage with two decimals. */
function share(part, whole) {
  if (whole === 0n) return '0 %';
  const hundredths = Number((part * 10_000n + whole / 2n) / whole);
  return `${(hundredths / 100).toFixed(2)} %`;
}

/** All stakes, the largest first, with their sums. */
async function readStakes(chain, signal) {
  const all = await provisioners(signal);
  all.sort((a, b) => (valueOf(b) > valueOf(a) ? 1 : valueOf(b) < valueOf(a) ? -1 : a.key < b.key ? -1 : 1));
  const tip = chain.tip?.height;
  const eligible = all.filter((one) => isEligible(one, tip));
  const sum = (some) => some.reduce((total, one) => total + valueOf(one), 0n);
  return { all, tip, eligible, total: sum(all), active: sum(eligible) };
}

const stakeLink = (key, whole) => h('a.hash', { href: `#/stake/${encodeURIComponent(key)}`, title: key }, whole ? key : `${key.slice(0, 8)}…${key.slice(-8)}`);
const faults = ({ faults: soft, hard_faults: hard }) => integer(soft) + integer(hard);

function labels(stake, tip) {
  if (valueOf(stake) === 0n) return label('no stake', 'mid');
  return !isEligible(stake, tip) && tip !== undefined && label('not eligible yet', 'wait');
}

function stakeRow(stake, { tip, active }) {
  return h('li.row.money', {},
    h('span.first', {}, stakeLink(stake.key), labels(stake, tip), faults(stake) > 0n && label(many(faults(stake), 'fault'), 'bad')),
    h('span.second', {}, h('span.dim', {}, 'reward '), amount(stake.reward)),
    h('span.third', {}, amount(stake.amount),
      h('span.dim', {}, isEligible(stake, tip) ? share(valueOf(stake), active) : valueOf(stake) > 0n && ['eligible from block ', count(stake.eligibility)])));
}

/** Sums, for the node's page too. */
export async function stakeSummary(chain, signal) {
  const { all, eligible, active } = await readStakes(chain, signal);
  return h('p', {}, `${many(eligible.length, 'provisioner')} with `, amount(active), ' may make blocks and vote. ',
    h('a', { href: '#/stakes' }, all.length === 1 ? 'The stake' : `All ${many(all.length, 'stake')}`));
}

/** Calls `refresh` when stakes may have changed: with every block. A refresh that still runs is not started again. */
function followBlocks(chain, signal, refresh) {
  let isRunning = false;
  const run = async () => {
    if (isRunning || document.hidden) return;
    isRunning = true;
    await refresh().finally(() => (isRunning = false));
  };
  chain.watch((changes) => {
    if (changes.has('snapshot') || changes.has('blocks')) run();
  }, signal);
  return run();
}

export async function stakesPage({ chain, signal, show }) {
  const list = h('ol.rows');
  const figures = h('div', {}, h('p.dim', {}, 'reading …'));
  const more = h('button', { type: 'button', hidden: true }, 'More');
  let limit = kPage;
  let read;
  const draw = () => {
    const { all, tip, eligible, total, active } = read;
    figures.replaceChildren(facts(['Provisioners', count(eligible.length)], ['Their stake', amount(active)], ['Stakes', count(all.length)], ['Together', amount(total)],
      ['Tip', tip === undefined ? '–' : blockLink(tip)]));
    fill(list, all.slice(0, limit), ({ key }) => key, (one) => stakeRow(one, read), (one) => `${one.amount} ${one.reward} ${faults(one)} ${isEligible(one, tip)} ${active}`);
    more.hidden = all.length <= limit;
  };
  more.addEventListener('click', () => {
    limit += kPage;
    draw();
  });
  show('Stakes', h('h1', {}, 'Stakes'), h('p', {}, 'A provisioner is an account with a stake that is old enough. It makes blocks, and votes on those of others, in proportion to its stake.'),
    figures, list, h('p.more', {}, more));
  await followBlocks(chain, signal, async () => {
    try {
      read = await readStakes(chain, signal);
      draw();
    } catch (error) {
      if (!signal.aborted) figures.replaceChildren(note(`The stakes cannot be read: ${error.message}`, 'bad'));
    }
  });
}

function ownerOf({ key, owner }) {
  if (owner.Contract) return contractLink(owner.Contract, true);
  return owner.Account === key ? 'the account itself' : owner.Account && accountLink(owner.Account, true);
}

/** The page of one stake, named by the account that makes blocks with it. */
export async function stakePage({ argument, chain, signal, show }) {
  if (!isAccount(argument)) return show('Stake', h('h1', {}, 'Stake'), note('This is not an account: a public key is 96 bytes in base58, about 130 letters and digits.', 'bad'), h('p.hash', {}, argument));
  const place = h('div', {}, h('p.dim', {}, 'reading …'));
  const state = h('span');
  const blocks = h('ol.rows');
  const none = h('p.dim');
  show(`Stake ${argument.slice(0, 8)}`, h('h1', {}, 'Stake ', state), place, section('Its newest blocks', none, blocks));
  await followBlocks(chain, signal, async () => {
    const made = chain.latestBlocks(Infinity).filter(({ generator }) => generator === argument);
    fill(blocks, made.slice(0, kBlocksShown), ({ hash }) => hash, blockRow, blockStamp);
    none.hidden = made.length > 0;
    none.textContent = `None of the last ${count(chain.blocks.size)} blocks.`;
    try {
      const { all, tip, active, total } = await readStakes(chain, signal);
      const stake = all.find(({ key }) => key === argument);
      if (!stake) {
        state.replaceChildren(label('none', 'mid'));
        return place.replaceChildren(note('This account has no stake.'), facts(['Account', accountLink(argument, true)]));
      }
      state.replaceChildren(labels(stake, tip) || label('provisioner', 'ok'));
      place.replaceChildren(facts(
        ['Account', copyable(argument, accountLink(argument, true))],
        ['Owner', ownerOf(stake)],
        ['Stake', amount(stake.amount, 'strong.amount')],
        ['Share', isEligible(stake, tip) ? share(valueOf(stake), active) : valueOf(stake) > 0n && `${share(valueOf(stake), total)} of all stakes`],
        ['Locked', amount(stake.locked_amt)],
        ['Eligible from', valueOf(stake) > 0n && ['block ', count(stake.eligibility)]],
        ['Reward', amount(stake.reward)],
        ['Faults', `${count(stake.faults)}, hard ${count(stake.hard_faults)}`],
      ));
    } catch (error) {
      if (!signal.aborted) place.replaceChildren(note(`The stake cannot be read: ${error.message}`, 'bad'));
    }
  });
}
