// The page of a transaction, from the mempool to a final block.
import { contract, decodeCall, findTransaction, query, Refusal } from './api.mjs';
import { accountLink, amount, blockLink, bytesOf, code, contractLink, copyable, decoded, facts, finalityLabel, h, hidden, label, note, section, time } from './dom.mjs';
import { bareHash, count, integer, isHash, many, moment, product, tame, textOfHex, valueOfHex } from './format.mjs';
import { showEvents } from './block.mjs';
import { kindOf } from './rows.mjs';

function memoOf(hex) {
  if (hex === null || hex === undefined) return undefined;
  const text = textOfHex(hex);
  return text === undefined ? h('span.hash', {}, hex || 'empty') : h('span', {}, `“${text}” `, h('span.dim', {}, `(${hex.length / 2} bytes)`));
}

const hashes = (list) => (list ?? []).map((one) => h('p.hash', {}, String(one)));

/** An output of a shielded transaction: its stealth address, and its amount if the note is transparent. */
function outputOf(output) {
  const value = integer(output?.type) === 0n ? valueOfHex(output.value_enc) : undefined;
  return h('p', {}, value === undefined ? h('span.dim', {}, 'hidden amount') : amount(value), ' to ', h('span.hash', {}, String(output?.stealth_address ?? '–')));
}

/** What everybody can see of a shielded transaction: neither its sender nor its receiver. */
const shielded = (json) => [
  ['From', h('span.dim', {}, 'hidden')],
  ['Nullifiers', hashes(json.nullifiers)],
  ['Outputs', (json.outputs ?? []).map(outputOf)],
  ['Root', h('span.hash', {}, String(json.root ?? '–'))],
  ['Refund to', h('span.hash', {}, String(json.fee?.refund_address ?? '–'))],
];

/** The contents of a transaction, which do not depend on its outcome. */
function body(tx) {
  const { json } = tx;
  const isMoonlight = json.type === 'moonlight';
  return facts(
    ['Kind', `${isMoonlight ? 'Moonlight' : 'Phoenix'} · ${kindOf(tx)}`],
    isMoonlight && ['From', accountLink(json.sender, true)],
    isMoonlight && ['To', json.receiver ? accountLink(json.receiver, true) : json.call || tx.isDeploy ? undefined : 'the sender itself'],
    isMoonlight && ['Amount', amount(json.value)],
    ['Deposit', integer(json.deposit) > 0n && amount(json.deposit)],
    isMoonlight && ['Nonce', count(json.nonce)],
    ['Gas limit', count(tx.gasLimit)],
    ['Gas price', `${count(tx.gasPrice)} LUX`],
    ['Memo', memoOf(tx.memo)],
    tx.blobHashes && ['Blobs', tx.blobHashes.map((hash) => h('p.hash', {}, hash))],
    ...(isMoonlight ? [] : shielded(json)),
  );
}

async function callOf(tx, signal) {
  const { callData } = tx;
  if (!callData) return null;
  const value = await decodeCall(callData, signal);
  return section('Call',
    facts(['Contract', contractLink(callData.contractId, true)], ['Function', h('code', {}, tame(callData.fnName) || 'no name')],
      ['Arguments', value === undefined ? h('span.dim', {}, 'no data driver can decode them') : decoded(value)]),
    hidden('Bytes', bytesOf(callData.data)));
}

/** What a deployment made. A contract that another transaction deployed is not of this one. */
async function deploymentOf(tx, id, signal) {
  if (!tx.contractId) return null;
  const made = await contract(tx.contractId, signal).catch((error) => {
    if (error instanceof Refusal) return undefined;
    throw error;
  });
  const isMine = made?.deployment?.transaction === id;
  return section('Deployment', facts(['Contract', isMine ? contractLink(tx.contractId, true) : h('span.hash', {}, tx.contractId)],
    ['State', !isMine && h('span.dim', {}, 'not deployed by this transaction')],
    ['Code', isMine && many(made.code_bytes, 'byte')], ['Code hash', isMine && h('span.hash', {}, made.code_hash)],
    ['Owner', isMine && made.owner && accountLink(made.owner, true)]));
}

