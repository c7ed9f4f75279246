// node tests/conformance/run.mjs URL [--plain-rusk] [--only requests|sessions]: whether the server at URL, on a fresh local chain, behaves as
// Rusk 1.7.0 did; without the flag also as docs/delivery.md says. Sessions need a server that makes blocks by itself. Needs nothing but Node.
// Exit 0: it does; 1: it does not, each difference is printed; 2: wrong use.
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
  // A plain Rusk has to answer as recorded, whatever this project does instead.
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
