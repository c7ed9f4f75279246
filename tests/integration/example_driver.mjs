// The data driver of examples/contract, on Node's own WebAssembly: what it converts, what it refuses, and the limits of its interface.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataDriver, DriverError } from './data_driver.mjs';
import { buildExample } from './example.mjs';
import { kEntryBytes, kMessageBytes, keeper } from './guest_book.mjs';
import { base58, number, profile } from './moonlight.mjs';
import { seededRandom, withFolder } from './node.mjs';

/** The driver's answer must be a failure with this code and text. */
function fails(body, code, text) {
  assert.throws(body, (error) => error instanceof DriverError && assert.deepEqual([error.code, error.message], [code, text]) === undefined);
}

function rules(driver) {
  assert.equal(driver.version(), '1.0.0');
  const { name, imports, functions, events } = driver.schema();
  assert.deepEqual({ name, imports, events }, {
    name: 'GuestBook',
    imports: [],
    events: [{ topic: 'signed', data: 'Entry' }, { topic: 'collected', data: 'Collected' }],
  });
  const types = functions.map(({ name: of, input, output, custom }) => `${of}(${input}) -> ${output} ${custom}`);
  assert.deepEqual(types, [
    'init(u64) -> () false',
    'sign(Sign) -> u64 false',
    'collect(u64) -> () false',
    'about(()) -> About false',
    'entry(u64) -> Entry false',
    'entries(u64) -> Entry false',
  ]);

  // Numbers, and nothing.
  for (const [json, value] of [['5', 5n], ['"5"', 5n], [' 0\n', 0n], ['"18446744073709551615"', 2n ** 64n - 1n]]) {
    assert.deepEqual(driver.encodeInput('collect', json), number(value), json);
    assert.equal(driver.decodeInput('collect', number(value)), value.toString());
  }
  const digits = 'Json("a number of decimal digits is expected")';
  for (const json of ['', '""', '"5', '-1', '05', 'x', 'null', '"5 "']) fails(() => driver.encodeInput('collect', json), 2, digits);
  for (const json of ['5x', '5 5', '1.5', '1e3', '5,']) fails(() => driver.encodeInput('collect', json), 2, 'Json("text after the value")');
  for (const json of ['18446744073709551616', '99999999999999999999']) fails(() => driver.encodeInput('collect', json), 2, 'Json("the number is too large")');
  for (const json of ['null', '']) assert.equal(driver.encodeInput('about', json).length, 0);
  for (const json of ['nul', '{}', '0']) fails(() => driver.encodeInput('about', json), 2, 'Json("null is expected")');
  assert.equal(driver.decodeOutput('collect', Buffer.alloc(0)), null);
  fails(() => driver.decodeOutput('collect', Buffer.alloc(1)), 2, 'Bytes("no bytes are expected")');
  fails(() => driver.decodeInput('entry', Buffer.alloc(7)), 2, 'Bytes("a number has 8 bytes")');

  // Messages: every kind of escape, every length of UTF-8.
  const message = 'a "quoted" \\ / \b\f\n\r\t\u0001 ü € 😀';
  const bytes = Buffer.concat([number(7), Buffer.from(message)]);
  assert.deepEqual(driver.encodeInput('sign', { message, tip: '7' }), bytes);
  assert.deepEqual(driver.decodeInput('sign', bytes), { message, tip: '7' });
  const escaped = '{ "tip" : 7 , "message" : "\\u0041\\u00fc\\u20AC\\uD83D\\ude00\\/\\b" }';
  assert.deepEqual(driver.encodeInput('sign', escaped), Buffer.concat([number(7), Buffer.from('Aü€😀/\b')]));
  const longest = 'm'.repeat(kMessageBytes);
  assert.equal(driver.encodeInput('sign', { message: longest, tip: 0 }).length, 8 + kMessageBytes);
  const fields = 'the fields are message and tip, once each';
  const refused = [
    [`{"message":"${longest}m","tip":0}`, 'the message has more than 136 bytes'],
    ['{"message":"m"}', fields],
    ['{"tip":1}', fields],
    ['{"tip":1,"tip":1,"message":"m"}', fields],
    ['{"tip":1,"message":"m","more":1}', fields],
    ['{"tip":1,"message":"m","messages":"m"}', fields],
    ['{}', 'a string is expected'],
    ['{"tip":1,}', 'a string is expected'],
    ['{"tip" 1}', 'a colon is expected after the name of a field'],
    ['{"tip":1 "message":"m"}', 'a comma or the end of the object is expected'],
    ['["m",1]', 'an object with message and tip is expected'],
    ['{"tip":1,"message":5}', 'a string is expected'],
    ['{"tip":1,"message":"m', 'the string has no end'],
    ['{"tip":1,"message":"\n"}', 'control character in a string'],
    ['{"tip":1,"message":"\\x"}', 'unknown escape in a string'],
    ['{"tip":1,"message":"\\u00g0"}', '\\\\u must have four hex digits'],
    ['{"tip":1,"message":"\\ud83d"}', 'half of a surrogate pair in a string'],
    ['{"tip":1,"message":"\\ude00\\ud83d"}', 'half of a surrogate pair in a string'],
    ['{"tip":1,"message":"m"}}', 'text after the value'],
  ];
  for (const [json, why] of refused) fails(() => driver.encodeInput('sign', json), 2, `Json("${why}")`);
  // Overlong forms, a surrogate, a number above U+10FFFF, a sequence that is cut.
  for (const hex of ['c080', 'e08080', 'eda080', 'f4908080', 'f0808080', 'e282', 'ff', '80']) {
    const wrong = Buffer.from(hex, 'hex');
    const json = Buffer.concat([Buffer.from('{"tip":1,"message":"'), wrong, Buffer.from('"}')]);
    fails(() => driver.convert('encode_input_fn', 'sign', json), 2, 'Json("the string is not UTF-8")');
    fails(() => driver.decodeInput('sign', Buffer.concat([number(1), wrong])), 2, 'Bytes("the message is not UTF-8")');
  }
  fails(() => driver.decodeInput('sign', Buffer.alloc(7)), 2, 'Bytes("a signature has a tip of 8 bytes and a message")');

  // Keys become the texts that wallets show, whichever sign y has.
  for (const { raw, account } of [0, 1, 2, 3, 4, 5, 6, 7].map(profile)) {
    assert.deepEqual(driver.decodeEvent('collected', Buffer.concat([number(3), raw])), { keeper: account, value: '3' });
  }
  const identity = Buffer.concat([number(3), Buffer.alloc(192), Buffer.from([1]), Buffer.alloc(7)]);
  assert.equal(driver.decodeEvent('collected', identity).keeper, base58(Buffer.from(`c0${'00'.repeat(95)}`, 'hex')));
  const notReduced = Buffer.concat([number(3), Buffer.alloc(48, 255), keeper.raw.subarray(48)]);
  fails(() => driver.decodeEvent('collected', notReduced), 2, 'Bytes("not an account\'s key")');
  fails(() => driver.decodeEvent('collected', Buffer.alloc(207)), 2, 'Bytes("the event has 208 bytes")');
  fails(() => driver.decodeEvent('signed', Buffer.alloc(kEntryBytes - 1)), 2, 'Bytes("an entry has 368 bytes")');
  const tooLong = Buffer.alloc(kEntryBytes);
  tooLong.writeBigUInt64LE(BigInt(kMessageBytes + 1), 224);
  fails(() => driver.decodeEvent('signed', tooLong), 2, 'Bytes("not a message")');
  fails(() => driver.decodeOutput('about', Buffer.alloc(327)), 2, 'Bytes("the answer has 328 bytes")');

  // What there is not, and the limits of the interface.
  fails(() => driver.encodeInput('greet', '1'), 2, 'Unsupported("fn_name greet")');
  fails(() => driver.decodeOutput('"', Buffer.alloc(0)), 2, 'Unsupported("fn_name \\"")');
  fails(() => driver.decodeEvent('sign', Buffer.alloc(0)), 2, 'Unsupported("event sign")');
  fails(() => driver.decodeInput('€'.repeat(100), Buffer.alloc(0)), 2, `Unsupported("fn_name ${'€'.repeat(21)}")`);
  fails(() => driver.convert('encode_input_fn', Buffer.from([0xff]), Buffer.alloc(0)), 1, 'Name("not UTF-8")');
  fails(() => driver.convert('decode_input_fn', 'sign', bytes, 20), 4, '');
  fails(() => driver.read('get_version', 8), 4, '');
  fails(() => driver.read('get_version', 3), 4, '');
  assert.equal(driver.read('get_version', 9).toString(), '1.0.0');
  assert.equal(driver.read('get_last_error').length, 0, 'the last text was read');
  // As many bytes as a call can have, and many requests: memory is used again.
  fails(() => driver.decodeInput('entry', Buffer.alloc(65_536)), 2, 'Bytes("a number has 8 bytes")');
  const size = driver.exports.memory.buffer.byteLength;
  for (let i = 0; i < 1_000; ++i) driver.encodeInput('collect', '5');
  assert.equal(driver.exports.memory.buffer.byteLength, size);
  assert.equal(driver.exports.alloc(-1), 0, 'more than there is');
}

