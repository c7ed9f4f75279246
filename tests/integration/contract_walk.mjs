// A new user's walk with a contract: clone, ./dev run, build the example, and the commands of its README as they stand there: deploy, upload the driver,
// call, query, collect. The decoded event is seen by `rues listen --decode`, by a program in JavaScript, and on the contract's page in the explorer.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Browser } from './browser.mjs';
import { Run, example, kRoot } from './dev_script.mjs';
import { buildExample } from './example.mjs';
import { kProgram, withFolder, within } from './node.mjs';
import { Watcher } from './watcher.mjs';

if (process.env.RUES_SANITIZE || !existsSync(join(kRoot, '.git'))) {
  console.log(`skipped: ${process.env.RUES_SANITIZE ? 'a user builds without sanitizers' : 'not a git checkout'}`);
  process.exit(77);
}

const kPage = 'examples/contract/README.md';
const kMessage = 'hello';
const kGuest = 'ocXXBAafr7xFqQTpC1vfdSYdHMXerbPCED2apyUVpLjkuycsizDxwA6b9D7UW91kG58PFKqm9U9NmY9VSwufUFL5rVRSnFSYxbiKK658TF6XjHsHGBzavFJcxAzjjBRM4eF';

/** Waits until as many sessions subscribed to the contract's events. */
async function subscribed(url, id, count) {
  const json = async (path) => (await fetch(`${url}${path}`)).json();
  const ready = async () => {
    const { sessions } = await json('/debug/sessions');
    // A session that ended in between has no subscriptions.
    const lists = await Promise.all(sessions.map(async (one) => (await json(`/debug/sessions/${one.id}`)).subscriptions ?? []));
    return lists.filter((uris) => uris.includes(`/on/contracts:${id}/signed`)).length >= count;
  };
  const look = async () => {
    while (!(await ready())) await new Promise((resolve) => setTimeout(resolve, 50));
  };
  await within(look(), `${count} subscriptions of ${id}`);
}

await withFolder(async (folder) => {
  const clone = join(folder, 'rues');
  execFileSync('git', ['clone', '-q', kRoot, clone]);
  const run = new Run(0, ['--block-time', '300ms'], clone);
  const url = `http://127.0.0.1:${await run.demo()}`;
  buildExample(folder, join(clone, 'examples/contract'));

  const env = { ...process.env, RUES_URL: url, PATH: `${dirname(kProgram)}:${process.env.PATH}` };
  const shell = (line) => execFileSync('bash', ['-ec', line], { cwd: folder, encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'inherit'] });
  const [deploy, upload, listen, sign, about, entries, collect, ...more] = example('ID=$(rues deploy contract.wasm --wait | sed -n 1p)', kPage).trim().split('\n');
  assert.deepEqual(more, []);

  env.ID = shell(`${deploy}; echo $ID`).trim();
  assert.match(env.ID, /^[0-9a-f]{64}$/);
  assert.match(shell(upload), /uploaded/);

  // Two watchers: the command, and a program in JavaScript as `npm install` of the client's folder leaves it.
  const js = join(folder, 'js');
  mkdirSync(join(js, 'node_modules'), { recursive: true });
  symlinkSync(join(clone, 'clients/js'), join(js, 'node_modules/rues-client'));
  symlinkSync(join(process.env.RUES_NODE_MODULES, 'node_modules/ws'), join(js, 'node_modules/ws'));
  writeFileSync(join(js, 'watch.mjs'), example("import { connect } from 'rues-client';", 'docs/guides/contracts.md'));
  assert.ok(listen.endsWith(' &'), listen);
  const watchers = [
    new Watcher('bash', ['-ec', `exec ${listen.slice(0, -2)}`], { env }),
    new Watcher(process.execPath, [join(js, 'watch.mjs'), url, env.ID, 'signed']),
  ];
  await subscribed(url, env.ID, watchers.length);
  assert.match(shell(sign), /executed in block \d+/);
  for (const watcher of watchers) {
    await watcher.line(new RegExp(kMessage));
    watcher.child.kill();
  }

  const book = JSON.parse(shell(about));
  assert.deepEqual([book.entries, book.tips], ['1', '2000000000']);
  const [entry] = JSON.parse(shell(entries));
  assert.deepEqual([entry.guest, entry.message, entry.tip], [kGuest, kMessage, '2000000000']);
  assert.match(shell(collect), /executed in block \d+/);
  assert.equal(JSON.parse(shell(about)).tips, '0');

  const browser = await Browser.start(folder, `${url}/explorer#/contract/${env.ID}`);
  const says = (text) => `document.getElementById('main').textContent.includes(${JSON.stringify(text)})`;
  await browser.until(`${says(kMessage)} && ${says('collect')}`, 'the decoded event and a function in the explorer');
  await browser.stop();

  assert.equal(await run.stop('SIGINT'), 130);
});
