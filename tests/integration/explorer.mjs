// The explorer in a real browser: it shows new events of the chain without reloading, once and in order, across a killed server and a chain made
// anew; every page at phone width, in light and dark; it sends no request to another server. Pictures are kept in the build folder.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Browser } from './browser.mjs';
import { isConnected, onAllScreens, says, texts, visit } from './explorer_page.mjs';
import { RuesNode, kProgram, kTestData, postedForm, withFolder } from './node.mjs';

// docs/reference/ledger.md 14: profiles 0 and 1 of the test seed.
const kAccount0 = 'oCqYsUMRqpRn2kSabH52Gt6FQCwH5JXj5MtRdYVtjMSJ73AFvdbPf98p3gz98fQwNy9ZBiDem6m9BivzURKFSKLYWP3N9JahSPZs9PnZ996P18rTGAjQTNFsxtbrKx79yWu';
const kAccount1 = 'ocXXBAafr7xFqQTpC1vfdSYdHMXerbPCED2apyUVpLjkuycsizDxwA6b9D7UW91kG58PFKqm9U9NmY9VSwufUFL5rVRSnFSYxbiKK658TF6XjHsHGBzavFJcxAzjjBRM4eF';
const kTransferContract = `01${'00'.repeat(31)}`;
const kMarkup = '<img src=x onerror=alert(1)>';

// 2^53 + 1 LUX, which a number of JavaScript cannot hold.
const kGenesis = `
[[stake]]
address = "${kAccount0}"
amount = 2_000_000_000_000
[[moonlight_account]]
address = "${kAccount0}"
balance = 1_001_000_000_000_000
[[moonlight_account]]
address = "${kAccount1}"
balance = 9_007_199_254_740_993
`;

const transfer = (node, ...args) =>
  execFileSync(kProgram, ['transfer', '--url', `http://127.0.0.1:${node.port}`, '--to', '#1', '--amount', '1.5', ...args], { encoding: 'utf8' }).trim().split('\n')[0];

/** The ids of the transactions on the first page, in order, with the text that it shows for each. */
const kListed = `[...document.querySelectorAll('.columns section:last-child .row')].map((row) => ({
  id: row.querySelector('.first a').title, label: row.querySelector('.label')?.textContent ?? '' }))`;

/** Searches like a user: `/`, the text, Enter. */
async function search(browser, text, expected) {
  await browser.evaluate(`document.activeElement.blur(); document.getElementById('query').value = ''`);
  await browser.press('/', 'Slash');
  await browser.type(text);
  await browser.press('Enter');
  await browser.until(expected, `search for ${text}: ${expected}`);
}

async function live(browser, node) {
  await browser.until(isConnected('ok'), 'connection');
  await browser.until(says('No transaction yet'));
  await browser.evaluate('globalThis.isTheSamePage = true');
  const id = transfer(node, '--memo', kMarkup);
  await browser.until(`${kListed}.some(({ id, label }) => id === '${id}' && label === 'pending')`, 'the transfer in the mempool');
  const height = await node.mine();
  await browser.until(`${kListed}.some(({ id, label }) => id === '${id}' && label !== 'pending')`, 'the transfer in a block');
  await browser.until(`${texts('.columns section:first-child .row strong')}[0] === '${height}'`, 'its block');
  assert.equal((await browser.evaluate(kListed)).length, 1, 'and it appears once');
  return id;
}