/** What the driver accepts is JSON, and means the same to JSON.parse; what JSON.stringify writes is accepted; damaged text and bytes never trap. */
function agreesWithJson(driver) {
  const random = seededRandom();
  const below = (count) => Math.floor(random() * count);
  const character = () => [() => below(0x80), () => below(0x800), () => below(0xd800), () => 0xe000 + below(0x2000), () => 0x10000 + below(0x100000)][below(5)]();
  const alphabet = [...'{}[]:,"\\u0123456789abdefmnrst /-+.eE\n\t', 'message', 'tip', 'null', '\\ud83d\\ude00', 'ü', '😀'];
  let accepted = 0;
  for (let i = 0; i < 5_000; ++i) {
    const message = String.fromCodePoint(...Array.from({ length: below(30) }, character));
    const tip = String(below(2 ** 40)); // a double holds it exactly, also with more digits
    const text = JSON.stringify(below(2) ? { message, tip } : { tip, message }, null, below(3));
    const bytes = driver.encodeInput('sign', text);
    assert.deepEqual(driver.decodeInput('sign', bytes), { message, tip }, text);

    const characters = [...text];
    for (let edits = 1 + below(3); edits > 0; --edits) characters.splice(below(characters.length + 1), below(2), alphabet[below(alphabet.length)]);
    const damaged = characters.join('');
    try {
      const encoded = driver.encodeInput('sign', damaged);
      const meant = JSON.parse(damaged);
      assert.deepEqual(driver.decodeInput('sign', encoded), { message: meant.message, tip: BigInt(meant.tip).toString() }, damaged);
      ++accepted;
    } catch (error) {
      if (!(error instanceof DriverError)) throw error;
    }

    const entry = Buffer.concat([number(0), number(0), number(0), keeper.raw, number(below(kMessageBytes)), Buffer.alloc(kMessageBytes, 'm')]);
    entry[below(entry.length)] = below(256);
    try {
      driver.decodeEvent('signed', entry);
    } catch (error) {
      if (!(error instanceof DriverError)) throw error;
    }
  }
  assert.ok(accepted > 100, `${accepted} damaged texts are still right`);
}

await withFolder((folder) => {
  buildExample(folder);
  const wasm = readFileSync(join(folder, 'driver.wasm'));
  fails(() => new DataDriver(wasm).schema(), 3, '');
  fails(() => new DataDriver(wasm).encodeInput('collect', '5'), 3, '');
  const driver = DataDriver.load(wasm);
  rules(driver);
  agreesWithJson(driver);
});
