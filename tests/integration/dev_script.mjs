// What a reader of the README does: its examples, and `./dev run` with the program that is built already.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kProgram, within } from './node.mjs';

export const kRoot = fileURLToPath(new URL('../../', import.meta.url));

/** The indented block of a page that begins with `first`, without its indentation. */
export function example(first, page = 'README.md') {
  const lines = readFileSync(join(kRoot, page), 'utf8').split('\n');
  const begin = lines.indexOf(`    ${first}`);
  assert.notEqual(begin, -1, `${page} has no line ${first}`);
  const end = lines.findIndex((line, i) => i > begin && /^[^ ]/.test(line));
  return lines.slice(begin, end).map((line) => line.slice(4)).join('\n');
}

/** A running `./dev run`; `port` is the one it tries first. */
export class Run {
  constructor(port, flags = [], root = kRoot) {
    this.child = spawn(join(root, 'dev'), ['run', ...flags], { env: { ...process.env, RUES_PORT: port, RUES_PROGRAM: kProgram } });
    process.on('exit', () => this.child.kill('SIGTERM'));
    this.text = '';
    this.listeners = new Set();
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.on('data', (bytes) => {
        this.text += bytes;
        for (const listener of this.listeners) listener();
      });
    }
    this.ended = once(this.child, 'close').then(([code]) => code);
  }

  /** The match of the first output for `pattern`. */
  async printed(pattern) {
    const found = new Promise((resolve, reject) => {
      const look = () => pattern.test(this.text) && resolve(pattern.exec(this.text));
      this.listeners.add(look);
      look();
      this.ended.then((code) => reject(new Error(`ended with ${code}:\n${this.text}`)));
    });
    return within(found, `output ${pattern}`);
  }

  /** The port of the chain after the demo, which must have succeeded. */
  async demo() {
    const [, port] = await this.printed(/the chain goes on at http:\/\/127\.0\.0\.1:(\d+)/);
    assert.match(this.text, /executed in block \d+/);
    assert.match(this.text, /== \d+ s to the first block/);
    return Number(port);
  }

  async stop(signal) {
    this.child.kill(signal);
    return within(this.ended, `end after ${signal}`);
  }
}
