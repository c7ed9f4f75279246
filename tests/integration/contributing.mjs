// The walk "Add an endpoint" of CONTRIBUTING.md: its blocks fit the tree, and the endpoint builds and passes the test of the walk.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { kRoot } from './dev_script.mjs';
import { withFolder } from './node.mjs';

const kBuild = process.env.RUES_BUILD;
if (process.env.RUES_SANITIZE) {
  console.log('skipped: the compiler says the same without sanitizers');
  process.exit(77);
}

/** The blocks of the walk, applied to copies below `folder`. The names of the changed files. */
function apply(folder) {
  const page = readFileSync(join(kRoot, 'CONTRIBUTING.md'), 'utf8');
  const changed = [];
  for (const [, file, after, block] of page.matchAll(/^<!-- apply: (\S+) (?:create|after: ([^\n]*)) -->\n```\w*\n(.*?)^```$/gms)) {
    const copy = join(folder, file);
    mkdirSync(dirname(copy), { recursive: true });
    changed.push(file);
    if (after === undefined) {
      assert.ok(!existsSync(join(kRoot, file)), `${file} exists already`);
      writeFileSync(copy, block);
      continue;
    }
    const lines = readFileSync(existsSync(copy) ? copy : join(kRoot, file), 'utf8').split('\n');
    const at = lines.flatMap((line, i) => (line.includes(after) ? [i] : []));
    assert.equal(at.length, 1, `${file}: ${at.length} lines contain ${after}`);
    lines.splice(at[0] + 1, 0, ...block.trimEnd().split('\n'));
    writeFileSync(copy, lines.join('\n'));
  }
  return changed;
}

/** The command of the build that makes `target`, without what comes after it. */
const command = (target) => execFileSync('ninja', ['-C', kBuild, '-t', 'commands', '-s', target], { encoding: 'utf8' }).trim();
/** An object that the build makes in `folder`; of one source or, where RUES_QUICK_BUILD is on, of several. */
const objectIn = (folder) =>
  execFileSync('ninja', ['-C', kBuild, '-t', 'targets', 'all'], { encoding: 'utf8', maxBuffer: 1 << 26 })
    .split('\n')
    .map((line) => line.split(': ')[0])
    .find((target) => target.startsWith(folder) && target.endsWith('.o'));
const shell = (text) => execFileSync('bash', ['-c', text], { cwd: kBuild, stdio: ['ignore', 'inherit', 'inherit'] });

await withFolder((folder) => {
  const changed = apply(folder);
  assert.equal(changed.length, 8);

  // The changed sources, each with the flags of a neighbour, and with the changed headers in front of the tree's.
  const objects = [];
  const neighbours = { src: objectIn('CMakeFiles/rues_api.dir/'), tests: objectIn('tests/CMakeFiles/unit_api.dir/') };
  for (const file of changed.filter((name) => name.endsWith('.cpp'))) {
    const neighbour = neighbours[file.split('/')[0]];
    const object = join(folder, `${objects.length}.o`);
    const text = command(neighbour).replaceAll(neighbour, object).replace(/ -c \S+/, ` -c ${join(folder, file)}`);
    shell(text.replace(/ -I/, ` -I${join(folder, 'src')} -I${join(folder, 'tests')} -I`));
    objects.push(object);
  }
  assert.equal(objects.length, 3);

  // Their objects take the place of those in the libraries, which are only looked at for what is still missing.
  const program = join(folder, 'walk');
  const link = command('tests/unit_api').replace(/^.*?&& /, '').replace(/ && .*$/s, '');
  const others = /(?: tests\/CMakeFiles\/unit_api\.dir\/\S+\.o)+/;
  assert.match(link, others);
  shell(link.replace(others, ` ${objects.join(' ')}`).replace(' -o tests/unit_api', ` -o ${program}`));
  const said = execFileSync(program, ['--gtest_filter=HeightsTest.*'], { encoding: 'utf8' });
  assert.match(said, /\[  PASSED  \] 2 tests/);
});
