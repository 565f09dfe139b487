import { availableParallelism } from 'node:os';
import type { Derivative, Handler, HandlerContext, ProbedPicture } from '@safelight/core';
import {
  checkOptions,
  choiceValue,
  type Delivery,
  finiteValue,
  numberValue,
  type Transformation,
  wholeValue,
} from '@safelight/protocol';
import sharp, { type FailOnOptions } from 'sharp';
import { asStored } from './as-stored.ts';
import { encode } from './encode.ts';
import { checkInput, readHeader } from './header.ts';
import { defaultLimits } from './limits.ts';
import { type OpenSettings, openOriginal } from './open-original.ts';
import { operationsOf } from './operations.ts';
import { negotiateFormat, writtenFormats } from './output-format.ts';
import { createSlots } from './slots.ts';

/** Options of `sharpHandler`. */
export interface SharpHandlerOptions {
  /** The largest number of pictures that are processed at once. @default the number of processor cores */
  readonly concurrency?: number;
  /** The least damage for which an original is refused as `invalid_original`. @default 'warning', the strictest */
  readonly failOn?: FailOnOptions;
  /**
   * Timeout of the native work on one picture, in milliseconds, rounded up to whole seconds. At most 3_600_000.
   * @default 60_000
   */
  readonly timeoutMs?: number;
  /**
   * The largest number of pixels that `probe` accepts. The limits of transformations are in `context.limits`.
   * @default 100_000_000
   */
  readonly maxInputPixels?: number;
}

/** A handler with a `probe` for uploads. Its `version` changes with this package, and with sharp and libvips. */
export type SharpHandler = Handler & Required<Pick<Handler, 'probe' | 'version'>>;

/** Increase it when a change of this package alters derivatives, or cases in which it fails. */
const ownVersion = 1;
const version = `sharp ${ownVersion} ${sharp.versions.sharp ?? ''} ${sharp.versions.vips}`;

/**
 * Creates a handler that makes derivatives of images with sharp. Videos and raw files are delivered as they were
 * uploaded.
 *
 * @throws {TypeError} when an option does not exist, or has a wrong type
 * @throws {RangeError} when a number is out of range
 * @example
 * import { cloud } from '@safelight/cloud';
 * import { createSafelight } from '@safelight/express';
 * import { fileOriginals } from '@safelight/originals';
 * import express from 'express';
 * const originals = fileOriginals({ directory: 'data' });
 * const handler = sharpHandler({ concurrency: 2, timeoutMs: 10_000 });
 * const app = express();
 * app.use(cloud(createSafelight(), 'demo', { originals, handler }));
 */
export function sharpHandler(options: SharpHandlerOptions = {}): SharpHandler {
  checkOptions<SharpHandlerOptions>('sharpHandler()', options, {
    concurrency: wholeValue({ min: 1 }),
    failOn: choiceValue(['none', 'truncated', 'error', 'warning']),
    timeoutMs: finiteValue({ above: 0, max: 3_600_000, unit: 'milliseconds' }),
    maxInputPixels: numberValue({ min: 1 }),
  });
  const {
    concurrency = availableParallelism(),
    failOn = 'warning',
    timeoutMs = 60_000,
    maxInputPixels = defaultLimits.maxInputPixels,
  } = options;
  const slots = createSlots(concurrency);
  const settings: OpenSettings = { failOn, timeoutSeconds: Math.ceil(timeoutMs / 1000) };

  async function transformWithSharp(delivery: Delivery, context: HandlerContext): Promise<Derivative> {
    context.signal.throwIfAborted();
    return (
      asStored(delivery, context.original) ?? slots.run(() => transform(delivery, context, settings), context.signal)
    );
  }

  async function probe(localPath: string): Promise<ProbedPicture> {
    const { format, displayed, pages } = await readHeader(localPath);
    checkInput(displayed, { maxInputPixels });
    return { format, ...displayed, pages };
  }

  return Object.assign(transformWithSharp, { probe, version });
}

/** Opens the original, applies each step to the result of the previous one, and encodes the result. */
async function transform(delivery: Delivery, context: HandlerContext, settings: OpenSettings): Promise<Derivative> {
  const { original, bucket, limits, signal } = context;
  const { transformation, extension } = delivery;
  const plan = transformation.map((step) => ({ step, operations: operationsOf(step) }));

  const { header, picture: source } = await openOriginal(original, transformation, limits, settings);
  let picture = source;
  const operationContext = { original: picture.size, limits };
  for (const { step, operations } of plan) {
    for (const { apply } of operations) {
      signal.throwIfAborted();
      picture = await apply(picture, step, operationContext);
    }
  }
  signal.throwIfAborted();
  const format = negotiateFormat({
    format: last(transformation, 'format'),
    extension,
    stored: header.format,
    bucket,
    hasAlpha: picture.hasAlpha,
  });
  const { data, info } = await encode(picture, format, last(transformation, 'quality'), limits);
  return {
    contentType: writtenFormats[format].contentType,
    format,
    body: data,
    width: info.width,
    height: info.height,
  };
}

function last<Name extends 'format' | 'quality'>(transformation: Transformation, name: Name) {
  return transformation.findLast((step) => step[name] !== undefined)?.[name];
}
