// The explorer's pages of contracts and stakes in a real browser: the list of contracts, functions queried with a form, events with a filter, calls,
// decoded arguments, stakes; and what a hostile contract, driver or server says. At phone width and wide.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Browser } from './browser.mjs';
import { onAllScreens, says, stumbles, texts, visit } from './explorer_page.mjs';
import { RuesNode, kProgram, kTestData, postedForm, withFolder } from './node.mjs';

const read = (file) => JSON.parse(readFileSync(join(kTestData, 'rusk-1.7', file), 'utf8')).blocks
  .flatMap(({ header, transactions }) => transactions.map((tx) => ({ ...tx, height: header.height })));
const recorded = read('chain-contracts.json');
const ofChain = read('chain.json');

const kTransfer = `01${'00'.repeat(31)}`;
const kStake = `02${'00'.repeat(31)}`;
/** The transactions of the owner of the contract whose id begins so: its deployment first. */
const ownersOf = (prefix) => {
  const deployment = recorded.find(({ contractId, err }) => contractId?.startsWith(prefix) && err === null);
  return recorded.filter(({ json }) => json.sender === deployment.json.sender);
};
const kPinged = ownersOf('a8956062'); // deployment, ping, echo, count, count, who, absent (fails); no event
const kTalking = ownersOf('c710db75'); // deployment, emit: an event with the topic `hello`, and others
const [{ contractId: pinged }, { contractId: talking }] = [kPinged[0], kTalking[0]];

let node;
let browser;

async function post(...txs) {
  for (const { raw, id } of txs) assert.equal((await node.post('propagate', postedForm(raw))).status, 202, id);
  return node.mine();
}

const rows = (section) => `[...[...document.querySelectorAll('section')].find((one) => one.firstElementChild.textContent === '${section}').querySelectorAll('.row')]`;
const idsOf = (section) => `${rows(section)}.map((row) => row.querySelector('a').title)`;
const heads = texts('.event .head');
const kResult = `document.querySelector('.result').textContent.replaceAll('\\u202f', ' ')`;
const asked = (part) => browser.requests().filter((url) => url.includes(part)).length;

/** Fills the form like a user, and sends it. */
async function queried(name, argument, expected, form = undefined) {
  const set = (id, value) => `{ const it = document.getElementById('${id}'); it.value = ${JSON.stringify(value)}; it.dispatchEvent(new Event('change')) }`;
  await browser.evaluate(`${set('function', name)} ${form ? set('form', form) : ''} ${argument === undefined ? '' : set('argument', argument)}`);
  await browser.evaluate(`document.querySelector('form.query .main').click()`);
  await browser.until(expected, `${name}(${argument}): ${expected}`);
}

/** The list grows as contracts are deployed, and leads to their pages. */
async function listed() {
  await visit(browser, '#/contracts', `${says('None yet')} && ${says('Transfer contract')} && ${says('Stake contract')}`);
  await visit(browser, `#/contract/${pinged}`, says('No contract of this chain has this id'));
  await post(kPinged[0]);
  await browser.until(says('Code hash'), 'the contract that was waited for');
  await visit(browser, '#/contracts', `${idsOf('Deployed')}.join() === '${pinged}'`);
  await post(kTalking[0]);
  await browser.until(`${idsOf('Deployed')}.join() === '${talking},${pinged}'`, 'the newest one comes first, by itself');
  assert.match(await browser.evaluate(`${rows('Deployed')}[1].textContent.replaceAll('\\u202f', ' ')`), /\d+ bytesblock 2 ·/);
}

/** A contract without a driver: what it is, its calls, a form that takes hex. */
async function withoutDriver() {
  const facts = JSON.parse((await node.request('GET', `/contracts/${pinged}`)).body);
  await visit(browser, `#/contract/${pinged}`, `${says(facts.code_hash)} && ${says('0707070707')} && ${says('none: arguments, results and events are shown as bytes')}`);
  await browser.until(says('No transaction has called it'), 'no call');
  await browser.until(says('No event yet'), 'no event');
  const before = asked('/contracts:');
  await queried('ping', '0g', says('This is not hexadecimal'));
  await queried('ping', '0', says('a digit is missing'));
  assert.equal(asked('/contracts:'), before, 'bad input is not sent');
  await queried('echo', '0x0a0B 0c', `${kResult} === '3 bytes0a0b0c'`);
  assert.ok(!(await browser.evaluate(`document.getElementById('argument').hasAttribute('aria-invalid')`)));
  await queried('absent', '', `${kResult}.startsWith('Not found')`);

  await post(kPinged[1]);
  await browser.until(`${idsOf('Calls')}.join() === '${kPinged[1].id}'`, 'a call comes by itself');
  for (const tx of kPinged.slice(2)) await post(tx);
  const newestFirst = kPinged.slice(1).map(({ id }) => id).reverse();
  await browser.until(`${idsOf('Calls')}.join() === '${newestFirst}'`, 'the calls, newest first');
  assert.deepEqual(await browser.evaluate(`${rows('Calls')}.map((row) => row.querySelector('.label.bad')?.title ?? '')`), ['Unknown', '', '', '', '', '']);
  assert.match(await browser.evaluate(`${rows('Calls')}[0].textContent`), /absentby 24YG4w/);
  await visit(browser, `#/contract/${pinged}?`, says('is not a contract'));
  await visit(browser, `#/contract/${pinged}`, `${idsOf('Calls')}.join() === '${newestFirst}'`);
}

