// Requests to the server: GraphQL for the data of the ledger, the node's endpoints for the rest. This module returns
// plain data, and caches only what never changes: decoded events, and times of blocks.
import { bytesOfHex, contractName, kStake } from './format.mjs';
import { parseExact } from './rues.mjs';

/** The server's refusal of a request. `status` is that of the answer; 0 when there was no answer. */
export class Refusal extends Error {
  constructor(message, status = 0) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
  }
}

const kPatience = 20_000; // ms

async function send(path, options, signal) {
  const late = AbortSignal.timeout(kPatience);
  try {
    const answer = await fetch(path, { ...options, signal: signal ? anyOf(signal, late) : late });
    return { answer, text: await answer.text() };
  } catch (error) {
    throw failureOf(error, late, signal);
  }
}

function failureOf(error, late, signal) {
  if (signal?.aborted) return signal.reason;
  if (error instanceof Refusal) return error;
  return new Refusal(late.aborted ? 'The server did not answer in time.' : 'The server cannot be reached.');
}

/**
 * A request whose answer may be long: `pieces` gives its text as it arrives, and `stop` ends the request. Throws the
 * server's refusal.
 */
export async function start(path, options, signal) {
  const late = AbortSignal.timeout(kPatience);
  const enough = new AbortController();
  const signals = signal ? [signal, late, enough.signal] : [late, enough.signal];
  let answer;
  try {
    answer = await fetch(path, { ...options, signal: anyOf(...signals) });
    if (!answer.ok) throw refusalOf(await answer.text(), answer.status);
  } catch (error) {
    throw failureOf(error, late, signal);
  }
  const pieces = async function* () {
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        yield value;
      }
    } catch {
      if (signal?.aborted) throw signal.reason;
      throw new Refusal(late.aborted ? 'The answer takes too long.' : 'The answer broke off before its end.');
    }
  };
  return { pieces: pieces(), stop: () => enough.abort() };
}

function anyOf(...signals) {
  if (AbortSignal.any) return AbortSignal.any(signals);
  const both = new AbortController();
  for (const signal of signals) signal.addEventListener('abort', () => both.abort(signal.reason), { once: true });
  return both.signal;
}

function json(text, status) {
  try {
    return parseExact(text);
  } catch {
    throw new Refusal(`The server's answer cannot be read (status ${status}).`, status);
  }
}

async function ask(path, options, signal) {
  const { answer, text } = await send(path, options, signal);
  if (answer.ok) return json(text, answer.status);
  throw refusalOf(text, answer.status);
}

function refusalOf(text, status) {
  let why = text;
  try {
    why = JSON.parse(text).error ?? text;
  } catch {
    // The error is plain text.
  }
  return new Refusal(String(why), status);
}

export const get = (path, signal) => ask(path, { cache: 'no-store' }, signal);
export const post = (path, body = '', type = undefined, signal = undefined) =>
  ask(path, { method: 'POST', body, headers: type ? { 'Content-Type': type } : {} }, signal);

/** The data of a GraphQL query. Throws the first error. */
export async function query(text, variables = {}, { signal } = {}) {
  const body = JSON.stringify({ query: text, variables });
  const { answer, text: said } = await send('/graphql', { method: 'POST', body, headers: { 'Content-Type': 'application/json' } }, signal);
  const { data, errors, error } = json(said, answer.status);
  if (errors?.length > 0) throw new Refusal(errors[0].message, answer.status);
  if (!data) throw new Refusal(String(error ?? `status ${answer.status}`), answer.status);
  return data;
}

export const kHeader = 'header { version height prevBlockHash timestamp hash stateHash generatorBlsPubkey txRoot gasLimit seed iteration }';
const kInner = 'tx { id json gasLimit gasPrice txType callData { contractId fnName data } blobHashes isDeploy contractId memo }';
const kSpent = `id err gasSpent blockHash blockHeight blockTimestamp ${kInner}`;
const kWaiting = kInner.replace(/^tx \{ (.*) \}$/, '$1');
/** The fields for the rows of lists. */
export const kBlockRow = 'header { height hash timestamp generatorBlsPubkey } status gasSpent fees transactions { id }';
export const kSpentRow = 'id err gasSpent blockHash blockHeight blockTimestamp tx { id json gasPrice isDeploy }';

/** A transaction with its JSON parsed. */
const transactionOf = (inner) => ({ ...inner, json: parseExact(inner.json) });

/**
 * Looks up a transaction in the blocks and in the mempool, in one state of the chain: { spent, waiting }, at most one
 * not null.
 */
export async function findTransaction(id, signal) {
  const found = await query(`query ($id: String!) { tx(hash: $id) { ${kSpent} } mempoolTx(hash: $id) { ${kWaiting} } }`, { id }, { signal });
  return {
    spent: found.tx && { ...found.tx, tx: transactionOf(found.tx.tx) },
    waiting: found.tx ? null : found.mempoolTx && transactionOf(found.mempoolTx),
  };
}

export async function mempool(signal) {
  const { mempoolTxs } = await query(`{ mempoolTxs { ${kWaiting} } }`, {}, { signal });
  return mempoolTxs.map(transactionOf);
}

