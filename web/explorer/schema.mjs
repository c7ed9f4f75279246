// The schema of a data driver. Its owner chose every word of it, so everything is checked and bounded. Pure.

const kMost = 200; // functions, and as many events
const kMostName = 200; // characters; the server's paths have room for more
const kMostType = 120;

const isName = (name) => typeof name === 'string' && name !== '' && name.length <= kMostName;
const typeOf = (type) => (typeof type === 'string' ? type.slice(0, kMostType) : type === undefined ? '' : JSON.stringify(type).slice(0, kMostType));

/**
 * Reads a schema: `{ functions: [{ name, input, output }], events: [{ topic, type }], left }`. `left` counts entries
 * that are malformed, have names that are too long, or are too many. undefined: it is no schema.
 */
export function readSchema(json) {
  if (json === null || typeof json !== 'object' || !Array.isArray(json.functions)) return undefined;
  const given = Array.isArray(json.events) ? json.events : [];
  const events = given.slice(0, kMost).flatMap(topicsOf);
  const functions = take(json.functions, 'name', ({ name, input, output }) => ({ name, input: typeOf(input), output: typeOf(output) }));
  const topics = take(events, 'topic', ({ topic, data }) => ({ topic, type: typeOf(data) }));
  return { functions, events: topics, left: json.functions.length - functions.length + Math.max(given.length - kMost, 0) + events.length - topics.length };
}

/** An entry for each topic of an event. Drivers of dusk-forge have a list, the genesis drivers one topic. */
function topicsOf(event) {
  if (!Array.isArray(event?.topics)) return [event];
  return event.topics.slice(0, kMost).map((topic) => ({ topic, data: event.data }));
}

function take(entries, key, make) {
  const seen = new Set();
  return entries.slice(0, kMost).filter((one) => {
    if (one === null || typeof one !== 'object' || !isName(one[key]) || seen.has(one[key])) return false;
    seen.add(one[key]);
    return true;
  }).map(make);
}

/** JSON to begin with, for an argument of this type. */
export function exampleOf(type) {
  const bare = type.replace(/\s/g, '');
  if (bare === '()' || bare === '') return 'null';
  if (/^[ui](8|16|32|64)$/.test(bare)) return '0';
  if (bare === 'bool') return 'false';
  if (bare === '(u64,u64)') return '[0, 10]';
  return /^Vec</.test(bare) ? '[]' : /^(String|AccountPublicKey|ContractId|BlsScalar)$/.test(bare) ? '""' : '';
}

/**
 * Splits the text of a JSON array that arrives in pieces, such as the answer to a feeder, into the texts of its items.
 * It keeps at most `most` items of together `mostCharacters`.
 */
export class Items {
  texts = [];
  isCut = false; // more came than is kept
  #part = '';
  #size = 0;
  #depth = 0;
  #isText = false;
  #isEscaped = false;

  constructor(most, mostCharacters) {
    this.most = most;
    this.mostCharacters = mostCharacters;
  }

  /** Takes the next piece. False: nothing more is wanted. */
  take(piece) {
    for (const letter of piece) {
      if (this.isCut) return false;
      if (this.#isText) {
        if (this.#isEscaped) this.#isEscaped = false;
        else if (letter === '\\') this.#isEscaped = true;
        else if (letter === '"') this.#isText = false;
      } else if (letter === '"') {
        this.#isText = true;
      } else if (letter === '[' || letter === '{') {
        if (++this.#depth === 1) continue;
      } else if (letter === ']' || letter === '}') {
        if (--this.#depth === 0) {
          this.#end();
          continue;
        }
      } else if (letter === ',' && this.#depth === 1) {
        this.#end();
        continue;
      }
      if (++this.#size > this.mostCharacters || this.texts.length === this.most) this.isCut = true;
      else this.#part += letter;
    }
    return !this.isCut;
  }

  #end() {
    if (this.#part !== '') this.texts.push(this.#part);
    this.#part = '';
  }
}
