// node tests/conformance/run.mjs URL: whether the server at URL, on a fresh local chain, answers as Rusk 1.7.0 did.
// Needs nothing but Node. Exit 0: it does; 1: it does not, each difference is printed; 2: wrong use.
import { compareWithRecording } from './recorded.mjs';

const [url] = process.argv.slice(2);
if (!URL.canParse(url ?? '')) {
  console.error('usage: node run.mjs http://HOST:PORT');
  process.exit(2);
}
const { equal, listed, failures } = await compareWithRecording(url);
for (const failure of failures) console.log(failure);
console.log(`${equal} as recorded, ${listed} listed deviations, ${failures.length} failures`);
process.exit(failures.length === 0 ? 0 : 1);
