import type { HandlerLimits, Original } from '@safelight/core';
import type { Transformation } from '@safelight/protocol';
import sharp, { type FailOnOptions } from 'sharp';
import { checkInput, type Header, readHeader } from './header.ts';
import type { Picture } from './picture.ts';

export interface OpenSettings {
  readonly failOn: FailOnOptions;
  readonly timeoutSeconds: number;
}

export interface Opened {
  readonly picture: Picture;
  readonly header: Header;
}

/**
 * Reads an original's header and plans to read its pixels: the first frame, upright unless a step says `a_ignore`.
 * @throws {TransformError} `invalid_original`, or `too_many_pixels` before anything is decoded
 */
export async function openOriginal(
  original: Original,
  transformation: Transformation,
  limits: HandlerLimits,
  { failOn, timeoutSeconds }: OpenSettings,
): Promise<Opened> {
  const header = await readHeader(original.localPath ?? (await original.bytesOf()));
  checkInput(header.stored, limits);
  const autoOrient = !transformation.some(({ angle }) => [angle].flat().includes('ignore'));
  const pipeline = sharp(header.input, { autoOrient, failOn, limitInputPixels: limits.maxInputPixels });
  // A grey picture has no room for the colours of padding and corners.
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
