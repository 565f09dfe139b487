/**
 * What a delivery URL asks to be done to an original: steps, applied from left to right. Each step is one component of
 * the URL (what stands between two slashes).
 */
export type Transformation = readonly TransformationStep[];

export interface TransformationStep {
  /** Target width. */
  readonly width?: Size;
  /** Target height. */
  readonly height?: Size;
  /** How width and height are met. Default `scale` when a width or height is given. */
  readonly crop?: Crop;
  /** Which part is kept (or where padding leaves the picture). Default `center`. */
  readonly gravity?: Gravity;
  /** Offset in pixels from where the gravity puts the picture, towards its inside. Default 0. */
  readonly x?: number;
  readonly y?: number;
  /** 1 to 100, or chosen by the encoder. */
  readonly quality?: Quality;
  /** Output format, or `auto`: the best that the request's `Accept` allows. */
  readonly format?: ImageFormat | 'auto';
  /** Clockwise degrees and flips, applied in this order. */
  readonly angle?: Angle | readonly Angle[];
  readonly effect?: Effect;
  /** Corner radius in pixels; one, two, three or four corners in CSS order; `max` makes an ellipse. */
  readonly radius?: number | 'max' | readonly number[];
  /** Colour behind transparency and padding: a CSS name, `rgb:` with 3, 4, 6 or 8 hex digits, or `transparent`. */
  readonly background?: string;
}

/** Pixels as an integer; a string with a decimal point (`'0.5'`) multiplies the step's input; `iw`, `ih` are the original's. */
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
