import type { AskedSize } from './asked-size.ts';
import { type PixelSize, toPixels } from './pixel-size.ts';

/** A side that is not asked for comes from the input's ratio. */
export function byRatio(input: PixelSize, { width, height }: AskedSize): PixelSize {
  return {
    width: width ?? (height === undefined ? input.width : toPixels((input.width * height) / input.height)),
    height: height ?? (width === undefined ? input.height : toPixels((input.height * width) / input.width)),
  };
}

/** The largest size of the input's ratio inside the box. */
export function inside(input: PixelSize, asked: AskedSize): PixelSize {
  const box = byRatio(input, asked);
  return box.width * input.height <= box.height * input.width
    ? { width: box.width, height: Math.min(box.height, toPixels((input.height * box.width) / input.width)) }
    : { height: box.height, width: Math.min(box.width, toPixels((input.width * box.height) / input.height)) };
}

/** The smallest size of the input's ratio that covers the box. */
export function outside(input: PixelSize, box: PixelSize): PixelSize {
  return box.width * input.height >= box.height * input.width
    ? { width: box.width, height: Math.max(box.height, toPixels((input.height * box.width) / input.width)) }
    : { height: box.height, width: Math.max(box.width, toPixels((input.width * box.height) / input.height)) };
}
