import sharp, { type OutputInfo, type OverlayOptions, type Sharp } from 'sharp';
import { type Colour, transparent } from './colour.ts';
import type { PixelSize } from './pixel-size.ts';
import { fromSharpError, type ReadBytes } from './sharp-error.ts';

/** A picture that is not made yet: a pipeline, and the properties of the pixels that the pipeline will produce. */
export interface PlannedPicture {
  readonly pipeline: Sharp;
  readonly size: PixelSize;
  readonly hasAlpha: boolean;
  /** The last stage of the pipeline so far. */
  readonly stage: Stage;
  /** The input of the pipeline. */
  readonly read: ReadBytes;
  readonly timeoutSeconds: number;
}

/**
 * A stage of a sharp pipeline. sharp runs the stages in a fixed order, which does not depend on the order of the calls
 * (sharp's `pipeline.cc`). A stage that would run before a planned stage needs a new pipeline.
 */
export type Stage = 'opened' | 'cut_before' | 'scaled' | 'cut' | 'padded' | 'blurred' | 'grayscale' | 'finished';

const order: Readonly<Record<Stage, number>> = {
  opened: 0,
  cut_before: 1,
  scaled: 2,
  cut: 3,
  padded: 4,
  blurred: 5,
  grayscale: 6,
  // Nothing may follow in the same pipeline.
  finished: 7,
};

/** Returns a picture to which `stage` can be added: the same picture, or its pixels in a new pipeline, without loss. */
export async function beforeStage(picture: PlannedPicture, stage: Stage): Promise<PlannedPicture> {
  return order[picture.stage] < order[stage] ? picture : render(picture);
}

/** The output of a pipeline. */
export interface Encoded {
  readonly data: Buffer;
  readonly info: OutputInfo;
}

/**
 * Runs the pipeline.
 *
 * @throws {TransformError} when sharp fails
 */
export async function toBytes({ pipeline, read }: PlannedPicture): Promise<Encoded> {
  try {
    return await pipeline.toBuffer({ resolveWithObject: true });
  } catch (error) {
    throw fromSharpError(error, read);
  }
}

/**
 * Paints a colour behind a picture. After an opaque colour the picture has no transparency.
 *
 * @throws {TransformError} when the pixels must be rendered first and sharp fails
 */
export async function paintBehind(picture: PlannedPicture, colour: Colour): Promise<PlannedPicture> {
  if (!picture.hasAlpha || colour === transparent) return picture;
  const ready = await beforeStage(picture, 'finished');
  const paint = { create: { ...ready.size, channels: 4 as const, background: colour.value } };
  const pipeline = ready.pipeline.composite([{ input: paint, blend: 'dest-over' }]);
  return {
    ...ready,
    pipeline: colour.isOpaque ? pipeline.removeAlpha() : pipeline,
    hasAlpha: !colour.isOpaque,
    stage: 'finished',
  };
}

/**
 * Composites an image that decides the transparency of the picture.
 *
 * @throws {TransformError} when the pixels must be rendered first and sharp fails
 */
export async function keepInside(picture: PlannedPicture, mask: OverlayOptions['input']): Promise<PlannedPicture> {
  const ready = await beforeStage(picture, 'finished');
  const pipeline = ready.pipeline.composite([{ input: mask, blend: 'dest-in' }]);
  return { ...ready, pipeline, hasAlpha: true, stage: 'finished' };
}

/** Runs the pipeline, and starts a new one with its pixels. */
async function render(picture: PlannedPicture): Promise<PlannedPicture> {
  const { data, info } = await toBytes({ ...picture, pipeline: picture.pipeline.raw() });
  const { width, height, channels } = info;
  // The pixels were counted when they were decoded, so sharp's own limit is not needed.
  const pipeline = sharp(data, { raw: { width, height, channels }, limitInputPixels: false });
  return {
    pipeline: pipeline.timeout({ seconds: picture.timeoutSeconds }),
    size: { width, height },
    hasAlpha: channels === 2 || channels === 4,
    stage: 'opened',
    read: 'pixels',
    timeoutSeconds: picture.timeoutSeconds,
  };
}
