import type { HandlerLimits, ProbedPicture } from '@safelight/core';
import { checkInput, readHeader } from './header.ts';

/** The input of `probe`. It can be sent to another process. */
export interface ProbeTask {
  readonly path: string;
  readonly limits: Pick<HandlerLimits, 'maxInputPixels'>;
}

/** @throws {TransformError} `invalid_original` or `too_many_pixels` */
export async function probe({ path, limits }: ProbeTask): Promise<ProbedPicture> {
  const { format, displayed, pages } = await readHeader(path);
  checkInput(displayed, limits);
  return { format, ...displayed, pages };
}
