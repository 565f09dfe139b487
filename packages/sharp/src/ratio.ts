import { type PixelSize, toPixels } from './pixel-size.ts';
import type { RequestedSize } from './requested-size.ts';

/** The requested size; a missing side is calculated from the input's ratio. */
export function byRatio(input: PixelSize, { width, height }: RequestedSize): PixelSize {
  return {
    width: width ?? (height === undefined ? input.width : toPixels((input.width * height) / input.height)),
    height: height ?? (width === undefined ? input.height : toPixels((input.height * width) / input.width)),
  };
}

/** The largest size with the input's ratio that fits into the requested size. */
export function inside(input: PixelSize, requested: RequestedSize): PixelSize {
  const box = byRatio(input, requested);
  return box.width * input.height <= box.height * input.width
    ? { width: box.width, height: Math.min(box.height, toPixels((input.height * box.width) / input.width)) }
    : { height: box.height, width: Math.min(box.width, toPixels((input.width * box.height) / input.height)) };
}

/** The smallest size with the input's ratio that covers the box. */
export function outside(input: PixelSize, box: PixelSize): PixelSize {
  return box.width * input.height >= box.height * input.width
    ? { width: box.width, height: Math.max(box.height, toPixels((input.height * box.width) / input.width)) }
    : { height: box.height, width: Math.max(box.width, toPixels((input.width * box.height) / input.height)) };
}