/** Events come newest first, also those of blocks that are not final, each once; the filter keeps one topic. */
async function events() {
  await visit(browser, `#/contract/${talking}`, says('No event yet'));
  await post(kTalking[1]);
  await browser.until(`${heads}.length === 1 && ${heads}[0].startsWith('hello of c710db75')`, 'an event comes by itself');
  assert.ok(await browser.evaluate(says('No data driver can decode it')));
  await post(kTalking[2]);
  await browser.until(`${heads}.length === 2`, 'the next event');
  const first = await browser.evaluate(heads);
  await node.mine(3);
  await visit(browser, '#/', says('Latest transactions'));
  await visit(browser, `#/contract/${talking}`, `${heads}.length === 2`);
  assert.deepEqual(await browser.evaluate(heads), first, 'the same events when their blocks are final');

  const choose = (topic) => browser.evaluate(`{ document.getElementById('topic').value = ${JSON.stringify(topic)}; document.querySelector('.filter button').click() }`);
  await choose('hell');
  await browser.until(says('No event with the topic “hell” yet'), 'no event with the topic');
  await choose('hello');
  await browser.until(`${heads}.length === 2`, 'both have the topic');
  await browser.evaluate(`document.querySelector('.filter [type=reset]').click()`);

  await node.mine(40); // each block pays rewards
  await visit(browser, `#/contract/${kStake}`, `${heads}.length >= 25`);
  const heights = `[...document.querySelectorAll('.event .head a')].map((one) => one.getAttribute('href')).filter((href) => href.startsWith('#/block/')).map((href) => Number(href.slice(8)))`;
  await browser.evaluate(`[...document.querySelectorAll('section:last-of-type .more button')][0].click()`);
  await browser.until(`${heads}.length >= 40`, 'older events');
  const shown = await browser.evaluate(heights);
  assert.deepEqual(shown, [...shown].sort((a, b) => b - a));
  await choose('slash');
  await browser.until(says('No event with the topic “slash” yet'), 'nothing of this topic');
}

/** A contract with a driver: the form speaks JSON, checks it before it sends, and lists the items of feeders. */
async function withDriver() {
  await visit(browser, `#/contract/${kTransfer}`, says('built in, 20 functions, 9 events'));
  await queried('chain_id', 'null', `${kResult} === '0'`);
  await browser.evaluate(`document.querySelector('.result').replaceChildren()`);
  const before = asked('/contracts:');
  await queried('account', '"unfinished', says('This is not JSON'));
  await queried('account', '{a: 1}', says('This is not JSON'));
  assert.equal(asked('/contracts:'), before, 'bad JSON is not sent');
  await queried('account', '"zz"', `${kResult}.includes('Invalid JSON')`);
  await queried('account', JSON.stringify(kPinged[0].json.sender), `${kResult}.includes('nonce')`);
  await queried('sync_accounts', '[0, 1000]', `/^[0-9]+ items/.test(${kResult}) && document.querySelectorAll('.result > ol > li').length > 5`);
  await queried('sync_nullifiers', '[0, 1000]', `/^(null|No item)/.test(${kResult})`);
  await queried('chain_id', '', `${kResult} === '1 byte00'`, 'hex');
  await visit(browser, `#/contract/${kStake}`, says('built in, 13 functions, 6 events'));
  await queried('get_config', undefined, `${kResult}.includes('minimum stake')`);
  await queried('stakes', undefined, `${kResult}.startsWith('2 items')`);
}

/** A transaction's arguments are decoded; a deployment says what it made. */
async function transactions() {
  await visit(browser, `#/tx/${kPinged[0].id}`, `${says('deployment')} && ${says(pinged)} && ${says('Code hash')}`);
  await visit(browser, `#/tx/${kPinged[2].id}`, `${says('echo')} && ${says('no data driver can decode them')}`);
}

