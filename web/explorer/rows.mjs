// Rows of blocks and transactions, which look the same in every list.
import { accountLink, amount, blockHashLink, blockLink, finalityLabel, h, label, memoText, time, transactionLink } from './dom.mjs';
import { count, integer, many, tame } from './format.mjs';

const kMostName = 60; // characters of a function's name
const kMostError = 300;

/** The kind of a transaction in one or two words. `json` is the node's JSON of the transaction. */
export function kindOf({ json, isDeploy, blobHashes }) {
  if (isDeploy || json.is_deploy) return 'deployment';
  if (json.call) return tame(json.call.fn_name, kMostName);
  if (json.type === 'phoenix') return 'phoenix transfer';
  if (blobHashes) return integer(json.value) === 0n ? 'blobs' : 'transfer with blobs';
  return integer(json.value) === 0n && json.memo ? 'memo' : 'transfer';
}

/** Sender and receiver. Phoenix hides both. */
function parties(json) {
  if (json.type !== 'moonlight') return h('span.dim', {}, 'shielded');
  const to = json.call && !json.receiver ? null : json.receiver ?? json.sender;
  return h('span.parties', {}, accountLink(json.sender), to && [' → ', to === json.sender ? 'itself' : accountLink(to)]);
}

export const failedLabel = (err) => label('failed', 'bad', tame(err, kMostError));

export function transactionRow(spent) {
  return h('li.row.money', {},
    h('span.first', {}, transactionLink(spent.id), spent.err && failedLabel(spent.err)),
    h('span.second', {}, h('span.kind', {}, kindOf(spent)), parties(spent.json), spent.json.memo && memoText(spent.json.memo)),
    h('span.third', {}, spent.json.type === 'moonlight' && amount(spent.json.value), h('span.dim', {}, 'block ', blockLink(spent.blockHeight), spent.blockTimestamp && [' · ', time(spent.blockTimestamp)])));
}

export function waitingRow(waiting) {
  return h('li.row.money', {},
    h('span.first', {}, transactionLink(waiting.id), label('pending', 'wait')),
    h('span.second', {}, h('span.kind', {}, kindOf(waiting)), parties(waiting.json), waiting.json.memo && memoText(waiting.json.memo)),
    h('span.third', {}, waiting.json.type === 'moonlight' && amount(waiting.json.value),
      h('span.dim', {}, `${count(waiting.gasPrice)} LUX per unit of gas`)));
}

export function blockRow(block) {
  const number = block.transactions.length;
  return h('li.row', {},
    h('span.first', {}, h('strong', {}, blockLink(block.height)), finalityLabel(block.status)),
    h('span.second', {}, blockHashLink(block.hash), h('span.dim', {}, time(block.timestamp))),
    h('span.third', {}, number === 0 ? h('span.dim', {}, 'empty') : [h('span', {}, many(number, 'transaction')),
      h('span.dim', {}, `${count(block.gasSpent)} gas`)]));
}

/** The fields that a row shows and that can change. When its stamp changes, `fill` makes the row again. */
export const blockStamp = (block) => `${Object.entries(block.status)} ${block.gasSpent}`;
export const transactionStamp = (spent) => `${spent.blockHash} ${spent.err} ${spent.blockTimestamp}`;

/** Converts a block of GraphQL to the form of `Chain` and of rows. */
export const blockOf = ({ header, transactions, ...rest }) =>
  ({ hash: header.hash, height: header.height, timestamp: header.timestamp, generator: header.generatorBlsPubkey, transactions: transactions.map(({ id }) => id), ...rest });
