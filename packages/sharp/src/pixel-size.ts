/** A size in whole pixels, at least 1 x 1. */
export interface PixelSize {
  readonly width: number;
  readonly height: number;
}

/** A rectangle inside a picture, in whole pixels from its top left corner. */
export interface Region extends PixelSize {
  readonly left: number;
  readonly top: number;
}

/** Rounds half up, to at least one pixel. */
export function toPixels(value: number): number {
  return Math.max(1, Math.round(value));
}

export function sameSize(a: PixelSize, b: PixelSize): boolean {
  return a.width === b.width && a.height === b.height;
}
