import { badTransformation } from '@safelight/core';
import type { Crop, Offset, TransformationStep } from '@safelight/protocol';
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
    throw badTransformation(`Use auto gravity only with crop, fill, lfill, fill_pad or thumb, not with ${crop}`);
  }
  return crops[crop](input, requestedSize(step, input, original), withPixelOffsets(step, input));
}

/** The size of a picture after it was turned. For multiples of 90 degrees the number of pixels does not change. */
export function turnedSize({ width, height }: PixelSize, degrees: number): PixelSize {
  const quarters = (((degrees % 360) + 360) % 360) / 90;
  if (Number.isInteger(quarters)) return quarters % 2 === 0 ? { width, height } : { width: height, height: width };
  const radians = (degrees * Math.PI) / 180;
  const [sin, cos] = [Math.abs(Math.sin(radians)), Math.abs(Math.cos(radians))];
  return { width: toPixels(width * cos + height * sin), height: toPixels(width * sin + height * cos) };
}

const cropsWithAutoGravity: ReadonlySet<Crop> = new Set(['crop', 'fill', 'lfill', 'fill_pad', 'thumb']);

type Plan = (input: PixelSize, requested: RequestedSize, step: TransformationStep) => ResizePlan;

const crops: Readonly<Record<Crop, Plan>> = {
  scale: (input, requested) => scaleTo(input, byRatio(input, requested)),
  fit: (input, requested) => scaleTo(input, inside(input, requested)),
  limit: (input, requested) => scaleTo(input, notLarger(input, inside(input, requested))),
  mfit: (input, requested) => scaleTo(input, notSmaller(input, inside(input, requested))),
  fill: (input, requested, step) => cover(input, byRatio(input, requested), step),
  lfill: (input, requested, step) => cover(input, limitedFill(input, byRatio(input, requested)), step),
  thumb: (input, requested, step) => cover(input, byRatio(input, requested), step),
  fill_pad: fillOrPad,
  pad(input, requested, step) {
    const output = byRatio(input, requested);
    return padTo(input, { picture: inside(input, output), output }, step);
  },
  lpad(input, requested, step) {
    const output = byRatio(input, requested);
    return padTo(input, { picture: notLarger(input, inside(input, output)), output }, step);
  },
  mpad(input, requested, step) {
    const box = byRatio(input, requested);
    const output = { width: Math.max(box.width, input.width), height: Math.max(box.height, input.height) };
    return padTo(input, { picture: input, output }, step);
  },
  crop: cutOut,
};

function scaleTo(input: PixelSize, output: PixelSize): ResizePlan {
  return sameSize(input, output) ? { output } : { scaled: output, output };
}

function notLarger(input: PixelSize, size: PixelSize): PixelSize {
  return size.width > input.width || size.height > input.height ? input : size;
}

function notSmaller(input: PixelSize, size: PixelSize): PixelSize {
  return size.width < input.width || size.height < input.height ? input : size;
}

/** The size that `lfill` gives: the requested size, but no side is larger than that of the input. */
function limitedFill(input: PixelSize, requested: PixelSize): PixelSize {
  return { width: Math.min(requested.width, input.width), height: Math.min(requested.height, input.height) };
}

/** Scales the input to cover the output, and cuts off the rest. */
function cover(input: PixelSize, output: PixelSize, step: TransformationStep): ResizePlan {
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

/** The part of the picture that `fill_pad` keeps at least. */
const minKept = 0.5;

/** `fill`, if enough of the picture remains. Otherwise that part of it remains, and is padded. */
function fillOrPad(input: PixelSize, requested: RequestedSize, step: TransformationStep): ResizePlan {
  const output = byRatio(input, requested);
  const ratio = (input.width * output.height) / (output.width * input.height);
  if (Math.min(ratio, 1 / ratio) >= minKept) return cover(input, output, step);
  const part =
    ratio > 1
      ? { width: toPixels(input.width * minKept), height: input.height }
      : { width: input.width, height: toPixels(input.height * minKept) };
  const picture = inside(part, output);
  const plan = padTo(part, { picture, output }, step);
  const { scaled: _, ...padding } = plan;
  return { ...padding, ...(sameSize(picture, part) ? {} : { scaled: outside(input, picture) }), interesting: picture };
}

interface Padding {
  /** The size of the picture in the box. */
  readonly picture: PixelSize;
  readonly output: PixelSize;
}

function padTo(input: PixelSize, { picture, output }: Padding, step: TransformationStep): ResizePlan {
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
  return { gravity: step.gravity ?? fallback, x: Number(step.x ?? 0), y: Number(step.y ?? 0) };
}

/** The step with offsets in pixels: a multiple is one of the input's side. */
function withPixelOffsets(step: TransformationStep, input: PixelSize): TransformationStep {
  const pixels = (offset: Offset, side: number) =>
    typeof offset === 'number' ? offset : Math.round(Number(offset) * side);
  return {
    ...step,
    ...(step.x === undefined ? {} : { x: pixels(step.x, input.width) }),
    ...(step.y === undefined ? {} : { y: pixels(step.y, input.height) }),
  };
}
