// GraphiQL on this server's /graphql. React, ReactDOM and GraphiQL are globals of the scripts before this one.

const kDefaultQuery = `# The schema is in the book at the left; Ctrl-Enter runs the query.
{
  block(height: -1) {
    header { height hash timestamp }
    status
    transactions { id err gasSpent }
  }
}
`;

/**
 * Integers are 64 bits wide. Those that a number of JavaScript cannot hold are shown digit by digit as they came: by JSON.rawJSON, or in
 * quotes where a browser lacks it.
 */
const exact = (_, value, context) => {
  const source = context?.source;
  if (typeof value !== 'number' || !/^-?\d+$/.test(source) || Number.isSafeInteger(value)) return value;
  return JSON.rawJSON?.(source) ?? source;
};

async function ask({ query, operationName, variables }, { headers } = {}) {
  const answer = await fetch('/graphql', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'application/graphql-response+json, application/json', ...headers },
    body: JSON.stringify({ query, operationName, variables }),
  });
  const text = await answer.text();
  try {
    return JSON.parse(text, exact);
  } catch {
    return { errors: [{ message: `${answer.status} ${text}` }] };
  }
}

const { createElement } = globalThis.React;
const { GraphiQL, ReactDOM } = globalThis;
ReactDOM.createRoot(document.getElementById('graphiql')).render(createElement(GraphiQL, { fetcher: ask, defaultQuery: kDefaultQuery }));
