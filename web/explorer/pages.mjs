// A list whose newest entry comes first, read from the server page by page while new entries arrive. Pure but for the
// function that reads.

const kMostRefreshed = 4; // pages that a refresh reads to reach known entries; beyond them the list begins again

export class Pages {
  #entries = [];
  #next = null; // cursor of the next page; null: no more pages
  #limit = 0; // entries that are shown
  #read;
  #key;
  #work = Promise.resolve();

  /** `read(before)` resolves with a page, `{ entries, next }`. `key` makes the name of an entry. */
  constructor(read, key) {
    this.#read = read;
    this.#key = key;
  }

  get shown() {
    return this.#entries.slice(0, this.#limit);
  }
  get hasOlder() {
    return this.#next !== null || this.#entries.length > this.#limit;
  }

  /** Reads the list from the begin. */
  async load() {
    const { entries, next } = await this.#read();
    this.#entries = entries;
    this.#next = next;
    this.#limit = Math.max(entries.length, this.#limit);
  }

  /** Shows `more` further entries. */
  async readOlder(more) {
    this.#limit += more;
    if (this.#entries.length >= this.#limit || this.#next === null) return;
    const { entries, next } = await this.#read(this.#next);
    this.#entries.push(...entries);
    this.#next = next;
  }

  /** Reads the entries that came since. */
  async refresh() {
    const known = new Set(this.#entries.map(this.#key));
    const fresh = [];
    let next;
    for (let pages = 0; pages < kMostRefreshed; ++pages) {
      const page = await this.#read(next);
      const unknown = page.entries.filter((one) => !known.has(this.#key(one)));
      fresh.push(...unknown);
      next = page.next;
      if (unknown.length < page.entries.length || next === null) {
        this.#entries.unshift(...fresh);
        this.#limit += fresh.length;
        return;
      }
    }
    this.#entries = fresh;
    this.#next = next;
    this.#limit = fresh.length;
  }

  /** Runs steps one after another, because each changes the entries with which the next one begins. */
  runner(signal, draw, failed) {
    return (step) => (this.#work = this.#work.then(() => signal.aborted || step().then(draw)).catch(failed));
  }
}
