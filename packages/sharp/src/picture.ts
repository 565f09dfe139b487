import sharp, { type OutputInfo, type Sharp } from 'sharp';
import { type Colour, transparent } from './colour.ts';
import type { PixelSize } from './pixel-size.ts';
import { fromSharpError, type ReadBytes } from './sharp-error.ts';

/** A picture that is being made: what its pipeline will produce when it runs. */
export interface Picture {
  readonly pipeline: Sharp;
  readonly size: PixelSize;
  readonly hasAlpha: boolean;
  /** The latest thing that the pipeline does. */
  readonly stage: Stage;
  readonly read: ReadBytes;
  readonly timeoutSeconds: number;
}

/**
 * A sharp pipeline has a fixed order of its stages, whatever the order of the calls (sharp's `pipeline.cc`). A stage that
 * comes before one that is already planned needs a new pipeline.
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

/** Returns a picture with a pipeline that can still take `stage`: the same one, or its pixels in a new pipeline (lossless). */
export async function beforeStage(picture: Picture, stage: Stage): Promise<Picture> {
  return order[picture.stage] < order[stage] ? picture : develop(picture);
}

export interface Encoded {
  readonly data: Buffer;
  readonly info: OutputInfo;
}

/** @throws {TransformError} */
export async function toBytes({ pipeline, read }: Picture): Promise<Encoded> {
  try {
    return await pipeline.toBuffer({ resolveWithObject: true });
  } catch (error) {
    throw fromSharpError(error, read);
  }
}

/**
 * Puts a colour behind a picture's transparency; an opaque one ends it.
 * @throws {TransformError}
 */
export async function paintBehind(picture: Picture, colour: Colour): Promise<Picture> {
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

async function develop(picture: Picture): Promise<Picture> {
  const { data, info } = await toBytes({ ...picture, pipeline: picture.pipeline.raw() });
  const { width, height, channels } = info;
  // These pixels have been decoded and counted already, so sharp's own limit must not count them again.
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
