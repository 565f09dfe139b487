import { type ProbedPicture, TransformError } from '@safelight/core';
import { type CheckTask, maxCheckSeconds } from './check-pixels.ts';
import type { OriginalLimits } from './original-limits.ts';
import type { RunTask } from './processes/process-pool.ts';

export interface UploadProbeOptions extends Omit<CheckTask, 'path'> {
  readonly runTask: RunTask;
  readonly originalLimits: OriginalLimits;
  /** Whether a check of the pixels would delay other pictures. */
  readonly isBusy: () => boolean;
}

/** The native timeout ends most checks, and then the process need not be ended. */
const graceMs = 200;

/** Creates the `probe` of a handler. It reads the header of a file, and then decodes its pixels once. */
export function createUploadProbe({ runTask, originalLimits, isBusy, ...check }: UploadProbeOptions) {
  const { maxInputPixels } = check;

  /** @throws {TransformError} `invalid_original`. A picture that could not be checked in time is accepted */
  async function refuseDamaged(path: string): Promise<void> {
    const signal = AbortSignal.timeout(maxCheckSeconds * 1000 + graceMs);
    try {
      await runTask('checkPixels', async () => ({ path, ...check }), { signal, group: 'probe' });
    } catch (error) {
      if (TransformError.is(error) && error.code === 'invalid_original') throw error;
    }
  }

  return async function probe(path: string): Promise<ProbedPicture> {
    const inputOf = async () => ({ path, limits: { maxInputPixels }, originalLimits });
    const picture = await runTask('probe', inputOf, { signal: new AbortController().signal, group: 'probe' });
    // An SVG was parsed as a whole. When all slots are busy, the first derivative shows whether the picture is damaged.
    if (picture.format !== 'svg' && !isBusy()) await refuseDamaged(path);
    return picture;
  };
}
