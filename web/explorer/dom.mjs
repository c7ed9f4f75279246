// Elements of the page. Data from the network always becomes text: no function takes markup.
import { ago, contractName, count, dusk, finality, isAccount, moment, short, tame, textOfHex } from './format.mjs';

/**
 * Makes an element: `h('a.link', { href }, 'text', node, [more])`. Children that are null, undefined or false are left
 * out.
 */
export function h(kind, attributes = {}, ...children) {
  const [tag, ...classes] = kind.split('.');
  const element = document.createElement(tag || 'div');
  if (classes.length > 0) element.className = classes.join(' ');
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== undefined && value !== null && value !== false) element.setAttribute(name, String(value));
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/**
 * Makes `list` contain one element for each item, in the items' order. An item whose `key` is already in the list keeps
 * its element, so that focus and selection stay. `make` makes the element of a new item, and of an item whose `stamp`
 * changed.
 */
export function fill(list, items, key, make, stamp = () => '') {
  const old = new Map([...list.children].map((child) => [child.dataset.key, child]));
  const isFirst = old.size === 0;
  let at = list.firstElementChild;
  for (const item of items) {
    const [name, mark] = [String(key(item)), String(stamp(item))];
    let element = old.get(name);
    if (!element || element.dataset.stamp !== mark) {
      const made = make(item);
      Object.assign(made.dataset, { key: name, stamp: mark });
      if (element) element.replaceWith(made);
      else if (!isFirst) made.classList.add('new');
      if (at === element && element) at = made;
      element = made;
    }
    if (element === at) at = at.nextElementSibling;
    else list.insertBefore(element, at);
    old.delete(name);
  }
  for (const gone of old.values()) gone.remove();
}

/** Updates every relative time on the page. Call it once a second. */
export function tick() {
  const now = Date.now() / 1000;
  for (const element of document.querySelectorAll('time[data-at]')) {
    const text = ago(Number(element.dataset.at), now);
    if (element.textContent !== text) element.textContent = text;
  }
}

export function time(seconds) {
  if (!Number.isFinite(seconds) || Math.abs(seconds) > 8.64e12) return '–';
  const iso = new Date(seconds * 1000).toISOString();
  return h('time', { datetime: iso, title: moment(seconds), 'data-at': seconds }, ago(seconds, Date.now() / 1000));
}

export const amount = (lux, kind = 'span.amount') => h(kind, { title: `${count(lux)} LUX` }, dusk(lux));

const to = (page, id) => `#/${page}/${encodeURIComponent(id)}`;
export const blockLink = (height) => h('a', { href: to('block', height) }, count(height));
export const blockHashLink = (hash, whole) => h('a.hash', { href: to('block', hash), title: hash }, whole ? hash : short(hash));
export const transactionLink = (id, whole) => h('a.hash', { href: to('tx', id), title: id }, whole ? id : short(id));
export const accountLink = (account, whole) => h('a.hash', { href: to('account', account), title: account }, whole ? account : short(account, 6));
export const contractLink = (id, whole) =>
  h(contractName(id) ? 'a' : 'a.hash', { href: to('contract', id), title: id }, contractName(id) ?? (whole ? id : short(id)));

const kMemoShown = 80; // characters

/** A memo in a row: its text if it is text, else its bytes in hex. */
export function memoText(hex) {
  const text = textOfHex(hex);
  const shown = text === undefined ? short(hex, 16) : text.length > kMemoShown ? `${text.slice(0, kMemoShown)}…` : text;
  return h(text === undefined ? 'span.hash.memo' : 'span.memo', { title: text ?? hex }, text === undefined ? shown : `“${shown}”`);
}

/** A label. Its text has the whole meaning; the colour only repeats it. */
export const label = (text, tone, title) => h(`span.label.${tone}`, { title }, text);
export const finalityLabel = (status) => {
  const { text, tone } = finality(status);
  return label(text, tone, Object.entries(status ?? {}).map(([name, blocks]) => `${name} ${blocks}`).join());
};

