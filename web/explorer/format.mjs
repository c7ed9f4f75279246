// Formats values for people. Pure: no DOM, no network.

const kLuxDecimals = 9;

/** An integer as a BigInt, from a number, a BigInt or decimal text; undefined for anything else. */
export function integer(value) {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  return typeof value === 'string' && /^-?\d{1,40}$/.test(value) ? BigInt(value) : undefined;
}

const kGroup = '\u202f'; // a narrow no-break space
const grouped = (digits) => digits.replace(/\B(?=(\d{3})+$)/g, kGroup);

/** An integer with grouped digits, exact: `1 234 567`. */
export function count(value) {
  const whole = integer(value);
  if (whole === undefined) return '–';
  return whole < 0n ? `−${grouped(String(-whole))}` : grouped(String(whole));
}

/** A number and its noun: `1 transaction`, `1 234 transactions`. */
export const many = (number, what) => `${count(number)} ${what}${integer(number) === 1n ? '' : 's'}`;

/** LUX as DUSK, with all decimals: `1 000.5 DUSK`. */
export function dusk(lux) {
  const whole = integer(lux);
  if (whole === undefined) return '–';
  const digits = String(whole < 0n ? -whole : whole).padStart(kLuxDecimals + 1, '0');
  const decimals = digits.slice(-kLuxDecimals).replace(/0+$/, '');
  return `${whole < 0n ? '−' : ''}${grouped(digits.slice(0, -kLuxDecimals))}${decimals && `.${decimals}`} DUSK`;
}

/** The product of two integers, such as gas and price. */
export function product(a, b) {
  const [x, y] = [integer(a), integer(b)];
  return x === undefined || y === undefined ? undefined : x * y;
}

/** The first and the last characters of a hash or an account. */
export const short = (text, ends = 8) => (text.length <= 2 * ends + 1 ? text : `${text.slice(0, ends)}…${text.slice(-ends)}`);

/**
 * Foreign text for a page: characters that control a terminal or the direction of text are replaced, and what is longer
 * than `most` characters is cut. Lines stay lines only with `lines`.
 */
export function tame(text, most = 200, { lines = false } = {}) {
  const whole = String(text);
  const shown = whole.slice(0, most).replace(/[\uD800-\uDBFF]$/, '')
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu, (one) => (lines && one === '\n' ? one : '\ufffd'));
  return whole.length > most ? `${shown}…` : shown;
}

const kUnits = [[86_400, 'd'], [3_600, 'h'], [60, 'min'], [1, 's']];

/** A duration in its two largest units: `90` → `1 min 30 s`. */
export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const first = kUnits.findIndex(([size]) => whole >= size);
  if (first < 0) return '0 s';
  const [[size, unit], next] = [kUnits[first], kUnits[first + 1]];
  const rest = next ? Math.floor((whole % size) / next[0]) : 0;
  return `${Math.floor(whole / size)} ${unit}${rest > 0 ? ` ${rest} ${next[1]}` : ''}`;
}

/**
 * The time since `then` (both in seconds). `then` may be in the future, because a developer can advance the chain's
 * clock.
 */
export function ago(then, now) {
  if (then - now > 2) return `in ${duration(then - now)}`;
  return now - then < 1 ? 'now' : `${duration(now - then).split(' ').slice(0, 2).join(' ')} ago`;
}

export const moment = (seconds) => new Date(seconds * 1000).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

export function bytesOfHex(hex) {
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) => parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}

/**
 * The text of a memo. Undefined for bytes that are not UTF-8, and for text with characters that control a terminal or
 * the direction of text.
 */
export function textOfHex(hex) {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytesOfHex(hex));
    return /^[^\p{Cc}\p{Cf}\p{Co}\p{Cs}]+$/u.test(text.replace(/[\n\t]/g, '')) ? text : undefined;
  } catch {
    return undefined;
  }
}

/** The LUX in the open value of a note: 8 little-endian bytes and zeros (docs/reference/phoenix-and-plonk.md 3.4). */
export function valueOfHex(hex) {
  if (typeof hex !== 'string' || !/^[0-9a-f]{16}0*$/.test(hex)) return undefined;
  return BigInt(`0x${hex.slice(0, 16).match(/../g).reverse().join('')}`);
}

const kBase58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const kKeyBytes = 96;

/** Whether a text is base58 of 96 bytes, the size of an account's public key. */
export function isAccount(text) {
  if (text.length < kKeyBytes || text.length > 140) return false;
  let value = 0n;
  for (const letter of text) {
    const digit = kBase58.indexOf(letter);
    if (digit < 0) return false;
    value = value * 58n + BigInt(digit);
  }
  const zeros = /^1*/.exec(text)[0].length;
  return zeros + Math.ceil(value.toString(16).length / 2) === kKeyBytes;
}

const kMostArgument = 65_536; // bytes of a call's argument (docs/reference/ledger.md 8.3)

/** Reads hex that a user typed, with or without `0x` and with spaces: `{ hex }`, or `{ problem }`. */
export function readHex(text) {
  const hex = text.replace(/\s+/g, '').replace(/^0x/i, '').toLowerCase();
  if (/[^0-9a-f]/.test(hex)) return { problem: 'This is not hexadecimal: only the digits 0 to 9 and a to f are.' };
  if (hex.length % 2 !== 0) return { problem: 'This is not hexadecimal of whole bytes: a digit is missing.' };
  if (hex.length > 2 * kMostArgument) return { problem: `An argument has at most ${count(kMostArgument)} bytes.` };
  return { hex };
}

const kMostJson = 262_144; // characters; the server's limit

/** Checks JSON that a user typed: `{ json }` with the text itself, so that no number is rounded, or `{ problem }`. */
export function readJson(text) {
  const json = text.trim() === '' ? 'null' : text.trim();
  if (json.length > kMostJson) return { problem: `JSON may have at most ${count(kMostJson)} characters here.` };
  try {
    JSON.parse(json);
    return { json };
  } catch (error) {
    return { problem: `This is not JSON: ${error.message}` };
  }
}

export const isHash = (text) => /^(0x)?[0-9a-fA-F]{64}$/.test(text);
export const bareHash = (text) => text.replace(/^0x/, '').toLowerCase();

/** The label of a block's status: `{"Final":3}` → `final`. `tone` is its colour. */
export function finality(status) {
  const [label] = Object.keys(status ?? {});
  return {
    Final: { text: 'final', tone: 'ok' },
    Confirmed: { text: 'confirmed', tone: 'mid' },
    Attested: { text: 'attested', tone: 'wait' },
    Accepted: { text: 'accepted', tone: 'wait' },
  }[label] ?? { text: 'unknown', tone: 'wait' };
}

const kContracts = { '01': 'Transfer contract', '02': 'Stake contract' };

/** The name of a genesis contract; undefined for other contracts. */
export const contractName = (id) => (/^0[12]0{62}$/.test(id) ? kContracts[id.slice(0, 2)] : undefined);
export const kTransfer = `01${'0'.repeat(62)}`;
export const kStake = `02${'0'.repeat(62)}`;
