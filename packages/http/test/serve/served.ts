import { randomFillSync } from 'node:crypto';
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Next, RequestHandler } from '@safelight/http';
import { type Framework, frameworks, type Listening, serve } from '../../../../test/servers/servers.ts';
import { type Representation, writeRepresentation } from '../../src/serve/write-representation.ts';

const folder = mkdtempSync(join(tmpdir(), 'safelight-serve-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

/** The length is odd, so that no range ends where a chunk of a stream ends. */
export const picture: Buffer = randomFillSync(Buffer.alloc(1_000_003));
export const pictureFile: string = join(folder, 'cat.png');
writeFileSync(pictureFile, picture);

export const etag = '"cat-1"';
/** Within a second, as for a file. HTTP dates do not show the milliseconds. */
export const lastModifiedAt: number = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
export const lastModified = 'Fri, 02 Jan 2026 03:04:05 GMT';

export const headers: Readonly<Record<string, string | number>> = {
  'Content-Type': 'image/png',
  'Content-Length': picture.length,
  ETag: etag,
  'Last-Modified': lastModified,
  'Cache-Control': 'public, max-age=60',
};

export interface Served extends Listening {
  /** How many representations were requested and released, and how many sources were opened and closed. */
  readonly counts: { asked: number; released: number; opened: number; closed: number };
  readonly errors: unknown[];
}

export interface ServedOptions {
  /** The properties that differ from those of the picture. By default its body is in memory. */
  readonly representation?: Partial<Representation>;
  /** Runs before the representation is written, like middleware of an application. */
  readonly front?: RequestHandler;
  readonly framework?: Framework | undefined;
  readonly now?: () => number;
}

/** Starts a server for one representation. */
export async function served(options: ServedOptions = {}): Promise<Served> {
  const { representation = {}, front = pass, now } = options;
  const { framework = frameworks[2] as Framework } = options;
  const counts = { asked: 0, released: 0, opened: 0, closed: 0 };
  const errors: unknown[] = [];
  const { read = readPicture } = representation;
  const counting: Representation = {
    status: 200,
    headers,
    etag,
    lastModifiedAt,
    bytes: picture.length,
    body: picture,
    ...representation,
    read: (start, end) => {
      const source = read(start, end);
      counts.opened += 1;
      source.once('close', () => {
        counts.closed += 1;
      });
      return source;
    },
    release: () => {
      counts.released += 1;
    },
  };
  const listening = await serve(framework, front, (req, res) => {
    counts.asked += 1;
    writeRepresentation(req, res, counting, { onError: (error) => errors.push(error), ...(now ? { now } : {}) });
  });
  return { ...listening, counts, errors };
}

/** Streams the picture from its file. */
export function readPicture(start = 0, end: number = picture.length): Readable {
  return createReadStream(pictureFile, { start, end: end - 1 });
}

/** Waits for a condition: the end of a socket takes some turns of the event loop. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate);
}

function pass(_req: unknown, _res: unknown, next: Next): void {
  next();
}
