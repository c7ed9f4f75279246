// The events of a contract, newest first, with a filter by topic. Events of final blocks come from the archive, page by
// page; those of later blocks are read block by block, as blocks come.
import { blockEvents, contractHistory, query } from './api.mjs';
import { blockLink, h, note, section } from './dom.mjs';
import { causeOf, eachInTurn, eventItem } from './events.mjs';
import { count, tame } from './format.mjs';

const kPage = 25;
const kMostLive = 100; // events of one block, and events that come later before the list is read again
const kMostEmpty = 4; // pages without an event that are read before the user is asked

export function showContractEvents(id, schema, chain, signal) {
  const live = h('ol.events');
  const past = h('ol.events');
  const nothing = h('p.dim', {}, 'reading …');
  const older = h('button', { type: 'button', hidden: true }, 'Older');
  const field = h('input', { id: 'topic', name: 'topic', list: 'topics', autocomplete: 'off', spellcheck: 'false', autocapitalize: 'off', maxlength: 1_000 });
  const choices = h('datalist', { id: 'topics' }, (schema?.events ?? []).map(({ topic }) => h('option', { value: topic })));
  const filter = h('form.filter', {}, h('label', { for: 'topic' }, 'Topic'), field, choices, h('button', {}, 'Filter'),
    h('button', { type: 'reset' }, 'All'));

  let topic = ''; // the filter; empty: every event
  let run = 0; // a step of an earlier filter shows nothing
  let final; // height at which the archive was read first
  let next; // cursor of the archive's next page; undefined before the first; null after the last
  let atFirst = 0; // events above the archive's after the list was read
  let seen = new Set(); // hashes of later blocks whose events are shown
  const wanted = (event) => event.source === id && (topic === '' || event.topic === topic);
  const item = (event, height, hash) => eventItem(event, signal, ' in block ', blockLink(height), causeOf(event.origin, hash));

  const tell = () => {
    const isEmpty = live.children.length + past.children.length === 0;
    nothing.hidden = !isEmpty;
    older.hidden = next === null || next === undefined;
    if (!isEmpty || next === undefined) return;
    const what = topic === '' ? 'No event' : `No event with the topic “${tame(topic, 60)}”`;
    nothing.textContent = next === null ? `${what} yet.` : `${what} among the newest ones. Older ones have not been looked at.`;
  };

  const readOlder = async (mine) => {
    for (let pages = 0; pages < kMostEmpty; ++pages) {
      const page = await contractHistory(id, topic, kPage, next, signal);
      // The events of blocks that became final meanwhile are in the list above.
      const events = page.events.filter((event) => event.block_height <= final);
      const items = await eachInTurn(events, (event) => item(event, event.block_height, event.block_hash));
      if (mine !== run) return;
      past.append(...items);
      next = page.next;
      if (items.length > 0 || next === null) break;
    }
    tell();
  };

  /** Shows the events of blocks that are not final, or were not when the archive was read. */
  const readLive = async (mine) => {
    const blocks = chain.latestBlocks(Infinity).filter(({ height, hash }) => height > final && !seen.has(hash)).reverse();
    for (const { hash, height } of blocks) {
      const events = (await blockEvents(hash, signal)).filter(wanted);
      const items = await eachInTurn(events.slice(-kMostLive), (event) => item(event, height, hash));
      if (mine !== run) return;
      seen.add(hash);
      const left = events.length - items.length;
      if (left > 0) items.unshift(h('li.event.dim', {}, `and ${count(left)} more events in block `, blockLink(height)));
      live.prepend(...items.reverse());
    }
    tell();
  };

  const readNew = async () => {
    await readLive(run);
    if (live.children.length > atFirst + kMostLive) await load();
  };

  const load = async () => {
    const mine = ++run;
    const { lastBlockPair } = await query('{ lastBlockPair { json } }', {}, { signal });
    if (mine !== run) return;
    [final] = lastBlockPair.json.last_finalized_block;
    next = undefined;
    seen = new Set();
    live.replaceChildren();
    past.replaceChildren();
    nothing.hidden = false;
    nothing.textContent = 'reading …';
    await readLive(mine);
    atFirst = live.children.length;
    if (mine === run) await readOlder(mine);
  };

  const failed = (error) => {
    if (signal.aborted) return;
    nothing.hidden = false;
    nothing.replaceChildren(note(`The events cannot be read: ${error.message}`, 'bad'));
  };
  let work = Promise.resolve();
  const step = (what) => (work = work.then(() => signal.aborted || what()).catch(failed));

  older.addEventListener('click', () => step(async () => {
    older.disabled = true;
    await readOlder(run).finally(() => (older.disabled = false));
  }));
  const choose = (text) => {
    topic = text;
    step(load);
  };
  filter.addEventListener('submit', (event) => {
    event.preventDefault();
    choose(field.value);
  });
  filter.addEventListener('reset', () => choose(''));
  chain.watch((changes) => {
    if (changes.has('snapshot')) step(load);
    else if (changes.has('blocks')) step(readNew);
  }, signal);

  return { element: section('Events, newest first', filter, nothing, live, past, h('p.more', {}, older)), done: step(load) };
}
