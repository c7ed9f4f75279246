// The chain as this page knows it: the last blocks, the last transactions and the mempool, kept up to date by the
// server's events.
//
// `start` asks for the log's position, reads a snapshot over GraphQL, and then takes the events after that position.
// Blocks and transactions have their hash as key, so an event that the snapshot already contains changes the same
// entry: nothing is missing and nothing appears twice. After a loss the client resumes where it was. Only after a `gap`
// (events may be missing, or the chain is a new one) the snapshot is read again.
import { connect, parseExact } from './rues.mjs';
import { forgetTimes, get, kBlockRow, kSpentRow, mempool, query } from './api.mjs';
import { integer } from './format.mjs';

const kKept = 100; // blocks, and as many transactions
const kRows = 30; // blocks, and as many transactions, in the snapshot
const kFates = 500;
const kOpen = 8; // blocks whose transactions have arrived but whose `accepted` has not
const kTogether = 40; // ms; all changes within them are reported in one event
const kTopics = ['/on/blocks/accepted', '/on/blocks/statechange', '/on/blocks/reverted', '/on/transactions/included', '/on/transactions/executed',
  '/on/transactions/removed', '/on/transactions/deferred', '/on/transactions/dropped'];
const kPauses = [250, 500, 1_000, 2_000, 4_000]; // ms between attempts to read the snapshot

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const entityOf = (event) => /^\/on\/[a-z]+:([^/]+)\//.exec(event.location)?.[1];

/**
 * The status of a block when it is accepted (docs/reference/graphql.md 4.2): each earlier iteration without an
 * attestation costs two
 * confirmations.
 */
function firstStatus({ failed_iterations: failed }) {
  const missing = (failed ?? []).filter((attestation) => attestation === null).length;
  return missing === 0 ? { Attested: 1 } : { Accepted: 2 * missing };
}

/** The states of a `statechange` event in the words of GraphQL's Block.status. */
const kStates = { confirmed: 'Confirmed', finalized: 'Final' };

export class Chain extends EventTarget {
  blocks = new Map(); // by hash: { hash, height, timestamp, generator, transactions, gasSpent, fees, status }
  transactions = new Map(); // by id: { id, err, gasSpent, blockHash, blockHeight, blockTimestamp, json, gasPrice }
  mempool = new Map(); // by id: { id, json, … }
  fates = new Map(); // by id: why a transaction was `deferred` or `dropped` while this page was open; the newest kFates
  connection = 'wait'; // 'wait', 'ok' or 'lost'
  problem = ''; // why the snapshot could not be read
  // By hash of a block that is not accepted yet: { number, gas, fees }, summed up because not all of its transactions
  // are kept.
  #open = new Map();
  #held; // events that came while the snapshot was read again, which may not contain them
  #changes = new Set();
  #timer;

  get tip() {
    return this.latestBlocks(1)[0];
  }
  latestBlocks(most) {
    return [...this.blocks.values()].sort((a, b) => b.height - a.height).slice(0, most);
  }
  latestTransactions(most) {
    return [...this.transactions.values()].sort((a, b) => b.blockHeight - a.blockHeight || b.order - a.order).slice(0, most);
  }

  /**
   * Calls `changed` with the set of changes: 'blocks', 'transactions', 'mempool', 'connection', 'snapshot', ids and
   * hashes.
   */
  watch(changed, signal) {
    this.addEventListener('change', ({ detail }) => changed(detail), { signal });
  }

