// Queries of contracts' functions. A query runs on a copy of the newest state, so it changes nothing.
import { Refusal, start } from './api.mjs';
import { parseExact } from './rues.mjs';
import { Items } from './schema.mjs';

const kMostItems = 100;
const kMostText = 200_000; // characters of an answer that are read
const kFeeder = /Missing\s+feed/i; // the node's text for a feeder that is called like a function

/**
 * Calls a function with `{ json }` or `{ hex }`. Resolves with one of
 *   { value }: JSON;
 *   { items, isCut }: the JSON items of a feeder, at most `kMostItems`;
 *   { hex, isFeeder, isCut }: bytes; those of a feeder's items stand one after the other.
 * Throws a Refusal with the server's text.
 */
export async function callFunction(id, name, argument, signal) {
  try {
    return await callOnce(id, name, argument, false, signal);
  } catch (error) {
    if (!(error instanceof Refusal) || !kFeeder.test(error.message)) throw error;
    return callOnce(id, name, argument, true, signal);
  }
}

async function callOnce(id, name, { json, hex }, isFeeder, signal) {
  const headers = { ...(json === undefined ? {} : { 'Content-Type': 'application/json' }), ...(isFeeder ? { 'Rusk-Feeder': 'true' } : {}) };
  const { pieces, stop } = await start(`/on/contracts:${id}/${encodeURIComponent(name)}`, { method: 'POST', headers, body: json ?? `0x${hex}` }, signal);
  const items = new Items(kMostItems, kMostText);
  let text = '';
  for await (const piece of pieces) {
    const wantsMore = json !== undefined && isFeeder ? items.take(piece) : (text += piece).length <= kMostText;
    if (wantsMore) continue;
    stop();
    break;
  }
  if (json !== undefined && isFeeder) return { items: items.texts.map(valueOf), isCut: items.isCut };
  const isCut = text.length > kMostText;
  if (json === undefined) return { hex: text.slice(0, kMostText), isFeeder, isCut };
  if (isCut) throw new Refusal('The answer is too long to be shown here.');
  return { value: valueOf(text) };
}

function valueOf(text) {
  try {
    return parseExact(text);
  } catch {
    throw new Refusal("The server's answer is not JSON.");
  }
}

export { kMostItems };
