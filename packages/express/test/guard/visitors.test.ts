import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createSafelight } from '@safelight/express';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';

/** A picture that never ends. */
function endless(): Readable {
  return new Readable({
    read() {
      this.push(Buffer.alloc(65_536, 'x'));
    },
  });
}

const handlers: Readonly<Record<string, (req: Request, res: Response, next: NextFunction) => unknown>> = {
  'an awaited pipeline': async (_req, res) => {
    res.type('png');
    await pipeline(endless(), res);
  },
  'a pipeline that passes its error on': (_req, res, next) => {
    res.type('png');
    pipeline(endless(), res).catch(next);
  },
  'a pipe': (_req, res) => {
    endless().pipe(res.type('png'));
  },
};

/** Reads the beginning of the picture, then disturbs the connection. Resolves when the server has closed it. */
async function visit(app: Express, spoil: (socket: ReturnType<typeof connect>) => void): Promise<void> {
  const server = createServer(app);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const closed = new Promise<void>((resolve) => {
    server.once('connection', (socket) => socket.once('close', () => resolve()));
  });
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write('GET /cat HTTP/1.1\r\nHost: a\r\n\r\n');
  await once(socket, 'data');
  spoil(socket);
  await closed;
  socket.destroy();
  server.close();
  await once(server, 'close');
}

describe('guard: a disturbed connection is not a failure of the picture', () => {
  for (const [name, handler] of Object.entries(handlers)) {
    for (const [what, spoil] of Object.entries({
      'disconnects in the middle': (socket: ReturnType<typeof connect>) => socket.destroy(),
      'resets the connection in the middle': (socket: ReturnType<typeof connect>) => socket.resetAndDestroy(),
      'sends invalid bytes in the middle': (socket: ReturnType<typeof connect>) => {
        socket.resume();
        socket.write('\x00\x01garbage\r\n\r\n');
      },
    })) {
      it(`${name}: the client ${what}`, async () => {
        const safelight = createSafelight({ onError: () => undefined });
        const app = express();
        app.use(safelight.guard(handler));
        app.use((_error: unknown, _req: Request, res: Response, _next: NextFunction) => res.destroy());
        await visit(app, spoil);
        const { verdict, cached } = await safelight.why('/cat');
        assert.deepEqual({ verdict, cached }, { verdict: 'unknown', cached: false });
        const server = createServer((req, res) =>
          safelight.guard((_req, response) => response.end('ok'))(req, res, () => {}),
        );
        server.listen(0, '127.0.0.1');
        await once(server, 'listening');
        const { port } = server.address() as AddressInfo;
        const response = await fetch(`http://127.0.0.1:${port}/cat`);
        assert.equal(response.status, 200, 'the next client');
        server.close();
      });
    }
  }
});
