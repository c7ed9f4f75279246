// NATS servers with JetStream, for tests of clusters of gateways.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';

/** The program, or undefined on a machine without it. */
export const kNatsServer = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/bin']
  .map((folder) => join(folder, 'nats-server'))
  .find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

class NatsServer {
  constructor(config, log, monitor) {
    Object.assign(this, { config, log, monitor });
  }

  start() {
    const log = openSync(this.log, 'a');
    this.child = spawn(kNatsServer, ['-c', this.config], { stdio: ['ignore', log, log] });
    running.add(this.child);
    this.ended = once(this.child, 'exit').then(() => running.delete(this.child));
  }

  /** Waits until it has everything that the other servers have. Before that, the loss of another one can lose messages. */
  async healthy() {
    for (;;) {
      const answer = await fetch(`http://127.0.0.1:${this.monitor}/healthz`).catch(() => undefined);
      if (answer?.ok) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async kill() {
    this.child.kill('SIGKILL');
    await this.ended;
  }
}

/**
 * Starts `count` servers (1 or 3), as one cluster, with their files in `folder`. `limits` are lines of the section
 * `jetstream`. `urls` are those for clients.
 */
export async function startNats(folder, count = 1, limits = '') {
  const ports = await freePorts(3 * count);
  const servers = [];
  for (let i = 0; i < count; ++i) {
    const own = join(folder, `nats${i}`);
    mkdirSync(own, { recursive: true });
    const routes = ports.slice(count, 2 * count).map((port) => `nats-route://127.0.0.1:${port}`);
    const cluster = count === 1 ? '' : `cluster { name: test\n listen: "127.0.0.1:${ports[count + i]}"\n routes: [${routes.map((route) => `"${route}"`)}] }\n`;
    writeFileSync(join(own, 'conf'), `server_name: n${i}\nlisten: "127.0.0.1:${ports[i]}"\nhttp: "127.0.0.1:${ports[2 * count + i]}"\n`
      + `jetstream { store_dir: "${join(own, 'data')}"\n ${limits} }\n${cluster}`);
    servers.push(new NatsServer(join(own, 'conf'), join(own, 'log'), ports[2 * count + i]));
  }
  for (const server of servers) server.start();
  return {
    servers,
    urls: ports.slice(0, count).map((port) => `nats://127.0.0.1:${port}`),
    stop: () => Promise.all(servers.map((server) => server.kill())),
  };
}
