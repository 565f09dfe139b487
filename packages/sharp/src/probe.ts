import type { HandlerLimits, ProbedPicture } from '@safelight/core';
import { checkInput, readHeader } from './header.ts';
import type { OriginalLimits } from './original-limits.ts';

/** The input of `probe`. It can be sent to another process. */
export interface ProbeTask {
  readonly path: string;
  readonly limits: Pick<HandlerLimits, 'maxInputPixels'>;
  readonly originalLimits: OriginalLimits;
}

/** @throws {TransformError} `invalid_original`, `too_many_pixels` or `too_complex` */
export async function probe({ path, limits, originalLimits }: ProbeTask): Promise<ProbedPicture> {
  const { format, displayed, pages } = await readHeader(path, originalLimits);
  checkInput(displayed, limits);
  return { format, ...displayed, pages };
}
