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
   * Width divided by height, as `'16:9'` or a number. It gives the side that is missing. Without width and height it
   * gives the largest box inside the picture, and for `pad`, `lpad` and `mpad` the smallest box around it.
   */
  readonly aspectRatio?: AspectRatio | undefined;
  /**
   * Device pixel ratio: multiplies width and height, up to 100. In a step without a size it applies to all steps that
   * have none of their own. `auto` is the same as 1.
   * @default 1
   */
  readonly dpr?: number | 'auto' | undefined;
  /**
   * Horizontal offset from the place of the gravity: to the right, but to the left from an eastern edge. Pixels, or a
   * multiple of the width of the step's input as a string with a decimal point.
   * @default 0
   */
  readonly x?: Offset | undefined;
  /**
   * Vertical offset from the place of the gravity: downwards, but upwards from a southern edge. Pixels, or a multiple of
   * the height of the step's input as a string with a decimal point.
   * @default 0
   */
  readonly y?: Offset | undefined;
  /**
   * 1 to 100, or a level that the handler translates for each format. `80:444` also sets the chroma subsampling of JPEG
   * and AVIF.
   */
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
  /** 0 (transparent) to 100. Without a format that has transparency, the picture is painted on white. @default 100 */
  readonly opacity?: number | undefined;
  /** Properties of the file and of the response. docs/parameters.md has their meaning. */
  readonly flags?: Flag | readonly Flag[] | undefined;
}

/**
 * A whole number of pixels, or a multiple of the step's input as a string with a decimal point (`'0.5'`), or `iw`,
 * `ih`: the original's width and height.
 */
export type Size = number | `${number}` | 'iw' | 'ih';

/** A whole number of pixels, or a multiple of the step's input as a string with a decimal point (`'0.25'`). */
export type Offset = number | `${number}`;

export type AspectRatio = number | `${number}:${number}`;

export type Crop =
  | 'scale'
  | 'fit'
  | 'limit'
  | 'mfit'
  | 'fill'
  | 'lfill'
  | 'fill_pad'
  | 'pad'
  | 'lpad'
  | 'mpad'
  | 'crop'
  | 'thumb';

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

export type Quality =
  | number
  | `${number}:${'420' | '444'}`
  | 'auto'
  | 'auto:best'
  | 'auto:good'
  | 'auto:eco'
  | 'auto:low';

export type ImageFormat = 'jpg' | 'png' | 'webp' | 'avif' | 'gif' | 'tiff';

export type Angle = number | 'hflip' | 'vflip' | 'ignore';

export type Effect = 'grayscale' | 'blur' | `blur:${number}`;

/** `attachment:` is followed by a file name, in which `.` and all but letters, digits, `_`, `-`, `!` and spaces are percent-encoded. */
export type Flag =
  | 'attachment'
  | `attachment:${string}`
  | 'force_strip'
  | 'immutable_cache'
  | 'no_overflow'
  | 'preserve_transparency'
  | 'progressive'
  | `progressive:${'none' | 'semi' | 'steep'}`;
