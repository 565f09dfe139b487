import { availableParallelism } from 'node:os';
import type { Derivative, Handler, HandlerContext } from '@safelight/core';
import { checkOptions, choiceValue, type Delivery, finiteValue, numberValue, wholeValue } from '@safelight/protocol';
import sharp, { type FailOnOptions } from 'sharp';
import { asStored } from './as-stored.ts';
import { createEndlessOriginals } from './endless-originals.ts';
import { defaultLimits } from './limits.ts';
import type { OpenSettings } from './open-original.ts';
import { defaultOriginalLimits, type OriginalLimitOptions, type OriginalLimits } from './original-limits.ts';
import { createProcessPool, type ProcessPoolOptions, type RunTask } from './processes/process-pool.ts';
import { tasks } from './processes/task.ts';
import { createRefusedOriginals } from './refused-originals.ts';
import { createSlots, type Slots } from './slots.ts';
import { createUploadProbe } from './upload-probe.ts';

/** Options of `sharpHandler`. */
export interface SharpHandlerOptions extends OriginalLimitOptions {
  /** The largest number of pictures that are processed at once. @default the number of processor cores */
  readonly concurrency?: number;
  /**
   * The largest number of pictures that wait. When one more comes, the newest picture of the client with the most waiting
   * pictures is `busy`, which is not held.
   * @default 1_000
   */
  readonly maxWaiting?: number;
  /**
   * How long a picture may wait, in milliseconds. Then it is `busy`, which is not held. Clients get their turns one after the
   * other, and so do the assets that one client asks for. A picture that several clients ask for is made at the first turn of
   * one of them.
   * @default 15_000
   */
  readonly maxWaitMs?: number;
  /**
   * The least damage for which an original is refused as `invalid_original`. Phones write JPEGs that cause warnings, so
   * `warning` refuses pictures that each browser shows.
   * @default 'error', which refuses pictures that are not complete
   */
  readonly failOn?: FailOnOptions;
  /**
   * Timeout of the native work on one picture, in milliseconds, rounded up to whole seconds. At most 3_600_000.
   * Measured on two cores: 25 megapixels of noise as AVIF take 4 s. With `maxWaitMs` it is less than the time that a guard
   * gives a handler (`timeoutMs` of `createSafelight`). After a timeout the other sizes of the original are refused for a
   * minute.
   * @default 12_000
   */
  readonly timeoutMs?: number;
  /**
   * Where pictures are decoded. `process`: in a small pool of processes. A picture that takes too long or too much memory
   * ends its process and nothing else; libvips cannot stop some work, such as the filters of an SVG. `none`: in this
   * process, for originals that you trust, and for bundles without `node_modules`.
   * @default 'process'
   */
  readonly isolation?: 'process' | 'none';
  /**
   * The largest resident memory of one of these processes, in bytes. Checked on Linux, ten times a second.
   * @default 1_500_000_000, enough for an original of 100 megapixels that is turned
   */
  readonly maxMemoryBytes?: number;
  /**
   * The largest number of pixels that `probe` accepts. The limits of transformations are in `context.limits`.
   * @default 100_000_000
   */
  readonly maxInputPixels?: number;
}

/** A handler with a `probe` for uploads. Its `version` changes with this package, and with sharp and libvips. */
export type SharpHandler = Handler & Required<Pick<Handler, 'probe' | 'version'>>;

