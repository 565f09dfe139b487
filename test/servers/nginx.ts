import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../bench/free-port.ts';

export function hasNginx(): boolean {
  return spawnSync('nginx', ['-v']).status === 0;
}

export interface Nginx {
  readonly port: number;
  /** What it has logged, also why it closed connections. */
  log(): Promise<string>;
  stop(): Promise<void>;
}

/**
 * Starts an nginx with one worker process on a free port.
 * @param serversOf - returns the `server` blocks for a port, and what else belongs into `http`
 */
export async function startNginx(serversOf: (port: number) => string): Promise<Nginx> {
  const directory = await mkdtemp(join(tmpdir(), 'safelight-nginx-'));
  const port = await freePort();
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const configuration = `
    ${userInfo().uid === 0 ? 'user root;' : ''}
    daemon off;
    worker_processes 1;
    pid ${directory}/nginx.pid;
    error_log ${directory}/error.log info;
    events {}
    http {
      access_log off;
      ${places.map((place) => `${place}_temp_path ${directory}/${place};`).join(' ')}
      ${serversOf(port)}
    }`;
  await writeFile(join(directory, 'nginx.conf'), configuration);
  const args = ['-p', directory, '-c', join(directory, 'nginx.conf'), '-e', 'stderr'];
  const child = spawn('nginx', args, { stdio: ['ignore', 'ignore', 'inherit'] });
  await untilListening(child, port);
  return {
    port,
    log: () => readFile(join(directory, 'error.log'), 'utf8'),
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        const exited = once(child, 'exit');
        child.kill('SIGTERM');
        await exited;
      }
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function untilListening(child: ChildProcess, port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (child.exitCode !== null) throw new Error(`nginx has ended with exit code ${child.exitCode}.`);
    const socket = connect(port, '127.0.0.1');
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('nginx did not begin to listen.');
}
