// GraphiQL in a real browser: it loads without a request to another server, knows the schema, runs a query and shows the answer.
import assert from 'node:assert/strict';
import { Browser } from './browser.mjs';
import { RuesNode, withFolder } from './node.mjs';

const kResult = `(document.querySelector('.result-window .CodeMirror')?.CodeMirror.getValue() ?? '')`;
const kEditor = `document.querySelector('.graphiql-query-editor .CodeMirror').CodeMirror`;
// While a query runs, the same button stops it.
const isIdle = `document.querySelector('.graphiql-execute-button').getAttribute('aria-label').startsWith('Execute')`;
const run = (query) => `${kEditor}.setValue(${JSON.stringify(query)}); document.querySelector('.graphiql-execute-button').click()`;

await withFolder(async (folder) => {
  const node = await RuesNode.start(folder + '/data', '--mining', 'manual');
  await node.mine(2);
  const { tip } = JSON.parse((await node.request('GET', '/status')).body);
  const browser = await Browser.start(folder, `http://127.0.0.1:${node.port}/graphiql`);
  await browser.size(1280, 800);
  await browser.until(`document.querySelector('.graphiql-query-editor .CodeMirror') && ${kEditor}.getValue().includes('block(height: -1)')`, 'editor');
  await browser.evaluate(`${kEditor}.focus()`);
  await browser.press('Enter', 'Enter', { modifiers: 2 });
  await browser.until(`${kResult}.includes('${tip.hash}')`, 'answer to the query that it begins with');

  await browser.until(isIdle);
  await browser.evaluate(`void ${run('{ block(height: 1) { header { height } } nothing }')}`);
  await browser.until(`${kResult}.includes('nothing') && ${kResult}.includes('errors')`, 'the error of a wrong query');

  await browser.until(`[...document.querySelectorAll('.graphiql-tab-button')].some((tab) => tab.textContent.includes('Blocks') && (tab.click(), true))`, 'tab of a subscription');
  await browser.until(`${kEditor}.getValue().includes('subscription')`);
  const { position } = JSON.parse((await node.request('GET', '/status')).body);
  await browser.until(isIdle);
  await browser.evaluate(`void ${run(`subscription Blocks { blockAccepted(after: "${position}") { block { header { height } } } }`)}`);
  for (let i = 0; i < 2; ++i) {
    const height = await node.mine();
    await browser.until(`${kResult}.includes('"height": ${height}')`, 'a block of the subscription');
  }
  assert.equal(await browser.evaluate(isIdle), false, 'it goes on');
  await browser.evaluate(`document.querySelector('.graphiql-execute-button').click()`);
  await browser.until(isIdle, 'its end');
  await browser.evaluate(`document.querySelector('button[aria-label="Show Documentation Explorer"]').click()`);
  await browser.until(`document.querySelector('.graphiql-doc-explorer')?.textContent.includes('Query')`, 'documentation of the schema');
  await browser.evaluate(`[...document.querySelectorAll('.graphiql-doc-explorer a')].find((link) => link.textContent === 'Query').click()`);
  await browser.until(`document.querySelector('.graphiql-doc-explorer').textContent.includes('mempoolTxs')`, 'fields of Query');
  await browser.evaluate(`document.querySelector('.graphiql-doc-explorer-back').click()`);
  await browser.until(`document.querySelector('.graphiql-doc-explorer').textContent.includes('Subscription')`, 'the schema of the socket');
  for (const scheme of ['light', 'dark']) {
    await browser.scheme(scheme);
    await browser.picture(`graphiql-${scheme}`);
  }

  assert.deepEqual(browser.errors(), []);
  const outside = browser.requests().filter((url) => new URL(url).host !== `127.0.0.1:${node.port}` && !url.startsWith('data:'));
  assert.deepEqual(outside, []);
  await browser.stop();
  await node.stop();
});
