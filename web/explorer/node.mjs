// The page of the server: health, rules of the chain, provisioners.
import { get, post } from './api.mjs';
import { blockLink, facts, h, hidden, label, note, section, time } from './dom.mjs';
import { count, duration, integer, many } from './format.mjs';
import { stakeSummary } from './stakes.mjs';

const kRefresh = 2_000; // ms

function health(status) {
  return facts(
    ['State', status.ready ? label('the chain runs', 'ok') : label('the chain does not run', 'bad')],
    ['Version', `${status.version}, speaks Rusk ${status.rusk_version}`],
    ['Chain id', count(status.chain_id)],
    ['Tip', blockLink(status.tip.height), ' ', time(status.tip.timestamp)],
    ['Event log', h('span.hash', {}, status.position)],
    ['Mempool', many(status.mempool, 'transaction')],
    ['Accounts', count(status.accounts)],
    ['Sessions', count(status.sessions)],
    ['Up for', duration(status.uptime_seconds)],
    ['Memory', `${(status.memory_bytes / 2 ** 20).toFixed(1)} MiB`],
  );
}

const limitOf = (height) => (integer(height) >= 2n ** 63n ? 'never' : `from block ${count(height)}`);

function rules({ chain_id: id, kadcast_address: address, vm_config: vm }) {
  const fixed = Object.entries(vm).filter(([, value]) => integer(value) !== undefined);
  return h('div', {},
    facts(['Chain id', count(id)], ['Kadcast', address], ...fixed.map(([name, value]) => [name.replaceAll('_', ' '), count(value)])),
    hidden('Features', facts(...Object.entries(vm.features ?? {}).map(([name, height]) => [h('code', {}, name), limitOf(height)]))));
}

export async function nodePage({ chain, signal, show }) {
  const places = { health: h('div'), rules: h('div'), stakes: h('div') };
  const into = (place, read) => read.then((made) => place.replaceChildren(made), (error) => {
    if (!signal.aborted) place.replaceChildren(note(error.message, 'bad'));
  });
  show('Node', h('h1', {}, 'Node'), section('Health', places.health), section('Rules', places.rules), section('Provisioners', places.stakes));
  const refresh = () => into(places.health, get('/status', signal).then(health));
  const timer = setInterval(() => document.hidden || refresh(), kRefresh);
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  const rest = () => Promise.all([
    into(places.rules, post('/on/node/info', '', undefined, signal).then(rules)),
    into(places.stakes, stakeSummary(chain, signal)),
  ]);
  chain.watch((changes) => changes.has('snapshot') && rest(), signal); // the server may have another chain now
  await Promise.all([refresh(), rest()]);
}