/**
 * Text with a copy button. Without the button when the browser forbids copying, as it does without TLS outside of
 * localhost.
 */
export function copyable(text, shown = h('span.hash', {}, text)) {
  if (!navigator.clipboard) return shown;
  const button = h('button.copy', { type: 'button', title: 'Copy', 'aria-label': 'Copy', onclick: async () => {
    await navigator.clipboard.writeText(text).catch(() => undefined);
    button.textContent = 'copied';
    setTimeout(() => (button.textContent = 'copy'), 1500);
  } }, 'copy');
  return h('span.copyable', {}, shown, button);
}

/** Makes a list of terms: `facts(['Height', 3], …)`. Terms without a value are left out. */
export function facts(...rows) {
  const shown = rows.filter((row) => row && ![null, undefined, false, ''].includes(row[1]));
  return h('dl', {}, shown.map(([name, ...values]) => [h('dt', {}, name), h('dd', {}, values)]));
}

const kMostNote = 1_000; // characters

export const note = (text, tone = 'plain') => h(`p.note.${tone}`, { role: tone === 'bad' ? 'alert' : undefined }, tame(text, kMostNote));
export const section = (title, ...children) => h('section', {}, h('h2', {}, title), children);
export const hidden = (summary, ...children) => h('details', {}, h('summary', {}, summary), children);

const kMostHex = 2_048; // digits

/** Bytes in hex. Of many bytes only the first are shown. */
export function bytesOf(hex) {
  if (!hex) return h('p.dim', {}, 'none');
  return h('div', {}, h('p.hash', {}, hex.slice(0, kMostHex), hex.length > kMostHex && '…'),
    hex.length > kMostHex && h('p.dim', {}, `The first ${count(kMostHex / 2)} of ${count(hex.length / 2)} bytes.`));
}

const kMostCode = 20_000; // characters

/** Text with its line breaks, such as JSON. */
export const code = (text) => h('pre', { tabindex: 0 }, tame(text, kMostCode, { lines: true }));

const kAmounts = new Set(['value', 'locked', 'balance', 'reward', 'deposit']);
const kMostParts = 400; // values of one decoded value
const kMostDepth = 12;
const kMostText = 1_000; // characters of one text
const kMostName = 60;

/**
 * Decoded data of a contract as nested terms: accounts and contracts are links, amounts are DUSK. A driver may give any
 * JSON, so what is large or deep is cut.
 */
export function decoded(value, name = '') {
  return decodedPart(value, name, kMostDepth, { left: kMostParts });
}

function decodedPart(value, name, depth, budget) {
  if (value === null) return h('span.dim', {}, 'none');
  if (typeof value === 'object') {
    const isList = Array.isArray(value);
    const entries = isList ? value.map((one) => [name, one]) : Object.entries(value);
    if (entries.length === 0) return h('span.dim', {}, 'empty');
    if (depth === 0) return h('span.dim', {}, 'more, too deep to be shown here');
    const made = [];
    for (const [key, one] of entries) {
      if (--budget.left < 0) break;
      const part = decodedPart(one, key, depth - 1, budget);
      made.push(isList ? h('li', {}, part) : [tame(key.replaceAll('_', ' '), kMostName), part]);
    }
    const rest = entries.length - made.length;
    return [isList ? h('ol.nested', {}, made) : facts(...made), rest > 0 && h('p.dim', {}, `and ${count(rest)} more`)];
  }
  const text = String(value);
  if (isAccount(text)) return accountLink(text);
  if (/^0[12]0{62}$/.test(text)) return contractLink(text);
  if (kAmounts.has(name) && /^\d+$/.test(text)) return amount(text);
  if (/^\d+$/.test(text) && text.length < 21) return count(text);
  return text === '' ? h('span.dim', {}, 'empty') : h('span.hash', {}, tame(text, kMostText));
}
