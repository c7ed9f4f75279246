// Debian's chromium, driven over the DevTools protocol. A test that imports this is skipped on machines without it.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WebSocket, within } from './node.mjs';

const kBrowser = process.env.RUES_BROWSER ?? 'chromium';
if (spawnSync(kBrowser, ['--version']).status !== 0) {
  console.log(`skipped: no ${kBrowser}; install the Debian package chromium, or name a browser in RUES_BROWSER`);
  process.exit(77);
}

/** A browser with one page. Its profile is in `folder`; `stop` removes it. */
export class Browser {
  static async start(folder, url) {
    const browser = new Browser();
    browser.profile = join(folder, 'profile');
    const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run', '--remote-debugging-port=0'];
    browser.child = spawn(kBrowser, [...flags, `--user-data-dir=${browser.profile}`, 'about:blank'], { stdio: ['ignore', 'ignore', 'pipe'] });
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
    browser.told = []; // events of the protocol: { method, params }
    browser.socket.on('message', (text) => {
      const { id, method, params, result, error } = JSON.parse(text);
      if (method === 'Fetch.requestPaused') return browser.#paused(params);
      if (method) return browser.told.push({ method, params });
      const answer = browser.answers.get(id);
      browser.answers.delete(id);
      if (error) answer?.reject(new Error(JSON.stringify(error)));
      else answer?.resolve(result);
    });
    await within(once(browser.socket, 'open'), 'connection to the browser');
    const { targetId } = await browser.ask('Target.createTarget', { url: 'about:blank' });
    browser.session = (await browser.ask('Target.attachToTarget', { targetId, flatten: true })).sessionId;
    for (const domain of ['Page', 'Runtime', 'Network', 'Log']) await browser.ask(`${domain}.enable`);
    await browser.open(url);
    return browser;
  }

  ask(method, params = {}) {
    const id = (this.lastId = (this.lastId ?? 0) + 1);
    const answer = new Promise((resolve, reject) => this.answers.set(id, { resolve, reject }));
    this.socket.send(JSON.stringify({ id, method, params, sessionId: this.session }));
    return within(answer, method);
  }

  async open(url) {
    const { errorText } = await this.ask('Page.navigate', { url });
    if (errorText) throw new Error(`${url}: ${errorText}`);
  }

  /** The value of an expression in the page, or of its promise. */
  async evaluate(expression) {
    const { result, exceptionDetails } = await this.ask('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  /** Resolves with the value of an expression once it is neither false nor empty. A document that goes away meanwhile is no error. */
  until(expression, what) {
    const look = async () => {
      for (;;) {
        const value = await this.evaluate(expression).catch(() => undefined);
        if (value) return value;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    return within(look(), what ?? expression);
  }

  /**
   * Answers requests of the page instead of the server: `answer` takes `{ url, method }` of a request, and returns
   * `{ status, type, body }`, or undefined for a request that the server answers.
   */
  async answering(answer) {
    this.answerOf = answer;
    await this.ask('Fetch.enable', { patterns: [{ urlPattern: '*' }] });
  }

  async #paused({ requestId, request }) {
    const made = this.answerOf(request);
    if (!made) return this.ask('Fetch.continueRequest', { requestId }).catch(() => {});
    const { status = 200, type = 'application/json', body } = made;
    await this.ask('Fetch.fulfillRequest', {
      requestId,
      responseCode: status,
      responseHeaders: [{ name: 'content-type', value: type }],
      body: Buffer.from(body).toString('base64'),
    }).catch(() => {});
  }

  async size(width, height) {
    await this.ask('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: width < 500 });
  }

  /** Without a network no new connection is possible; existing ones may stay. */
  async offline(is) {
    await this.ask('Network.emulateNetworkConditions', { offline: is, latency: 0, downloadThroughput: -1, uploadThroughput: -1 });
  }

  /** `light` or `dark`: the preference of the user's system. */
  async scheme(value) {
    await this.ask('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value }] });
  }

  /** Saves a picture of the whole page in the build folder. */
  async picture(name) {
    const folder = join(process.env.RUES_NODE_MODULES, 'pictures');
    mkdirSync(folder, { recursive: true });
    const { data } = await this.ask('Page.captureScreenshot', { format: 'png', captureBeyondViewport: true });
    writeFileSync(join(folder, `${name}.png`), Buffer.from(data, 'base64'));
  }

  /** Types like a user, into the focused element. */
  async type(text) {
    await this.ask('Input.insertText', { text });
  }

  async press(key, code = key, more = {}) {
    const event = { key, code, windowsVirtualKeyCode: key === 'Enter' ? 13 : key === 'Tab' ? 9 : key.toUpperCase().charCodeAt(0), ...more };
    await this.ask('Input.dispatchKeyEvent', { type: 'keyDown', text: key === 'Enter' ? '\r' : key.length === 1 ? key : undefined, ...event });
    await this.ask('Input.dispatchKeyEvent', { type: 'keyUp', ...event });
  }

  /** The complaints of the page: exceptions, errors of the console, violations of its security policy. */
  errors() {
    return this.told.flatMap(({ method, params }) => {
      if (method === 'Runtime.exceptionThrown') return [params.exceptionDetails.exception?.description ?? params.exceptionDetails.text];
      if (method === 'Runtime.consoleAPICalled' && params.type === 'error') return [params.args.map((one) => one.value ?? one.description).join(' ')];
      if (method === 'Log.entryAdded' && params.entry.level === 'error') return [`${params.entry.text} ${params.entry.url ?? ''}`];
      return [];
    });
  }

  /** The URLs that the page requested, including sockets. */
  requests() {
    return this.told.flatMap(({ method, params }) => {
      if (method === 'Network.requestWillBeSent') return [params.request.url];
      return method === 'Network.webSocketCreated' ? [params.url] : [];
    });
  }

  /** The `close` event comes when all processes of the browser have ended; until then they write into the folder. */
  async stop() {
    const ended = once(this.child, 'close');
    this.ask('Browser.close').catch(() => {});
    await within(ended, 'end of the browser');
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }
}
