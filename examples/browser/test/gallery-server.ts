import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface Gallery {
  readonly origin: string;
  close(): Promise<void>;
}

/** Starts the example like its command, on a free port and with its own folder. */
export async function startGallery(environment: Readonly<Record<string, string>> = {}): Promise<Gallery> {
  const data = await mkdtemp(join(tmpdir(), 'safelight-gallery-test-'));
  const server = spawn(process.execPath, [fileURLToPath(new URL('../server.ts', import.meta.url))], {
    env: { ...process.env, ...environment, PORT: '0', DATA: data },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(server, 'exit');
  const [line] = (await once(createInterface(server.stdout), 'line')) as [string];
  assert.match(line, /^gallery on http:\/\/localhost:\d+$/);
  return {
    origin: line.replace('gallery on ', ''),
    async close() {
      server.kill();
      await exited;
      await rm(data, { recursive: true });
    },
  };
}
