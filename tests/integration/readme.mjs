// The examples of README.md against the real program: what they print for a block.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { RuesNode, withFolder, within } from './node.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The indented block of README.md that begins with `first`, without its indentation. */
function example(first) {
  const lines = readFileSync(join(root, 'README.md'), 'utf8').split('\n');
  const begin = lines.indexOf(`    ${first}`);
  assert.notEqual(begin, -1, `README.md has no line ${first}`);
  const end = lines.findIndex((line, i) => i > begin && /^[^ ]/.test(line));
  return lines.slice(begin, end).map((line) => line.slice(4)).join('\n');
}

/** What a program prints first while blocks are made. */
async function firstLine(node, program, ...args) {
  const child = spawn(program, [...args, `http://127.0.0.1:${node.port}`], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const printed = (async () => {
      for await (const line of createInterface(child.stdout)) return line;
      throw new Error(`${program} printed nothing`);
    })();
    return await within(printed, `line of ${program}`);
  } finally {
    child.kill();
  }
}

await withFolder(async (folder) => {
  const node = await RuesNode.start(join(folder, 'data'), '--block-time', '100ms');
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  symlinkSync(join(root, 'clients/js'), join(modules, 'rues-client'));
  symlinkSync(join(process.env.RUES_NODE_MODULES, 'node_modules/ws'), join(modules, 'ws'));
  writeFileSync(join(folder, 'example.mjs'), example("import { connect } from 'rues-client';"));

  assert.match(await firstLine(node, process.execPath, join(folder, 'example.mjs')), /^\d+ \{/);
  assert.match(await firstLine(node, process.env.RUES_README_EXAMPLE), /^\{"header":\{.*"transactions":\[\]\}$/);
  assert.equal(spawnSync(process.env.RUES_README_EXAMPLE).status, 2, 'without an argument');
  await node.stop();
});
