// A client of the legacy event system, from docs/legacy.md: binary Messages over a WebSocket.
import { once } from 'node:events';
import { WebSocket, within } from './node.mjs';

export const kTypes = { contract: 1, host: 2, debugger: 3 };

const text = (value) => {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([length, bytes]);
};

export function encode({ headers = {}, type = kTypes.host, target, topic, data = '' }) {
  return Buffer.concat([text(JSON.stringify(headers)), Buffer.from([type]), text(target), text(topic), Buffer.from(data)]);
}

export function decode(bytes) {
  let at = 0;
  const take = () => {
    const length = bytes.readUInt32LE(at);
    at += 4 + length;
    if (at > bytes.length) throw new Error('a field is longer than its Message');
    return bytes.subarray(at - length, at).toString();
  };
  const headers = JSON.parse(take());
  const type = bytes[at++];
  const target = take();
  const topic = take();
  return { headers, type, target, topic, data: bytes.subarray(at) };
}

/** A socket at `path` and everything that came on it, in order. */
export class Legacy {
  static async open(node, path = '/legacy', headers = {}) {
    const legacy = new Legacy();
    Object.assign(legacy, { node, messages: [], texts: [], waiting: [], number: 0 });
    legacy.socket = new WebSocket(`ws://127.0.0.1:${node.port}${path}`, { perMessageDeflate: false, headers });
    legacy.closed = once(legacy.socket, 'close').then(([code, reason]) => ({ code, reason: reason.toString() }));
    legacy.socket.on('upgrade', (response) => (legacy.head = response.headers));
    legacy.socket.on('error', (error) => (legacy.failure = error));
    legacy.socket.on('message', (data, binary) => {
      if (binary) legacy.messages.push(decode(data));
      else legacy.texts.push(JSON.parse(data.toString()));
      legacy.waiting = legacy.waiting.filter((look) => !look());
    });
    await within(once(legacy.socket, 'open'), `socket at ${path}`);
    return legacy;
  }

  /** Resolves with the first result of `look` that is true. */
  until(look, what) {
    return within(new Promise((resolve) => {
      const seen = () => {
        const found = look();
        if (found) resolve(found);
        return Boolean(found);
      };
      if (!seen()) this.waiting.push(seen);
    }), what);
  }

  /** Sends a request with a number of its own, and resolves with its answer. */
  ask(target, topic, data = '', { headers = {}, type = kTypes.host } = {}) {
    const id = `ask-${++this.number}`;
    this.socket.send(encode({ headers: { 'X-Ask': id, ...headers }, type, target, topic, data }));
    return this.until(() => this.messages.find((message) => message.headers['X-Ask'] === id && message.headers.Status), `answer to ${target} ${topic}`);
  }

  /** Resolves once `count` events came; an event has no status. */
  events(count) {
    return this.until(() => {
      const events = this.messages.filter((message) => !message.headers.Status);
      return events.length >= count && events;
    }, `${count} events`);
  }

  close() {
    this.socket.close(1000);
    return within(this.closed, 'close');
  }
}
