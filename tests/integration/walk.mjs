// The first hour of a new user: clone, ./dev run, a transfer with a memo, and its memo in the command line, in the explorer, in JavaScript and in
// C++ against the installed package.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Browser } from './browser.mjs';
import { Run, example, kRoot } from './dev_script.mjs';
import { withFolder } from './node.mjs';
import { Watcher } from './watcher.mjs';

const kBuild = process.env.RUES_BUILD;
const kMemo = 'lunch & tea';
if (process.env.RUES_SANITIZE || !existsSync(join(kRoot, '.git'))) {
  console.log(`skipped: ${process.env.RUES_SANITIZE ? 'a user builds without sanitizers' : 'not a git checkout'}`);
  process.exit(77);
}

const tool = (name, ...args) => execFileSync(name, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

await withFolder(async (folder) => {
  const clone = join(folder, 'rues');
  tool('git', 'clone', '-q', kRoot, clone);
  const run = new Run(0, ['--block-time', '300ms'], clone);
  const url = `http://127.0.0.1:${await run.demo()}`;

  // The program and the C++ package, as `cmake --install` puts them into an empty prefix.
  const prefix = join(folder, 'prefix');
  tool('cmake', '--install', kBuild, '--prefix', prefix);
  const rues = join(prefix, 'bin/rues');
  const cpp = join(folder, 'cpp');
  mkdirSync(cpp);
  writeFileSync(join(cpp, 'main.cpp'), example('#include <rues/client.hpp>'));
  writeFileSync(
    join(cpp, 'CMakeLists.txt'),
    `cmake_minimum_required(VERSION 3.25)
project(walk LANGUAGES CXX)
find_package(rues REQUIRED)
add_executable(walk main.cpp)
target_link_libraries(walk PRIVATE rues::client)
`,
  );
  tool('cmake', '-S', cpp, '-B', join(cpp, 'build'), '-G', 'Ninja', `-DCMAKE_PREFIX_PATH=${prefix}`);
  tool('cmake', '--build', join(cpp, 'build'));

  // JavaScript, as `npm install` of the folder and of `ws` leaves it.
  const js = join(folder, 'js');
  mkdirSync(join(js, 'node_modules'), { recursive: true });
  symlinkSync(join(clone, 'clients/js'), join(js, 'node_modules/rues-client'));
  symlinkSync(join(process.env.RUES_NODE_MODULES, 'node_modules/ws'), join(js, 'node_modules/ws'));
  writeFileSync(join(js, 'walk.mjs'), example("import { connect } from 'rues-client';"));

  const watchers = [new Watcher(join(cpp, 'build/walk'), [url]), new Watcher(process.execPath, [join(js, 'walk.mjs'), url])];
  for (const watcher of watchers) await watcher.line(/header/); // it is subscribed
  const id = tool(rues, 'transfer', '--url', url, '--to', '#1', '--amount', '1.5', '--memo', kMemo, '--wait').split('\n')[0];
  assert.match(id, /^[0-9a-f]{64}$/);
  for (const watcher of watchers) {
    await watcher.line(new RegExp(id));
    watcher.child.kill();
  }
  await run.printed(new RegExp(`transactions/included +${id.slice(0, 8)}….*1\\.5 DUSK.*“${kMemo}”`));

  // Afterwards: the history over GraphQL, and the explorer.
  const asked = tool(rues, 'call', '--url', url, '/on/graphql/query', `query { tx(hash: "${id}") { err tx { json } } }`);
  assert.ok(asked.includes(Buffer.from(kMemo).toString('hex')), asked);
  const browser = await Browser.start(folder, `${url}/explorer#/tx/${id}`);
  await browser.until(`document.getElementById('main').textContent.includes(${JSON.stringify(kMemo)})`, 'the memo in the explorer');
  await browser.stop();

  assert.equal(await run.stop('SIGINT'), 130);
});
