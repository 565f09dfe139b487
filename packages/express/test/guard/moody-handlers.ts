import { pipeline, Readable } from 'node:stream';
import { pipeline as piped } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { RequestHandler } from '@safelight/http';

/** More bytes than a connection buffers, in many parts, over several turns of the event loop. */
function picture(): Readable {
  let parts = 12;
  return new Readable({
    read() {
      setImmediate(() => this.push(parts-- > 0 ? Buffer.alloc(32_768, 'x') : null));
    },
  });
}

/** A picture that breaks off in the middle. */
function torn(): Readable {
  const source = picture();
  setTimeout(() => source.destroy(new Error('torn')), 2);
  return source;
}

/** The ways in which handlers end, well or badly. None of them depends on another request. */
export const moodyHandlers: Readonly<Record<string, RequestHandler>> = {
  responds: (_req, res) => void res.end('cat'),
  'responds later': async (_req, res) => {
    await delay(3);
    res.end('cat');
  },
  pipes: (_req, res) => void picture().pipe(res),
  pipelines: (_req, res) => pipeline(picture(), res, () => {}),
  'awaits a pipeline': (_req, res) => piped(picture(), res),
  'passes the error of its pipeline on': (_req, res, next) => {
    piped(picture(), res).catch(next);
  },
  'waits for the drain': async (_req, res) => {
    for (let i = 0; i < 5 && !res.destroyed; i += 1) {
      if (res.write(Buffer.alloc(131_072))) continue;
      await new Promise<void>((resolve) => void res.once('drain', resolve).once('close', resolve));
    }
    res.end();
  },
  'stops with its client': async (_req, res) => {
    const gone = new AbortController();
    res.once('close', () => gone.abort());
    await piped(picture(), res, { signal: gone.signal });
  },
  'sends 404': (_req, res) => void res.writeHead(404, { 'X-Mine': '1' }).end('mine'),
  'sends 404 with a long body': (_req, res) => {
    res.statusCode = 404;
    picture().pipe(res);
  },
  'sends 429': (_req, res) => void setImmediate(() => res.writeHead(429, { 'Retry-After': 1 }).end('mine')),
  throws: () => {
    throw new Error('broken');
  },
  'rejects later': async () => {
    await delay(2);
    throw new Error('broken');
  },
  'fails in the middle': (_req, res, next) => {
    res.writeHead(200, { 'Content-Length': 1_000_000 });
    res.write(Buffer.alloc(16_384), () => next(new Error('half')));
  },
  'is torn': (_req, res) => pipeline(torn(), res, () => {}),
  'destroys its response': (_req, res) => void res.destroy(),
  'destroys the connection': (req) => void req.socket.destroy(),
  'passes on': (_req, _res, next) => next(),
  'passes on later': (_req, _res, next) => void setImmediate(next),
  hangs: () => {},
  'hangs, then responds': async (_req, res) => {
    await delay(60);
    res.setHeader('X-Late', '1');
    res.end('late');
  },
  'hangs, then throws': async () => {
    await delay(60);
    throw new Error('late');
  },
};
