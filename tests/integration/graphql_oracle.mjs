// Compares the GraphQL engine with graphql-js: both parse the same documents, find the same broken rules and return the same data, and their schemas
// and introspection mean the same. Documents are generated from a seed, so a difference can be reproduced.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describeRules, harbourRoot } from './graphql_harbour.mjs';
import { Maker, mutated, Random, seeds } from './graphql_documents.mjs';

const require = createRequire(join(process.env.RUES_NODE_MODULES, 'package.json'));
const gql = require('graphql');

class Tool {
  constructor(path) {
    this.child = spawn(path, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.waiting = [];
    createInterface({ input: this.child.stdout }).on('line', (line) => this.waiting.shift().resolve(line));
    this.ended = new Promise((resolve) => this.child.on('exit', resolve));
    this.child.on('exit', (code) => this.waiting.forEach((each) => each.reject(new Error(`graphql_tool ended with ${code}`))));
  }
  raw(question) {
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      this.child.stdin.write(`${JSON.stringify(question)}\n`);
    });
  }
  async ask(question) {
    return JSON.parse(await this.raw(question));
  }
  async end() {
    this.child.stdin.end();
    assert.equal(await this.ended, 0);
  }
}

// Intended differences. Each is counted, and one that never occurs is reported, so that it can be deleted.
const exceptions = new Map();
function excused(name) {
  exceptions.set(name, (exceptions.get(name) ?? 0) + 1);
  return true;
}

const kExecutable = new Set(['OperationDefinition', 'FragmentDefinition']);

function gqlAccepts(document) {
  try {
    const { definitions } = gql.parse(document);
    if (!definitions.every((each) => kExecutable.has(each.kind))) return { ok: false };
    const described = definitions.flatMap((each) => [each, ...(each.variableDefinitions ?? [])]).some((each) => each.description);
    if (described) excused('descriptions in executable documents are of a later edition');
    return { ok: !described };
  } catch (error) {
    return { ok: false, error: error.message };
  }
}