  async start() {
    for (let attempt = 0; ; ++attempt) {
      try {
        const after = await this.#load();
        this.client = await connect(location.origin, { after });
        break;
      } catch (error) {
        this.#become('lost', error.message);
        await pause(kPauses[Math.min(attempt, kPauses.length - 1)]);
      }
    }
    this.client.addEventListener('lost', ({ detail }) => this.#become('lost', detail.why));
    this.client.addEventListener('resumed', () => this.#become('ok'));
    this.client.addEventListener('gap', () => this.#reload());
    this.client.addEventListener('error', ({ detail }) => console.error(detail.error));
    const subscriptions = kTopics.map((path) => this.client.subscribe(path, (event) => this.#take(event, path.split('/').pop())));
    await Promise.all(subscriptions.map(({ ready }) => ready.catch(() => undefined)));
    if (this.connection === 'wait') this.#become('ok');
  }

  /** Reads the snapshot. Returns the position after which events must be added to it. */
  async #load() {
    const { position } = await get('/status');
    const text = `{ blocks(last: ${kRows}) { ${kBlockRow} } transactions(last: ${kRows}) { ${kSpentRow} } }`;
    const [lists, waiting] = await Promise.all([query(text), mempool()]);
    this.blocks.clear();
    this.transactions.clear();
    this.mempool.clear();
    forgetTimes();
    for (const block of lists.blocks) {
      this.#addBlock({
        hash: block.header.hash,
        height: block.header.height,
        timestamp: block.header.timestamp,
        generator: block.header.generatorBlsPubkey,
        transactions: block.transactions.map(({ id }) => id),
        gasSpent: block.gasSpent,
        fees: block.fees,
        status: block.status,
      });
    }
    lists.transactions.forEach((spent, index) => {
      const { tx, ...rest } = spent;
      const inside = lists.blocks.find((block) => block.header.hash === spent.blockHash);
      const order = inside ? inside.transactions.findIndex(({ id }) => id === spent.id) : lists.transactions.length - index;
      this.#addTransaction({ ...rest, order, json: parseExact(tx.json), gasPrice: tx.gasPrice });
    });
    for (const one of waiting) this.mempool.set(one.id, one);
    this.problem = '';
    this.#changed('blocks', 'transactions', 'mempool', 'snapshot');
    return position;
  }

  async #reload() {
    if (this.#held) return;
    this.#held = [];
    for (let attempt = 0; ; ++attempt) {
      try {
        await this.#load();
        break;
      } catch (error) {
        this.#become('lost', error.message);
        await pause(kPauses[Math.min(attempt, kPauses.length - 1)]);
      }
    }
    const held = this.#held;
    this.#held = undefined;
    for (const [event, topic] of held) this.#take(event, topic);
    if (this.client.sessionId) this.#become('ok');
  }

  #become(connection, problem = '') {
    Object.assign(this, { connection, problem });
    this.#changed('connection');
  }

  #changed(...what) {
    for (const one of what) this.#changes.add(one);
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const detail = this.#changes;
      this.#changes = new Set();
      this.dispatchEvent(Object.assign(new Event('change'), { detail }));
    }, kTogether);
  }

  #take(event, topic) {
    if (this.#held) return this.#held.push([event, topic]);
    const entity = entityOf(event);
    const body = event.payload.length > 0 ? parseExact(event.text()) : null;
    if (topic === 'included') {
      if (!this.transactions.has(entity)) this.mempool.set(entity, fromMempool(entity, body));
      this.#changed('mempool', entity);
    } else if (topic === 'removed') {
      this.mempool.delete(entity);
      this.#changed('mempool', entity);
    } else if (topic === 'deferred' || topic === 'dropped') {
      this.fates.delete(entity);
      this.fates.set(entity, { topic, reason: body?.reason });
      if (this.fates.size > kFates) this.fates.delete(this.fates.keys().next().value);
      this.#changed(entity);
    } else if (topic === 'executed') {
      this.#executed(event, entity, body);
    } else if (topic === 'accepted') {
      this.#accepted(body);
    } else if (topic === 'statechange') {
      const block = this.blocks.get(entity);
      const label = kStates[body.state];
      if (block && label) this.blocks.set(entity, { ...block, status: { [label]: body.atHeight - block.height } });
      this.#changed('blocks', entity);
    } else if (topic === 'reverted') {
      this.#reload(); // its transactions go back into the mempool
    }
  }

  #executed(event, id, { inner, block_height, err, gas_spent }) {
    const blockHash = event.headers['Rues-Block-Hash'] ?? '';
    const before = this.transactions.get(id);
    const gasPrice = integer(inner.fee?.gas_price) ?? 0n;
    const open = this.#open.get(blockHash) ?? { number: 0, gas: 0n, fees: 0n };
    if (before?.blockHash !== blockHash) {
      const gas = integer(gas_spent) ?? 0n;
      this.#open.set(blockHash, { number: open.number + 1, gas: open.gas + gas, fees: open.fees + gas * gasPrice });
      if (this.#open.size > kOpen) this.#open.delete(this.#open.keys().next().value);
    }
    this.#addTransaction({
      id,
      err,
      gasSpent: gas_spent,
      blockHash,
      blockHeight: block_height,
      blockTimestamp: before?.blockTimestamp ?? this.blocks.get(blockHash)?.timestamp,
      order: before?.order ?? open.number,
      json: inner,
      gasPrice,
    });
    this.#changed('transactions', id);
  }

  #accepted({ header, transactions }) {
    const known = this.blocks.get(header.hash);
    const open = this.#open.get(header.hash) ?? { number: 0, gas: 0n, fees: 0n };
    this.#open.delete(header.hash);
    const isWhole = open.number === transactions.length;
    this.#addBlock({
      hash: header.hash,
      height: header.height,
      timestamp: header.timestamp,
      generator: header.generator_bls_pubkey,
      transactions,
      gasSpent: known?.gasSpent ?? (isWhole ? open.gas : undefined),
      fees: known?.fees ?? (isWhole ? open.fees : undefined),
      status: known?.status ?? firstStatus(header),
    });
    for (const id of transactions) {
      const one = this.transactions.get(id);
      if (one) one.blockTimestamp = header.timestamp;
    }
    this.#changed('blocks', 'transactions', header.hash);
  }

  #addBlock(block) {
    this.blocks.set(block.hash, block);
    if (this.blocks.size > 2 * kKept) this.blocks = new Map(this.latestBlocks(kKept).map((one) => [one.hash, one]));
  }

  #addTransaction(spent) {
    this.transactions.set(spent.id, spent);
    this.mempool.delete(spent.id);
    if (this.transactions.size > 2 * kKept) this.transactions = new Map(this.latestTransactions(kKept).map((one) => [one.id, one]));
  }
}

/** The transaction in an `included` event, in the form of GraphQL's mempool transactions. */
const fromMempool = (id, json) => ({ id, json, gasLimit: json.fee?.gas_limit, gasPrice: json.fee?.gas_price, isDeploy: json.is_deploy, memo: json.memo });
