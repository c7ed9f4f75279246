// A node that lies: a proxy before an honest one.
import http from 'node:http';
import net from 'node:net';

/** A server that answers as the node does, but for `lie`, which changes the data of GraphQL answers. */
export async function liarBefore(node, lie) {
  const server = http.createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    const asked = http.request({ port: node.port, host: '127.0.0.1', method: request.method, path: request.url,
      headers: request.headers });
    asked.on('error', () => response.destroy());
    asked.on('response', async (answer) => {
      let bytes = Buffer.concat(await answer.toArray());
      if (request.url === '/graphql' && server.lies) {
        const json = JSON.parse(bytes);
        if (json.data) lie(json.data);
        bytes = Buffer.from(JSON.stringify(json));
      }
      response.writeHead(answer.statusCode, { 'content-type': answer.headers['content-type'] ?? 'text/plain' });
      response.end(bytes);
    });
    asked.end(body);
  });
  const sockets = new Set();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  });
  server.on('upgrade', (request, socket) => {
    const to = net.connect(node.port, '127.0.0.1');
    const head = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}\r\n`).join('');
    to.write(`${request.method} ${request.url} HTTP/1.1\r\n${head}\r\n`);
    to.on('error', () => socket.destroy());
    to.on('close', () => socket.destroy());
    socket.on('close', () => to.destroy());
    to.pipe(socket);
    socket.pipe(to);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.lies = false;
  server.url = `http://127.0.0.1:${server.address().port}`;
  server.end = () => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  };
  return server;
}

/** The lists of events in an answer for blocks, one for each block. */
export const eventsIn = (data) => Object.entries(data).filter(([key]) => /^e\d+$/.test(key)).map(([, value]) => value.json);
