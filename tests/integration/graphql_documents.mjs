// Documents for the oracle: documents written by hand for the lexer and parser, documents generated from a schema, and damaged copies of both.

/// Random numbers from a seed (xorshift32), so that a difference can be reproduced.
export class Random {
  constructor(seed) {
    this.state = seed >>> 0 || 1;
  }
  below(end) {
    let x = this.state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.state = x >>> 0;
    return this.state % end;
  }
  real() {
    return this.below(1 << 20) / (1 << 20);
  }
  chance(probability) {
    return this.real() < probability;
  }
  of(list) {
    return list[this.below(list.length)];
  }
}

const kValues = [
  '0', '-0', '00', '01', '-1', '- 1', '1.', '1.0', '.5', '1.e3', '1e3', '1E+3', '1e-03', '1e', '1e+', '0xF', '1a', '1_', '1.2.3', '9007199254740993',
  '""', '"a"', '"a', "'a'", '"\\n\\t\\"\\\\\\/\\b\\f\\r"', '"\\x"', '"\\u0041"', '"\\u00"', '"\\uD83D\\uDE00"', '"\\uD83D"', '"\\uDE00"',
  '"\\u{1F600}"', '"\\u{}"', '"\\u{110000}"', '"\u00e9\u20ac\u{1F600}"', '"a\nb"', '"""a"""', '"""a\nb"""', '"""a\\"""b"""', '"""a""""', '"""a', '""""',
  '""""""', '"""\\u12"""', '[]', '[1]', '[1,2]', '[1 2]', '[,1,,2,]', '[1', '[[1],[]]', '[00]', '{}', '{a:1}', '{a:1 b:2}', '{a:1,b:{c:[{d:E}]}}', '{a}',
  '{a:}', '{"a":1}', '{a:1', 'true', 'false', 'null', 'trueish', 'E', '$a', '$ a', '$', '[$a]', '{a:$a}', '@a', '!', '...', '#x', '# x\n1',
];

export const seeds = [
  ...kValues.map((value) => `{ f(a: ${value}) }`),
  ...kValues.map((value) => `query($a: Int = ${value}) { f(a: $a) }`),
  '', ' ', '#', '{', '}', '{}', '{ }', '{a', '{a}', '{ a }}', '{a}{b}', 'query', 'query {a}', 'query Q {a}', 'query Q Q {a}', 'query() {a}', 'query($a) {a}',
  'query($a:) {a}', 'query($a:Int) {a}', 'query($a:Int,$b:[Int!]!) {a}', 'query($a:[Int) {a}', 'query($a:Int!!) {a}', 'query($a:[[Int!]!]!) {a}',
  'query($a:Int=1 @d) {a}', 'query($a:Int @d=1) {a}', 'query($a:Int=$b) {a}', 'query($a:Int @d(x:$b)) {a}', 'query @d {a}', 'query Q @d(a:1) @e {a}',
  'mutation M {a}', 'subscription S {a}', 'fragment F on T {a}', 'fragment on on T {a}', 'fragment F on on {a}', 'fragment F T {a}', 'fragment F on T',
  'fragment F on T @d {a}', 'fragment F($a:Int) on T {a}', 'queryQ {a}', 'fragmentF on T {a}', '{...F}', '{... F}', '{...on T {a}}', '{... on T{a}}',
  '{...onT}', '{...{a}}', '{...@d{a}}', '{...on}', '{...on T}', '{.. F}', '{....F}', '{a:b}', '{a:}', '{a:b:c}', '{:a}', '{a()}', '{a(b)}', '{a(b:)}', '{a(b:1)}',
  '{a(b:1,b:2)}', '{a(b:1 c:2)}', '{a(b:1}', '{a(1:b)}', '{a @}', '{a @d}', '{a @d()}', '{a @d(b:1)}', '{a @d @d}', '{a{b{c{d}}}}', '{a{}}', '{a,b,,c}',
  '\uFEFF{a}', '{a\uFEFF}', '{a\u00A0b}', '{\u00e9}', '{a} # \u00e9', '{a # c\n}', '{a # c\r b}', '{a&b}', '{a|b}', '{a?b}', '{a;b}', '{a%}', '{a\u0000}', '{a\u0007}',
  'type T {a:Int}', 'schema {query:Q}', 'extend type T {a:Int}', 'directive @d on FIELD', '"d" type T {a:Int}', 'enum E {A}', '{a} type T {b:Int}',
  'query query {query}', '{on}', '{fragment}', '{null}', '{true}', '{type input enum}', 'query on {a}', '{a:null}', '{a(null:null)}',
];

