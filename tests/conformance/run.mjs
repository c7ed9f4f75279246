// node tests/conformance/run.mjs URL [--plain-rusk] [--only requests|sessions]
//
// Checks whether the server at URL behaves as Rusk 1.7.0 did and, without `--plain-rusk`, as docs/delivery.md says. The
// server must have a fresh local chain. For sessions it must make blocks by itself. Needs nothing but Node.
// Exit code 0: no difference; 1: differences, which are printed; 2: wrong use.
import { compareWithRecording, targetOf } from './recorded.mjs';
import { compareSessions } from './sessions.mjs';

const [url, ...flags] = process.argv.slice(2);
const plain = flags.includes('--plain-rusk');
const only = flags.includes('--only') ? flags[flags.indexOf('--only') + 1] : undefined;
if (!URL.canParse(url ?? '') || (flags.includes('--only') && !['requests', 'sessions'].includes(only))) {
  console.error('usage: node run.mjs http://HOST:PORT [--plain-rusk] [--only requests|sessions]');
  process.exit(2);
}
const failures = [];
if (only !== 'sessions') {
  // A plain Rusk must answer as recorded, even where this project answers something else.
  const found = await compareWithRecording(url, plain);
  failures.push(...found.failures);
  console.log(`requests: ${found.equal} as recorded, ${found.listed} listed deviations, ${found.failures.length} failures`);
}
if (only !== 'requests') {
  const found = await compareSessions(targetOf(url), plain);
  failures.push(...found.failures);
  console.log(`sessions: ${found.equal} as expected, ${found.failures.length} failures`);
}
for (const failure of failures) console.log(failure);
process.exit(failures.length === 0 ? 0 : 1);