/** Transfers from before the kill, from the time without a connection, and from after it: each is shown once, the newest first. */
async function recovery(browser, node, data, sent) {
  const before = transfer(node);
  await browser.until(`${kListed}[0].id === '${before}'`);
  await node.stop('SIGKILL');
  await browser.until(isConnected('lost'), 'the page says that the connection is lost');
  await browser.picture('explorer-lost');
  await browser.offline(true);
  node = await RuesNode.start(data, '--mining', 'manual', '--genesis', join(data, '../genesis.toml'), '--listen', `127.0.0.1:${node.port}`);
  await node.mine();
  const ids = [before, ...sent];
  for (let i = 0; i < 3; ++i) {
    ids.unshift(transfer(node));
    await node.mine();
  }
  assert.ok(await browser.evaluate(isConnected('lost')), 'all this happened while the page was away');
  await browser.offline(false);
  await browser.until(isConnected('ok'), 'connection after the restart');
  ids.unshift(transfer(node));
  await node.mine();
  await browser.until(`${kListed}[0].id === '${ids[0]}' && ${kListed}[0].label === ''`, 'what came after the restart');
  assert.deepEqual((await browser.evaluate(kListed)).map((one) => one.id), ids, 'none is missing and none appears twice');
  const heights = (await browser.evaluate(texts('.columns section:first-child .row strong'))).map(Number);
  assert.deepEqual(heights, heights.map((_, index) => heights[0] - index), 'no block either');
  assert.ok(await browser.evaluate('isTheSamePage'), 'without loading again');
  return { node, ids };
}

/** A list that is filled anew keeps the elements of entries that stay, and with them focus and selection. */
async function lists(browser) {
  const shown = await browser.evaluate(`(async () => {
    const { fill, h } = await import('/explorer/dom.mjs');
    const list = h('ol');
    const steps = ['abc', 'dabc', 'cab', 'xBy', '', 'ba'];
    return steps.map((step) => {
      const before = new Set(list.children);
      fill(list, [...step], (one) => one.toLowerCase(), (one) => h('li', {}, one), (one) => one);
      return [list.textContent, [...list.children].filter((one) => before.has(one)).map((one) => one.textContent).join('')];
    });
  })()`);
  assert.deepEqual(shown, [['abc', ''], ['dabc', 'abc'], ['cab', 'cab'], ['xBy', ''], ['', ''], ['ba', '']]);
}

async function searches(browser, node, id) {
  const [{ hash }] = [JSON.parse((await node.request('GET', '/status')).body).tip];
  await search(browser, '1', `location.hash === '#/block/1' && ${says('Block 1')}`);
  await search(browser, hash, `location.hash === '#/block/${hash}' && ${says(hash)}`);
  await search(browser, `0x${id.toUpperCase()}`, `location.hash === '#/tx/${id}' && ${says('executed')}`);
  await search(browser, kAccount1, `location.hash === '#/account/${kAccount1}' && ${says('Balance')}`);
  await search(browser, kTransferContract, `location.hash === '#/contract/${kTransferContract}' && ${says('Transfer contract')}`);
  await search(browser, 'nonsense', says('“nonsense” is not a height, a hash, an account or a memo'));
  await search(browser, kMarkup, `location.hash.startsWith('#/memo/') && ${says(kMarkup)} && ${texts('.row .third .amount')}.join() === '1.5 DUSK'`);
  await search(browser, 'memo:17', says('No transaction of a final block has this memo'));
  await search(browser, 'ab'.repeat(32), says('Neither a block, a transaction nor a contract of this chain has this hash'));
  await search(browser, `${kAccount0}x`, says('is not a height, a hash, an account or a memo'));
  await search(browser, '999999', says('There is no block 999999 yet'));
  await visit(browser, `#/tx/${'ab'.repeat(32)}`, says('No transaction with this hash'));
  await visit(browser, '#/block/zz', says('neither a height nor a hash'));
  await visit(browser, '#/account/zz', says('This is not an account'));
  await visit(browser, '#/nowhere', says('There is no page “nowhere” here'));
}

/** A page that waits for a height or a transaction shows it when it comes. */
async function waiting(browser, node) {
  const next = JSON.parse((await node.request('GET', '/status')).body).tip.height + 1;
  await visit(browser, `#/block/${next}`, says(`There is no block ${next} yet`));
  await node.mine();
  await browser.until(says('Generator'), 'the block that was waited for');
  const id = transfer(node, '--memo', 'late');
  await visit(browser, `#/tx/${id}`, says('waits for a block'));
  await node.mine();
  await browser.until(says('Gas spent'), 'the transaction that was waited for');
  await browser.until(`${texts('h1 .label')}.join() === 'executed,attested'`, 'its state');
  await node.mine();
  await browser.until(`${texts('h1 .label')}.join() === 'executed,final'`, 'its block became final');
  return id;
}

