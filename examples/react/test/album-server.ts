import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface Album {
  readonly origin: string;
  close(): Promise<void>;
}

/** Starts the example like its command, on a free port, with its own folder and with React's development build. */
export async function startAlbum(): Promise<Album> {
  const data = await mkdtemp(join(tmpdir(), 'safelight-album-test-'));
  const server = spawn(process.execPath, [fileURLToPath(new URL('../server.ts', import.meta.url))], {
    env: { ...process.env, NODE_ENV: 'development', PORT: '0', DATA: data },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(server, 'exit');
  const [line] = (await once(createInterface(server.stdout), 'line')) as [string];
  assert.match(line, /^album on http:\/\/localhost:\d+$/);
  return {
    origin: line.replace('album on ', ''),
    async close() {
      server.kill();
      await exited;
      await rm(data, { recursive: true });
    },
  };
}
