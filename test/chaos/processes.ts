import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createClient } from '@redis/client';
import { freePort } from '../../bench/free-port.ts';
import { type SafelightProcess, safelight } from '../../packages/cli/test/safelight-process.ts';
import { type OwnRedis, ownRedis } from '../../packages/stores/test/redis-server.ts';
import { startNginx } from '../servers/nginx.ts';
import { type LosingProxy, losingProxy } from './losing-proxy.ts';

export const apiKey = 'chaos';
export const apiSecret = 'chaos-secret';

/** Each rung has this window: several windows end in a short calm period, and failures are still held after most faults. */
export const windowMs = 4000;
export const olderVersions = 3;

/** A `safelight serve` on a port that stays the same when it is started again. */
export interface ChaosServer {
  readonly index: number;
  readonly port: number;
  /** Between this server and Redis. */
  readonly proxy: LosingProxy;
  /** Resolves when it listens. */
  start(): Promise<void>;
  kill(): Promise<void>;
  /** Suspends the process: its connections stay open, and it does nothing. */
  freeze(): void;
  thaw(): void;
  /** Kills the processes that make its pictures. @returns how many */
  killPictureProcesses(): Promise<number>;
  /** Everything that it has written. */
  output(): string;
}

/** The servers with one folder and one Redis, and an nginx in front of them. */
export interface Cluster {
  readonly servers: readonly ChaosServer[];
  readonly nginxPort: number;
  readonly redis: OwnRedis;
  /** Sends a command to Redis, past the proxies. */
  command(...parts: string[]): Promise<unknown>;
  /** Removes what `SAVE` has written, so that Redis starts without data. */
  removeSnapshot(): Promise<void>;
  end(): Promise<void>;
}

export interface ClusterOptions {
  /** The indexes of the servers that run as another release, with its own schema of records. */
  readonly otherRelease: readonly number[];
}

const otherReleaseFile = fileURLToPath(new URL('other-release.ts', import.meta.url));

export async function startCluster(count: number, { otherRelease }: ClusterOptions): Promise<Cluster> {
  const data = await mkdtemp(join(tmpdir(), 'safelight-chaos-'));
  const redis = await ownRedis();
  const servers = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const [port, proxy] = await Promise.all([freePort(), losingProxy(redis.socketPath)]);
      return chaosServer({ index, port, proxy, data, isOtherRelease: otherRelease.includes(index) });
    }),
  );
  // One after the other: the first one creates the folders.
  for (const server of servers) await server.start();
  const upstream = servers.map(({ port }) => `server 127.0.0.1:${port} max_fails=0;`).join(' ');
  const nginx = await startNginx(
    (port) => `
      upstream servers { ${upstream} }
      server {
        listen 127.0.0.1:${port};
        location / {
          proxy_pass http://servers;
          proxy_http_version 1.1;
          proxy_set_header Host $http_host;
          proxy_request_buffering off;
          proxy_read_timeout 20s;
          add_header X-Upstream $upstream_addr always;
        }
      }`,
  );
  return {
    servers,
    nginxPort: nginx.port,
    redis,
    async command(...parts) {
      const client = createClient({ socket: { path: redis.socketPath, tls: false, reconnectStrategy: false } });
      await client.on('error', () => undefined).connect();
      try {
        return await client.sendCommand(parts);
      } finally {
        client.destroy();
      }
    },
    removeSnapshot: () => rm(join(dirname(redis.socketPath), 'dump.rdb'), { force: true }),
    async end() {
      await nginx.stop();
      for (const server of servers) await server.kill();
      for (const { proxy } of servers) await proxy.close();
      await redis.remove();
      await rm(data, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

interface ServerOptions {
  readonly index: number;
  readonly port: number;
  readonly proxy: LosingProxy;
  readonly data: string;
  readonly isOtherRelease: boolean;
}

function chaosServer({ index, port, proxy, data, isOtherRelease }: ServerOptions): ChaosServer {
  const seconds = `${windowMs / 1000}s`;
  const flags = [
    ...['--port', String(port), '--data', data, '--store', `redis://127.0.0.1:${proxy.port}`, '--placeholder', 'none'],
    ...['--api-key', apiKey, '--keep-versions', String(olderVersions), '--trust-proxy', 'loopback'],
    ...['--backoff-first', seconds, '--backoff-max', seconds, '--transient-max', '1s'],
  ];
  const env = {
    SAFELIGHT_API_SECRET: apiSecret,
    ...(isOtherRelease ? { NODE_OPTIONS: `--import=${pathToFileURL(otherReleaseFile)}` } : {}),
  };
  const runs: SafelightProcess[] = [];
  const current = (): SafelightProcess['child'] | undefined => runs.at(-1)?.child;

  return {
    index,
    port,
    proxy,
    async start() {
      const run = safelight(['serve', ...flags], env);
      runs.push(run);
      await run.printed(/safelight listening on/);
    },
    async kill() {
      const child = current();
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
    freeze: () => void current()?.kill('SIGSTOP'),
    thaw: () => void current()?.kill('SIGCONT'),
    async killPictureProcesses() {
      const pid = current()?.pid;
      const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
      const pids = children.split(' ').filter(Boolean).map(Number);
      for (const child of pids) {
        try {
          process.kill(child, 'SIGKILL');
        } catch {
          // It has ended by itself.
        }
      }
      return pids.length;
    },
    output: () => runs.map((run) => run.output() + run.errors()).join(''),
  };
}