/** Increase it when a change of this package alters derivatives, or cases in which it fails. */
const ownVersion = 3;
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
    maxWaiting: wholeValue({ min: 0 }),
    maxWaitMs: wholeValue({ min: 1, unit: 'milliseconds' }),
    failOn: choiceValue(['none', 'truncated', 'error', 'warning']),
    timeoutMs: finiteValue({ above: 0, max: 3_600_000, unit: 'milliseconds' }),
    maxInputPixels: numberValue({ min: 1 }),
    maxScans: wholeValue({ min: 1 }),
    maxFrames: wholeValue({ min: 1 }),
    maxSvgBytes: wholeValue({ min: 1, unit: 'bytes' }),
    isolation: choiceValue(['process', 'none']),
    maxMemoryBytes: wholeValue({ min: 100_000_000, unit: 'bytes' }),
  });
  const {
    concurrency = availableParallelism(),
    maxWaiting = 1_000,
    maxWaitMs = 15_000,
    failOn = 'error',
    timeoutMs = 12_000,
    maxInputPixels = defaultLimits.maxInputPixels,
    isolation = 'process',
    maxMemoryBytes = 1_500_000_000,
  } = options;
  const originalLimits: OriginalLimits = {
    maxScans: options.maxScans ?? defaultOriginalLimits.maxScans,
    maxFrames: options.maxFrames ?? defaultOriginalLimits.maxFrames,
    maxSvgBytes: options.maxSvgBytes ?? defaultOriginalLimits.maxSvgBytes,
  };
  const settings: OpenSettings = { failOn, timeoutSeconds: Math.ceil(timeoutMs / 1000), originalLimits };
  const refused = createRefusedOriginals();
  const endless = createEndlessOriginals();
  const slots = createSlots({ size: concurrency, maxWaiting, maxWaitMs });
  const processes = { timeoutMs: settings.timeoutSeconds * 1000 + graceMs, maxMemoryBytes };
  const runTask = isolation === 'none' ? runInPlace(slots) : createProcessPool({ slots, ...processes });
  const runPlaceholder = placeholderRunner({
    maxWaitMs,
    runInProcess: isolation === 'process' ? processes : undefined,
  });

  async function transformWithSharp(delivery: Delivery, context: HandlerContext): Promise<Derivative> {
    const { original, bucket, limits, signal, clients } = context;
    signal.throwIfAborted();
    const stored = asStored(delivery, original);
    if (stored !== undefined) return stored;
    const inputOf = async () => {
      const input = original.localPath ?? (await original.toFile?.()) ?? (await original.bytesOf());
      return { delivery, input, bucket, limits, settings };
    };
    // Clouds with other limits may share the handler.
    const inputName = `${original.versionId} ${limits.maxInputPixels}`;
    refused.check(inputName);
    endless.check(original.versionId);
    try {
      const run = context.placeholder === undefined ? runTask : runPlaceholder[context.placeholder];
      return await run('transform', inputOf, { signal, group: original.assetId, clients });
    } catch (error) {
      refused.add(inputName, error);
      endless.add(original.versionId, delivery.transformation, error);
      throw error;
    }
  }

  const isBusy = () => slots.running >= concurrency;
  const probe = createUploadProbe({ runTask, originalLimits, isBusy, failOn, maxInputPixels });
  return Object.assign(transformWithSharp, { probe, version });
}

/** The native timeout stops most work, and then the process need not be ended. */
const graceMs = 500;

interface PlaceholderRunnerOptions {
  readonly maxWaitMs: number;
  /** The limits of processes; `undefined`: everything runs in this process. */
  readonly runInProcess: Omit<ProcessPoolOptions, 'slots'> | undefined;
}

const maxWaitingPlaceholders = 100;

/**
 * Any client can ask for any number of placeholders. They have a slot of their own, so they do not take those of
 * pictures. The configured image is trusted, so it needs no process of its own.
 */
function placeholderRunner({ maxWaitMs, runInProcess }: PlaceholderRunnerOptions) {
  const slots = createSlots({ size: 1, maxWaiting: maxWaitingPlaceholders, maxWaitMs });
  const configured = runInPlace(slots);
  const named = runInProcess === undefined ? configured : createProcessPool({ slots, ...runInProcess });
  return { configured, named };
}

function runInPlace(slots: Slots): RunTask {
  return (name, inputOf, place) => slots.run(async () => tasks[name]((await inputOf()) as never) as never, place);
}
