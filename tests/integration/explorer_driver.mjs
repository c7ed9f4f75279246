// The explorer with the contract of examples/contract and its uploaded driver, in a real browser: the arguments of a call and its event are decoded on
// the transaction's page and on the contract's, and the form queries the functions of the driver's schema in JSON.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { Browser } from './browser.mjs';
import { buildExample } from './example.mjs';
import { onAllScreens, says, texts, visit } from './explorer_page.mjs';
import { guest, keeper } from './guest_book.mjs';
import { RuesNode, kProgram, withFolder } from './node.mjs';

const kMessage = 'hello <b>🌙</b>';
/** The names and values of the first event on the page. */
const kFirstEvent = `Object.fromEntries([...document.querySelector('.event .value').querySelectorAll('dt')].map((dt) => [dt.textContent, dt.nextElementSibling.textContent]))`;
const kResult = `document.querySelector('.result').textContent.replaceAll('\\u202f', ' ')`;
const short = (account) => `${account.slice(0, 6)}…${account.slice(-6)}`;

/** Fills the form like a user, sends it, and waits for what must be there then. */
async function queried(browser, name, argument, expected) {
  const set = (id, value) => `{ const it = document.getElementById('${id}'); it.value = ${JSON.stringify(value)}; it.dispatchEvent(new Event('change')) }`;
  await browser.evaluate(`${set('function', name)} ${argument === undefined ? '' : set('argument', argument)} document.querySelector('.result').replaceChildren()`);
  await browser.evaluate(`document.querySelector('form.query .main').click()`);
  await browser.until(expected, `${name}(${argument}): ${expected}`);
}

await withFolder(async (folder) => {
  buildExample(folder);
  const node = await RuesNode.start(join(folder, 'data'), '--mining', 'instant');
  const env = { ...process.env, RUES_URL: `http://127.0.0.1:${node.port}` };
  const rues = (...args) => execFileSync(kProgram, args, { encoding: 'utf8', env }).trim().split('\n');
  const [book] = rues('deploy', join(folder, 'contract.wasm'), '--wait');
  const sign = (message, tip) => {
    const argument = JSON.stringify({ message, tip });
    return rues('contract', 'call', book, 'sign', argument, '--deposit', `${tip}lux`, '--from', '1', '--wait')[0];
  };
  const browser = await Browser.start(folder, `http://127.0.0.1:${node.port}/explorer#/contract/${book}`);
  await browser.until(says('none: arguments, results and events are shown as bytes'), 'the contract without a driver');
  rues('contract', 'driver', 'upload', book, join(folder, 'driver.wasm'));
  const first = sign(kMessage, '5');

  // The contract's page: an event that was there, and one that comes.
  const heads = texts('.event .head');
  await browser.evaluate('location.reload()');
  await browser.until(`${says('uploaded by the owner')} && ${heads}.some((text) => text.startsWith('signed of '))`, 'the contract with its driver');
  const entryOf = (number, message, tip) => ({ guest: short(guest.account), message, number, tip });
  const newest = async () => {
    const found = `document.querySelector('.event').querySelector('.value') && ${kFirstEvent}`;
    const { height, ...rest } = await browser.until(found, 'the decoded value of the newest event');
    assert.match(height, /^\d+$/);
    return rest;
  };
  assert.deepEqual(await newest(), entryOf('0', kMessage, '5'));
  sign('again', '7');
  await browser.until(`${heads}.length === 2`, 'the second event by itself');
  assert.deepEqual(await newest(), entryOf('1', 'again', '7'));

  // The transaction's page: the arguments, and the event.
  await visit(browser, `#/tx/${first}`, `${says('Arguments')} && ${heads}.some((text) => text.startsWith('signed of '))`);
  const call = `[...document.querySelectorAll('section')].find((one) => one.firstElementChild.textContent === 'Call')`;
  assert.deepEqual(await browser.evaluate(`[...${call}.querySelectorAll('dl dl > *')].map((one) => one.textContent)`), ['message', kMessage, 'tip', '5']);
  const itsEvent = `[...document.querySelectorAll('.event')].find((one) => one.textContent.startsWith('signed of '))`;
  const parts = await browser.evaluate(`[...${itsEvent}.querySelectorAll('.value dd')].map((one) => one.textContent)`);
  assert.deepEqual([parts[0], ...parts.slice(2)], [short(guest.account), kMessage, '0', '5']);

  // The form: an object, an item of an argument, a feeder, and two refusals: by the driver and by the contract.
  await visit(browser, `#/contract/${book}`, says('uploaded by the owner'));
  const json = () => browser.evaluate(`JSON.parse(document.querySelector('.result pre').textContent)`);
  await queried(browser, 'about', undefined, `${kResult}.includes('least tip')`);
  assert.deepEqual(await json(), { entries: '2', keeper: keeper.account, least_tip: '0', owner: keeper.account, tips: '12' });
  await queried(browser, 'entry', '"1"', `${kResult}.includes('again')`);
  const { height, ...entry } = await json();
  assert.match(height, /^\d+$/);
  assert.deepEqual(entry, { guest: guest.account, message: 'again', number: '1', tip: '7' });
  await queried(browser, 'entries', '0', `${kResult}.startsWith('2 items')`);
  const items = await browser.evaluate(texts('.result > ol > li'));
  assert.deepEqual(items.map((text) => [kMessage, 'again'].filter((message) => text.includes(message))), [[kMessage], ['again']]);
  await queried(browser, 'entry', '"x"', `${kResult}.includes('a number of decimal digits is expected')`);
  await queried(browser, 'entry', '2', `${kResult}.includes('Panic: there is no entry 2')`);

  assert.equal(await browser.evaluate(`document.querySelectorAll('main b').length`), 0, 'the message is text');
  await onAllScreens(browser, {
    contract: [`#/contract/${book}`, `${heads}.length === 2`],
    call: [`#/tx/${first}`, `${says('Arguments')} && !${says('reading')}`],
  }, 'explorer-driver');
  assert.deepEqual(browser.errors().filter((text) => !/the server responded with a status of (400|404|422)/.test(text)), []);
  await browser.stop();
  await node.stop();
});
