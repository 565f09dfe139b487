import { createWriteStream } from 'node:fs';
import { access, rename } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createSafelight, ipx as ipxUrls } from '@safelight/express';
import express, { type Express, type Request, type RequestHandler } from 'express';
import { createIPX, createIPXNodeServer, ipxFSStorage } from 'ipx';
import sharp from 'sharp';
import { proxyTo } from './proxy-to.ts';
import { resizeFrom } from './resize-from.ts';

export type Kind = 'own' | 'ipx' | 'resize' | 'files' | 'proxied';

export interface Example {
  readonly app: Express;
  /** How often each handler has run. */
  readonly attempts: Record<Kind, number>;
}

export interface ExampleOptions {
  /** The origin of the picture server behind `/proxied`. */
  readonly upstream?: string;
  /** Epoch milliseconds. */
  readonly clock?: () => number;
}

/** An application with the same handlers twice: without Safelight below `/bare`, and guarded. */
export function createExample(directory: string, options: ExampleOptions = {}): Example {
  const { upstream = 'http://127.0.0.1:3001', clock = Date.now } = options;
  const attempts = { own: 0, ipx: 0, resize: 0, files: 0, proxied: 0 };
  const counted =
    (kind: Kind, handler: RequestHandler): RequestHandler =>
    (req, res, next) => {
      attempts[kind] += 1;
      return handler(req, res, next);
    };

  // A route of the application: /own/cat.jpg?w=300
  const own = async (req: Request<{ id: string }>, res: ServerResponse): Promise<void> => {
    attempts.own += 1;
    const file = join(directory, req.params.id);
    if (!(await exists(file))) {
      res.writeHead(404).end('No such picture');
      return;
    }
    const picture = await sharp(file)
      .resize(Number(req.query['w'] ?? 300))
      .webp()
      .toBuffer();
    res.writeHead(200, { 'content-type': 'image/webp' }).end(picture);
  };

  // Libraries: /ipx/w_300/cat.jpg, /resize/cat.jpg?width=300 and /files/cat.jpg; and another server: /proxied/cat.jpg
  const ipx = counted('ipx', createIPXNodeServer(createIPX({ storage: ipxFSStorage({ dir: directory }) })));
  const resize = counted('resize', resizeFrom(directory));
  const files = counted('files', express.static(directory, { fallthrough: false }));
  const proxied = counted('proxied', proxyTo(upstream));

  const app = express();
  app.disable('x-powered-by');
  app.param('id', (_req, res, next, id) => (/^[\w-]+\.(jpe?g|png|webp)$/.test(id) ? next() : res.sendStatus(404)));
  app.get('/bare/own/:id', own);
  app.use('/bare/ipx', ipx);
  app.use('/bare/resize', resize);
  app.use('/bare/files', files);
  app.use('/bare/proxied', proxied);

  // The same handlers with the guard: one line each. All name the same original, so one call of `changed` is enough.
  const safelight = createSafelight({ clock });
  const asset = (req: Request): string => basename(req.path);
  app.get('/own/:id', safelight.guard(own, { asset: (req) => req.params.id }));
  app.use('/ipx', safelight.guard(ipx, ipxUrls()));
  // The middleware looks at nothing but the URL, so its 400 is for every client.
  app.use(
    '/resize',
    safelight.guard(resize, { asset, hold: [400], isMissingOriginal: ({ status }) => status === 404 }),
  );
  app.use('/files', safelight.guard(files, { asset }));
  app.use('/proxied', safelight.guard(proxied, { asset }));

  // The route that saves originals. It calls `changed` when the original is saved.
  app.put('/originals/:id', async (req, res) => {
    const { id } = req.params;
    const temporary = join(directory, `.${id}.${process.hrtime.bigint()}`);
    await pipeline(req, createWriteStream(temporary));
    await rename(temporary, join(directory, id));
    await safelight.changed(id);
    res.sendStatus(204);
  });
  return { app, attempts };
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