const kPieces = [
  '{', '}', '(', ')', '[', ']', ':', '=', '@', '!', '$', '...', '|', '&', ',', ' ', '\n', '\r', '"', '"""', '\\', '#', 'a', 'on', 'query', 'fragment', 'null', '1',
  '-', '.', '0', 'e', '\\u0041', '\u00e9', '@include', 'true',
];

export function mutated(random, document, others) {
  let text = [...document];
  for (let i = 1 + random.below(2); i > 0; --i) {
    const at = random.below(text.length + 1);
    switch (random.below(5)) {
      case 0: text.splice(at, 1 + random.below(3)); break;
      case 1: text.splice(at, 0, ...random.of(kPieces)); break;
      case 2: text.splice(at, 1, ...random.of(kPieces)); break;
      case 3: {
        const length = random.below(12);
        text.splice(random.below(text.length + 1), 0, ...text.slice(at, at + length));
        break;
      }
      default: {
        const other = [...random.of(others)];
        text = [...text.slice(0, at), ...other.slice(random.below(other.length + 1))];
      }
    }
  }
  return text.join('').replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, '');
}

/// Generates documents for a schema, with faults of every kind at a given rate.
export class Maker {
  constructor(gql, schema, random) {
    this.gql = gql;
    this.schema = schema;
    this.random = random;
    const types = Object.values(schema.getTypeMap()).filter((type) => !type.name.startsWith('__'));
    this.composites = types.filter((type) => gql.isCompositeType(type));
    this.inputs = types.filter((type) => gql.isInputType(type));
  }

  document(faults) {
    this.faults = faults;
    this.fragments = [];
    this.values = {};
    this.left = 40;
    const { random } = this;
    const parts = [];
    const operations = this.fault() ? 2 : 1;
    for (let i = 0; i < operations; ++i) parts.push(this.operation(i));
    for (let i = 0; i < this.fragments.length; ++i) {
      const { name, type } = this.fragments[i];
      this.usable = [];
      this.fragment = i;
      const text = `fragment ${name} on ${this.fault() ? random.of(['Nowhere', 'Int', 'Query', random.of(this.inputs).name]) : type.name}` +
        `${this.directives('FRAGMENT_DEFINITION')} ${this.selections(type, 2)}`;
      parts.push(text);
      if (this.fault()) parts.push(text);
    }
    if (this.fault()) parts.push(`fragment Unused on Query { __typename }`);
    return parts.join(random.of([' ', '\n']));
  }

  fault() {
    return this.random.chance(this.faults);
  }

  operation(number) {
    const { random } = this;
    const subscription = this.schema.getSubscriptionType();
    const isSubscription = subscription && random.chance(0.12);
    this.fragment = -1;
    this.variables = [];
    const root = isSubscription ? subscription : this.schema.getQueryType();
    this.rootIsSubscription = isSubscription;
    const body = this.selections(root, 3);
    if (this.fault()) this.variables.push({ name: random.of(['spare', 'v0']), type: 'Int' });
    const named = number > 0 || random.chance(0.5);
    const name = named && !this.fault() ? random.of(['Q', `Q${number}`]) : '';
    const variables = this.variables.map((each) => {
      const type = this.fault() ? random.of(['Int', 'Nowhere', random.of(this.composites).name, '[String!]']) : each.type;
      const fallback = each.fallback ?? (this.fault() ? ' = ["x"]' : '');
      return `$${each.name}: ${type}${fallback}${this.directives('VARIABLE_DEFINITION')}`;
    });
    if (variables.length > 0 && this.fault()) variables.push(variables[0]);
    const kind = isSubscription ? 'subscription' : this.fault() && random.chance(0.3) ? 'mutation' : 'query';
    const head = `${kind} ${name}${variables.length > 0 ? `(${variables.join(', ')})` : ''}${this.directives('QUERY')}`;
    return head.trim() === 'query' ? random.of([body, `query ${body}`]) : `${head} ${body}`;
  }

