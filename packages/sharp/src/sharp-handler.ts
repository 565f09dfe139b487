import { availableParallelism } from 'node:os';
import type { Derivative, Handler, HandlerContext, ProbedPicture } from '@safelight/core';
import { checkChoice, checkOptionNames, type Delivery, type Transformation } from '@safelight/protocol';
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
  /** How many pictures are processed at once; the others wait in a queue. @default the number of processor cores */
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
 * @throws {TypeError} when an option does not exist
 * @throws {RangeError} when an option is out of range
 */
export function sharpHandler(options: SharpHandlerOptions = {}): SharpHandler {
  const where = 'sharpHandler()';
  checkOptionNames(where, options, { concurrency: true, failOn: true, timeoutMs: true, maxInputPixels: true });
  const {
    concurrency = availableParallelism(),
    failOn = 'warning',
    timeoutMs = 60_000,
    maxInputPixels = defaultLimits.maxInputPixels,
  } = options;
  checkChoice(where, { failOn }, ['none', 'truncated', 'error', 'warning']);
  if (!(typeof maxInputPixels === 'number' && maxInputPixels >= 1)) {
    throw new RangeError(`maxInputPixels is ${maxInputPixels}; give a number of at least 1, or leave it out.`);
  }
  const slots = createSlots(concurrency);
  const settings: OpenSettings = { failOn, timeoutSeconds: toSeconds(timeoutMs) };

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

function toSeconds(timeoutMs: number): number {
  const seconds = Math.ceil(timeoutMs / 1000);
  if (!(seconds >= 1 && seconds <= 3600)) {
    throw new RangeError(`timeoutMs is ${timeoutMs}; give 1 to 3,600,000 milliseconds, or leave it out.`);
  }
  return seconds;
}
