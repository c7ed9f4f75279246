// The contracts that were deployed while a real node was recorded.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { kTestData } from './node.mjs';

/** The modules of the recorded deployments: the one without `init`, and the one with it. */
function recordedModules() {
  const { blocks } = JSON.parse(readFileSync(join(kTestData, 'rusk-1.7/chain-contracts.json')));
  const deployments = blocks.flatMap(({ transactions }) => transactions ?? []).filter(({ isDeploy, raw, err }) => isDeploy && !err && typeof raw === 'string');
  const modules = deployments.map(({ raw }) => {
    const bytes = Buffer.from(raw, 'hex');
    const begin = bytes.indexOf('\0asm\x01\0\0\0', 'latin1');
    return bytes.subarray(begin, begin + Number(bytes.readBigUInt64LE(begin - 8)));
  });
  const isWithInit = (module) => module.includes('init');
  return [modules.find((module) => !isWithInit(module)), modules.find(isWithInit)];
}

export const [plainModule, moduleWithInit] = recordedModules();
