import { pixelsOf } from './limits.ts';
import type { PixelSize, Region } from './pixel-size.ts';

/** From how many times the result's pixels on a scaled picture is cut first: a 9000 x 1 strip must not become huge. */
const oversize = 4;

export function mustCutFirst(scaled: PixelSize, output: PixelSize): boolean {
  return pixelsOf(scaled) > oversize * pixelsOf(output);
}

export interface CutFirstPlan {
  readonly before: Region;
  readonly scaled: PixelSize;
  readonly cut: Region;
  readonly output: PixelSize;
}

/** Cuts the input's pixels under `cut` (and those that it touches), scales only them, and cuts the rest off. */
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
