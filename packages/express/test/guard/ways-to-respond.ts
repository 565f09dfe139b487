import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import type { Response } from 'express';

const thisFile = fileURLToPath(import.meta.url);

export type Responder = (res: ServerResponse, req: IncomingMessage) => unknown;

/** Numbered chunks, so that a test sees a missing or repeated one. */
export async function* chunks(): AsyncGenerator<string> {
  for (let i = 0; i < 50; i += 1) {
    if (i % 10 === 0) await new Promise(setImmediate);
    yield `${i},`.repeat(100);
  }
}

/** All ways to respond with the response of `node:http`. */
export const responders: Readonly<Record<string, Responder>> = {
  'end alone': (res) => res.end('cat'),
  'nothing at all': (res) => res.end(),
  'end with bytes and a callback': (res) => res.end(Buffer.from([0, 1, 255]), () => {}),
  'end with an encoding': (res) => res.end('00ff', 'hex'),
  'status and reason by properties': (res) => {
    res.statusCode = 299;
    res.statusMessage = 'Fine By Me';
    res.end('cat');
  },
  'writeHead(status)': (res) => res.writeHead(202).end('cat'),
  'writeHead(status, reason)': (res) => res.writeHead(202, 'Fine').end('cat'),
  'writeHead(status, object)': (res) =>
    res.writeHead(202, { 'X-A': '1', 'X-B': ['2', '3'], 'Content-Length': 3 }).end('cat'),
  'writeHead(status, reason, object)': (res) => res.writeHead(202, 'Fine', { 'X-A': '1' }).end('cat'),
  'writeHead(status, list)': (res) => res.writeHead(202, ['X-A', '1', 'X-A', '2', 'Content-Length', '3']).end('cat'),
  'writeHead(status, reason, list)': (res) => res.writeHead(202, 'Fine', ['x-a', '1']).end('cat'),
  'writeHead(status, pairs)': (res) =>
    res
      .writeHead(202, [
        ['X-A', '1'],
        ['X-A', '2'],
      ] as never)
      .end('cat'),
  'writeHead over headers that are set': (res) => {
    res.setHeader('X-A', '1');
    res.setHeader('X-B', '2');
    res.writeHead(202, { 'x-a': '3' }).end('cat');
  },
  'writeHead(status, list) over headers that are set': (res) => {
    res.setHeader('X-A', '1');
    res.writeHead(202, ['X-A', '2', 'X-C', '3']).end('cat');
  },
  'write, write, end': (res) => {
    res.write('c');
    res.write(Buffer.from('a'));
    res.end('t');
  },
  'write with encodings and callbacks': async (res) => {
    await new Promise<void>((resolve) => res.write('00ff', 'hex', () => resolve()));
    await new Promise<void>((resolve) => res.write('é', 'latin1', () => resolve()));
    await new Promise<void>((resolve) => res.end(() => resolve()));
  },
  'flushHeaders first': async (res) => {
    res.setHeader('X-A', '1');
    res.flushHeaders();
    await new Promise(setImmediate);
    res.end('cat');
  },
  'cork and uncork': (res) => {
    res.cork();
    res.write('c');
    res.write('at');
    process.nextTick(() => {
      res.uncork();
      res.end();
    });
  },
  'no date': (res) => {
    res.sendDate = false;
    res.end('cat');
  },
  'strict length': (res) => {
    res.strictContentLength = true;
    res.setHeader('Content-Length', 3);
    res.end('cat');
  },
  'a piped stream': (res) => Readable.from(chunks()).pipe(res),
  'a pipeline': (res) => pipeline(Readable.from(chunks()), res),
  'a pipeline with a length': (res) => {
    res.setHeader('Content-Length', 14_000);
    return pipeline(Readable.from(chunks()), res);
  },
  204: (res) => res.writeHead(204).end(),
  206: (res) => res.writeHead(206, { 'Content-Range': 'bytes 0-2/9', 'Content-Length': 3 }).end('cat'),
  302: (res) => res.writeHead(302, { Location: '/b' }).end(),
  304: (res) => res.writeHead(304, { ETag: '"1"' }).end(),
  'a refused header, caught': (res) => {
    try {
      res.setHeader('X-A', 'a\nb');
    } catch (error) {
      res.end((error as NodeJS.ErrnoException).code);
    }
  },
  'return values of calls': (res) => {
    const back = [
      res.setHeader('X-A', '1') === res,
      res.headersSent,
      res.writeHead(200, { 'X-B': '2' }) === res,
      res.headersSent,
      res.write('') === res.write('a'),
      res.writableEnded,
      String(res.getHeader('x-a')),
    ];
    res.end(JSON.stringify(back));
  },
  'headers too late': (res) => {
    res.write('a');
    try {
      res.setHeader('X-A', '1');
    } catch (error) {
      res.end((error as NodeJS.ErrnoException).code);
    }
  },
  'ended twice': (res) => {
    res.on('error', () => {});
    res.end('a');
    res.end('b');
  },
  'written after the end': (res) => {
    res.on('error', () => {});
    res.end('a');
    res.write('b', () => {});
  },
  // A pipelined response gets its socket after the previous response was sent, so `res.socket` may be null.
  'the same request and response': (res, req) =>
    res.end(`${req.method} ${req.url} ${res.req === req} ${req.socket === (res.socket ?? req.socket)}`),
};

/** The ways that Express adds. */
export const expressResponders: Readonly<Record<string, (res: Response) => unknown>> = {
  json: (res) => res.status(201).json({ cat: [1, 'é'] }),
  'send, with its ETag': (res) => res.send('cat'.repeat(1000)),
  'send of bytes': (res) => res.type('png').send(Buffer.from('cat')),
  redirect: (res) => res.redirect('/b'),
  sendFile: (res) => res.sendFile(thisFile, { maxAge: 1000 }),
  download: (res) => res.download(thisFile, 'cat.ts'),
  format: (res) => res.format({ json: () => res.json(1), text: () => res.send('1') }),
  cookies: (res) => res.cookie('a', '1').append('Set-Cookie', 'b=2').vary('Accept').links({ next: '/b' }).end('cat'),
  sendStatus: (res) => res.sendStatus(202),
  locals: (res) => res.json(res.locals),
};
