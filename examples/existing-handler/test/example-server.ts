import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { createExample, type Example, type ExampleOptions } from '../app.ts';

export interface ExampleServer {
  readonly attempts: Example['attempts'];
  readonly directory: string;
  readonly port: number;
  ask(path: string, headers?: Record<string, string>): Promise<Response>;
  /** Uploads a picture by the application's route for originals. */
  upload(id: string, bytes?: Uint8Array): Promise<void>;
  /** Moves the clock, in milliseconds. */
  pass(ms: number): void;
  close(): Promise<void>;
}

export async function exampleServer(options: Omit<ExampleOptions, 'clock'> = {}): Promise<ExampleServer> {
  let now = Date.UTC(2026, 0, 1);
  const directory = await mkdtemp(join(tmpdir(), 'safelight-existing-'));
  const { app, attempts } = createExample(directory, { ...options, clock: () => now });
  app.set('env', 'test'); // otherwise Express prints every error that it handles
  const server: Server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  return {
    attempts,
    directory,
    port,
    ask: (path, headers = {}) => fetch(origin + path, { headers }),
    async upload(id, bytes) {
      const body = new Uint8Array(bytes ?? (await picture()));
      await fetch(`${origin}/originals/${id}`, { method: 'PUT', body });
    },
    pass(ms) {
      now += ms;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(directory, { recursive: true });
    },
  };
}

export function picture(): Promise<Buffer> {
  return sharp({ create: { width: 600, height: 400, channels: 3, background: 'orange' } })
    .jpeg()
    .toBuffer();
}

/** Saves a file without a call of `changed`. */
export function save({ directory }: ExampleServer, id: string, bytes: Uint8Array): Promise<void> {
  return writeFile(join(directory, id), bytes);
}
