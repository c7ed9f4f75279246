// Rows of an account's history, from the archive's groups and from blocks that are not final.
import { blockTimes } from './api.mjs';
import { accountLink, amount, blockLink, h, label, memoText, time, transactionLink } from './dom.mjs';
import { integer, kTransfer } from './format.mjs';
import { failedLabel, kindOf } from './rows.mjs';

const accountOf = (party) => (party !== null && typeof party === 'object' ? party.Moonlight : party);

/**
 * A group of the archive (all events of one transaction) as a change of the account `address`. The change is without
 * fees.
 */
export function movementOf({ block_height: height, origin, events }, address) {
  let change = 0n;
  let other;
  let memo;
  for (const { data, target, topic, reverted } of events) {
    if (reverted || target !== kTransfer || data === null || typeof data !== 'object') continue;
    const value = integer(data.value) ?? 0n;
    // A transfer to oneself names no receiver.
    const receiver = accountOf(data.receiver) ?? (topic === 'moonlight' ? data.sender : undefined);
    if (data.sender === address) change -= value;
    if (receiver === address) change += value;
    if (topic !== 'moonlight') continue;
    other = data.sender === address ? receiver : data.sender;
    memo = data.memo;
  }
  return { id: origin, height, change, other, memo, kinds: [...new Set(events.map(({ topic }) => (topic === 'moonlight' ? 'transfer' : topic)))] };
}

/** The same for a transaction whose block is not final yet. */
export function recentOf({ id, err, blockHeight, blockTimestamp, json, ...rest }, address) {
  const receiver = json.receiver ?? (json.call ? undefined : json.sender);
  const value = integer(json.value) ?? 0n;
  const change = err ? 0n : (receiver === address ? value : 0n) - (json.sender === address ? value : 0n);
  const other = json.sender === address ? receiver : json.sender;
  const kinds = [kindOf({ json, isDeploy: json.is_deploy, ...rest })];
  return { id, height: blockHeight, at: blockTimestamp, change, other, memo: json.memo, kinds, err, isRecent: true };
}

export function movementRow({ id, height, at, change, other, memo, kinds, err, isRecent }, address) {
  const direction = change > 0n ? 'in' : change < 0n ? 'out' : 'none';
  return h('li.row.money', {},
    h('span.first', {}, transactionLink(id), isRecent && label('not final', 'wait'), err && failedLabel(err)),
    h('span.second', {}, h('span.kind', {}, kinds.join(', ')),
      other && h('span', {}, other === address ? 'to itself' : [change > 0n ? 'from ' : 'to ', accountLink(other)]), memo && memoText(memo)),
    h('span.third', {}, h(`span.amount.${direction}`, {}, change > 0n && '+', amount(change)),
      h('span.dim', {}, 'block ', blockLink(height), at && [' · ', time(at)])));
}
export const movementStamp = ({ isRecent, err, at }) => `${isRecent} ${err} ${at}`;

/** Adds the times of blocks, which the archive does not have. `at` becomes null when the block is unknown. */
export async function addTimes(movements, signal) {
  const without = movements.filter(({ at }) => at === undefined);
  const times = await blockTimes(without.map(({ height }) => height), signal);
  for (const one of without) one.at = times.get(one.height) ?? null;
}
