import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { RequestHandler } from 'express';
import sharp from 'sharp';

/** A middleware like those of several libraries, for `/cat.jpg?width=300&height=200`. It does not use Safelight. */
export function resizeFrom(directory: string): RequestHandler {
  return async function resizeMiddleware(req, res) {
    const original = await readFile(join(directory, basename(req.path))).catch(() => undefined);
    if (original === undefined) {
      res.status(404).send('File not found');
      return;
    }
    const { width, height } = req.query;
    const [w, h] = [width, height].map((side) => (side === undefined ? undefined : Number(side)));
    if ([w, h].some((side) => side !== undefined && !(side >= 1 && side <= 4000))) {
      res.status(400).send('width and height are numbers from 1 to 4000');
      return;
    }
    res.type('webp').send(await sharp(original).resize(w, h).webp().toBuffer());
  };
}
