// Pages of the archive, newest first, compared with the answers of GraphQL for the same account and contract.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { RuesNode, kProgram, withFolder } from './node.mjs';

// docs/reference/ledger.md 14: profiles 0 and 1 of the test seed.
const kAccount0 = 'oCqYsUMRqpRn2kSabH52Gt6FQCwH5JXj5MtRdYVtjMSJ73AFvdbPf98p3gz98fQwNy9ZBiDem6m9BivzURKFSKLYWP3N9JahSPZs9PnZ996P18rTGAjQTNFsxtbrKx79yWu';
const kAccount1 = 'ocXXBAafr7xFqQTpC1vfdSYdHMXerbPCED2apyUVpLjkuycsizDxwA6b9D7UW91kG58PFKqm9U9NmY9VSwufUFL5rVRSnFSYxbiKK658TF6XjHsHGBzavFJcxAzjjBRM4eF';
const kTransfer = `01${'00'.repeat(31)}`;

const transfer = (node, ...more) =>
  execFileSync(kProgram, ['transfer', '--url', `http://127.0.0.1:${node.port}`, '--amount', '1', ...more], { encoding: 'utf8' });

async function get(node, path) {
  const answer = await node.request('GET', path);
  assert.equal(answer.status, 200, `${path}: ${answer.body}`);
  return JSON.parse(answer.body);
}

async function graphql(node, query) {
  const { body } = await node.request('POST', '/graphql', { 'Content-Type': 'application/json' }, JSON.stringify({ query }));
  return JSON.parse(body).data;
}

/** All pages of `limit` entries, joined. Every page but the last must be full. */
async function pages(node, path, member, limit) {
  const out = [];
  for (let before = ''; ; ) {
    const { next, [member]: page } = await get(node, `${path}?limit=${limit}${before}`);
    out.push(...page);
    if (next === null) return out;
    assert.equal(page.length, limit);
    before = `&before=${encodeURIComponent(next)}`;
  }
}

await withFolder(async (folder) => {
  const node = await RuesNode.start(folder, '--mining', 'manual');
  const accounts = (who) => `/archive/accounts/${who}`;
  assert.deepEqual(await get(node, accounts(kAccount1)), { next: null, transactions: [] });

  // Blocks with several transfers, so that pages end within blocks.
  for (const count of [3, 0, 1, 5, 2]) {
    for (let i = 0; i < count; ++i) transfer(node, '--to', i % 2 === 0 ? '#1' : '#0', '--memo', `${count} ${i}`);
    await node.mine();
  }
  await node.mine(3);
  transfer(node, '--to', '#1');
  await node.mine(); // not final, so the archive does not show it

  for (const who of [kAccount0, kAccount1]) {
    const { fullMoonlightHistory: all } = await graphql(node, `{ fullMoonlightHistory(address: "${who}", ord: "desc") { json } }`);
    const expected = all.json;
    assert.equal(expected.length, who === kAccount0 ? 11 : 7);
    for (const limit of [1, 2, 4, 200]) assert.deepEqual(await pages(node, accounts(who), 'transactions', limit), expected, `${limit} a page`);
    assert.deepEqual((await get(node, accounts(who))).transactions, expected, 'without a limit');
  }

  const events = await graphql(node, `{ finalizedEvents(contractId: "${kTransfer}", limit: 200) { json } }`);
  const expected = events.finalizedEvents.json.events.reverse();
  assert.equal(expected[0].block_height > expected.at(-1).block_height, true);
  for (const limit of [1, 3, 200]) assert.deepEqual(await pages(node, `/archive/contracts/${kTransfer}`, 'events', limit), expected, `${limit} a page`);
  assert.deepEqual(await get(node, `/archive/contracts/${'ab'.repeat(32)}`), { next: null, events: [] });
  assert.deepEqual(await get(node, `/archive/contracts/0x${kTransfer}?limit=1`), await get(node, `/archive/contracts/${kTransfer}?limit=1`));

  // A page that is requested again is the same page, whatever events came since.
  const { next } = await get(node, `${accounts(kAccount0)}?limit=2`);
  const older = await get(node, `${accounts(kAccount0)}?limit=2&before=${next}`);
  transfer(node, '--to', '#1');
  await node.mine(3);
  assert.deepEqual(await get(node, `${accounts(kAccount0)}?limit=2&before=${next}`), older);

  const wrong = [accounts('zz'), accounts('1'.repeat(96)), accounts(`${kAccount0.slice(0, -1)}0`), `/archive/contracts/${'ab'.repeat(31)}`];
  for (const query of ['limit=0', 'limit=201', 'limit=x', 'limit=-1', 'limit=', 'page=2', 'before=x', 'before=-1', 'before=1-', 'before=18446744073709551616-1'])
    wrong.push(`${accounts(kAccount0)}?${query}`, `/archive/contracts/${kTransfer}?${query}`);
  for (const path of wrong) {
    const answer = await node.request('GET', path);
    assert.equal(answer.status, 400, path);
    assert.match(String(answer.body), /^\{"error":"Invalid input: /, path);
  }
  await node.stop();
});
