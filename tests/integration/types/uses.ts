// A TypeScript program that uses all of clients/js. types.mjs only checks its types; it never runs.
import { Client, RuesError, RuesEvent, connect, decodeFrame, parseExact } from 'rues-client';
import type { Outcome, Subscription, Wait, WebSocketLike } from 'rues-client';

class OwnSocket implements WebSocketLike {
  binaryType = 'arraybuffer';
  constructor(readonly url: string) {}
  send(_data: string): void {}
  close(_code?: number, _reason?: string): void {}
  addEventListener(_type: string, _listener: (event: any) => void): void {}
}

export async function use(url: string, bytes: Uint8Array): Promise<string> {
  const client: Client = await connect(new URL(url), { WebSocket, after: '0000000000000007-1', timeout: 1000, signal: AbortSignal.timeout(1) });
  const other: Client = await connect(url, { WebSocket: OwnSocket, fetch, maxQueue: 1, random: Math.random });
  const onGap = (gap: CustomEvent<{ path: string; after?: string; from?: string }>): void => console.warn(gap.detail.path, gap.detail.after);
  client.addEventListener('gap', onGap);
  client.removeEventListener('gap', onGap);
  client.addEventListener('gap', ({ detail }) => console.warn(detail.from), { once: true });
  client.addEventListener('lost', ({ detail }) => console.warn(detail.why));
  client.addEventListener('warning', (event) => event.preventDefault());
  client.addEventListener('error', ({ detail }) => console.warn(detail.event.location, detail.error));
  client.addEventListener('ended', ({ detail: { error } }) => console.warn(error.code === 'refused' ? error.status : error.message));
  // The client is an ordinary EventTarget.
  const target: EventTarget = client;
  target.addEventListener('resumed', () => {});
  client.addEventListener('something else', (event: Event) => console.log(event.type));

  const blocks: Subscription = client.subscribe('/on/blocks/accepted', { after: client.position });
  const position: string | undefined = await blocks.ready;
  for await (const event of blocks) {
    const height: number | undefined = event.height;
    if (event.replay || height === 1) break;
    console.log(event.json({ bigint: true }).header.height, event.headers['Rues-Height'], event.payload.length);
  }
  client.subscribe('/on/transactions/executed', (event: RuesEvent) => console.log(event.text()));
  client.subscribe('/on/transactions/removed', { signal: AbortSignal.timeout(1) }, (event) => console.log(event.json()));
  const was: boolean = client.unsubscribe('/on/transactions/executed');

  const wait: Wait = 'executed';
  const outcome: Outcome = await client.propagate(bytes, { wait, id: 'ab' });
  const nothing: undefined = await client.propagate(bytes);
  const answer: Response = await other.request('POST', '/on/node/info', { headers: { 'Rusk-Version': '1.7' }, body: bytes.slice() });
  const info = parseExact(await answer.text());
  client.close();
  try {
    decodeFrame(bytes);
  } catch (error) {
    if (error instanceof RuesError) return error.code;
  }
  return `${position} ${was} ${outcome.gas_spent} ${nothing} ${info.chain_id} ${client.sessionId}`;
}

// @ts-expect-error A misspelt option is an error.
export const wrong = () => connect('http://127.0.0.1', { timeot: 1 });
// @ts-expect-error `wait` has three values.
export const never = (client: Client) => client.propagate(new Uint8Array(), { wait: 'final' });
