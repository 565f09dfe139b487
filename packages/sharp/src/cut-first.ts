import { pixelsOf } from './limits.ts';
import type { PixelSize, Region } from './pixel-size.ts';

/**
 * A picture is cut before scaling if the scaled picture would have more than this many times the pixels of the result.
 * A strip of 9000 x 1 pixels would become huge otherwise.
 */
const maxScaledFactor = 4;

/** Whether the picture must be cut before it is scaled. */
export function mustCutFirst(scaled: PixelSize, output: PixelSize): boolean {
  return pixelsOf(scaled) > maxScaledFactor * pixelsOf(output);
}

/** A plan with the fields of `ResizePlan`, applied in this order. */
export interface CutFirstPlan {
  readonly before: Region;
  readonly scaled: PixelSize;
  readonly cut: Region;
  readonly output: PixelSize;
}

/**
 * Plans to cut out the input's pixels that `cut` covers at least in part, to scale only them, and to cut again to the
 * exact size.
 *
 * @param scaled - the size of the whole picture after scaling
 * @param cut - a region of the scaled picture
 */
export function cutFirst(input: PixelSize, scaled: PixelSize, cut: Region): CutFirstPlan {
  const x = cutAxis(input.width, scaled.width, cut.left, cut.width);
  const y = cutAxis(input.height, scaled.height, cut.top, cut.height);
  return {
    before: { left: x.start, top: y.start, width: x.length, height: y.length },
    scaled: { width: x.scaled, height: y.scaled },
    cut: { left: x.cutStart, top: y.cutStart, width: cut.width, height: cut.height },
    output: { width: cut.width, height: cut.height },
  };
}

function cutAxis(input: number, scaledInput: number, cutStart: number, cutLength: number) {
  const scale = scaledInput / input;
  const start = Math.min(Math.floor(cutStart / scale), input - 1);
  const end = Math.min(Math.max(Math.ceil((cutStart + cutLength) / scale), start + 1), input);
  const scaled = Math.max(cutLength, Math.round((end - start) * scale));
  const offset = Math.round(cutStart - start * scale);
  return { start, length: end - start, scaled, cutStart: Math.min(Math.max(offset, 0), scaled - cutLength) };
}
