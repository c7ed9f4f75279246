// Events of contracts, decoded by the server's data drivers. Without a driver the bytes are shown.
import { decodeEvent } from './api.mjs';
import { bytesOf, contractLink, decoded, h, hidden, label, transactionLink } from './dom.mjs';
import { isHash, tame, textOfHex } from './format.mjs';

const kMost = 200; // events that are shown; a block can have thousands
const kMostTopic = 120; // characters
const kShortData = 128; // digits
const kTogether = 6; // requests to the data drivers at once

/** Calls `work` for each of `items`, a few at the same time. Returns the results in the items' order. */
export async function eachInTurn(items, work) {
  const results = [];
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const at = next++;
      results[at] = await work(items[at]);
    }
  };
  await Promise.all(Array.from({ length: Math.min(kTogether, items.length) }, worker));
  return results;
}

/** Replaces the bytes of a memo by its text if it is text, because people look for the text. */
function readable(value) {
  if (value === null || typeof value !== 'object' || !('memo' in value)) return value;
  const text = value.memo && textOfHex(value.memo);
  return text === undefined || text === '' ? value : { ...value, memo: text };
}

/** The data of an event that no data driver can decode: short data at once, all of it below. */
const rawValue = (data) => [h('p.dim', {}, 'No data driver can decode it.'), data && data.length <= kShortData && h('p.hash', {}, data)];

export async function eventItem(event, signal, ...more) {
  const value = await decodeEvent(event, signal);
  return h('li.event', {},
    h('p.head', {}, h('strong.topic', {}, tame(event.topic, kMostTopic) || 'no topic'), ' of ', contractLink(event.source), event.reverted && label('reverted', 'bad'), more),
    value === undefined ? rawValue(event.data) : h('div.value', {}, decoded(readable(value))),
    hidden('Bytes', bytesOf(event.data), isHash(event.origin ?? '') && h('p', {}, 'Origin ', h('span.hash', {}, event.origin))));
}

/** The cause of an event: a transaction, or the block with the hash `block` itself, as for rewards. */
export function causeOf(origin, block) {
  if (!isHash(origin ?? '')) return [];
  return origin === block ? [' by the block itself'] : [' by ', transactionLink(origin)];
}

/** A list of events. `of` makes more elements for the heading of an event. */
export async function eventList(events, signal, of) {
  if (events.length === 0) return h('p.dim', {}, 'None.');
  const items = await eachInTurn(events.slice(0, kMost), (event) => eventItem(event, signal, of(event)));
  return h('div', {}, h('ol.events', {}, items), events.length > kMost && h('p.dim', {}, `and ${events.length - kMost} more, which are not shown here`));
}
