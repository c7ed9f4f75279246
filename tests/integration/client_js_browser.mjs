// clients/js in a real browser, on a page of another origin, driven over the DevTools protocol: events, a killed
// server, an earlier position, a transaction. Skipped without chromium.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { Browser } from './browser.mjs';
import { RuesNode, withFolder } from './node.mjs';
import { kTransfer } from './vectors.mjs';

const kPage = (port) => `<!doctype html><script type="module">
  import { connect } from './rues.mjs';
  const client = await connect('http://127.0.0.1:${port}');
  const told = [];
  for (const type of ['lost', 'resumed', 'gap', 'ended']) client.addEventListener(type, () => told.push(type));
  const blocks = client.subscribe('/on/blocks/accepted');
  await blocks.ready;
  Object.assign(globalThis, { client, told, blocks, async take(from, count) {
    const out = [];
    while (out.length < count) out.push((await from.next()).value);
    return out;
  } });
  globalThis.isReady = true;
</script>`;

const module = readFileSync(new URL('../../clients/js/rues.mjs', import.meta.url));
await withFolder(async (folder) => {
  let node = await RuesNode.start(join(folder, 'data'), '--mining', 'manual');
  const { port } = node;
  const pages = createServer((request, response) => {
    const isModule = request.url === '/rues.mjs';
    response.setHeader('Content-Type', isModule ? 'text/javascript' : 'text/html');
    response.end(isModule ? module : kPage(port));
  });
  pages.listen(0, '127.0.0.1');
  await once(pages, 'listening');
  const browser = await Browser.start(folder, `http://127.0.0.1:${pages.address().port}/`);
  await browser.until('globalThis.isReady === true', 'page');

  await node.mine(2);
  const heights = (count) => browser.evaluate(`take(blocks, ${count}).then((events) => events.map(({ height }) => height))`);
  assert.deepEqual(await heights(2), [1, 2]);
  await node.mine();
  await node.stop('SIGKILL');
  node = await RuesNode.start(join(folder, 'data'), '--mining', 'manual', '--listen', `127.0.0.1:${port}`);
  await node.mine();
  assert.deepEqual(await heights(2), [3, 4], 'over a killed server');
  assert.deepEqual(await browser.evaluate('told'), ['lost', 'resumed'], 'and without a gap');

  const back = `client.subscribe('/on/blocks/statechange', { after: client.position.split('-')[0] + '-0' })`;
  assert.match(await browser.evaluate(`take(${back}, 1).then(([event]) => event.location)`), /statechange$/);
  const outcome = browser.evaluate(
    `client.propagate(Uint8Array.from(${JSON.stringify([...kTransfer.bytes])}), { wait: 'included', id: '${kTransfer.id}' })`,
  );
  assert.equal((await outcome).outcome, 'included');
  await browser.evaluate('client.close()');
  await browser.stop();
  pages.close();
  pages.closeAllConnections();
  await node.stop();
});
