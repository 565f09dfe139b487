import type { HandlerLimits } from '@safelight/core';
import type { Transformation } from '@safelight/protocol';
import sharp, { type FailOnOptions } from 'sharp';
import { checkInput, type Header, readHeader } from './header.ts';
import type { OriginalLimits } from './original-limits.ts';
import type { PlannedPicture } from './picture.ts';

/** How an original is decoded. */
export interface OpenSettings {
  readonly failOn: FailOnOptions;
  readonly timeoutSeconds: number;
  readonly originalLimits: OriginalLimits;
}

/** An original that is ready for the first step. */
export interface OpenedOriginal {
  readonly picture: PlannedPicture;
  readonly header: Header;
}

/**
 * Reads an original's header and starts a pipeline that will decode its first frame. The EXIF orientation is applied,
 * unless a step has `a_ignore`.
 *
 * @param input - path or bytes
 * @throws {TransformError} `invalid_original`, or `too_many_pixels` or `too_complex` before any pixel is decoded
 */
export async function openOriginal(
  input: string | Buffer,
  transformation: Transformation,
  limits: HandlerLimits,
  { failOn, timeoutSeconds, originalLimits }: OpenSettings,
): Promise<OpenedOriginal> {
  const header = await readHeader(input, originalLimits);
  checkInput(header.stored, limits);
  const autoOrient = !transformation.some(({ angle }) => [angle].flat().includes('ignore'));
  const pipeline = sharp(header.input, { autoOrient, failOn, limitInputPixels: limits.maxInputPixels });
  // A grey picture cannot hold the colours of padding and corners.
  if (header.isGrey) pipeline.pipelineColourspace('srgb');
  return {
    header,
    picture: {
      pipeline: pipeline.timeout({ seconds: timeoutSeconds }),
      size: autoOrient ? header.displayed : header.stored,
      hasAlpha: header.hasAlpha,
      stage: 'opened',
      read: 'original',
      timeoutSeconds,
    },
  };
}
