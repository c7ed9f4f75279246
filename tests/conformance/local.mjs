// The conformance runner as anybody starts it, against a program of our own build on a fresh chain.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { RuesNode, withFolder } from '../integration/node.mjs';

await withFolder(async (data) => {
  const node = await RuesNode.start(data, '--mining', 'manual');
  const runner = fileURLToPath(new URL('run.mjs', import.meta.url));
  const run = spawn(process.execPath, [runner, `http://127.0.0.1:${node.port}`], { stdio: 'inherit' });
  const [code] = await once(run, 'exit');
  await node.stop();
  process.exitCode = code;
});
