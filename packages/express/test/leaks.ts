import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { RequestHandler } from '@safelight/http';
import type { Listening } from '../../../test/servers/servers.ts';

setFlagsFromString('--expose-gc');
export const collectGarbage = runInNewContext('gc') as () => void;

/** Numbers from 0 to 1. The sequence is the same in every run, so that a failure repeats. */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A body of 16 KiB parts. */
export function bodyOf(parts: number): Readable {
  return Readable.from(Array.from({ length: parts }, () => Buffer.alloc(16_384)));
}

/** Handlers that pipe, fail, hang, break off and pass the request on. @param parts - of the piped body */
export const commonHandlers = (parts: number): readonly RequestHandler[] => [
  (_req, res) => void bodyOf(parts).pipe(res),
  (_req, res) => void res.writeHead(404).end('mine'),
  async () => {
    await new Promise(setImmediate);
    throw new Error('broken');
  },
  () => {}, // hangs
  (_req, res) => {
    res.writeHead(200, { 'Content-Length': 100 });
    res.write('half', () => res.destroy());
  },
  (_req, _res, next) => next(),
  (_req, res) => void setImmediate(() => res.writeHead(429).end()),
];

/** Runs the handler that the number in the URL selects. */
export function byNumber(handlers: readonly RequestHandler[]): RequestHandler {
  return (req, res, next) => {
    const number = Number(/\d+/.exec(req.url ?? '')?.[0]);
    return handlers[number % handlers.length]?.(req, res, next);
  };
}

export interface RequestLines {
  readonly method?: string;
  readonly path: string;
  /** Complete lines of header fields, each with its line break. */
  readonly fields?: string;
  /** When the client disconnects at the latest. Needed for requests that have no timeout in the guard. */
  readonly leavesAfterMs?: number;
}

/**
 * Sends a request. Its client may disconnect before the response or in the middle of it. Resolves when the connection has
 * closed.
 */
export function requestAndPerhapsLeave(
  { port }: Listening,
  { method = 'GET', path, fields = '', leavesAfterMs }: RequestLines,
  random: () => number,
): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const patience = random();
    socket.on('error', () => {});
    const leaving = leavesAfterMs === undefined ? undefined : setTimeout(() => socket.destroy(), leavesAfterMs);
    socket.once('close', () => {
      clearTimeout(leaving);
      resolve();
    });
    socket.on('data', () => {
      if (patience < 0.3) socket.resetAndDestroy();
    });
    socket.write(`${method} ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${fields}\r\n`, () => {
      if (patience > 0.8) setImmediate(() => socket.destroy());
    });
  });
}

/** The names of resources that keep the process running, except immediates. */
export function activeResources(): readonly string[] {
  return process
    .getActiveResourcesInfo()
    .filter((name) => name !== 'Immediate')
    .sort();
}

export function openConnections({ server }: Listening): Promise<number> {
  return new Promise((resolve) => server.getConnections((_error, count) => resolve(count)));
}
