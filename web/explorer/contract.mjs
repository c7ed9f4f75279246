// The page of a contract with its events, and the page of live events of all contracts.
import { connect } from './rues.mjs';
import { contractHistory, get, post } from './api.mjs';
import { accountLink, amount, blockLink, contractLink, copyable, facts, h, note, section } from './dom.mjs';
import { causeOf, eventItem, eventList } from './events.mjs';
import { bareHash, contractName, isAccount, isHash, kStake, kTransfer } from './format.mjs';

const kPage = 25;
const kLive = 50; // events that stay on the page

export async function contractPage({ argument, signal, show }) {
  if (!isHash(argument)) return show('Contract', h('h1', {}, 'Contract'), note(`“${argument}” is not a contract: the id of a contract has 64 hexadecimal digits.`, 'bad'));
  const id = bareHash(argument);
  const [{ owner, driver_available: hasDriver }, balance] = await Promise.all([
    post(`/on/contract:${id}/metadata`, '', undefined, signal),
    post(`/on/contract:${id}/status`, '', undefined, signal).catch(() => undefined),
  ]);
  const list = h('div');
  const more = h('button', { type: 'button', hidden: true }, 'Older');
  let before;
  const read = async () => {
    more.disabled = true;
    const { events, next } = await contractHistory(id, kPage, before, signal);
    const isEmpty = events.length === 0 && before !== undefined;
    if (!isEmpty) list.append(await eventList(events, signal, (event) => [' in block ', blockLink(event.block_height), causeOf(event.origin, event.block_hash)]));
    before = next;
    more.hidden = next === null;
    more.disabled = false;
  };
  const failed = (error) => signal.aborted || list.append(note(`The events cannot be read: ${error.message}`, 'bad'));
  more.addEventListener('click', () => read().catch(failed));
  show(`${contractName(id) ?? 'Contract'}`, h('h1', {}, contractName(id) ?? 'Contract'),
    facts(['Id', copyable(id)], ['Balance', balance && amount(balance.balance)], ['Owner', owner && (isAccount(owner) ? accountLink(owner, true) : h('span.hash', {}, owner))],
      ['Data driver', contractName(id) ? 'built in' : hasDriver ? 'uploaded' : 'none']),
    section('Events in final blocks, newest first', list, h('p.more', {}, more)));
  await read().catch(failed);
}

const kKnown = {
  [kTransfer]: ['moonlight', 'phoenix', 'convert', 'withdraw', 'mint', 'mint_c', 'deposit', 'contract_to_contract', 'contract_to_account'],
  [kStake]: ['stake', 'unstake', 'withdraw', 'reward', 'slash', 'hard_slash'],
};

const hexOf = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** The page of live events, which begins when the page is opened. */
export async function eventsPage({ signal, show }) {
  const list = h('ol.events');
  const nothing = h('p.dim', {}, 'connecting …');
  show('Events', h('h1', {}, 'Events as they happen'),
    h('p', {}, 'Events of ', contractLink(kTransfer), ' and ', contractLink(kStake), '. Earlier events are on the pages of their blocks and contracts.'), nothing, list);
  const { position } = await get('/status', signal);
  const client = await connect(location.origin, { signal, after: position });
  nothing.textContent = 'Waiting for the first one.';
  let order = Promise.resolve(); // decoding takes time, so items are added one after another to keep the order
  const take = (event) => {
    const [, source, topic] = /^\/on\/contracts:([^/]+)\/(.+)$/.exec(event.location);
    const data = hexOf(event.payload);
    const origin = event.headers['Rusk-Origin'] ?? '';
    const made = eventItem({ source, topic, data, origin }, signal, ' in block ', blockLink(event.height),
      causeOf(origin, event.headers['Rues-Block-Hash']));
    order = order.then(async () => {
      list.prepend(await made);
      nothing.hidden = true;
      while (list.children.length > kLive) list.lastElementChild.remove();
    }).catch((error) => signal.aborted || console.error(error));
  };
  for (const topic of new Set(Object.values(kKnown).flat())) {
    client.subscribe(`/on/contracts/${topic}`, take).ready.catch(() => {
      if (signal.aborted) return;
      // The server refuses subscriptions to all contracts. Subscribe to the known ones, from the same position on.
      for (const contract of Object.keys(kKnown)) if (kKnown[contract].includes(topic)) client.subscribe(`/on/contracts:${contract}/${topic}`, take);
    });
  }
  client.addEventListener('gap', () => list.prepend(h('li', {}, note('Events may be missing here: the server no longer has them.', 'bad'))));
}