  directives(location) {
    const { random, gql } = this;
    let out = '';
    if (['FIELD', 'INLINE_FRAGMENT', 'FRAGMENT_SPREAD'].includes(location) && !this.rootIsSubscription) {
      if (random.chance(0.08)) out += ` @${random.of(['skip', 'include'])}(if: ${this.value(new gql.GraphQLNonNull(gql.GraphQLBoolean), 0)})`;
    }
    if (this.fault()) out += random.of([' @nowhere', ' @skip', ' @include(if: true)', ' @include(if: 1)', ' @skip(if: true) @skip(if: true)', ' @deprecated', ' @skip(if: false, x: 1)']);
    return out;
  }

  selections(type, depth) {
    const { random } = this;
    const parts = [];
    const single = this.rootIsSubscription && type === this.schema.getSubscriptionType() && !this.fault();
    const count = single ? 1 : 1 + random.below(4);
    for (let i = 0; i < count; ++i) parts.push(this.selection(type, depth, single));
    return `{ ${parts.join(random.of([' ', ', ', '\n']))} }`;
  }

  selection(type, depth, single) {
    const { random, gql } = this;
    --this.left;
    if (!single && depth > 0 && random.chance(0.15)) return this.inlineFragment(type, depth);
    if (!single && random.chance(0.15)) return this.spread(type);
    const fields = gql.isUnionType(type) ? [] : Object.values(type.getFields());
    const usable = fields.filter((field) => !['fails', 'nothing', 'numbers'].includes(field.name) &&
      (depth > 0 && this.left > 0 ? true : gql.isLeafType(gql.getNamedType(field.type))));
    if (this.fault()) return random.of(['nowhere', 'blok', 'nam', '__typenam', 'x: nowhere', 'nowhere { a }', 'nowhere(a: $v0)']);
    if (usable.length === 0 || (!single && random.chance(0.05))) return `${random.of(['', '', 'x: '])}__typename`;
    return this.field(random.of(usable), depth);
  }

  field(field, depth) {
    const { random, gql } = this;
    const alias = random.chance(this.faults > 0 ? 0.1 : 0.25) ? `${this.faults > 0 && random.chance(0.3) ? random.of(['x', 'name', 'size']) : `a${random.below(1e6)}`}: ` : '';
    const named = gql.getNamedType(field.type);
    let text = alias + field.name + this.arguments(field) + this.directives('FIELD');
    if (this.faults === 0 && alias === '' && field.args.length > 0) text = `b${random.below(1e6)}: ${text}`;
    const leaf = gql.isLeafType(named);
    if (leaf !== this.fault()) return text;
    return `${text} ${leaf ? '{ a }' : this.selections(named, depth - 1)}`;
  }

  arguments(field) {
    const { random, gql } = this;
    const parts = [];
    for (const arg of field.args) {
      const required = gql.isRequiredArgument(arg);
      if (this.fault() || (!required && random.chance(0.5))) continue;
      const name = this.fault() ? random.of(['nowhere', `${arg.name}x`]) : arg.name;
      parts.push(`${name}: ${this.value(arg.type, 2, arg.defaultValue !== undefined)}`);
      if (this.fault()) parts.push(parts.at(-1));
    }
    if (this.fault()) parts.push('nowhere: {a: 1, a: $nowhere}');
    return parts.length > 0 ? `(${parts.join(', ')})` : '';
  }

  inlineFragment(type, depth) {
    const { random, gql } = this;
    if (random.chance(0.3)) return `...${this.directives('INLINE_FRAGMENT')} ${this.selections(type, depth - 1)}`;
    const on = this.condition(type);
    return `... on ${on.name ?? on}${this.directives('INLINE_FRAGMENT')} ${this.selections(gql.isCompositeType(on) ? on : type, depth - 1)}`;
  }

  condition(type) {
    const { random, gql, schema } = this;
    if (this.fault()) return random.of(['Nowhere', 'Int', random.of(this.composites), random.of(this.inputs)]);
    const near = this.composites.filter((each) => gql.doTypesOverlap(schema, type, each));
    return random.of(near);
  }

