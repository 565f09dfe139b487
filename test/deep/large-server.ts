import { type ChildProcess, fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { fileOriginals } from '@safelight/originals';
import { largeBytes, largePiece } from './large-bytes.ts';

export const megabytes: number = process.env['SAFELIGHT_DEEP'] === '1' ? 1024 : 128;
export const largeLength: number = megabytes * 1024 ** 2;
/** The allowed growth of a server's memory in bytes: less than a body, and twice the measured growth. */
export const maxGrownBytes: number = 96 * 1024 ** 2;

/** The mounts that make a large derivative, with the path of the nth one. */
export const mounts: readonly (readonly [string, (n: number) => string])[] = [
  ['guard', (n) => `/guard?${n}`],
  ['cloud', (n) => `/demo/image/upload/w_${n}/large.png`],
];

export interface LargeServerState {
  readonly requests: number;
  /** The number of runs that have begun. */
  readonly runs: number;
  /** The part that the last run has made so far. */
  readonly madeMegabytes: number;
  /** The largest growth of its resident memory since it began to listen. */
  readonly grownBytes: number;
  readonly faults: readonly string[];
}

export interface LargeServer {
  readonly origin: string;
  state(): Promise<LargeServerState>;
  /** Waits for a state. @throws {Error} after half the timeout of a test */
  until(isReached: (state: LargeServerState) => boolean): Promise<LargeServerState>;
  /** Lets the runs continue to this number of megabytes, where they stop. */
  makeUpTo(megabytes: number): Promise<void>;
  /** Kills the process, so that it finishes nothing and removes no files. */
  kill(): Promise<void>;
}

const script = fileURLToPath(new URL('large-derivative-server.ts', import.meta.url));

/** @param place - where its derivatives are cached */
export async function startLargeServer(directory: string, place: 'files' | 'memory'): Promise<LargeServer> {
  const child: ChildProcess = fork(script, [directory, String(megabytes), place], {
    execArgv: ['--max-old-space-size=64'],
    serialization: 'advanced',
  });
  const ended = new AbortController();
  const exit = once(child, 'exit').then(([code, signal]) => ended.abort(`The server has ended: ${code ?? signal}.`));

  async function told<T>(): Promise<T> {
    const [message] = await once(child, 'message', { signal: ended.signal });
    return message as T;
  }

  async function order(what: { readonly upTo?: number }): Promise<LargeServerState> {
    const state = told<LargeServerState>();
    child.send(what);
    return state;
  }

  const port = await told<number>();
  return {
    origin: `http://127.0.0.1:${port}`,
    state: () => order({}),
    async until(isReached) {
      const endsAt = Date.now() + megabytes * 100;
      for (;;) {
        const state = await order({});
        if (isReached(state)) return state;
        if (Date.now() > endsAt)
          throw new Error(`The server reached ${JSON.stringify(state)}, but never ${isReached}.`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    async makeUpTo(upTo) {
      await order({ upTo });
    },
    async kill() {
      child.kill('SIGKILL');
      await exit;
    },
  };
}

export interface LargeFolder {
  readonly directory: string;
  /** SHA-256 of the large derivative, hexadecimal. */
  readonly sha256: string;
  remove(): Promise<void>;
}

/** A folder with a small original, from which the handlers make the large derivative. */
export async function largeFolder(): Promise<LargeFolder> {
  const directory = await mkdtemp(join(tmpdir(), 'safelight-large-'));
  await publish(directory, Readable.from([Buffer.from('picture')]), { publicId: 'large', format: 'png' });
  const hash = createHash('sha256');
  for (let at = 0; at < megabytes; at += 1) hash.update(largePiece(at));
  return { directory, sha256: hash.digest('hex'), remove: () => rm(directory, { recursive: true, force: true }) };
}

/** Adds an original as large as the large derivative. */
export async function publishFilm({ directory }: LargeFolder): Promise<void> {
  await publish(directory, Readable.from(largeBytes(megabytes)), { publicId: 'film', format: 'mp4' });
}

async function publish(directory: string, bytes: Readable, name: { publicId: string; format: string }): Promise<void> {
  const originals = fileOriginals({ directory: join(directory, 'originals') });
  const received = await originals.receive(bytes, { maxBytes: largeLength });
  await originals.publish(received, { resourceType: name.format === 'png' ? 'image' : 'video', ...name });
}
