// graphql-js behind node:http, in one process: `node graphql_js.mjs SCHEMA DATA`. It answers the queries of bench_graphql from blocks in memory and
// prints its port.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const { buildSchema, graphql } = createRequire(join(process.env.RUES_NODE_MODULES, 'package.json'))('graphql');
const [schemaFile, dataFile] = process.argv.slice(2);
const schema = buildSchema(readFileSync(schemaFile, 'utf8'));
const { blocks } = JSON.parse(readFileSync(dataFile, 'utf8'));
const transactions = new Map(blocks.flatMap((block) => block.transactions).map((tx) => [tx.id, tx]));
const rootValue = {
  block: ({ height }) => blocks[height < 0 ? blocks.length - 1 : height] ?? null,
  blocks: ({ last }) => blocks.slice(-last).reverse(),
  tx: ({ hash }) => transactions.get(hash) ?? null,
};

const server = createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', async () => {
    const { query, variables } = JSON.parse(Buffer.concat(parts));
    const body = JSON.stringify(await graphql({ schema, source: query, rootValue, variableValues: variables }));
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) });
    response.end(body);
  });
});
server.keepAliveTimeout = 0;
server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`));
