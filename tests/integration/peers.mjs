// Connections from addresses of this machine: each is another client of the node.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { within } from './node.mjs';

export const kUpgrade =
  'GET /on HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n';
export const kAlive = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';

/** A connection from an address of this machine. `got` grows; `until` waits for a text in it. */
export class Peer {
  constructor(node, localAddress) {
    this.got = '';
    this.ended = false;
    this.socket = net.connect({ port: node.port, host: '127.0.0.1', localAddress });
    this.socket.on('error', () => {});
    this.socket.on('data', (part) => (this.got += part.toString('latin1')));
    this.socket.on('close', () => (this.ended = true));
  }
  async until(text) {
    while (!this.got.includes(text)) {
      assert.ok(!this.ended, `the connection ended before ${JSON.stringify(text)}: ${this.got}`);
      await within(Promise.race([once(this.socket, 'data'), once(this.socket, 'close')]), text);
    }
    return this;
  }
  send(bytes) {
    this.socket.write(bytes);
    return this;
  }
}

/** What each client holds, as the node tells. */
export const clients = async (node) => JSON.parse((await node.request('GET', '/debug/clients')).body);