/** The stakes: a list, and a page for each. */
async function stakes() {
  const { key, amount } = (await node.json('/on/node/provisioners')).find((stake) => stake.amount > 0);
  await visit(browser, '#/stakes', `${rows_('main')}.length === 2 && ${says('100.00 %')} && ${says('no stake')}`);
  await visit(browser, '#/node', `${says('1 provisioner with')} && ${says('the chain runs')}`);
  await visit(browser, `#/stake/${key}`, `${says('provisioner')} && ${says('Its newest blocks')} && ${says('the account itself')} && document.querySelectorAll('.row').length > 0`);
  assert.equal(await browser.evaluate(texts('dd strong.amount')).then(([text]) => text), `${amount / 1e9} DUSK`.replace(/\B(?=(\d{3})+(?!\d))/g, ' '));
  await visit(browser, `#/stake/${kTalking[0].json.sender}`, says('This account has no stake'));
  await visit(browser, '#/stake/zz', says('This is not an account'));

  // Another account stakes. docs/reference/recorded.md
  const stake = ofChain.find(({ id }) => id.startsWith('4960ae4e'));
  execFileSync(kProgram, ['transfer', '--url', `http://127.0.0.1:${node.port}`, '--to', stake.json.sender, '--amount', '20000']);
  await node.mine();
  await visit(browser, '#/stakes', `${rows_('main')}.length === 2`);
  await post(stake);
  await browser.until(`${rows_('main')}.length === 3 && ${says('not eligible yet')}`, 'the new stake');
  // The key that stakes is not the sender's.
  const itsPage = await browser.evaluate(`[...document.querySelectorAll('.row')].find((row) => row.textContent.includes('not eligible yet')).querySelector('a').hash`);
  await visit(browser, `#/tx/${stake.id}`, `${says('executed')} && ${says(stake.json.sender)} && ${says('Arguments')}`);
  await browser.until(`[...document.querySelectorAll('section')].find((one) => one.firstElementChild.textContent === 'Call').textContent.includes('signature')`, 'decoded arguments');
  await visit(browser, itsPage, `${says('not eligible yet')} && ${says('None of the last')}`);
}
const rows_ = (where) => `document.querySelectorAll('${where} .row')`;

const kMarkup = '<img src=x onerror="document.title=1"><b>bold</b>';
const kSneaky = 'pay \u202eBOB\u0000\u001b[2J';
const kLong = 'long'.repeat(10_000);

