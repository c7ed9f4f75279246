// The contract of examples/contract on a chain, as a program on an SDK sees it: JSON goes through the driver on Node's own WebAssembly.
import assert from 'node:assert/strict';
import { call, profile, transaction } from './moonlight.mjs';

const kBinary = { 'Content-Type': 'application/octet-stream' };
export const kEntryBytes = 368;
export const kMessageBytes = 136;
export const [keeper, guest] = [profile(0), profile(1)];

export class Book {
  constructor(node, session, driver) {
    Object.assign(this, { node, session, driver });
    this.nonces = new Map();
  }

  /** Sends a transaction, makes a block and returns the payload of `executed`. */
  async send(sender, data, more = {}) {
    const nonce = (this.nonces.get(sender) ?? 0) + 1;
    const { id, bytes } = transaction(sender, { nonce, data, ...more });
    const simulated = JSON.parse((await this.node.post('simulate', bytes)).body);
    const answer = await this.node.post('propagate', bytes);
    assert.equal(answer.status, 202, answer.body.toString());
    await this.session.subscribe(`/on/transactions:${id}/executed`);
    await this.node.mine();
    const at = await this.session.until(({ entity, topic }) => entity === id && topic === 'executed', `${id} executed`);
    this.nonces.set(sender, nonce);
    const { err, gas_spent: gas } = JSON.parse(this.session.frames[at].payload);
    assert.deepEqual(simulated['gas-spent'], gas, 'a simulation costs what the block takes');
    return { id, err, gas };
  }

  call(sender, name, json, more) {
    return this.send(sender, call(this.id, name, this.driver.encodeInput(name, json)), more);
  }

  async ask(name, json, headers = {}) {
    const { status, body } = await this.node.request('POST', `/on/contracts:${this.id}/${name}`, { ...kBinary, ...headers }, this.driver.encodeInput(name, json));
    return { status, body };
  }

  async query(name, json) {
    const { status, body } = await this.ask(name, json);
    assert.equal(status, 200, body.toString());
    return this.driver.decodeOutput(name, body);
  }

  /** The answer of a feeder: entries of one size, with nothing in between. */
  async entries(first) {
    const { status, body } = await this.ask('entries', first, { 'Rusk-Feeder': 'true' });
    assert.equal(status, 200, body.toString());
    assert.equal(body.length % kEntryBytes, 0);
    const items = [];
    for (let at = 0; at < body.length; at += kEntryBytes) items.push(this.driver.decodeOutput('entries', body.subarray(at, at + kEntryBytes)));
    return items;
  }

  /** The event of a transaction on one topic, decoded. */
  async event(id, topic) {
    const at = await this.session.until((frame) => frame.entity === this.id && frame.topic === topic && frame.header['Rusk-Origin'] === id, topic);
    return this.driver.decodeEvent(topic, this.session.frames[at].payload);
  }

  async balance({ account }) {
    return BigInt((await this.node.account(account)).balance);
  }
}
