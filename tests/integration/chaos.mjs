// Two thousand clients that stall, vanish and come back, and a server that is killed ten times under a stream of blocks: every client gets every
// block of its subscription, once and in order. RUES_SEED repeats the random choices.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { RuesNode, WebSocket, kPatience, seededRandom, within, withFolder } from './node.mjs';

const kShare = Number(process.env.RUES_LOAD_SHARE ?? 1);
const kClients = Math.ceil(2_000 / kShare);
const kKills = Math.max(3, Math.ceil(10 / Math.sqrt(kShare)));
const kBlocksBetweenKills = 12;
const kAccepted = '/on/blocks/accepted';

const random = seededRandom();
const chance = (below) => Math.floor(random() * below);

const counted = { events: 0, repeated: 0, stalls: 0, losses: 0, resumes: 0, takeovers: 0, kills: 0, reconnects: 0 };
const sequenceOf = (position) => Number(position.slice(position.indexOf('-') + 1));

/** One client: it keeps the events that are new to it, and connects again after every loss. */
class Client {
  constructor(number) {
    this.number = number;
    this.seen = []; // [sequence number, height]
    this.last = undefined; // position
    this.begin = undefined; // position; the events after it are delivered
    this.id = undefined;
    this.ended = false;
  }

  url() {
    const base = `ws://127.0.0.1:${port}/on`;
    return this.begin === undefined ? base : `${base}?resume=${this.id}&after=${this.last ?? this.begin}`;
  }

  connect() {
    const socket = new WebSocket(this.url(), { perMessageDeflate: false });
    this.socket = socket;
    let texts = 0;
    socket.on('message', (data, binary) => {
      if (this.socket !== socket) return;
      if (binary) return this.take(data);
      const text = data.toString();
      ++texts;
      if (texts === 1) {
        this.next = text;
        if (this.begin === undefined) {
          this.id = text;
          // Half of the clients subscribe from the beginning of the log, the others from now on.
          const after = this.number % 2 === 0 ? { after: `${epoch}-0` } : {};
          socket.send(JSON.stringify({ subscribe: [kAccepted], ...after }));
        }
      } else if (this.begin === undefined) {
        const answer = JSON.parse(text);
        assert.equal(answer.errors.length, 0, text);
        this.begin = answer.subscribed[0].position;
      } else if (texts === 2) {
        const answer = JSON.parse(text);
        assert.equal(answer.recovered, true, `client ${this.number}: ${text}`);
        this.id = this.next;
        ++counted.resumes;
      }
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      if (this.socket !== socket || this.ended) return;
      ++counted.reconnects;
      setTimeout(() => this.ended || this.socket !== socket || this.connect(), 20 + chance(200));
    });
  }

  take(data) {
    ++counted.events;
    const length = data.readUInt32LE(0);
    const header = JSON.parse(data.subarray(4, 4 + length).toString());
    const sequence = sequenceOf(header['Rues-Position']);
    if (this.seen.length > 0 && sequence <= this.seen.at(-1)[0]) {
      ++counted.repeated; // a replay that was cut off begins again
      return;
    }
    this.last = header['Rues-Position'];
    this.seen.push([sequence, Number(header['Rues-Height'])]);
    progress();
  }

  stall(milliseconds) {
    const { socket } = this;
    if (socket.readyState !== WebSocket.OPEN) return;
    ++counted.stalls;
    socket.pause();
    setTimeout(() => socket.readyState === WebSocket.OPEN && socket.resume(), milliseconds);
  }

  vanish() {
    ++counted.losses;
    this.socket.terminate();
  }

  /** Connects a second time while the first connection is still open. */
  takeOver() {
    if (this.begin === undefined || this.socket.readyState !== WebSocket.OPEN) return;
    ++counted.takeovers;
    const old = this.socket;
    this.connect();
    old.on('close', (code) => assert.ok([4001, 1006].includes(code), `taken over with ${code}`));
  }

  end() {
    this.ended = true;
    this.socket.terminate();
  }
}

let progress = () => {}; // called with every event that is new to a client
let port;
let epoch;
await withFolder(async (data) => {
  const flags = ['--mining', 'manual'];
  let node = await RuesNode.start(data, ...flags);
  const address = `127.0.0.1:${node.port}`;
  port = node.port;
  epoch = JSON.parse((await node.request('GET', '/status')).body).position.slice(0, 16);
  const clients = Array.from({ length: kClients }, (_, number) => new Client(number));
  for (const client of clients) {
    client.connect();
    if (client.number % 50 === 49) await sleep(5);
  }
  const disturb = () => {
    for (let i = 0; i < kClients / 40; ++i) {
      const client = clients[chance(kClients)];
      [() => client.stall(chance(1_500)), () => client.vanish(), () => client.takeOver()][chance(3)]();
    }
  };
  for (let kill = 0; kill < kKills; ++kill) {
    for (let block = 0; block < kBlocksBetweenKills; ++block) {
      await node.mine();
      disturb();
      await sleep(chance(30));
    }
    await node.stop('SIGKILL');
    ++counted.kills;
    node = await RuesNode.start(data, '--listen', address, ...flags);
  }
  await node.mine();
  const listed = await node.request('GET', `/events/history?on=${kAccepted}&limit=10000`);
  const all = listed.body.toString().split('\n').filter(Boolean).map((line) => JSON.parse(line).headers)
    .map((header) => [sequenceOf(header['Rues-Position']), Number(header['Rues-Height'])]);
  assert.deepEqual(all.map(([, height]) => height), all.map((_, index) => index + 1), 'the log has every block');

  const isThere = (client) => client.seen.at(-1)?.[0] === all.at(-1)[0];
  let left = clients.filter((client) => !isThere(client));
  await within(new Promise((resolve) => {
    progress = () => (left = left.filter((client) => !isThere(client))).length === 0 && resolve();
    progress();
  }), `last block for ${left.length} clients`, 4 * kPatience);
  for (const client of clients) {
    const expected = all.filter(([sequence]) => sequence > sequenceOf(client.begin ?? `${epoch}-0`));
    assert.deepEqual(client.seen, expected, `client ${client.number}, covered from ${client.begin}`);
  }
  for (const client of clients) client.end();
  console.log(`${kClients} clients, ${all.length} blocks:`, JSON.stringify(counted));
  assert.equal(counted.kills, kKills);
  for (const what of ['events', 'stalls', 'losses', 'resumes', 'takeovers']) assert.ok(counted[what] > 0, `no ${what}`);
  await node.stop();
});
