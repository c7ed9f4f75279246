// The explorer's page of an executed shielded transaction: all that it publishes is there, and nothing of what it hides.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Browser } from './browser.mjs';
import { onAllScreens, says, visit } from './explorer_page.mjs';
import { RuesNode, withFolder } from './node.mjs';
import { run, runBeside } from './program.mjs';

if (process.env.RUES_SANITIZE) {
  console.log('skipped: a proof takes minutes under a sanitizer');
  process.exit(77);
}

await withFolder(async (folder) => {
  const node = await RuesNode.start(join(folder, 'data'), '--mining', 'instant');
  const at = ['--url', `http://127.0.0.1:${node.port}`];
  const object = async (...args) => JSON.parse((await runBeside([...args, ...at, '--json'])).stdout);
  const [sender, receiver] = JSON.parse(run(['keys', '--count', '2', '--json']).stdout).keys;
  const { id, gas_spent: gas } = await object('transfer', '--shielded', '--to', receiver.phoenix_address, '--amount', '0.123456789', '--memo', 'thanks', '--wait');
  const { transaction } = await object('tx', 'show', id);

  const browser = await Browser.start(folder, `http://127.0.0.1:${node.port}/explorer`);
  await visit(browser, `#/tx/${id}`, says('Phoenix · '));
  const shown = await browser.evaluate(`document.getElementById('main').textContent`);
  for (const text of ['“thanks”', ...transaction.nullifiers, transaction.root, transaction.outputs[0].stealth_address, transaction.fee.refund_address])
    assert.ok(shown.includes(text), text);
  assert.ok(shown.replaceAll('\u202f', '').includes(String(gas)), 'the gas');
  assert.equal(shown.match(/hidden amount to /g).length, 2);
  for (const secret of ['0.123456789', sender.phoenix_address, receiver.phoenix_address, sender.account]) assert.ok(!shown.includes(secret), secret);
  await onAllScreens(browser, { shielded: [`#/tx/${id}`, says('Phoenix · ')] }, 'shielded');
  assert.deepEqual(browser.errors(), []);
  await browser.stop();
  await node.stop();
});
