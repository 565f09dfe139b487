import sharp, { type OutputInfo, type Sharp } from 'sharp';
import { type Colour, transparent } from './colour.ts';
import type { PixelSize } from './pixel-size.ts';
import { fromSharpError, type ReadBytes } from './sharp-error.ts';

/** A picture on its way: what it will look like once its pipeline has run. */
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
 * A sharp pipeline applies its calls in an order of its own, whatever the order of the calls (sharp's `pipeline.cc`).
 * What comes earlier in that order than what is already planned needs a pipeline of its own.
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

/** A picture whose pipeline can still take `stage`: the same one, or its pixels in a new pipeline (nothing is lost). */
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
