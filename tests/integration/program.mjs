// The program's commands, run as a shell script runs them: their output and their exit codes.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { kProgram, within } from './node.mjs';

export const kDone = 0;
export const kFailed = 1;
export const kWrongUse = 2;
export const kExecutedWithError = 3;
export const kNotExecuted = 4;
export const kTimedOut = 5;

/** Runs a command to its end. */
export function run(args, { input = '', code = kDone, env = {} } = {}) {
  const { status, stdout, stderr, error } = spawnSync(kProgram, args, { input, encoding: 'utf8', timeout: 60_000, env: { ...process.env, ...env } });
  if (error) throw error;
  assert.equal(status, code, `rues ${args.join(' ')}\n${stdout}\n${stderr}`);
  return { stdout, stderr, lines: stdout.split('\n').filter((line) => line !== '') };
}

/** A command that keeps running, with its output lines as they come. */
export class Running {
  constructor(...args) {
    this.child = spawn(kProgram, args);
    this.lines = [];
    this.log = '';
    this.waiting = [];
    this.ended = once(this.child, 'exit').then(([code]) => code);
    createInterface(this.child.stdout).on('line', (line) => {
      this.lines.push(line);
      this.wake();
    });
    this.child.stderr.on('data', (text) => {
      this.log += text;
      this.wake();
    });
  }

  wake() {
    this.waiting = this.waiting.filter((look) => !look());
  }

  until(matches, what) {
    return within(
      new Promise((resolve) => {
        const look = () => {
          if (!matches(this)) return false;
          resolve();
          return true;
        };
        if (!look()) this.waiting.push(look);
      }),
      what,
    );
  }
}

/** As `run`, while this process goes on, for a command that talks to a server in it. */
export async function runBeside(args, { code = kDone, env = {} } = {}) {
  const child = spawn(kProgram, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text) => (stdout += text));
  child.stderr.on('data', (text) => (stderr += text));
  const [status] = await within(once(child, 'close'), `end of rues ${args.join(' ')}`);
  assert.equal(status, code, `rues ${args.join(' ')}\n${stdout}\n${stderr}`);
  return { stdout, stderr, lines: stdout.split('\n').filter((line) => line !== '') };
}
