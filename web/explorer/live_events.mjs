// The page of live events of all contracts.
import { connect } from './rues.mjs';
import { blockEvents, get } from './api.mjs';
import { blockLink, h, note } from './dom.mjs';
import { causeOf, eventItem } from './events.mjs';

const kLive = 50; // events that stay on the page

/**
 * The page of live events, which begins when the page is opened. It reads the events of each new block, because a subscription names topics and a
 * deployed contract may have any.
 */
export async function eventsPage({ signal, show }) {
  const list = h('ol.events');
  const nothing = h('p.dim', {}, 'connecting …');
  show('Events', h('h1', {}, 'Events as they happen'),
    h('p', {}, 'Events of all contracts. Earlier events are on the pages of their blocks and contracts.'), nothing, list);
  const { position } = await get('/status', signal);
  const client = await connect(location.origin, { signal, after: position });
  nothing.textContent = 'Waiting for the first one.';
  let order = Promise.resolve(); // reading takes time, so blocks are shown one after another
  client.subscribe('/on/blocks/accepted', ({ location: of, height }) => {
    const [, hash] = /^\/on\/blocks:([^/]+)\/accepted$/.exec(of);
    order = order.then(async () => {
      const events = (await blockEvents(hash, signal)).slice(-kLive);
      const items = await Promise.all(events.map((event) => eventItem(event, signal, ' in block ', blockLink(height), causeOf(event.origin, hash))));
      list.prepend(...items.reverse());
      nothing.hidden ||= items.length > 0;
      while (list.children.length > kLive) list.lastElementChild.remove();
    }).catch((error) => signal.aborted || console.error(error));
  });
  client.addEventListener('gap', () => list.prepend(h('li', {}, note('Events may be missing here: the server no longer has them.', 'bad'))));
}
