// A host of data drivers on Node's own WebAssembly, as an SDK has one (docs/reference/machine.md 4).
const kOutputBytes = 65_536;
const kErrorBytes = 1_024;

/** A driver's answer that is not 0, with the text of its `get_last_error`. */
export class DriverError extends Error {
  constructor(code, text) {
    super(text);
    this.code = code;
  }
}

export class DataDriver {
  /** A driver that nobody has initialised yet. */
  constructor(wasm) {
    this.exports = new WebAssembly.Instance(new WebAssembly.Module(wasm), {}).exports;
  }

  static load(wasm) {
    const driver = new DataDriver(wasm);
    driver.exports.init();
    return driver;
  }

  encodeInput(name, json) {
    return this.convert('encode_input_fn', name, Buffer.from(typeof json === 'string' ? json : JSON.stringify(json)));
  }
  decodeInput(name, bytes) {
    return JSON.parse(this.convert('decode_input_fn', name, bytes).toString());
  }
  decodeOutput(name, bytes) {
    return JSON.parse(this.convert('decode_output_fn', name, bytes).toString());
  }
  decodeEvent(topic, bytes) {
    return JSON.parse(this.convert('decode_event', topic, bytes).toString());
  }
  schema() {
    return JSON.parse(this.read('get_schema').toString());
  }
  version() {
    return this.read('get_version').toString();
  }

  convert(name, subject, data, outputBytes = kOutputBytes) {
    return this.within([Buffer.from(subject), data], (pointers) => this.read(name, outputBytes, ...pointers));
  }

  /** Calls an export that writes an output behind a length of four bytes. */
  read(name, outputBytes = kOutputBytes, ...parameters) {
    return this.within([Buffer.alloc(outputBytes)], (out) => {
      const code = this.exports[name](...parameters, ...out);
      if (code !== 0) throw new DriverError(code, name === 'get_last_error' ? '' : this.read('get_last_error', kErrorBytes).toString());
      const memory = Buffer.from(this.exports.memory.buffer);
      const start = out[0] + 4;
      return Buffer.from(memory.subarray(start, start + memory.readUInt32LE(out[0])));
    });
  }

  /** Calls `body` with pointers and lengths of copies of `blocks` in the driver's memory. */
  within(blocks, body) {
    const places = blocks.map((bytes) => {
      const pointer = this.exports.alloc(bytes.length);
      if (pointer <= 0) throw new Error(`alloc(${bytes.length}) answers ${pointer}`);
      Buffer.from(this.exports.memory.buffer).set(bytes, pointer);
      return [pointer, bytes.length];
    });
    try {
      return body(places.flat());
    } finally {
      for (const [pointer, length] of places) this.exports.dealloc(pointer, length);
    }
  }
}
