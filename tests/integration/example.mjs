// Builds examples/contract as its users do.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const kSource = join(dirname(fileURLToPath(import.meta.url)), '../../examples/contract');

/** Builds contract.wasm and driver.wasm into `folder`. Where there is no compiler for WebAssembly, the test is skipped. */
export function buildExample(folder, source = kSource) {
  const { status, stderr } = spawnSync(join(source, 'build.sh'), [folder], { encoding: 'utf8' });
  if (status === 0) return;
  if (status !== 77) throw new Error(`build.sh ended with ${status}: ${stderr}`);
  console.log(`skipped: ${stderr}`);
  process.exit(77);
}
