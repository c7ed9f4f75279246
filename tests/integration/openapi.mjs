// Checks an answer against the program's own OpenAPI document: path, method, status, media type, JSON schema. It knows the part of JSON Schema that
// this document uses, and refuses an unknown keyword.
import { isDeepStrictEqual } from 'node:util';

const kAnnotations = new Set(['description', 'format']);

const kTypes = {
  string: (value) => typeof value === 'string',
  integer: Number.isInteger,
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
  array: Array.isArray,
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
};

export class Document {
  constructor(json) {
    this.json = json;
    this.templates = Object.entries(json.paths).map(([template, item]) => {
      const pattern = template.split(/\{[^}]*\}/).map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('[^/]*');
      return { item, form: new RegExp(`^${pattern}$`), parameters: template.split('{').length };
    });
    this.templates.sort((a, b) => a.parameters - b.parameters);
  }

  resolve(node) {
    if (!node.$ref) return node;
    return node.$ref.slice(2).split('/').reduce((at, key) => at[key], this.json);
  }

  /** The errors of `value`, as texts. */
  problems(given, value, at = '') {
    const schema = this.resolve(given);
    const wrong = (what) => [`${at || 'the body'} ${what}`];
    const checks = {
      type: (types) => ([types].flat().some((type) => kTypes[type](value)) ? [] : wrong(`is not ${types}`)),
      const: (only) => (isDeepStrictEqual(only, value) ? [] : wrong(`is not ${only}`)),
      enum: (all) => (all.some((one) => isDeepStrictEqual(one, value)) ? [] : wrong(`is none of ${all}`)),
      minimum: (least) => (value >= least ? [] : wrong(`is below ${least}`)),
      pattern: (text) => (new RegExp(text).test(value) ? [] : wrong(`is not like ${text}`)),
      required: (names) => names.filter((name) => !(name in value)).flatMap((name) => wrong(`lacks ${name}`)),
      properties: (known) => Object.keys(known).filter((name) => name in value)
        .flatMap((name) => this.problems(known[name], value[name], `${at}.${name}`)),
      additionalProperties: (rule) => Object.keys(value).filter((name) => !(name in (schema.properties ?? {})))
        .flatMap((name) => (rule === false ? wrong(`has ${name}`) : this.problems(rule, value[name], `${at}.${name}`))),
      items: (item) => value.flatMap((element, index) => this.problems(item, element, `${at}[${index}]`)),
      oneOf: (choices) => (choices.filter((choice) => this.problems(choice, value).length === 0).length === 1 ? [] : wrong('is none of the choices')),
    };
    if (schema.type) {
      const found = checks.type(schema.type);
      if (found.length > 0) return found;
    }
    return Object.entries(schema).filter(([keyword]) => !kAnnotations.has(keyword)).flatMap(([keyword, rule]) => {
      if (!checks[keyword]) throw new Error(`the schema has the unknown keyword ${keyword}`);
      return checks[keyword](rule);
    });
  }

  contentProblems(response, answer) {
    const { content } = response;
    if (!content) return answer.body.length === 0 ? [] : ['has a body where none is described'];
    const type = answer.headers.get('content-type')?.split(';')[0];
    const media = content[type ?? '*/*'];
    if (!media) return [`has the type ${type}, described are ${Object.keys(content)}`];
    return type === 'application/json' ? this.problems(media.schema, JSON.parse(answer.body)) : [];
  }

  /** Throws when the document describes the request but not this answer to it. */
  check(method, target, answer) {
    const path = target.split('?')[0];
    const matching = this.templates.filter(({ form }) => form.test(path));
    const operation = matching.map(({ item }) => item[method.toLowerCase()]).find(Boolean);
    // Unknown paths, topics and methods, and refusals of the connection itself, are in no document; their errors all have one form.
    const response = operation?.responses[answer.status];
    if (operation && !response) throw new Error(`${method} ${path}: the status ${answer.status} is not described`);
    const isError = answer.status >= 400 && answer.headers.get('content-type') === 'application/json';
    const found = response
      ? this.contentProblems(this.resolve(response), answer)
      : isError ? this.problems(this.json.components.schemas.Error, JSON.parse(answer.body)) : [];
    if (found.length > 0) throw new Error(`${method} ${path}: ${answer.status} ${found.join(', ')}`);
  }
}
