import { badTransformation, type HandlerLimits } from '@safelight/core';
import type { ImageFormat, Quality } from '@safelight/protocol';
import type { Sharp } from 'sharp';
import { white } from './colour.ts';
import { avifEffort, checkOutput, webpEffort } from './limits.ts';
import { writtenFormats } from './output-format.ts';
import { type Encoded, type PlannedPicture, paintBehind, toBytes } from './picture.ts';
import type { PixelSize } from './pixel-size.ts';

type LossyFormat = 'jpg' | 'webp' | 'avif';
type Level = Extract<Quality, string>;

/**
 * The quality of each level. AVIF looks better at the same number, so its numbers are lower: one row has one visual
 * quality.
 */
const levels: Readonly<Record<Level, Readonly<Record<LossyFormat, number>>>> = {
  'auto:best': { jpg: 90, webp: 90, avif: 70 },
  auto: { jpg: 80, webp: 80, avif: 55 },
  'auto:good': { jpg: 80, webp: 80, avif: 55 },
  'auto:eco': { jpg: 65, webp: 65, avif: 45 },
  'auto:low': { jpg: 50, webp: 50, avif: 35 },
};

/** One row per format. PNG, GIF and TIFF are encoded without loss, so they ignore the quality. */
const encoders: Readonly<Record<ImageFormat, (pipeline: Sharp, quality: Quality, size: PixelSize) => Sharp>> = {
  jpg: (pipeline, quality) => pipeline.jpeg({ quality: numberFor(quality, 'jpg') }),
  webp: (pipeline, quality, size) => pipeline.webp({ quality: numberFor(quality, 'webp'), effort: webpEffort(size) }),
  avif: (pipeline, quality, size) => pipeline.avif({ quality: numberFor(quality, 'avif'), effort: avifEffort(size) }),
  png: (pipeline) => pipeline.png(),
  gif: (pipeline) => pipeline.gif({ effort: 2 }),
  tiff: (pipeline) => pipeline.tiff({ compression: 'lzw' }),
};

/**
 * Encodes a picture in sRGB and without metadata. If the format has no transparency, white is painted behind the
 * picture.
 *
 * @param quality - 1 to 100 for the encoder, or a level. @default 'auto:good'
 * @throws {TransformError} `too_many_pixels`, or an error from reading the picture's pixels
 */
export async function encode(
  picture: PlannedPicture,
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
