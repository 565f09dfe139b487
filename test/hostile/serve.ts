import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { endAll, type SafelightProcess, serving } from '../../packages/cli/test/safelight-process.ts';

export const apiKey = '1234';
export const apiSecret = 'hostile-secret';

/** A server that runs in a process of its own, as users run it. */
export interface HostileScene {
  readonly origin: string;
  readonly server: SafelightProcess;
  readonly data: string;
  readonly end: () => Promise<void>;
}

/** Starts `safelight serve` with a key and a preset, unless the arguments replace them. */
export async function startServe(
  args: readonly string[] = ['--api-key', apiKey, '--upload-preset', 'open'],
): Promise<HostileScene> {
  const data = await mkdtemp(join(tmpdir(), 'safelight-hostile-'));
  const { server, origin } = await serving(['--data', data, ...args], {
    SAFELIGHT_API_SECRET: args.includes('--api-key') ? apiSecret : '',
  });
  return {
    ...{ origin, server, data },
    end: async () => {
      await endAll();
      await rm(data, { recursive: true, force: true });
    },
  };
}

/** The resident memory of a process in bytes; its highest value so far with `VmHWM`. Linux only. */
export async function memoryOf({ server }: HostileScene, name: 'VmRSS' | 'VmHWM' = 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${server.child.pid}/status`, 'utf8');
  return Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024;
}

/** Asks the server again and again, from a thread of its own, and measures how long the slowest response took. */
export async function watchDelay(origin: string): Promise<() => Promise<number>> {
  const worker = new Worker(
    `const { parentPort, workerData } = require('node:worker_threads');
     const { Agent, get } = require('node:http');
     const agent = new Agent({ keepAlive: true, maxSockets: 1 });
     let slowestMs = 0;
     let isOver = false;
     const ask = () => {
       const askedAt = performance.now();
       get(workerData, { agent }, (response) => {
         response.resume().on('end', () => {
           slowestMs = Math.max(slowestMs, performance.now() - askedAt);
           if (isOver) parentPort.postMessage(slowestMs);
           else setTimeout(ask, 2);
         });
       }).on('error', () => setTimeout(ask, 2));
     };
     // The first request opens the connection.
     get(workerData, { agent }, (response) => response.resume().on('end', () => { parentPort.postMessage('ready'); ask(); }));
     parentPort.on('message', () => { isOver = true; });`,
    { eval: true, workerData: `${origin}/v1_1/other/ping` },
  );
  const next = () => new Promise<unknown>((resolve) => worker.once('message', resolve));
  await next();
  return async () => {
    const slowest = next();
    worker.postMessage('end');
    const ms = (await slowest) as number;
    await worker.terminate();
    return ms;
  };
}