/** Every foreign text is shown as text, and as little of it as fits. The server's answers are made up here. */
async function hostile() {
  const id = 'ab'.repeat(32);
  const deep = '['.repeat(100) + ']'.repeat(100);
  const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`${kMarkup}${i}`, kLong.slice(0, 50)]));
  const event = (topic, data, row) => ({ block_hash: 'cd'.repeat(32), block_height: 1, data, id: row, origin: 'ef'.repeat(32), reverted: false, source: id, topic });
  const functions = [kMarkup, kSneaky, kLong, 'f'.repeat(200), 7, null, 'query', 'query', 'feeder', 'cut'].map((name) => ({ name, input: kLong, output: kMarkup }));
  const schema = { functions: [...functions, null, ...Array.from({ length: 3_000 }, (_, i) => ({ name: `f${i}`, input: { a: kMarkup } }))], events: [{ topic: kMarkup, data: kLong }, 'x'] };
  const decodedOf = new Map([[kMarkup, JSON.stringify({ text: kMarkup, long: kLong, sneaky: kSneaky })], ['deep', deep], ['many', JSON.stringify(many)], ['list', JSON.stringify(Array(5_000).fill(kMarkup))]]);
  const answers = {
    [`/contracts/${id}`]: { code_bytes: 5, code_hash: 'aa'.repeat(32), deployment: { block_height: 1, block_timestamp: 1, transaction: 'ee'.repeat(32) }, id, memory_pages: 3, owner: null },
    [`/contracts/${id}/calls`]: { calls: [kMarkup, kLong].map((name, i) => ({ block_height: 1, block_timestamp: 1, err: name, fn_name: name, gas_spent: 1, sender: null, transaction: `${i}`.repeat(64) })), next: null },
    [`/archive/contracts/${id}`]: { events: [event(kMarkup, '00', 9), event(kLong, 'ab'.repeat(65_536), 8), event(kSneaky, '', 7), event('deep', '01', 6), event('many', '02', 5), event('list', '03', 4), event('', '', 3)], next: null },
    [`/on/contract:${id}/metadata`]: { contract_owner: 'ab'.repeat(60_000), created_at: null, driver_available: true, driver_signature: null, owner: '' },
    [`/on/contract:${id}/status`]: { balance: 1 },
    [`/on/driver:${id}/get_schema`]: schema,
  };
  await browser.answering(({ url, method, headers }) => {
    const path = decodeURIComponent(new URL(url).pathname);
    if (answers[path]) return { body: JSON.stringify(answers[path]) };
    const decoding = new RegExp(`^/on/driver:${id}/decode_event:(.*)$`, 's').exec(path);
    if (decoding) return decodedOf.has(decoding[1]) ? { body: decodedOf.get(decoding[1]) } : { status: 422, type: 'text/plain', body: kLong };
    if (method !== 'POST' || !path.startsWith(`/on/contracts:${id}/`)) return undefined;
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (name === 'query') return { body: `${' '.repeat(10)}${JSON.stringify({ [kMarkup]: kLong })}` };
    const isFeeder = Object.keys(headers).some((one) => one.toLowerCase() === 'rusk-feeder');
    if (name === 'feeder' && !isFeeder) return { status: 400, body: JSON.stringify({ error: 'Invalid input: rusk-feeder header is missing (Missing feed)' }) };
    if (name === 'feeder') return { body: `[${Array(5_000).fill('{"a":"]},[\\"","b":[1,{}]}').join()}]` };
    if (name === 'cut') return { body: '[1,2' };
    return { status: 400, type: 'application/json', body: JSON.stringify({ error: `${kMarkup}${kLong}` }) };
  });
  await browser.evaluate(`document.title = 'nothing happened'`);

  const isClean = async (what) => {
    assert.equal(await browser.evaluate(`document.querySelectorAll('main img, main b').length`), 0, what);
    assert.notEqual(await browser.evaluate('document.title'), '1', what);
    assert.ok((await browser.evaluate(`document.querySelectorAll('main *').length`)) < 6_000, `${what}: elements`);
    assert.ok((await browser.evaluate(`document.getElementById('main').innerText.length`)) < 120_000, `${what}: characters`);
    assert.ok(!(await browser.evaluate(`/[\\u202e\\u0000\\u001b]/.test(document.getElementById('main').textContent)`)), `${what}: no character that moves others`);
  };
  for (const [width, height] of [[320, 640], [1280, 800]]) {
    await browser.size(width, height);
    await visit(browser, '#/', says('Latest blocks'));
    await visit(browser, `#/contract/${id}`, `${heads}.length === 7 && ${says(kMarkup)}`);
    await isClean(`contract, ${width} wide`);
    await browser.evaluate(`document.querySelectorAll('details').forEach((one) => (one.open = true))`);
    assert.deepEqual(await browser.evaluate(`(${stumbles})()`), [], `hostile contract, ${width} wide`);
    await browser.picture(`explorer-hostile-${width}`);
  }
  assert.equal(await browser.evaluate(`document.getElementById('function').options.length`), 195, 'of the first 200 functions those that have a usable name');
  await queried(kMarkup, 'null', `${kResult}.startsWith(${JSON.stringify(kMarkup)})`);
  await isClean('an error');
  assert.ok((await browser.evaluate(`${kResult}.length`)) < 1_100, 'a long error is cut');
  await queried('query', 'null', `${kResult}.includes('longlong')`);
  await isClean('a result');
  await queried('feeder', 'null', `${kResult}.startsWith('The first 100 items; the rest was not read.')`);
  assert.equal(await browser.evaluate(`document.querySelectorAll('.result > ol > li').length`), 100);
  assert.deepEqual(await browser.evaluate(texts('.result > ol > li:first-child dd')), [']},["', '1empty']);
  await queried('cut', 'null', `${kResult}.includes('is not JSON')`);
  await browser.ask('Fetch.disable');
}

async function widths() {
  const all = {
    contracts: ['#/contracts', `${rows_('main')}.length === 4`],
    contract: [`#/contract/${talking}`, `${heads}.length === 2 && ${rows_('main')}.length === 2`],
    driver: [`#/contract/${kStake}`, `${heads}.length >= 25`],
    deployment: [`#/tx/${kPinged[0].id}`, `${says('Code hash')} && !${says('reading')}`],
    stakes: ['#/stakes', `${rows_('main')}.length === 3`],
    stake: [`#/stake/${kTalking[0].json.sender}`, says('This account has no stake')],
    missing: [`#/contract/${'12'.repeat(32)}`, says('No contract of this chain has this id')],
  };
  await onAllScreens(browser, all, 'explorer-contracts');
}

await withFolder(async (folder) => {
  node = await RuesNode.start(join(folder, 'data'), '--mining', 'manual');
  await post(...recorded.filter(({ height }) => height <= 6)); // they fund the other senders
  browser = await Browser.start(folder, `http://127.0.0.1:${node.port}/explorer`);
  await browser.until(says('Latest blocks'));
  await listed();
  await withoutDriver();
  await events();
  await withDriver();
  await transactions();
  await stakes();
  await widths();
  assert.deepEqual(browser.errors().filter((text) => !/the server responded with a status of (400|404|422)/.test(text)), []);
  await hostile();
  assert.deepEqual(browser.errors().filter((text) => !/the server responded with a status of (400|404|422)/.test(text)), []);
  await browser.stop();
  await node.stop();
});
