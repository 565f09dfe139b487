import { badTransformation, type HandlerLimits } from '@safelight/core';
import type { ImageFormat, Quality } from '@safelight/protocol';
import type { Sharp } from 'sharp';
import { white } from './colour.ts';
import { avifEffort, checkOutput, webpEffort } from './limits.ts';
import { writtenFormats } from './output-format.ts';
import { type Encoded, type Picture, paintBehind, toBytes } from './picture.ts';
import type { PixelSize } from './pixel-size.ts';

type LossyFormat = 'jpg' | 'webp' | 'avif';
type Level = Extract<Quality, string>;

/** AVIF's scale looks better at equal numbers, so its rows are lower: a row is one look, not one number. */
const levels: Readonly<Record<Level, Readonly<Record<LossyFormat, number>>>> = {
  'auto:best': { jpg: 90, webp: 90, avif: 70 },
  auto: { jpg: 80, webp: 80, avif: 55 },
  'auto:good': { jpg: 80, webp: 80, avif: 55 },
  'auto:eco': { jpg: 65, webp: 65, avif: 45 },
  'auto:low': { jpg: 50, webp: 50, avif: 35 },
};

/** One row per format. PNG, GIF and TIFF are written without loss of their own, so quality means nothing to them. */
const encoders: Readonly<Record<ImageFormat, (pipeline: Sharp, quality: Quality, size: PixelSize) => Sharp>> = {
  jpg: (pipeline, quality) => pipeline.jpeg({ quality: numberFor(quality, 'jpg') }),
  webp: (pipeline, quality, size) => pipeline.webp({ quality: numberFor(quality, 'webp'), effort: webpEffort(size) }),
  avif: (pipeline, quality, size) => pipeline.avif({ quality: numberFor(quality, 'avif'), effort: avifEffort(size) }),
  png: (pipeline) => pipeline.png(),
  gif: (pipeline) => pipeline.gif({ effort: 2 }),
  tiff: (pipeline) => pipeline.tiff({ compression: 'lzw' }),
};

/**
 * Writes a picture's bytes in sRGB and without metadata. A format without transparency gets what is left of it on white.
 * @param quality 1 to 100 as it is, or a level. @default 'auto:good'
 * @throws {TransformError} `too_many_pixels`, or what reading the picture's pixels fails with
 */
export async function encode(
  picture: Picture,
  format: ImageFormat,
  quality: Quality | undefined,
  limits: HandlerLimits,
): Promise<Encoded> {
  const { hasAlpha, maxSide } = writtenFormats[format];
  checkOutput(picture.size, limits, maxSide);
  const ready = hasAlpha ? picture : await paintBehind(picture, white);
  return toBytes({ ...ready, pipeline: encoders[format](ready.pipeline, quality ?? 'auto:good', ready.size) });
}

function numberFor(quality: Quality, format: LossyFormat): number {
  if (typeof quality === 'string') return levels[quality][format];
  if (!Number.isInteger(quality) || quality < 1 || quality > 100) {
    throw badTransformation(`Invalid quality in transformation: ${quality}. Use 1 to 100`);
  }
  return quality;
}
