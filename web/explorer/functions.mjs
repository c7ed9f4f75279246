// The form that queries a contract's functions, with JSON where a data driver knows how, else with bytes in hex.
import { callFunction } from './calling.mjs';
import { Refusal } from './api.mjs';
import { bytesOf, code, decoded, h, hidden, note } from './dom.mjs';
import { many, readHex, readJson, tame } from './format.mjs';
import { exampleOf } from './schema.mjs';

const kMostName = 200;
const kMostShown = 80; // characters of a name or type in the form

/** undefined for JSON that is too deep to be written. */
function textOf(value) {
  try {
    return JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? one.toString() : one), 2);
  } catch {
    return undefined;
  }
}

function shown(result) {
  if (result.items) {
    const { items, isCut } = result;
    return [
      h('p.dim', {}, items.length === 0 ? 'No item.' : isCut ? `The first ${many(items.length, 'item')}; the rest was not read.` : many(items.length, 'item')),
      items.length > 0 && h('ol.nested', {}, items.map((item) => h('li', {}, decoded(item)))),
    ];
  }
  if (result.hex !== undefined) {
    const bytes = Math.floor(result.hex.length / 2);
    return [
      h('p.dim', {}, `${result.isCut ? 'More than ' : ''}${many(bytes, 'byte')}${result.isFeeder ? ' of a feeder, whose items stand one after the other' : ''}`),
      bytes > 0 && bytesOf(result.hex),
    ];
  }
  if (result.value === null) return [h('p.dim', {}, 'null, which is also what the data driver says when it cannot decode the result')];
  const text = typeof result.value === 'object' && textOf(result.value);
  return [h('div.value', {}, decoded(result.value)), text && hidden('JSON', code(text))];
}

/** `schema` is undefined when no data driver knows the functions. */
export function functionsForm(id, schema, signal) {
  const functions = schema?.functions ?? [];
  const isKnown = functions.length > 0;
  const name = isKnown
    ? h('select', { id: 'function', name: 'function' }, functions.map((one) => h('option', { value: one.name }, tame(one.name, kMostShown))))
    : h('input', { id: 'function', name: 'function', maxlength: kMostName, autocomplete: 'off', spellcheck: 'false', autocapitalize: 'off', required: true });
  const form = h('select', { id: 'form', name: 'form' }, h('option', { value: 'json' }, 'JSON'), h('option', { value: 'hex' }, 'bytes in hex'));
  const type = h('span.dim');
  const argument = h('textarea', { id: 'argument', name: 'argument', rows: 3, autocomplete: 'off', spellcheck: 'false', autocapitalize: 'off', 'aria-describedby': 'problem' });
  const problem = h('p.problem', { id: 'problem', role: 'alert', hidden: true });
  const button = h('button.main', {}, 'Query');
  const result = h('div.result', { role: 'status' });
  const isJson = () => isKnown && form.value === 'json';

  const tell = (text) => {
    problem.hidden = text === undefined;
    problem.textContent = text ?? '';
    argument.toggleAttribute('aria-invalid', text !== undefined);
  };
  const describe = () => {
    const { input, output } = functions.find((one) => one.name === name.value) ?? { input: '', output: '' };
    type.textContent = input || output ? `takes ${tame(input || '?', kMostShown)}, gives ${tame(output || '?', kMostShown)}` : '';
    argument.value = isJson() ? exampleOf(input) : '';
    argument.placeholder = isJson() ? 'JSON' : 'hexadecimal, such as 0a000000; empty: no bytes';
    tell(undefined);
    result.replaceChildren();
  };

  let current = new AbortController();
  signal.addEventListener('abort', () => current.abort(signal.reason), { once: true });
  const query = async () => {
    const read = isJson() ? readJson(argument.value) : readHex(argument.value);
    tell(read.problem);
    if (read.problem) return argument.focus();
    current.abort();
    const mine = (current = new AbortController());
    button.disabled = true;
    result.replaceChildren(h('p.dim', {}, 'asking …'));
    try {
      const answer = await callFunction(id, name.value, read, mine.signal);
      if (mine === current) result.replaceChildren(...shown(answer).filter(Boolean));
    } catch (error) {
      if (mine.signal.aborted) return;
      if (!(error instanceof Refusal)) console.error(error);
      result.replaceChildren(note(error.message, 'bad'));
    } finally {
      if (mine === current) button.disabled = false;
    }
  };

  const element = h('form.query', {},
    h('p', {}, h('label', { for: 'function' }, 'Function'), name, isKnown && type),
    isKnown && h('p', {}, h('label', { for: 'form' }, 'Argument as'), form),
    h('p', {}, h('label', { for: 'argument' }, 'Argument'), argument), problem,
    h('p', {}, button, h('span.dim', {}, 'A query runs on a copy of the newest state. Nothing changes.')), result);
  element.addEventListener('submit', (event) => {
    event.preventDefault();
    query();
  });
  if (isKnown) name.addEventListener('change', describe);
  form.addEventListener('change', describe);
  describe();
  return element;
}
