/**
 * The steps that turn an original into a derivative, applied from left to right. Each step is one component of the URL:
 * the text between two slashes.
 */
export type Transformation = readonly TransformationStep[];

/** One step of a transformation. docs/parameters.md describes its parameters. */
export interface TransformationStep {
  /** Target width. */
  readonly width?: Size | undefined;
  /** Target height. */
  readonly height?: Size | undefined;
  /** How the picture is fitted to width and height. @default 'scale' if there is a width or height */
  readonly crop?: Crop | undefined;
  /**
   * The part that remains, or the place of the picture in a padded box.
   * @default 'center', and 'north_west' for `crop` with an offset
   */
  readonly gravity?: Gravity | undefined;
  /**
   * Horizontal offset in pixels from the place of the gravity: to the right, but to the left from an eastern edge.
   * @default 0
   */
  readonly x?: number | undefined;
  /**
   * Vertical offset in pixels from the place of the gravity: downwards, but upwards from a southern edge.
   * @default 0
   */
  readonly y?: number | undefined;
  /** 1 to 100, or a level that the handler translates for each format. */
  readonly quality?: Quality | undefined;
  /** Output format, or `auto`: the best format that the request's `Accept` allows. */
  readonly format?: ImageFormat | 'auto' | undefined;
  /** Clockwise degrees and flips, applied in this order. */
  readonly angle?: Angle | readonly Angle[] | undefined;
  /** `blur` is the same as `blur:100`; the strength is 1 to 2000. */
  readonly effect?: Effect | undefined;
  /** Corner radius in pixels; one, two, three or four corners in CSS order; `max` makes an ellipse. */
  readonly radius?: number | 'max' | readonly number[] | undefined;
  /** Colour of transparent pixels and padding: a CSS name, `rgb:` with 3, 4, 6 or 8 hex digits, or `transparent`. */
  readonly background?: string | undefined;
}

/**
 * A whole number of pixels, or a multiple of the step's input as a string with a decimal point (`'0.5'`), or `iw`,
 * `ih`: the original's width and height.
 */
export type Size = number | `${number}` | 'iw' | 'ih';

export type Crop = 'scale' | 'fit' | 'limit' | 'fill' | 'pad' | 'crop' | 'thumb';

export type Gravity =
  | 'center'
  | 'north'
  | 'south'
  | 'east'
  | 'west'
  | 'north_east'
  | 'north_west'
  | 'south_east'
  | 'south_west'
  | 'xy_center'
  | 'auto';

export type Quality = number | 'auto' | 'auto:best' | 'auto:good' | 'auto:eco' | 'auto:low';

export type ImageFormat = 'jpg' | 'png' | 'webp' | 'avif' | 'gif' | 'tiff';

export type Angle = number | 'hflip' | 'vflip' | 'ignore';

export type Effect = 'grayscale' | 'blur' | `blur:${number}`;
