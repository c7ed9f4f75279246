// Rows of lists: the same look wherever blocks and transactions stand in one.
import { accountLink, amount, blockHashLink, blockLink, finalityLabel, h, label, memoText, time, transactionLink } from './dom.mjs';
import { count, integer, many } from './format.mjs';

/** What a transaction does, in a word. `json` is the node's. */
export function kindOf({ json, isDeploy }) {
  if (isDeploy || json.is_deploy) return 'deployment';
  if (json.call) return json.call.fn_name;
  if (json.type === 'phoenix') return 'phoenix transfer';
  return integer(json.value) === 0n && json.memo ? 'memo' : 'transfer';
}

/** From whom to whom; Phoenix hides both. */
function parties(json) {
  if (json.type !== 'moonlight') return h('span.dim', {}, 'shielded');
  const to = json.call && !json.receiver ? null : json.receiver ?? json.sender;
  return h('span.parties', {}, accountLink(json.sender), to && [' → ', to === json.sender ? 'itself' : accountLink(to)]);
}

const errorText = (err) => label('failed', 'bad', err);

export function transactionRow(spent) {
  return h('li.row.money', {},
    h('span.first', {}, transactionLink(spent.id), spent.err && errorText(spent.err)),
    h('span.second', {}, h('span.kind', {}, kindOf(spent)), parties(spent.json), spent.json.memo && memoText(spent.json.memo)),
    h('span.third', {}, spent.json.type === 'moonlight' && amount(spent.json.value), h('span.dim', {}, 'block ', blockLink(spent.blockHeight), spent.blockTimestamp && [' · ', time(spent.blockTimestamp)])));
}

export function waitingRow(waiting) {
  return h('li.row.money', {},
    h('span.first', {}, transactionLink(waiting.id), label('pending', 'wait')),
    h('span.second', {}, h('span.kind', {}, kindOf(waiting)), parties(waiting.json), waiting.json.memo && memoText(waiting.json.memo)),
    h('span.third', {}, waiting.json.type === 'moonlight' && amount(waiting.json.value),
      h('span.dim', {}, `${count(waiting.gasPrice)} LUX a unit of gas`)));
}

export function blockRow(block) {
  const number = block.transactions.length;
  return h('li.row', {},
    h('span.first', {}, h('strong', {}, blockLink(block.height)), finalityLabel(block.status)),
    h('span.second', {}, blockHashLink(block.hash), h('span.dim', {}, time(block.timestamp))),
    h('span.third', {}, number === 0 ? h('span.dim', {}, 'empty') : [h('span', {}, many(number, 'transaction')),
      h('span.dim', {}, `${count(block.gasSpent)} gas`)]));
}

/** A row is made anew when one of these changes. */
export const blockStamp = (block) => `${Object.entries(block.status)} ${block.gasSpent}`;
export const transactionStamp = (spent) => `${spent.blockHash} ${spent.err} ${spent.blockTimestamp}`;

/** GraphQL's block as rows and the chain have it. */
export const blockOf = ({ header, transactions, ...rest }) =>
  ({ hash: header.hash, height: header.height, timestamp: header.timestamp, generator: header.generatorBlsPubkey, transactions: transactions.map(({ id }) => id), ...rest });
