// SIGHUP: certificate, limits and log level are taken over while connections stay open; after any error everything stays as it was.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import tls from 'node:tls';
import { makeCertificate } from './certificate.mjs';
import { RuesNode, Session, withFolder, within } from './node.mjs';

/** Waits for a new matching line of the log. */
async function logged(node, from, pattern) {
  const look = () => pattern.exec(node.log.slice(from));
  while (!look()) await within(once(node.child.stderr, 'data'), `${pattern} in the log`);
  return look()[0];
}

async function hangUp(node, pattern) {
  const from = node.log.length;
  node.child.kill('SIGHUP');
  return logged(node, from, pattern);
}

/** The fingerprint of the certificate that a new connection gets. */
async function shown(node) {
  const socket = tls.connect({ port: node.port, host: '127.0.0.1', servername: 'localhost', rejectUnauthorized: false });
  await within(once(socket, 'secureConnect'), 'handshake');
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
}

await withFolder(async (folder) => {
  const used = makeCertificate(folder);
  const [firstFolder, secondFolder] = ['first', 'second'].map((name) => join(folder, name));
  for (const made of [firstFolder, secondFolder]) mkdirSync(made);
  const second = makeCertificate(secondFolder);
  const config = join(folder, 'rues.toml');
  const settings = (more = '') => writeFileSync(config, `mining = "manual"\nsync-blocks = false\n${more}`);
  settings();
  const node = await RuesNode.start(join(folder, 'data'), '--config', config, ...used.flags);
  const session = await Session.open(node);
  await session.subscribe('/on/blocks/accepted');
  const before = await shown(node);

  // Another certificate under a running session.
  copyFileSync(second.certificate, used.certificate);
  copyFileSync(second.key, used.key);
  await hangUp(node, /reloaded: no setting has changed; certificate and key were read again/);
  const after = await shown(node);
  assert.notEqual(after, before, 'new connections are shown the new certificate');
  node.ca = readFileSync(second.certificate);
  const height = await node.mine();
  await session.until((frame) => frame.header['Rues-Height'] === String(height), 'block on the old connection');

  // One wrong setting changes nothing, even if all others are right.
  settings('max-connections = 1\n');
  writeFileSync(used.certificate, 'not a certificate');
  assert.match(await hangUp(node, /reload refused[^\n]*/), /certificate\.pem/);
  copyFileSync(second.certificate, used.certificate);
  for (const [text, complaint] of [
    ['max-connections = "many"\n', /max-connections/],
    ['max-connections = 1\nno-such-setting = 1\n', /no-such-setting/],
    ['max-connections =\n', /rues\.toml: line 3/],
  ]) {
    settings(text);
    assert.match(await hangUp(node, /reload refused[^\n]*/), complaint);
  }
  assert.equal(await shown(node), after);
  await node.json('/on/node/info');

  // Reloadable settings change; the log names the others.
  settings('block-time = "2s"\nping-interval = "100ms"\nlog-level = "warning"\n');
  await hangUp(node, /changed, but needs a restart: block-time\n/);
  assert.match(node.log, /reloaded: ping-interval, log-level; certificate/);
  const pinged = await Session.open(node);
  await within(once(pinged.socket, 'ping'), 'ping');
  settings('block-time = "2s"\nping-interval = "100ms"\nlog-level = "warning"\nmax-connections = 2\n');
  const quiet = node.log.length;
  await hangUp(node, /changed, but needs a restart: block-time\n/); // it still differs, so it is logged again
  // Two sessions are open, so a third connection is too many as soon as the limit is in force.
  for (;;) {
    const answer = await node.request('POST', '/on/node/info').catch(() => null);
    if (answer === null) break;
  }
  assert.doesNotMatch(node.log.slice(quiet), /reloaded/, 'an info is below the level warning');
  for (const open of [session, pinged]) assert.deepEqual(await open.close(), { code: 1000, reason: 'done' });
  await node.stop();
});
