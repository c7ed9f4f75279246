// The page of a contract: what it is, its functions, its events and its calls.
import { contract, contractCalls, post, Refusal, schemaOf } from './api.mjs';
import { accountLink, amount, blockLink, bytesOf, copyable, facts, fill, h, hidden, label, note, section, time, transactionLink } from './dom.mjs';
import { showContractEvents } from './contract_events.mjs';
import { bareHash, contractName, count, isHash, many, tame } from './format.mjs';
import { functionsForm } from './functions.mjs';
import { Pages } from './pages.mjs';
import { failedLabel } from './rows.mjs';
import { readSchema } from './schema.mjs';

const kPage = 25;
const kPageKib = 64;

async function orNull(promise) {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}

function deployed(deployment) {
  if (!deployment) return 'with the genesis';
  return ['in block ', blockLink(deployment.block_height), ', ', time(deployment.block_timestamp), ', by ', transactionLink(deployment.transaction)];
}

/** The owner: an account, or any bytes that the deployment named. */
function ownerOf(found, metadata) {
  if (found.owner) return accountLink(found.owner, true);
  const hex = metadata?.contract_owner;
  return hex === undefined ? undefined : hex === '' ? 'nobody' : bytesOf(hex);
}

function driverOf(id, metadata, schema) {
  const kind = contractName(id) ? 'built in' : metadata?.driver_available ? 'uploaded by the owner' : 'none: arguments, results and events are shown as bytes';
  return schema ? `${kind}, ${many(schema.functions.length, 'function')}, ${many(schema.events.length, 'event')}` : kind;
}

/** The schema, or why there is none: `{ schema, problem }`. */
async function readDriver(id, signal) {
  try {
    const json = await schemaOf(id, signal);
    if (json === undefined) return {};
    const schema = readSchema(json);
    return schema ? { schema } : { problem: 'The data driver gives a schema that cannot be read.' };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { problem: `The schema of the data driver cannot be read: ${error.message}` };
  }
}

function signatures({ functions, events, left }) {
  const line = (name, ...types) => h('li', {}, h('code', {}, tame(name), types.map((type) => tame(type))));
  return hidden('All functions and events', h('ul.nested', {}, functions.map(({ name, input, output }) => line(name, `(${input === '()' ? '' : input})`, output && output !== '()' ? ` → ${output}` : ''))),
    events.length > 0 && h('p', {}, 'Events'), h('ul.nested', {}, events.map(({ topic, type }) => line(topic, type ? `: ${type}` : ''))),
    left > 0 && h('p.dim', {}, `${count(left)} more entries are malformed, too long or too many to be shown.`));
}

function callRow({ transaction, fn_name: name, sender, err, gas_spent: gas, block_height: height, block_timestamp: at }) {
  return h('li.row.money', {},
    h('span.first', {}, transactionLink(transaction), err !== null && failedLabel(err)),
    h('span.second', {}, h('code', {}, tame(name, 60) || 'no name'), sender ? h('span', {}, 'by ', accountLink(sender)) : h('span.dim', {}, 'shielded')),
    h('span.third', {}, `${count(gas)} gas`, h('span.dim', {}, 'block ', blockLink(height), ' · ', time(at))));
}

/** The section of the transactions that call the contract. */
function callsOf(id, chain, signal) {
  const list = h('ol.rows');
  const nothing = h('p.dim', {}, 'reading …');
  const older = h('button', { type: 'button', hidden: true }, 'Older');
  const pages = new Pages(async (before) => {
    const { calls: entries, next } = await contractCalls(id, kPage, before, signal);
    return { entries, next };
  }, ({ transaction }) => transaction);
  const draw = () => {
    fill(list, pages.shown, ({ transaction }) => transaction, callRow);
    nothing.hidden = pages.shown.length > 0;
    nothing.textContent = 'No transaction has called it.';
    older.hidden = !pages.hasOlder;
  };
  const failed = (error) => {
    if (signal.aborted) return;
    nothing.hidden = false;
    nothing.replaceChildren(note(`The calls cannot be read: ${error.message}`, 'bad'));
  };
  const next = pages.runner(signal, draw, failed);
  older.addEventListener('click', () => next(() => pages.readOlder(kPage)));
  chain.watch((changes) => {
    if (changes.has('snapshot')) next(() => pages.load());
    else if ([...changes].some((one) => chain.transactions.get(one)?.json.call?.contract === id)) next(() => pages.refresh());
  }, signal);
  return { element: section('Calls', nothing, list, h('p.more', {}, older)), done: next(() => pages.load()) };
}

/** The page of an id that no contract has. It shows the contract when it is deployed. */
function missing({ id, chain, signal, show }) {
  show('Contract', h('h1', {}, 'Contract ', label('unknown', 'bad')), note('No contract of this chain has this id. If it is deployed, this page shows it.', 'bad'), h('p.hash', {}, id));
  chain.watch((changes) => {
    const isNew = [...changes].some((one) => chain.transactions.get(one)?.json.is_deploy);
    if ((changes.has('snapshot') || isNew) && !signal.aborted) contract(id, signal).then(() => window.dispatchEvent(new Event('hashchange')), () => undefined);
  }, signal);
}

export async function contractPage({ argument, chain, signal, show }) {
  if (!isHash(argument)) return show('Contract', h('h1', {}, 'Contract'), note(`“${argument}” is not a contract: the id of a contract has 64 hexadecimal digits.`, 'bad'));
  const id = bareHash(argument);
  const found = await contract(id, signal).catch((error) => {
    if (error.status === 404) return undefined;
    throw error;
  });
  if (!found) return missing({ id, chain, signal, show });
  const [metadata, balance, { schema, problem }] = await Promise.all([
    orNull(post(`/on/contract:${id}/metadata`, '', undefined, signal)),
    orNull(post(`/on/contract:${id}/status`, '', undefined, signal)),
    readDriver(id, signal),
  ]);
  const events = showContractEvents(id, schema, chain, signal);
  const calls = callsOf(id, chain, signal);
  const name = contractName(id) ?? 'Contract';
  show(contractName(id) ?? `Contract ${id.slice(0, 8)}`, h('h1', {}, name),
    facts(['Id', copyable(id)], ['Balance', balance && amount(balance.balance)], ['Owner', ownerOf(found, metadata)], ['Deployed', deployed(found.deployment)],
      ['Code', many(found.code_bytes, 'byte')], ['Code hash', copyable(found.code_hash)],
      ['Memory', `${count(found.memory_pages * kPageKib)} KiB`], ['Data driver', driverOf(id, metadata, schema)]),
    problem && note(problem, 'bad'),
    section('Functions', functionsForm(id, schema, signal), schema && signatures(schema)), calls.element, events.element);
  await Promise.all([events.done, calls.done]);
}
