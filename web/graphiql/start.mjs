// GraphiQL on this server's /graphql: queries over HTTP, subscriptions over its WebSocket. React, ReactDOM and GraphiQL
// are globals, which index.html loads before this script.

const kTip = `# The book at the left shows the schema; Ctrl-Enter runs the query.
query Tip {
  block(height: -1) {
    header { height hash timestamp }
    status
    transactions { id err gasSpent }
  }
}
`;
const kBlocks = `# Runs until you stop it. With after: "<position>" it starts with the events after that position.
subscription Blocks {
  blockAccepted {
    position
    block { header { height hash } transactions { id } }
  }
}
`;
const kPatience = 10_000; // ms to wait for a socket's first answer

/**
 * A reviver for JSON.parse. Integers of the server have 64 bits. Those beyond the exact numbers of JavaScript are shown
 * with all digits: by JSON.rawJSON, or in quotes in browsers without it.
 */
function exact(_, value, context) {
  const source = context?.source;
  if (typeof value !== 'number' || !/^-?\d+$/.test(source) || Number.isSafeInteger(value)) return value;
  return JSON.rawJSON?.(source) ?? source;
}

async function overHttp(payload, headers) {
  const answer = await fetch('/graphql', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'application/graphql-response+json, application/json', ...headers },
    body: JSON.stringify(payload),
  });
  const text = await answer.text();
  try {
    return JSON.parse(text, exact);
  } catch {
    return { errors: [{ message: `${answer.status} ${text}` }] };
  }
}

/**
 * An async iterable of an operation's results, over a WebSocket of its own with the subprotocol graphql-transport-ws.
 */
class OverSocket {
  #results = []; // results that `next` has not returned yet
  #waiting = []; // resolve functions of calls of `next` that wait for a result
  #isOver = false;

  constructor(payload) {
    this.socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/graphql`, 'graphql-transport-ws');
    const send = (message) => this.socket.send(JSON.stringify(message));
    this.socket.onopen = () => send({ type: 'connection_init' });
    this.socket.onclose = ({ code, reason }) => {
      if (code !== 1000) this.#tell({ errors: [{ message: `The connection ended: ${code} ${reason}` }] });
      this.#end();
    };
    this.socket.onmessage = ({ data }) => {
      const message = JSON.parse(data, exact);
      if (message.type === 'connection_ack') send({ type: 'subscribe', id: '1', payload });
      else if (message.type === 'ping') send({ type: 'pong' });
      else if (message.type === 'next') this.#tell(message.payload);
      else if (message.type === 'error') this.#tell({ errors: message.payload });
      if (message.type === 'error' || message.type === 'complete') this.return();
    };
  }

  #tell(value) {
    if (this.#isOver) return;
    const waiting = this.#waiting.shift();
    if (waiting) waiting({ value, done: false });
    else this.#results.push(value);
  }

  #end() {
    this.#isOver = true;
    for (const waiting of this.#waiting.splice(0)) waiting({ value: undefined, done: true });
  }

  next() {
    if (this.#results.length > 0) return Promise.resolve({ value: this.#results.shift(), done: false });
    if (this.#isOver) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  return() {
    this.#end();
    this.socket.close(1000);
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator]() {
    return this;
  }
}

/** The operations of a document, as `{ kind, name }`. */
function operationsOf(query) {
  const bare = query.replace(/"""[\s\S]*?"""|"(?:[^"\\\n]|\\.)*"|#[^\n]*/g, '');
  const found = [];
  let depth = 0;
  for (const [token, kind, name] of bare.matchAll(/[{}()[\]]|\b(query|mutation|subscription)\b\s*([_A-Za-z]\w*)?/g)) {
    if ('{(['.includes(token)) ++depth;
    else if ('})]'.includes(token)) --depth;
    else if (depth === 0) found.push({ kind, name });
  }
  return found;
}

/** The schema. The socket's schema has subscriptions; that of HTTP is the schema of a Rusk node, which has none. */
async function schemaOf(payload) {
  const results = new OverSocket(payload);
  const timer = setTimeout(() => results.return(), kPatience);
  const { value } = await results.next();
  clearTimeout(timer);
  results.return();
  return value?.data ? value : overHttp(payload);
}

function ask({ query, operationName, variables }, { headers } = {}) {
  if (operationName === 'IntrospectionQuery') return schemaOf({ query, operationName });
  const operations = operationsOf(query);
  // GraphiQL updates the name a tenth of a second after the text, so the name may be that of an older text.
  const chosen = operations.find(({ name }) => name === operationName) ?? operations[0];
  const payload = { query, operationName: chosen?.name, variables };
  return chosen?.kind === 'subscription' ? new OverSocket(payload) : overHttp(payload, headers);
}

const { createElement } = globalThis.React;
const { GraphiQL, ReactDOM } = globalThis;
ReactDOM.createRoot(document.getElementById('graphiql')).render(createElement(GraphiQL, {
  fetcher: ask,
  defaultQuery: kTip,
  defaultTabs: [{ query: kTip }, { query: kBlocks }],
}));