/** The events of a block in order, each as `{ source, topic, origin, data }`. */
export async function blockEvents(hash, signal) {
  const { contractEvents } = await query('query ($hash: String!) { contractEvents(hash: $hash) { json } }', { hash }, { signal });
  return contractEvents?.json ?? [];
}

/**
 * Transactions in final blocks with exactly this memo, oldest first. Each is a group of all events of the transaction.
 */
export async function withMemo(memo, signal) {
  const { transactionsByMemo } = await query('query ($memo: String!) { transactionsByMemo(memo: $memo) { json } }', { memo }, { signal });
  return transactionsByMemo?.json ?? [];
}

const kAliases = 100; // blocks in one query
const kTimesKept = 10_000;
const timesRead = new Map();

/** The times of blocks, as a Map by height. */
export async function blockTimes(heights, signal) {
  if (timesRead.size > kTimesKept) timesRead.clear();
  const unknown = [...new Set(heights)].filter((height) => !timesRead.has(height));
  for (let i = 0; i < unknown.length; i += kAliases) {
    const fields = unknown.slice(i, i + kAliases).map((height) => `b${height}: block(height: ${height}) { header { height timestamp } }`);
    const blocks = Object.values(await query(`{ ${fields.join(' ')} }`, {}, { signal }));
    for (const block of blocks) if (block) timesRead.set(block.header.height, block.header.timestamp);
  }
  return timesRead;
}

/** Empties the cache of times, which are wrong for a new chain. */
export const forgetTimes = () => timesRead.clear();

/**
 * A page of an account's transactions in final blocks, newest first: `{ transactions, next }`. Each transaction is a
 * group of all its events. Pass `next` as `before` to read the next page; it is null after the last page.
 */
export const history = (address, limit, before, signal) => archivePage(`accounts/${encodeURIComponent(address)}`, limit, before, signal);

/**
 * The same for the events of a contract: `{ events, next }`. With a topic a page may be short or empty, because the
 * server looks through a bounded number of events.
 */
export const contractHistory = (id, topic, limit, before, signal) => page(`/archive/contracts/${id}`, limit, before, signal, topic && { topic });

/** Deployed contracts, newest first: `{ contracts, next }`. */
export const contracts = (limit, before, signal) => page('/contracts', limit, before, signal);
/** Transactions that call a contract, newest first: `{ calls, next }`. */
export const contractCalls = (id, limit, before, signal) => page(`/contracts/${id}/calls`, limit, before, signal);
/** Code, owner and deployment of a contract. */
export const contract = (id, signal) => get(`/contracts/${id}`, signal);

const archivePage = (what, limit, before, signal) => page(`/archive/${what}`, limit, before, signal);
const page = (path, limit, before, signal, more = {}) =>
  get(`${path}?${new URLSearchParams({ limit, ...(before ? { before } : {}), ...more })}`, signal);

/** All stakes. */
export const provisioners = (signal) => post('/on/node/provisioners', '', undefined, signal);

export const account = (address, signal) => post(`/on/account:${encodeURIComponent(address)}/status`, '', undefined, signal);

/** The stake of an account; null when it has none. */
export const stake = (address, signal) => post(`/on/contracts:${kStake}/get_stake`, JSON.stringify(address), 'application/json', signal);

const kMostDecoded = 2_000;
const kMostName = 200; // characters of a topic or a function's name; a driver is not asked about longer ones
const decodedBefore = new Map();

/**
 * An event's data, decoded by its contract's data driver; undefined when there is no driver or it cannot decode the
 * data.
 */
export async function decodeEvent({ source, topic, data }, signal) {
  return decode(source, 'decode_event', topic, data, signal);
}

/** The decoded arguments of a call of a contract's function; undefined as for events. */
export async function decodeCall({ contractId, fnName, data }, signal) {
  return decode(contractId, 'decode_input_fn', fnName, data, signal);
}

const kDriverAbsent = 5_000; // ms in which a contract that has no driver is not asked again
const driverOf = new Map(); // by contract: true, or the time until which it has none

/** Whether a contract has a data driver. One can be uploaded at any time. */
async function hasDriver(contract, signal) {
  if (contractName(contract)) return true;
  const known = driverOf.get(contract);
  if (known === true) return true;
  if (known > performance.now()) return false;
  const { driver_available: isThere } = await post(`/on/contract:${contract}/metadata`, '', undefined, signal);
  if (driverOf.size >= kMostDecoded) driverOf.clear();
  driverOf.set(contract, isThere || performance.now() + kDriverAbsent);
  return isThere;
}

async function decode(contract, method, name, hex, signal) {
  if (name.length > kMostName) return undefined;
  const key = `${contract}/${method}/${name}/${hex}`;
  if (decodedBefore.has(key)) return decodedBefore.get(key);
  try {
    if (!(await hasDriver(contract, signal))) return undefined;
    const path = `/on/driver:${contract}/${encodeURIComponent(`${method}:${name}`)}`;
    const value = await post(path, bytesOfHex(hex), 'application/octet-stream', signal);
    if (decodedBefore.size >= kMostDecoded) decodedBefore.clear();
    decodedBefore.set(key, value);
    return value;
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/** The schema that a contract's data driver gives, as JSON; undefined: the contract has no driver. */
export async function schemaOf(contract, signal) {
  if (!(await hasDriver(contract, signal))) return undefined;
  return post(`/on/driver:${contract}/get_schema`, '', undefined, signal);
}
