import { badTransformation } from '@safelight/core';
import type { Crop, TransformationStep } from '@safelight/protocol';
import { cutFirst, mustCutFirst } from './cut-first.ts';
import { overlap, type Placement, place, pushInside } from './gravity.ts';
import { type PixelSize, type Region, sameSize, toPixels } from './pixel-size.ts';
import { byRatio, inside, outside } from './ratio.ts';
import { type RequestedSize, requestedSize } from './requested-size.ts';

/** Pixels at each edge. */
export interface Edges {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** How a step changes a picture's size. The parts are applied in this order; absent parts are skipped. */
export interface ResizePlan {
  /** Cut this region out of the input before scaling. */
  readonly before?: Region;
  /** Scale to exactly this size. */
  readonly scaled?: PixelSize;
  /** Cut this region out after scaling. */
  readonly cut?: Region;
  /**
   * Cut to this size around the part that draws most attention. The picture is first scaled to cover it, if `scaled` is
   * present.
   */
  readonly interesting?: PixelSize;
  /** Add these edges. */
  readonly pad?: Edges;
  /** The size of the result. */
  readonly output: PixelSize;
}

/**
 * Plans the effect of `width`, `height`, `crop`, `gravity`, `x` and `y`. Every side is rounded half up and is at least
 * one pixel. If only one side is given, the other comes from the input's ratio; for `crop` it is the input's side. A
 * `crop` that reaches beyond the input is cut to the overlap.
 *
 * @param original - the size of the original as displayed, for `iw` and `ih`
 * @throws {TransformError} `bad_transformation` when a size is not valid, or a `crop` lies outside the picture
 */
export function planResize(input: PixelSize, step: TransformationStep, original: PixelSize): ResizePlan {
  const crop = step.crop ?? 'scale';
  if (step.gravity === 'auto' && !cropsWithAutoGravity.has(crop)) {
    throw badTransformation(`Use auto gravity only with crop, fill or thumb, not with ${crop}`);
  }
  return crops[crop](input, requestedSize(step, input, original), step);
}

/** The size of a picture after it was turned. For multiples of 90 degrees the number of pixels does not change. */
export function turnedSize({ width, height }: PixelSize, degrees: number): PixelSize {
  const quarters = (((degrees % 360) + 360) % 360) / 90;
  if (Number.isInteger(quarters)) return quarters % 2 === 0 ? { width, height } : { width: height, height: width };
  const radians = (degrees * Math.PI) / 180;
  const [sin, cos] = [Math.abs(Math.sin(radians)), Math.abs(Math.cos(radians))];
  return { width: toPixels(width * cos + height * sin), height: toPixels(width * sin + height * cos) };
}

const cropsWithAutoGravity: ReadonlySet<Crop> = new Set(['crop', 'fill', 'thumb']);

type Plan = (input: PixelSize, requested: RequestedSize, step: TransformationStep) => ResizePlan;

const crops: Readonly<Record<Crop, Plan>> = {
  scale: (input, requested) => scaleTo(input, byRatio(input, requested)),
  fit: (input, requested) => scaleTo(input, inside(input, requested)),
  limit,
  fill,
  thumb: fill,
  pad,
  crop: cutOut,
};

function scaleTo(input: PixelSize, output: PixelSize): ResizePlan {
  return sameSize(input, output) ? { output } : { scaled: output, output };
}

function limit(input: PixelSize, requested: RequestedSize): ResizePlan {
  const isSmaller = input.width <= (requested.width ?? Infinity) && input.height <= (requested.height ?? Infinity);
  return isSmaller ? { output: input } : scaleTo(input, inside(input, requested));
}

function fill(input: PixelSize, requested: RequestedSize, step: TransformationStep): ResizePlan {
  const output = byRatio(input, requested);
  const scaled = outside(input, output);
  const plan = scaleTo(input, scaled);
  if (sameSize(scaled, output)) return plan;
  const isHuge = mustCutFirst(scaled, output);
  if (step.gravity === 'auto' && !isHuge) return { ...plan, interesting: output, output };
  const placement = placementOf(step, 'center');
  // With `xy_center`, x and y are a point of the input. With other gravities they are offsets in pixels of the result.
  const factor = placement.gravity === 'xy_center' ? scaled.width / input.width : 1;
  const scaledPlacement = { ...placement, x: placement.x * factor, y: placement.y * factor };
  const cut = pushInside(place(output, scaled, scaledPlacement), scaled);
  return isHuge ? cutFirst(input, scaled, cut) : { ...plan, cut, output };
}

function pad(input: PixelSize, requested: RequestedSize, step: TransformationStep): ResizePlan {
  const output = byRatio(input, requested);
  const picture = inside(input, output);
  const plan = scaleTo(input, picture);
  if (sameSize(picture, output)) return plan;
  const { left, top } = pushInside(place(picture, output, placementOf(step, 'center')), output);
  const right = output.width - picture.width - left;
  const bottom = output.height - picture.height - top;
  return { ...plan, pad: { left, top, right, bottom }, output };
}

function cutOut(input: PixelSize, requested: RequestedSize, step: TransformationStep): ResizePlan {
  const window = { width: requested.width ?? input.width, height: requested.height ?? input.height };
  if (step.gravity === 'auto') {
    const output = { width: Math.min(window.width, input.width), height: Math.min(window.height, input.height) };
    return sameSize(input, output) ? { output } : { interesting: output, output };
  }
  const isFromCorner = step.gravity === undefined && (step.x !== undefined || step.y !== undefined);
  const placement = placementOf(step, isFromCorner ? 'north_west' : 'center');
  const cut = overlap(place(window, input, placement), input);
  if (cut === undefined) {
    throw badTransformation(
      `The crop lies outside the picture of ${input.width} x ${input.height} pixels: x ${placement.x}, y ${placement.y}`,
    );
  }
  const output = { width: cut.width, height: cut.height };
  return sameSize(input, output) ? { output } : { cut, output };
}

function placementOf(step: TransformationStep, fallback: Placement['gravity']): Placement {
  return { gravity: step.gravity ?? fallback, x: step.x ?? 0, y: step.y ?? 0 };
}
