import { badTransformation } from '@safelight/core';
import type { Crop, TransformationStep } from '@safelight/protocol';
import { type AskedSize, askedSize } from './asked-size.ts';
import { cutFirst, mustCutFirst } from './cut-first.ts';
import { overlap, type Placement, place, pushInside } from './gravity.ts';
import { type PixelSize, type Region, sameSize, toPixels } from './pixel-size.ts';
import { byRatio, inside, outside } from './ratio.ts';

export interface Edges {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** How a step changes a picture's size; the parts are applied in this order and absent ones are skipped. */
export interface ResizePlan {
  /** Cut out of the input ahead of scaling. */
  readonly before?: Region;
  /** Scaled to exactly this. */
  readonly scaled?: PixelSize;
  /** Cut out after scaling. */
  readonly cut?: Region;
  /** Cut to this size where the picture is most interesting; scaled to fill it first only with `scaled`. */
  readonly interesting?: PixelSize;
  /** Added around what there is now. */
  readonly pad?: Edges;
  readonly output: PixelSize;
}

/**
 * Plans what `width`, `height`, `crop`, `gravity`, `x` and `y` do to a picture. Every side is rounded half up and is at
 * least one pixel. A crop of which only one side is given takes the other from the input's ratio (`crop`: from the
 * input itself); a crop that reaches beyond the input is cut to what overlaps.
 * @param original size of the original as displayed, which `iw` and `ih` name
 * @throws {TransformError} `bad_transformation`: an unreadable size, or a crop that misses the picture
 */
export function planResize(input: PixelSize, step: TransformationStep, original: PixelSize): ResizePlan {
  const crop = step.crop ?? 'scale';
  if (step.gravity === 'auto' && !looksForInterest.has(crop)) {
    throw badTransformation(`Use auto gravity only with crop, fill or thumb, not with ${crop}`);
  }
  return crops[crop](input, askedSize(step, input, original), step);
}

/** The box that a picture needs once it is turned by so many degrees; multiples of 90 keep every pixel. */
export function turnedSize({ width, height }: PixelSize, degrees: number): PixelSize {
  const quarters = (((degrees % 360) + 360) % 360) / 90;
  if (Number.isInteger(quarters)) return quarters % 2 === 0 ? { width, height } : { width: height, height: width };
  const radians = (degrees * Math.PI) / 180;
  const [sin, cos] = [Math.abs(Math.sin(radians)), Math.abs(Math.cos(radians))];
  return { width: toPixels(width * cos + height * sin), height: toPixels(width * sin + height * cos) };
}

const looksForInterest: ReadonlySet<Crop> = new Set(['crop', 'fill', 'thumb']);

type Plan = (input: PixelSize, asked: AskedSize, step: TransformationStep) => ResizePlan;

const crops: Readonly<Record<Crop, Plan>> = {
  scale: (input, asked) => scaleTo(input, byRatio(input, asked)),
  fit: (input, asked) => scaleTo(input, inside(input, asked)),
  limit,
  fill,
  thumb: fill,
  pad,
  crop: cutOut,
};

function scaleTo(input: PixelSize, output: PixelSize): ResizePlan {
  return sameSize(input, output) ? { output } : { scaled: output, output };
}

function limit(input: PixelSize, asked: AskedSize): ResizePlan {
  const isSmaller = input.width <= (asked.width ?? Infinity) && input.height <= (asked.height ?? Infinity);
  return isSmaller ? { output: input } : scaleTo(input, inside(input, asked));
}

function fill(input: PixelSize, asked: AskedSize, step: TransformationStep): ResizePlan {
  const output = byRatio(input, asked);
  const scaled = outside(input, output);
  const plan = scaleTo(input, scaled);
  if (sameSize(scaled, output)) return plan;
  const isHuge = mustCutFirst(scaled, output);
  if (step.gravity === 'auto' && !isHuge) return { ...plan, interesting: output, output };
  const placement = placementOf(step, 'center');
  // Coordinates of a point name a place in the input, offsets from an edge are pixels of the result.
  const factor = placement.gravity === 'xy_center' ? scaled.width / input.width : 1;
  const scaledPlacement = { ...placement, x: placement.x * factor, y: placement.y * factor };
  const cut = pushInside(place(output, scaled, scaledPlacement), scaled);
  return isHuge ? cutFirst(input, scaled, cut) : { ...plan, cut, output };
}

function pad(input: PixelSize, asked: AskedSize, step: TransformationStep): ResizePlan {
  const output = byRatio(input, asked);
  const picture = inside(input, output);
  const plan = scaleTo(input, picture);
  if (sameSize(picture, output)) return plan;
  const { left, top } = pushInside(place(picture, output, placementOf(step, 'center')), output);
  const right = output.width - picture.width - left;
  const bottom = output.height - picture.height - top;
  return { ...plan, pad: { left, top, right, bottom }, output };
}

function cutOut(input: PixelSize, asked: AskedSize, step: TransformationStep): ResizePlan {
  const window = { width: asked.width ?? input.width, height: asked.height ?? input.height };
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