export async function transactionPage({ argument, chain, signal, show }) {
  const heading = (...more) => h('h1', {}, 'Transaction ', more);
  if (!isHash(argument)) return show('Transaction', heading(), note(`“${argument}” is not the hash of a transaction: such a hash has 64 hexadecimal digits.`, 'bad'));
  const id = bareHash(argument);
  let state; // the state that is shown, so that an event without a change does not draw the page again

  const look = async () => {
    const { spent, waiting } = await findTransaction(id, signal);
    const fate = spent || waiting ? undefined : chain.fates.get(id);
    const now = spent ? `${spent.blockHash} ${spent.err}` : waiting ? 'waiting' : fate?.topic ?? 'unknown';
    if (now === state) return;
    const before = state;
    state = now;
    if (spent) return showSpent(spent);
    if (waiting) {
      return show(`Transaction ${id.slice(0, 8)}`, heading(label('pending', 'wait')),
        note('It is in the mempool and waits for a block. This page shows it when it is executed.'),
        facts(['Id', copyable(id)], ['Fee at most', amount(product(waiting.gasLimit, waiting.gasPrice))]), section('Details', body(waiting)), await callOf(waiting, signal), await deploymentOf(waiting, id, signal));
    }
    const [title, text, tone] = {
      deferred: ['deferred', 'It waits some seconds for the transaction with the nonce before its own.', 'wait'],
      dropped: ['dropped', `The node dropped it: ${fate?.reason ?? 'no reason was given'}.`, 'bad'],
      unknown: before === 'waiting'
        ? ['removed', 'It left the mempool without being executed.', 'bad']
        : ['unknown', 'No transaction with this hash is in the chain or in the mempool. If it arrives, this page shows it.', 'bad'],
    }[now];
    show('Transaction', heading(label(title, tone)), note(text, tone === 'bad' ? 'bad' : 'plain'), h('p.hash', {}, id));
  };

  const showSpent = async (spent) => {
    const status = h('span', {});
    const refresh = () => {
      const block = chain.blocks.get(spent.blockHash);
      if (block) status.replaceChildren(finalityLabel(block.status));
      return block;
    };
    const showStatus = async () => {
      if (refresh()) return;
      const { block } = await query('query ($hash: String!) { block(hash: $hash) { status } }', { hash: spent.blockHash }, { signal });
      if (block && !refresh()) status.replaceChildren(finalityLabel(block.status));
    };
    const eventsHere = h('div', {}, h('p.dim', {}, 'reading …'));
    const outcome = spent.err ? label('failed', 'bad') : label('executed', 'ok');
    show(`Transaction ${id.slice(0, 8)}`, heading(outcome, ' ', status),
      spent.err && note(`It failed: ${spent.err}. The gas was paid nevertheless.`, 'bad'),
      facts(
        ['Id', copyable(id)],
        ['Block', blockLink(spent.blockHeight)],
        ['Time', moment(spent.blockTimestamp), ' (', time(spent.blockTimestamp), ')'],
        ['Gas spent', `${count(spent.gasSpent)} of ${count(spent.tx.gasLimit)}`],
        ['Fee', amount(product(spent.gasSpent, spent.tx.gasPrice))],
      ),
      section('Details', body(spent.tx)), await callOf(spent.tx, signal), await deploymentOf(spent.tx, id, signal), section('Events', eventsHere),
      hidden('JSON', code(JSON.stringify(spent.tx.json, (_, value) => (typeof value === 'bigint' ? value.toString() : value), 2))));
    chain.watch(refresh, signal);
    await Promise.all([showStatus(), showEvents(eventsHere, spent.blockHash, signal, id)]);
  };

  chain.watch((changes) => {
    if (changes.has(id) || changes.has('snapshot')) look().catch((error) => signal.aborted || console.error(error));
  }, signal);
  await look();
}
