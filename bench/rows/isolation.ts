import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HandlerContext, Original } from '@safelight/core';
import type { Delivery } from '@safelight/protocol';
import { sharpHandler } from '@safelight/sharp';
import sharp from 'sharp';
import { type Row, rateRow } from '../row.ts';
import type { Scene } from '../scene.ts';
import { takeTurns } from '../take-turns.ts';

const pictures = 8;

/** Pictures that are decoded in processes of their own, against the same work in one process. */
export async function isolation(scene: Scene): Promise<readonly Row[]> {
  const directory = await mkdtemp(join(tmpdir(), 'safelight-bench-'));
  try {
    const localPath = join(directory, 'photo.jpg');
    const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const;
    await writeFile(
      localPath,
      await sharp({ create: { width: 3000, height: 2000, channels: 3, background: 'grey', noise } })
        .jpeg()
        .toBuffer(),
    );
    const original = { localPath, format: 'jpg', versionId: '', assetId: '' } as Original;
    const perSecond = (where: 'process' | 'none') => {
      const handler = sharpHandler({ isolation: where });
      return async () => {
        const startedAt = performance.now();
        await Promise.all(Array.from({ length: pictures }, () => handler(thumbnail, contextOf(original))));
        return (pictures / (performance.now() - startedAt)) * 1000;
      };
    };
    const { inPlace, processes } = await takeTurns(scene.rounds, {
      inPlace: perSecond('none'),
      processes: perSecond('process'),
    });
    const what =
      'thumbnails of 300 pixels of a photo of 6 megapixels, decoded in processes of their own, against one process';
    return [rateRow(what, inPlace, processes, '≥ 0.95')];
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const thumbnail: Delivery = {
  cloudName: 'demo',
  resourceType: 'image',
  publicId: 'photo',
  transformation: [{ width: 300, height: 300, crop: 'fill' }],
  version: undefined,
  extension: 'jpg',
  placeholder: undefined,
};

function contextOf(original: Original): HandlerContext {
  const limits = { maxInputPixels: 100_000_000, maxOutputPixels: 25_000_000 };
  return { original, bucket: undefined, signal: new AbortController().signal, limits };
}