/** The page of a transaction with a nonce gap says so, and changes when the gap is closed. */
async function deferred(browser, node) {
  const { next_nonce: next } = await node.account(kAccount0);
  const late = transfer(node, '--nonce', String(next + 1));
  await visit(browser, `#/tx/${late}`, says('the nonce before its own'));
  const first = transfer(node, '--nonce', String(next));
  await browser.until(`${texts('h1 .label')}.join() === 'pending'`, 'the gap is closed');
  await node.mine();
  await browser.until(`${texts('h1 .label')}[0] === 'executed'`, 'both are executed');
  return [late, first];
}

async function pagesOf(browser, node, id) {
  const hash = JSON.parse((await node.request('GET', '/status')).body).tip.hash;
  const all = {
    home: ['#/', says('Latest transactions')],
    blocks: ['#/blocks', says('Blocks')],
    block: [`#/block/${hash}`, `${says('Parent')} && !${says('reading')}`],
    transaction: [`#/tx/${id}`, `${says('Gas spent')} && !${says('reading')}`],
    account: [`#/account/${kAccount1}`, `${says('Balance')} && !${says('reading')}`],
    contract: [`#/contract/${kTransferContract}`, says('Transfer contract')],
    mempool: ['#/mempool', `${says('Gas prices')} && ${says('median')}`],
    events: ['#/events', says('Events as they happen')],
    node: ['#/node', `${says('Provisioners')} && ${says('the chain runs')} && ${says('Kadcast')}`],
    memo: [`#/memo/${encodeURIComponent(kMarkup)}`, says('1.5 DUSK')],
    notfound: ['#/search/nonsense', says('is not a height')],
  };
  await onAllScreens(browser, all, 'explorer');
}

async function values(browser, node, ids) {
  const { balance } = await node.account(kAccount1); // rounded by JSON.parse
  const exact = BigInt(9_007_199_254_740_993n) + BigInt(ids) * 1_500_000_000n;
  assert.equal(Number(exact), balance);
  const dusk = `${String(exact / 1_000_000_000n).replace(/\B(?=(\d{3})+$)/g, ' ')}.${String(exact % 1_000_000_000n).padStart(9, '0')} DUSK`;
  await visit(browser, `#/account/${kAccount1}`, says(dusk));
  await browser.until(`${texts('.row .third .amount.in')}.length === ${ids} && ${texts('.row .third .amount.in')}[0] === '+1.5 DUSK'`, 'the history of the account');
  await browser.until(`${texts('.row .memo')}.includes('“${kMarkup}”')`, 'a memo in it');
  await browser.until(`${texts('.row .third time')}.length === ${ids}`, 'the times of its blocks');
  await visit(browser, `#/account/${kAccount0}`, says('−1.5 DUSK'));
  await browser.until(says('2 000 DUSK'), 'its stake');
}

