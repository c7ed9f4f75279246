// TypeScript accepts clients/js/rues.d.ts and its use in strict mode, and rues.mjs exports every value that it
// declares.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as client from '../../clients/js/rues.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const typescript = createRequire(join(process.env.RUES_NODE_MODULES, 'package.json'))('typescript');
const declarations = join(here, '../../clients/js/rues.d.ts');

const program = typescript.createProgram([join(here, 'types/uses.ts'), declarations], {
  strict: true,
  exactOptionalPropertyTypes: false,
  skipLibCheck: false,
  noEmit: true,
  types: [],
  target: typescript.ScriptTarget.ES2022,
  lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'],
  module: typescript.ModuleKind.NodeNext,
  moduleResolution: typescript.ModuleResolutionKind.NodeNext,
  paths: { 'rues-client': [declarations] },
});
const found = typescript.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
  const line = file ? `${file.fileName}:${file.getLineAndCharacterOfPosition(start).line + 1}: ` : '';
  return line + typescript.flattenDiagnosticMessageText(messageText, '\n');
});
assert.deepEqual(found, []);

// Every declared value is exported.
const checker = program.getTypeChecker();
const module = checker.getSymbolAtLocation(program.getSourceFile(declarations));
const isValue = ({ flags }) => (flags & typescript.SymbolFlags.Value) !== 0;
for (const { name } of checker.getExportsOfModule(module).filter(isValue)) assert.ok(name in client, `rues.mjs does not export ${name}`);
