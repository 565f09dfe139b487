/** Whole pixels, each at least 1. */
export interface PixelSize {
  readonly width: number;
  readonly height: number;
}

/** A rectangle inside a picture, in whole pixels from its top left corner. */
export interface Region extends PixelSize {
  readonly left: number;
  readonly top: number;
}

/** Rounds half up; no side of a picture is ever less than one pixel. */
export function toPixels(value: number): number {
  return Math.max(1, Math.round(value));
}

export function sameSize(one: PixelSize, other: PixelSize): boolean {
  return one.width === other.width && one.height === other.height;
}
