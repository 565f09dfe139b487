import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createClient } from '@keyv/redis';

/** The Redis that tests use if it responds. */
export const redisUrl: string = process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379';

export async function redisResponds(): Promise<boolean> {
  const client = createClient({ url: redisUrl, socket: { connectTimeout: 1000, reconnectStrategy: false } });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.ping()) === 'PONG';
  } catch {
    return false;
  } finally {
    if (client.isOpen) client.destroy();
  }
}

/** A client of that Redis for the tests of a suite, and the prefix of their keys. Call it in `describe`. */
export function redisOfSuite() {
  const keyPrefix = `safelight-test:${randomUUID()}:`;
  const client = createClient({ url: redisUrl });
  before(async () => {
    await client.connect();
  });
  after(async () => {
    for await (const keys of client.scanIterator({ MATCH: `${keyPrefix}*`, COUNT: 1000 })) {
      if (keys.length > 0) await client.del(keys);
    }
    client.destroy();
  });
  return { client, keyPrefix };
}

/** A Redis of one test, on a Unix socket. The test can stop and restart it. */
export interface OwnRedis {
  readonly socketPath: string;
  /** Suspends the process: connections stay open, and there are no replies. */
  freeze(): void;
  /** Ends `freeze`. */
  thaw(): void;
  kill(): Promise<void>;
  /** Starts it unless it is running, without data, or with those of the last `SAVE`. */
  start(): Promise<void>;
  /** Ends it and removes its files. */
  remove(): Promise<void>;
}

export function hasRedisServer(): boolean {
  return spawnSync('redis-server', ['--version']).status === 0;
}

/** @param more - further arguments, such as `['--port', '6380']`; they have priority */
export async function ownRedis(more: readonly string[] = []): Promise<OwnRedis> {
  const directory = await mkdtemp(join(tmpdir(), 'safelight-redis-'));
  const socketPath = join(directory, 'redis.sock');
  let server: ChildProcess | undefined;

  const isRunning = (): boolean => server !== undefined && server.exitCode === null && server.signalCode === null;
  const start = async (): Promise<void> => {
    if (isRunning()) return;
    const settings = [
      '--port',
      '0',
      '--unixsocket',
      socketPath,
      '--save',
      '',
      '--appendonly',
      'no',
      '--dir',
      directory,
      ...more,
    ];
    const started = spawn('redis-server', settings, { stdio: ['ignore', 'pipe', 'ignore'] });
    server = started;
    for await (const line of createInterface({ input: started.stdout })) {
      if (line.includes('Ready to accept connections') || line.includes('ready to accept connections')) return;
    }
    throw new Error('redis-server ended before it was ready to accept connections');
  };
  const kill = async (): Promise<void> => {
    if (server === undefined || !isRunning()) return;
    const exited = once(server, 'exit');
    server.kill('SIGKILL');
    await exited;
  };
  await start();
  return {
    socketPath,
    freeze: () => void server?.kill('SIGSTOP'),
    thaw: () => void server?.kill('SIGCONT'),
    kill,
    start,
    remove: async () => {
      await kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
