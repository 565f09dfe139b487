import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface ExampleServer {
  readonly origin: string;
  close(): Promise<void>;
}

/**
 * Starts an example like its command, on a free port and with its own folder.
 * @param file - its `server.ts`
 * @param name - the first word that it prints
 */
export async function startExample(
  file: URL,
  name: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<ExampleServer> {
  const data = await mkdtemp(join(tmpdir(), `safelight-${name}-test-`));
  const server = spawn(process.execPath, [fileURLToPath(file)], {
    env: { ...process.env, ...environment, PORT: '0', DATA: data },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(server, 'exit');
  const [line] = (await once(createInterface(server.stdout), 'line')) as [string];
  assert.match(line, new RegExp(`^${name} on http://localhost:\\d+$`));
  return {
    origin: line.replace(`${name} on `, ''),
    async close() {
      server.kill();
      await exited;
      await rm(data, { recursive: true });
    },
  };
}