/** An account with more history than fits on a page shows it page by page, and loading more does not read all of it again. */
async function longHistory(browser, node) {
  const rows = `document.querySelectorAll('#main ol.rows > li').length`;
  const { next_nonce: first } = await node.account(kAccount0);
  for (let i = 0; i < 60; ++i) transfer(node, '--nonce', String(first + i), '--memo', `number ${i}`);
  await node.mine(4);
  await visit(browser, `#/account/${kAccount0}`, `${rows} === 25`);
  await browser.until(`${texts('.row .memo')}.includes('“number 59”')`, 'memos in the history');
  for (const expected of [50, 75]) {
    await browser.evaluate(`[...document.querySelectorAll('button')].find((one) => one.textContent === 'Older').click()`);
    await browser.until(`${rows} === Math.min(${expected}, ${rows})  && ${rows} > ${expected - 25}`, 'the next page');
  }
  const asked = () => browser.requests().filter((url) => url.includes('/archive/')).length;
  const before = asked();
  const id = transfer(node, '--memo', 'one more');
  await node.mine();
  await browser.until(`${texts('.row .memo')}[0] === '“one more”' && ${texts('.row .label')}[0] === 'not final'`, 'it comes by itself');
  assert.equal(asked(), before, 'without reading the history');
  await node.mine(3);
  await browser.until(`${texts('.row .memo')}[0] === '“one more”' && !${texts('.row .first')}[0].includes('not final')`, 'its block is final');
  assert.equal(asked(), before + 1, 'and one page was read');
  const ids = await browser.evaluate(`[...document.querySelectorAll('#main .row .first a')].map((one) => one.title)`);
  assert.equal(new Set(ids).size, ids.length, 'each appears once');
  assert.equal(ids[0], id);

  const heights = `[...document.querySelectorAll('.event .head a')].map((one) => one.getAttribute('href')).filter((href) => href.startsWith('#/block/')).map((href) => Number(href.slice(8)))`;
  await visit(browser, `#/contract/${kTransferContract}`, `${heights}.length > 0`);
  const shown = await browser.evaluate(heights);
  assert.deepEqual(shown, [...shown].sort((a, b) => b - a), 'events of a contract come newest first');
  await visit(browser, '#/node', says('Provisioners'));
  const last = transfer(node);
  await visit(browser, '#/', says('1 transaction'));
  await visit(browser, '#/mempool', `${texts('.row')}.length === 1`);
  await visit(browser, '#/node', says('1 transaction') + ` && !${says('1 transactions')}`);
  await node.mine();
  return last;
}

/** Events of contracts are shown as they happen, decoded, each once. */
async function events(browser, node, expected) {
  await visit(browser, '#/events', says('Waiting for the first one'));
  await node.mine();
  await browser.until(`${texts('.event .head')}.some((text) => text.startsWith('reward of Stake contract in block'))`, 'rewards of a block');
  const id = transfer(node, '--memo', expected);
  await node.mine();
  await browser.until(`${texts('.event .value')}.some((text) => text.includes('memo${expected}'))`, 'the event of a transfer');
  const heads = await browser.evaluate(texts('.event .head'));
  assert.equal(heads.filter((text) => text.startsWith('moonlight of Transfer contract') && text.endsWith(id.slice(-8))).length, 1);
  assert.equal(heads.filter((text) => text.startsWith('reward')).length, 2);
  return id;
}

/** Events of a deployed contract are shown as they happen, whatever their topics are. */
async function deployed(browser, node) {
  const { blocks } = JSON.parse(readFileSync(join(kTestData, 'rusk-1.7/chain-contracts.json'), 'utf8'));
  const recorded = blocks.flatMap(({ header, transactions }) => transactions.map((tx) => ({ ...tx, height: header.height })));
  const deploy = recorded.find(({ contractId }) => contractId?.startsWith('c710db75'));
  const post = async (txs) => {
    for (const { raw } of txs) assert.equal((await node.post('propagate', postedForm(raw))).status, 202);
    await node.mine();
  };
  await post(recorded.filter(({ height }) => height <= 6)); // they fund the other senders
  await visit(browser, '#/events', says('Waiting for the first one'));

  const ofOwner = recorded.filter(({ json }) => json.sender === deploy.json.sender);
  for (const tx of ofOwner.slice(0, 2)) await post([tx]);

  await browser.until(`${texts('.event .head')}.some((text) => text.startsWith('hello of c710db75'))`, 'the event of a deployed contract');
  await visit(browser, `#/tx/${deploy.id}`, says('deployment'));
  await browser.until(says(deploy.contractId), 'the contract that it deploys');
}

