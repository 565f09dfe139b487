import { badTransformation, type HandlerLimits } from '@safelight/core';
import type { ImageFormat, Quality } from '@safelight/protocol';
import type { Sharp } from 'sharp';
import { white } from './colour.ts';
import { avifEffort, checkOutput, webpEffort } from './limits.ts';
import { writtenFormats } from './output-format.ts';
import { type Encoded, type PlannedPicture, paintBehind, toBytes } from './picture.ts';
import type { PixelSize } from './pixel-size.ts';

type LossyFormat = 'jpg' | 'webp' | 'avif';
type Level = Extract<Quality, 'auto' | `auto:${string}`>;

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

/** How a picture is written. */
export interface Output {
  readonly format: ImageFormat;
  /** 1 to 100 for the encoder, `80:444` with the chroma subsampling, or a level. @default 'auto:good' */
  readonly quality: Quality | undefined;
  /** Whether JPEG is progressive and PNG is interlaced. */
  readonly isProgressive: boolean;
}

interface EncoderSettings {
  readonly quality: Quality;
  readonly size: PixelSize;
  readonly progressive: boolean;
}

type Encoder = (pipeline: Sharp, settings: EncoderSettings) => Sharp;

/** One row per format. PNG, GIF and TIFF are encoded without loss, so they ignore the quality. */
const encoders: Readonly<Record<ImageFormat, Encoder>> = {
  jpg: (pipeline, { quality, progressive }) =>
    pipeline.jpeg({ quality: numberFor(quality, 'jpg'), progressive, ...chromaOf(quality) }),
  webp: (pipeline, { quality, size }) =>
    pipeline.webp({ quality: numberFor(quality, 'webp'), effort: webpEffort(size) }),
  avif: (pipeline, { quality, size }) =>
    pipeline.avif({ quality: numberFor(quality, 'avif'), effort: avifEffort(size), ...chromaOf(quality) }),
  png: (pipeline, { progressive }) => pipeline.png({ progressive }),
  gif: (pipeline) => pipeline.gif({ effort: 2 }),
  tiff: (pipeline) => pipeline.tiff({ compression: 'lzw' }),
};

/**
 * Encodes a picture in sRGB and without metadata. If the format has no transparency, white is painted behind the
 * picture.
 *
 * @throws {TransformError} `too_many_pixels`, or an error from reading the picture's pixels
 */
export async function encode(picture: PlannedPicture, output: Output, limits: HandlerLimits): Promise<Encoded> {
  const { format, quality = 'auto:good', isProgressive: progressive } = output;
  const { hasAlpha, maxSide } = writtenFormats[format];
  checkOutput(picture.size, limits, maxSide);
  const ready = hasAlpha ? picture : await paintBehind(picture, white);
  const pipeline = encoders[format](ready.pipeline, { quality, size: ready.size, progressive });
  return toBytes({ ...ready, pipeline });
}

function numberFor(quality: Quality, format: LossyFormat): number {
  if (isLevel(quality)) return levels[quality][format];
  const number = Number(String(quality).split(':')[0]);
  if (!Number.isInteger(number) || number < 1 || number > 100) {
    throw badTransformation(`Invalid quality in transformation: ${quality}. Use 1 to 100`);
  }
  return number;
}

function isLevel(quality: Quality): quality is Level {
  return Object.hasOwn(levels, quality);
}

function chromaOf(quality: Quality): { readonly chromaSubsampling?: string } {
  const chroma = /^\d+:4(20|44)$/.exec(String(quality))?.[1];
  return chroma === undefined ? {} : { chromaSubsampling: chroma === '20' ? '4:2:0' : '4:4:4' };
}
