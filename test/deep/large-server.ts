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
/** How much more memory a server may take than when it began, in bytes: less than a body, twice what was measured. */
export const maxGrownBytes: number = 96 * 1024 ** 2;

/** The doors through which something large is made, with the path of the nth. */
export const doors: readonly (readonly [string, (n: number) => string])[] = [
  ['guard', (n) => `/guard?${n}`],
  ['cloud', (n) => `/demo/image/upload/w_${n}/large.png`],
];

export interface LargeServerState {
  readonly requests: number;
  /** How often something was made, or begun. */
  readonly runs: number;
  /** How much of it the last run has made. */
  readonly madeMegabytes: number;
  /** How much more resident memory it has had at most than when it began to listen. */
  readonly grownBytes: number;
  readonly faults: readonly string[];
}

export interface LargeServer {
  readonly origin: string;
  state(): Promise<LargeServerState>;
  /** Waits for a state. @throws when it takes half as long as a test may */
  until(isReached: (state: LargeServerState) => boolean): Promise<LargeServerState>;
  /** Whatever is made is made so far and no further. */
  makeUpTo(megabytes: number): Promise<void>;
  /** As a power cut would: nothing is finished, nothing tidied up. */
  kill(): Promise<void>;
}

const script = fileURLToPath(new URL('large-derivative-server.ts', import.meta.url));

/** @param place - where its derivatives are kept */
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
    const response = told<LargeServerState>();
    child.send(what);
    return response;
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
        if (Date.now() > endsAt) throw new Error(`It came to ${JSON.stringify(state)}, never to ${isReached}.`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    async makeUpTo(most) {
      await order({ upTo: most });
    },
    async kill() {
      child.kill('SIGKILL');
      await exit;
    },
  };
}

export interface LargeFolder {
  readonly directory: string;
  /** SHA-256, hexadecimal, of what is large. */
  readonly sha256: string;
  remove(): Promise<void>;
}

/** A folder with the original of the picture that something large is made of. */
export async function largeFolder(): Promise<LargeFolder> {
  const directory = await mkdtemp(join(tmpdir(), 'safelight-large-'));
  await publish(directory, Readable.from([Buffer.from('picture')]), { publicId: 'large', format: 'png' });
  const hash = createHash('sha256');
  for (let at = 0; at < megabytes; at += 1) hash.update(largePiece(at));
  return { directory, sha256: hash.digest('hex'), remove: () => rm(directory, { recursive: true, force: true }) };
}

/** Puts an original there that is as large as what is made. */
export async function publishFilm({ directory }: LargeFolder): Promise<void> {
  await publish(directory, Readable.from(largeBytes(megabytes)), { publicId: 'film', format: 'mp4' });
}

async function publish(directory: string, bytes: Readable, about: { publicId: string; format: string }): Promise<void> {
  const originals = fileOriginals({ directory: join(directory, 'originals') });
  const received = await originals.receive(bytes, { maxBytes: largeLength });
  await originals.publish(received, { resourceType: about.format === 'png' ? 'image' : 'video', ...about });
}
