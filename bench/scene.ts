import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection, type NetConnectOpts } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { withSystemPaths } from './installed-version.ts';
import type { Load } from './load.ts';

export interface SceneOptions {
  readonly rounds: number;
  /** Number of random URLs in a flood. */
  readonly flood: number;
  readonly load: Load;
  /** Adds a sentence below the table. */
  readonly note: (sentence: string) => void;
}

/** A group of rows is measured in a scene. `end` stops every process that the scene has started. */
export interface Scene extends SceneOptions {
  /** Starts a server of `bench/servers` in a process of its own. @returns its origin, such as `http://127.0.0.1:3000` */
  start(name: string, ...args: string[]): Promise<string>;
  /** Starts a program that stays in the foreground. Resolves when it accepts a connection. */
  run(command: string, args: readonly string[], where: NetConnectOpts): Promise<void>;
  temporaryDirectory(): Promise<string>;
  end(): Promise<void>;
}

const maxStartMs = 10_000;
const maxStderrLength = 10_000;

export function createScene(options: SceneOptions): Scene {
  const children: ChildProcess[] = [];
  const directories: string[] = [];
  function stopAll(): void {
    for (const child of children) {
      // Our own servers clean up and end when their channel is disconnected. Other programs need a signal.
      if (child.connected) child.disconnect();
      else child.kill();
    }
  }
  process.once('exit', stopAll);

  return {
    ...options,

    async start(name, ...args) {
      const child = fork(fileURLToPath(new URL(`servers/${name}.ts`, import.meta.url)), args);
      children.push(child);
      const [port] = await Promise.race([once(child, 'message'), untilItEnds(child, name)]);
      return `http://127.0.0.1:${port}`;
    },

    async run(command, args, where) {
      const child = spawn(command, args, { env: withSystemPaths, stdio: ['ignore', 'ignore', 'pipe'] });
      children.push(child);
      // Some programs write notes to stderr that are not faults. The text is shown only when a program does not start.
      let stderr = '';
      child.stderr.on('data', (piece: Buffer) => {
        if (stderr.length < maxStderrLength) stderr += piece;
      });
      await Promise.race([untilItListens(where), untilItEnds(child, command)]).catch((error: Error) => {
        error.message += `\n${stderr}`;
        throw error;
      });
    },

    async temporaryDirectory() {
      const directory = await mkdtemp(join(tmpdir(), 'safelight-bench-'));
      directories.push(directory);
      return directory;
    },

    async end() {
      const running = children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
      const ended = running.map((child) => once(child, 'exit'));
      stopAll();
      await Promise.all(ended);
      process.off('exit', stopAll);
      for (const directory of directories) await rm(directory, { recursive: true, force: true });
    },
  };
}

async function untilItListens(where: NetConnectOpts): Promise<void> {
  for (const givesUpAt = Date.now() + maxStartMs; Date.now() < givesUpAt; await wait(50)) {
    const socket = createConnection(where);
    try {
      await once(socket, 'connect');
      return;
    } catch {
      // Not yet.
    } finally {
      socket.destroy();
    }
  }
  throw new Error(`${JSON.stringify(where)} accepted no connection within ${maxStartMs} ms.`);
}

async function untilItEnds(child: ChildProcess, name: string): Promise<never> {
  const [code, signal] = await once(child, 'exit');
  throw new Error(`${name} ended (${code ?? signal}) before it was ready.`);
}
