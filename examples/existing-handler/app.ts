import { createWriteStream } from 'node:fs';
import { access, rename } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createSafelight } from '@safelight/express';
import express, { type Express, type Request } from 'express';
import { createIPX, createIPXNodeServer, ipxFSStorage } from 'ipx';
import sharp from 'sharp';

export interface Example {
  readonly app: Express;
  /** How often each handler has run. */
  readonly attempts: { own: number; ipx: number };
}

/** An application as it might have been before Safelight, bare below `/bare`, and guarded. */
export function createExample(directory: string): Example {
  const attempts = { own: 0, ipx: 0 };

  // A route of one's own: /own/cat.jpg?w=300
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

  // A library: /ipx/w_300/cat.jpg
  const ipxServer = createIPXNodeServer(createIPX({ storage: ipxFSStorage({ dir: directory }) }));
  const ipx = (req: Request, res: ServerResponse): unknown => {
    attempts.ipx += 1;
    return ipxServer(req, res);
  };

  const app = express();
  app.disable('x-powered-by');
  app.param('id', (_req, res, next, id) => (/^[\w-]+\.(jpe?g|png|webp)$/.test(id) ? next() : res.sendStatus(404)));
  app.get('/bare/own/:id', own);
  app.use('/bare/ipx', (req, res) => void ipx(req, res));

  // The same two with the guard around them: one line each. Both name the original, so one `changed` frees both.
  const safelight = createSafelight();
  app.get('/own/:id', safelight.guard(own, { asset: (req) => req.params.id }));
  app.use('/ipx', safelight.guard(ipx, { asset: (req) => basename(req.path) }));

  // The route that saves originals, and what it has to say once they are there.
  app.put('/originals/:id', async (req, res) => {
    const { id } = req.params;
    const arriving = join(directory, `.${id}.${process.hrtime.bigint()}`);
    await pipeline(req, createWriteStream(arriving));
    await rename(arriving, join(directory, id));
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