  spread(type) {
    const { random } = this;
    if (this.fault()) return random.of(['...Nowhere', '...F0', `...F${random.below(3)}`]);
    const known = this.fragments.findIndex((each, i) => i > this.fragment && each.type === type);
    if (known >= 0 && random.chance(0.7)) return `...${this.fragments[known].name}${this.directives('FRAGMENT_SPREAD')}`;
    if (this.fragments.length >= 4) return '__typename';
    const made = { name: `F${this.fragments.length}`, type };
    this.fragments.push(made);
    return `...${made.name}${this.directives('FRAGMENT_SPREAD')}`;
  }

  value(type, depth, hasDefault = false) {
    const { random, gql } = this;
    if (this.fault()) return random.of(['null', '"x"', '1', '1.5', 'true', 'CAR', 'NOWHERE', '[1, "x"]', '{from: 1, from: 2}', '{x: 1}', '$nowhere', '3000000000', '[null]', '[[]]', '{next: {}}']);
    if (this.fragment < 0 && random.chance(0.2)) return this.variable(type, hasDefault);
    if (gql.isNonNullType(type)) return this.given(type.ofType, depth);
    return random.chance(0.07) ? 'null' : this.given(type, depth);
  }

  variable(type, hasDefault) {
    const { random, gql } = this;
    const name = `v${this.variables.length}`;
    const made = { name, type: String(type) };
    const bare = gql.isNonNullType(type) ? type.ofType : type;
    const value = this.json(bare, 2);
    if (random.chance(0.3)) {
      made.fallback = ` = ${this.given(bare, 1, true)}`;
      if (random.chance(0.5)) made.type = String(bare);
    } else if (!gql.isNonNullType(type) && random.chance(0.3)) {
      made.type = `${type}!`;
    } else if (hasDefault && random.chance(0.5)) {
      made.type = String(bare);
    }
    if (made.type.endsWith('!') || !random.chance(0.3)) this.values[name] = value;
    this.variables.push(made);
    return `$${name}`;
  }

  given(type, depth, constant = false) {
    const { random, gql } = this;
    const inner = (of) => (constant ? (gql.isNonNullType(of) ? this.given(of.ofType, depth - 1, true) : this.given(of, depth - 1, true)) : this.value(of, depth - 1));
    if (gql.isListType(type)) {
      if (random.chance(0.2)) return inner(type.ofType) === 'null' ? '[]' : this.given(gql.getNullableType(type.ofType), depth - 1, true);
      return `[${Array.from({ length: random.below(3) }, () => inner(type.ofType)).join(', ')}]`;
    }
    if (gql.isInputObjectType(type)) {
      const fields = Object.values(type.getFields()).filter((field) => gql.isRequiredInputField(field) || (depth > 0 && random.chance(0.4)));
      return `{${fields.map((field) => `${field.name}: ${inner(field.type)}`).join(', ')}}`;
    }
    if (gql.isEnumType(type)) return random.of(type.getValues()).name;
    switch (type.name) {
      case 'Int': return String(random.below(7) - 1);
      case 'Float': return random.of(['1', '2.5', '-1e2']);
      case 'Boolean': return random.of(['true', 'false']);
      case 'ID': return random.of(['1', '"2"', '"3"']);
      case 'String': return random.of(['"t"', '"\\u00e9\\n"', '"""block"""']);
      default: return random.of(['1', '"x"', '[1, {a: B}]', '{a: null}', 'FREE']);
    }
  }

  json(type, depth) {
    const { random, gql } = this;
    const inner = (of) => (gql.isNonNullType(of) ? this.json(of.ofType, depth - 1) : random.chance(0.1) ? null : this.json(of, depth - 1));
    if (gql.isListType(type)) return random.chance(0.2) ? this.json(gql.getNullableType(type.ofType), depth) : Array.from({ length: random.below(3) }, () => inner(type.ofType));
    if (gql.isInputObjectType(type)) {
      const fields = Object.values(type.getFields()).filter((field) => gql.isRequiredInputField(field) || (depth > 0 && random.chance(0.4)));
      return Object.fromEntries(fields.map((field) => [field.name, inner(field.type)]));
    }
    if (gql.isEnumType(type)) return random.of(type.getValues()).name;
    switch (type.name) {
      case 'Int': return random.below(7) - 1;
      case 'Float': return random.of([1, 2.5, -100]);
      case 'Boolean': return random.chance(0.5);
      case 'ID': return random.of(['1', 2]);
      case 'String': return random.of(['t', '\u00e9\n']);
      default: return random.of([1, 'x', [1], { a: null }]);
    }
  }
}