/** Everything from the network is shown as text: a memo with markup makes no element. */
async function markup(browser, id) {
  await visit(browser, `#/tx/${id}`, says(kMarkup));
  await browser.until(`${texts('.event .value')}.some((text) => text.includes(${JSON.stringify(kMarkup)}))`, 'the decoded event');
  assert.equal(await browser.evaluate(`document.querySelectorAll('main img').length`), 0);
}

/** A transaction with blobs, in the mempool and in its block. */
async function blobs(browser, node, folder) {
  const files = ['one', 'two'].map((name) => join(folder, name));
  for (const file of files) writeFileSync(file, `blob ${file}`);
  const id = transfer(node, ...files.flatMap((file) => ['--blob', file]));
  const hashes = JSON.parse(execFileSync(kProgram, ['tx', 'show', '--url', `http://127.0.0.1:${node.port}`, id, '--json'], { encoding: 'utf8' })).blobs;
  assert.equal(hashes.length, 2);
  for (const state of ['pending', 'executed']) {
    await visit(browser, '#/', says('Latest blocks'));
    await visit(browser, `#/tx/${id}`, `${texts('.label')}[0] === '${state}' && ${says('transfer with blobs')} && ${says('Blobs')}`);
    for (const hash of hashes) assert.ok(await browser.evaluate(`${texts('p.hash')}.includes('${hash}')`), `${state}: ${hash}`);
    await node.mine();
  }
}

await withFolder(async (folder) => {
  const [data, other] = ['data', 'other'].map((name) => join(folder, name));
  writeFileSync(join(folder, 'genesis.toml'), kGenesis);
  const start = (where, ...flags) => RuesNode.start(where, '--mining', 'manual', '--genesis', join(folder, 'genesis.toml'), ...flags);
  let node = await start(data, '--contracts-wildcard', 'false');
  const origin = `127.0.0.1:${node.port}`;
  const browser = await Browser.start(folder, `http://${origin}/explorer`);
  const first = await live(browser, node);
  // The browser tells of the answer to a search that found nothing.
  const heard = () => browser.errors().filter((text) => !/status of 404 \(Not Found\) \S+\/contracts\/[0-9a-f]{64}$/.test(text));
  assert.deepEqual(heard(), [], 'until the server is killed');
  let ids;
  ({ node, ids } = await recovery(browser, node, data, [first]));
  // All errors but the browser's own about a server that is not running.
  const complaints = () => heard().filter((text) => !/ERR_CONNECTION_REFUSED|ERR_INTERNET_DISCONNECTED|WebSocket is closed|WebSocket connection to/.test(text));
  await lists(browser);
  await searches(browser, node, ids[0]);
  ids.unshift(await waiting(browser, node));
  ids.unshift(...await deferred(browser, node));
  ids.unshift(await events(browser, node, 'one by one'));
  await markup(browser, first);
  await values(browser, node, ids.length);
  await pagesOf(browser, node, ids[0]);
  const last = await longHistory(browser, node);
  await blobs(browser, node, folder);

  await visit(browser, '#/', says(short(last)));
  await node.stop('SIGKILL');
  node = await start(other, '--listen', origin);
  await browser.until(says('No transaction yet'), 'a new chain replaces the old one');
  await browser.until(isConnected('ok'));
  ids = [transfer(node, '--memo', 'of another chain')];
  await browser.until(`${kListed}.length === 1 && ${kListed}[0].id === '${ids[0]}'`, 'and goes on');
  await node.mine();
  await events(browser, node, 'of all contracts');
  await node.stop('SIGKILL');
  node = await start(join(folder, 'contracts'), '--listen', origin);
  await visit(browser, '#/', says('No transaction yet'));
  await deployed(browser, node);

  assert.deepEqual(complaints(), []);
  const outside = browser.requests().filter((url) => new URL(url).host !== origin && !/^(data|about):/.test(url));
  assert.deepEqual(outside, []);
  await browser.stop();
  await node.stop();
});

function short(id) {
  return `${id.slice(0, 8)}…${id.slice(-8)}`;
}