function parserDifferenceIsMeant(document, ours, theirs) {
  if (ours.ok) {
    // docs/reference/graphql.md 7.3: the node accepts them, and a monitor sends the first.
    if (/\(\s*[,\s]*(#[^\n\r]*[\n\r]+[,\s]*)*\)/.test(document)) return excused('an empty list of variables is accepted');
    if (/@/.test(document) && /Unexpected|Expected/.test(theirs.error ?? '')) {
      const moved = document.replace(/((?:@\w+(?:\([^()]*\))?\s*)+)=\s*([^\s,)@]+)/g, '= $2 $1');
      if (moved !== document && gqlAccepts(moved).ok) return excused('directives of a variable may stand before its default value');
    }
  }
  return false;
}

async function parsers(tool, random, maker) {
  const documents = [...seeds];
  while (documents.length < 900) documents.push(maker.document(0.05));
  for (const each of documents.slice()) for (let i = 0; i < 3; ++i) documents.push(mutated(random, each, documents));
  let accepted = 0;
  for (const document of documents) {
    const ours = await tool.ask({ op: 'parse', document });
    const theirs = gqlAccepts(document);
    if (ours.ok) ++accepted;
    if (Boolean(ours.ok) === theirs.ok || parserDifferenceIsMeant(document, ours, theirs)) continue;
    assert.fail(`parsers differ: ours ${JSON.stringify(ours)}, graphql-js ${JSON.stringify(theirs)}\n${document}`);
  }
  assert.ok(documents.length >= 2000 && accepted > 500 && accepted < documents.length - 500, `${accepted} of ${documents.length}`);
  console.log(`parsers agree on ${documents.length} documents, ${accepted} of them good`);
}

// `undecided` gets the rules that graphql-js cannot check: one rule makes it evaluate directives, and it throws when they are wrong.
function rulesBroken(schema, document, undecided) {
  const out = new Set();
  for (const rule of gql.specifiedRules) {
    const name = rule.name.replace(/Rule$/, '');
    try {
      if (gql.validate(schema, document, [rule]).length > 0) out.add(name);
    } catch (error) {
      if (name !== 'SingleFieldSubscriptions') throw error;
      undecided.add(name);
      excused('graphql-js throws on the directives of a subscription');
    }
  }
  return out;
}

function ourRules(schema, problems) {
  const out = new Set();
  for (const { rule, message } of problems) {
    // The node also checks fields below a leaf; graphql-js only reports once that a leaf has none.
    const below = rule === 'FieldsOnCorrectType' && /on type "(\w+)"\./.exec(message);
    if (below && gql.isLeafType(schema.getType(below[1]))) excused('fields below a leaf are told');
    else if (rule === 'KnownOperationTypes') excused('an operation the schema has no root for is told while validating');
    else out.add(rule);
  }
  return out;
}

async function validators(tool, random, makers) {
  const seen = new Map();
  let count = 0;
  let valid = 0;
  for (const [name, { maker, schema }] of Object.entries(makers)) {
    for (let i = 0; i < 1500; ++i) {
      const text = i % 4 === 0 ? maker.document(0) : maker.document(0.02 + 0.1 * random.real());
      const document = gql.parse(text);
      const { problems } = await tool.ask({ schema: name, op: 'validate', document: text });
      const ours = ourRules(schema, problems);
      const undecided = new Set();
      const theirs = rulesBroken(schema, document, undecided);
      for (const rule of undecided) ours.delete(rule);
      const narrow = text.replaceAll('3000000000', '3');
      if (name === 'chain' && narrow !== text && !rulesBroken(schema, gql.parse(narrow), undecided).has('ValuesOfCorrectType'))
        if (theirs.delete('ValuesOfCorrectType')) excused('Int has 64 bits in the schema of the node');
      theirs.delete('MaxIntrospectionDepth'); // a rule of graphql-js, not of the specification
      ++count;
      if (theirs.size === 0) ++valid;
      for (const rule of theirs) seen.set(rule, (seen.get(rule) ?? 0) + 1);
      const [left, right] = [[...ours].sort().join(' '), [...theirs].sort().join(' ')];
      assert.equal(left, right, `rules differ (ours, graphql-js) on\n${text}\n${JSON.stringify(problems)}`);
    }
  }
  assert.ok(valid > 300 && count - valid > 500, `${valid} of ${count} documents are valid`);
  const never = describeRules.filter((rule) => !seen.has(rule));
  assert.deepEqual(never, [], 'rules that no document broke');
  console.log(`validators agree on ${count} documents, ${valid} of them valid; broken: ${[...seen].map(([k, v]) => `${k} ${v}`).join(', ')}`);
}

async function executors(tool, maker, schema) {
  let compared = 0;
  for (let i = 0; i < 2500 && compared < 600; ++i) {
    const document = maker.document(0);
    const variableValues = maker.values;
    if (/^\s*subscription/.test(document) || gql.validate(schema, gql.parse(document)).length > 0) continue;
    const operation = gql.getOperationAST(gql.parse(document));
    if (!operation || operation.operation !== 'query') continue;
    const theirs = await gql.execute({ schema, document: gql.parse(document), rootValue: harbourRoot, variableValues });
    // the node defines partial data, the specification does not (docs/reference/differences.md 13)
    if (theirs.errors) continue;
    const ours = await tool.raw({ schema: 'harbour', op: 'execute', document, variables: variableValues });
    // In the node an object is null when all its fields were skipped (docs/reference/rusk-1.7.md 6.3).
    const expected = JSON.stringify(theirs);
    if (expected.includes('{}')) {
      assert.equal(ours, expected.replaceAll('{}', 'null'), document);
      excused('an object without fields is null');
    } else {
      assert.equal(ours, expected, `${document}\n${JSON.stringify(variableValues)}`);
    }
    ++compared;
  }
  assert.ok(compared >= 300, `only ${compared} answers were compared`);
  console.log(`executors agree on ${compared} answers`);
}

function sorted(schema) {
  return gql.printSchema(gql.lexicographicSortSchema(schema));
}

async function schemas(tool, name, sdl) {
  const document = gql.getIntrospectionQuery({ specifiedByUrl: true, directiveIsRepeatable: true, inputValueDeprecation: true });
  const { data, errors } = await tool.ask({ schema: name, op: 'execute', document });
  assert.equal(errors, undefined);
  assert.equal(sorted(gql.buildClientSchema(data)), sorted(gql.buildSchema(sdl)), `introspection and SDL of ${name} differ`);
  const full = gql.getIntrospectionQuery({ schemaDescription: true, oneOf: true });
  gql.buildClientSchema((await tool.ask({ schema: name, op: 'execute', document: full })).data);
}

const random = new Random(Number(process.env.RUES_SEED ?? 20261125));
const tool = new Tool(process.env.RUES_GRAPHQL_TOOL);
const makers = {};
for (const name of ['harbour', 'chain']) {
  const { sdl } = await tool.ask({ schema: name, op: 'sdl' });
  const schema = gql.buildSchema(sdl);
  assert.deepEqual(gql.validateSchema(schema), []);
  makers[name] = { sdl, schema, maker: new Maker(gql, schema, random) };
  await schemas(tool, name, sdl);
}
const recorded = JSON.parse(readFileSync(join(process.env.RUES_TEST_DATA, 'rusk-1.7/http.json'))).find((row) => row.name === 'gql-sdl');
assert.equal(sorted(gql.buildSchema(makers.chain.sdl)), sorted(gql.buildSchema(recorded.answer.body.text)));
await parsers(tool, random, makers.harbour.maker);
await validators(tool, random, makers);
await executors(tool, makers.harbour.maker, makers.harbour.schema);
for (const [name, count] of exceptions) console.log(`meant: ${name} (${count} times)`);
await tool.end();
