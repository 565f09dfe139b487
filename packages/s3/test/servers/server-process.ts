import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Whether each of these programs is installed. */
export function areInstalled(...programs: readonly string[]): boolean {
  return programs.every((program) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0);
}

const running = new Set<ChildProcess>();
const directories: string[] = [];
process.once('exit', () => {
  for (const server of running) server.kill('SIGKILL');
  for (const directory of directories) rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
});

/** Creates a folder that is removed when this process ends. */
export async function serverDirectory(name: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), `safelight-${name}-`));
  directories.push(directory);
  return directory;
}

/**
 * Starts a server that runs until this process ends, also when this process is killed. It does not hold the event loop.
 * @param log - the path of a file for its output
 */
export function startServer(program: string, parameters: readonly string[], log: string): void {
  const output = openSync(log, 'a');
  const server = spawn('setpriv', ['--pdeathsig', 'KILL', program, ...parameters], {
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  server.unref();
  running.add(server);
  server.once('exit', () => running.delete(server));
}

/** Waits until a server responds to HTTP. */
export async function untilResponds(url: string, maxMs = 60_000): Promise<void> {
  const end = performance.now() + maxMs;
  for (;;) {
    try {
      await (await fetch(url)).arrayBuffer();
      return;
    } catch (error) {
      if (performance.now() > end) throw new Error(`${url} did not respond within ${maxMs} ms`, { cause: error });
      await sleep(50);
    }
  }
}

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
