// clients/js in a real browser, on a page of another origin, driven over the DevTools protocol: events, a killed server, going back, a
// transaction. Skipped where there is no chromium.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { RuesNode, WebSocket, withFolder, within } from './node.mjs';
import { kTransfer } from './vectors.mjs';

const kBrowser = process.env.RUES_BROWSER ?? 'chromium';
if (spawnSync(kBrowser, ['--version']).status !== 0) {
  console.log(`skipped: no ${kBrowser}; install the Debian package chromium, or name a browser in RUES_BROWSER`);
  process.exit(77);
}

/** A browser with one page. */
class Browser {
  static async start(folder, url) {
    const browser = new Browser();
    const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run', '--remote-debugging-port=0'];
    browser.child = spawn(kBrowser, [...flags, `--user-data-dir=${folder}`, 'about:blank'], { stdio: ['ignore', 'ignore', 'pipe'] });
    process.on('exit', () => browser.child.kill('SIGKILL'));
    let log = '';
    const address = new Promise((resolve, reject) => {
      browser.child.stderr.on('data', (text) => {
        log += text;
        const found = /DevTools listening on (ws:\S+)/.exec(log);
        if (found) resolve(found[1]);
      });
      browser.child.on('exit', () => reject(new Error(`the browser ended:\n${log}`)));
    });
    browser.socket = new WebSocket(await within(address, 'address of the browser'));
    browser.answers = new Map();
    browser.socket.on('message', (text) => {
      const { id, result, error } = JSON.parse(text);
      const answer = browser.answers.get(id);
      browser.answers.delete(id);
      if (error) answer?.reject(new Error(JSON.stringify(error)));
      else answer?.resolve(result);
    });
    await within(once(browser.socket, 'open'), 'connection to the browser');
    const { targetId } = await browser.ask('Target.createTarget', { url });
    browser.session = (await browser.ask('Target.attachToTarget', { targetId, flatten: true })).sessionId;
    return browser;
  }

  ask(method, params = {}) {
    const id = (this.lastId = (this.lastId ?? 0) + 1);
    const answer = new Promise((resolve, reject) => this.answers.set(id, { resolve, reject }));
    this.socket.send(JSON.stringify({ id, method, params, sessionId: this.session }));
    return within(answer, method);
  }

  /** What an expression of the page, or its promise, is. */
  async evaluate(expression) {
    const { result, exceptionDetails } = await this.ask('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  /** `close` comes when all its processes have ended; until then they write into the folder. */
  async stop() {
    const ended = once(this.child, 'close');
    this.ask('Browser.close').catch(() => {});
    await within(ended, 'end of the browser');
  }
}

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
  const browser = await Browser.start(join(folder, 'profile'), `http://127.0.0.1:${pages.address().port}/`);
  // The first context is that of the empty page and goes while it is asked.
  const isReady = () => browser.evaluate('globalThis.isReady === true').catch(() => false);
  await within((async () => { while (!(await isReady())) await new Promise(setImmediate); })(), 'page');

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
  rmSync(join(folder, 'profile'), { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  pages.close();
  pages.closeAllConnections();
  await node.stop();
});
