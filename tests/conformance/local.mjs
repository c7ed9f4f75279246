// Starts the conformance runner as a user would, against our own build on a fresh chain.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { RuesNode, withFolder } from '../integration/node.mjs';

await withFolder(async (data) => {
  const runner = fileURLToPath(new URL('run.mjs', import.meta.url));
  // Requests were recorded from a chain without new blocks, sessions from a chain that makes blocks.
  for (const [only, ...mining] of [['requests', '--mining', 'manual'], ['sessions', '--block-time', '200ms']]) {
    const node = await RuesNode.start(`${data}/${only}`, ...mining);
    if (only === 'requests') await node.mine(2);
    const run = spawn(process.execPath, [runner, `http://127.0.0.1:${node.port}`, '--only', only], { stdio: 'inherit' });
    const [code] = await once(run, 'exit');
    await node.stop();
    process.exitCode ||= code;
  }
});
