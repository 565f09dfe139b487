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
import type { FailOnOptions } from 'sharp';
import { asStored } from './as-stored.ts';
import { encode } from './encode.ts';
import { checkInput, readHeader } from './header.ts';
import { defaultLimits } from './limits.ts';
import { type OpenSettings, openOriginal } from './open-original.ts';
import { operationsOf } from './operations.ts';
import { negotiateFormat, writtenFormats } from './output-format.ts';
import { createSlots } from './slots.ts';

export interface SharpHandlerOptions {
  /** How many pictures are in work at once; the others wait in line. @default the number of processor cores */
  readonly concurrency?: number;
  /** From which kind of damage on an original counts as unreadable. @default 'warning', the strictest */
  readonly failOn?: FailOnOptions;
  /** After how many milliseconds native work on one picture is given up. @default 60_000 */
  readonly timeoutMs?: number;
  /** The largest picture that `probe` accepts; transformations bring limits of their own. @default 100_000_000 */
  readonly maxInputPixels?: number;
}

export type SharpHandler = Handler & Required<Pick<Handler, 'probe'>>;

/**
 * Makes derivatives of images with sharp. Originals of other resource types are delivered as they are.
 * @throws {TypeError} when an option does not exist, or has a wrong type
 * @throws {RangeError} when an option is out of range
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

  async function developWithSharp(delivery: Delivery, context: HandlerContext): Promise<Derivative> {
    context.signal.throwIfAborted();
    return (
      asStored(delivery, context.original) ?? slots.run(() => develop(delivery, context, settings), context.signal)
    );
  }

  async function probe(localPath: string): Promise<ProbedPicture> {
    const { format, displayed, pages } = await readHeader(localPath);
    checkInput(displayed, { maxInputPixels });
    return { format, ...displayed, pages };
  }

  return Object.assign(developWithSharp, { probe });
}

/** Reads, applies each step to the result of the one before it, and encodes. */
async function develop(delivery: Delivery, context: HandlerContext, settings: OpenSettings): Promise<Derivative> {
  const { original, bucket, limits, signal } = context;
  const { transformation, extension } = delivery;
  const plan = transformation.map((step) => ({ step, operations: operationsOf(step) }));

  const opened = await openOriginal(original, transformation, limits, settings);
  let { picture } = opened;
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
    stored: opened.header.format,
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
