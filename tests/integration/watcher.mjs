import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { within } from './node.mjs';

/** A program that prints what happens, beside a test, until it is stopped. */
export class Watcher {
  constructor(program, args, options = {}) {
    this.what = [program, ...args].join(' ');
    this.child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'inherit'] });
    process.on('exit', () => this.child.kill());
    this.lines = createInterface(this.child.stdout)[Symbol.asyncIterator]();
  }

  /** The next line that `pattern` matches. */
  line(pattern) {
    const find = async () => {
      for (;;) {
        const { value, done } = await this.lines.next();
        if (done) throw new Error(`${this.what} ended without a line like ${pattern}`);
        if (pattern.test(value)) return value;
      }
    };
    return within(find(), `${pattern} of ${this.what}`);
  }
}
