import { cropsNotOffered, formatsNotOffered, gravitiesNotOffered } from './not-offered.ts';
import {
  choice,
  maxAngles,
  maxBlur,
  maxMultiple,
  maxPixels,
  type Reading,
  readAngle,
  readColour,
  readEffect,
  readOffset,
  readQuality,
  readRadius,
  readSize,
} from './parameter-reading.ts';
import { readPlaceholder } from './placeholder-reading.ts';
import type { Crop, Gravity, ImageFormat, TransformationStep } from './transformation.ts';

/** The key of a parameter in a URL, such as the `w` of `w_300`. */
export type ParameterKey = 'a' | 'b' | 'c' | 'd' | 'e' | 'f' | 'g' | 'h' | 'q' | 'r' | 'w' | 'x' | 'y';

/** One parameter of the transformation grammar. */
export interface Parameter {
  /** The field of a step that holds its value. `placeholder` belongs to the delivery, not to a step. */
  readonly property: keyof TransformationStep | 'placeholder';
  /** Its name in error messages. */
  readonly noun: string;
  /** The text between the values of a list. */
  readonly separator?: '.' | ':';
  /** Returns the canonical value, or the reason why the text is refused. Never throws. */
  readonly read: (text: string) => Reading<unknown>;
  /** For the documentation: the accepted values. */
  readonly values: string;
  /** For the documentation: the effect. */
  readonly meaning: string;
  /** For the documentation: one component that uses it. */
  readonly example: string;
}

const crops: readonly Crop[] = ['scale', 'fit', 'limit', 'fill', 'pad', 'crop', 'thumb'];
const gravities: readonly Gravity[] = [
  'center',
  'north',
  'south',
  'east',
  'west',
  'north_east',
  'north_west',
  'south_east',
  'south_west',
  'xy_center',
  'auto',
];
const formats: readonly (ImageFormat | 'auto')[] = ['jpg', 'png', 'webp', 'avif', 'gif', 'tiff', 'auto'];

const sizes = `whole pixels 1 to ${maxPixels}; a number with a decimal point: a multiple of the input, up to ${maxMultiple}; \`iw\`, \`ih\`: width, height of the original`;
const offsets = `whole pixels -${maxPixels} to ${maxPixels}`;
const list = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(' ');

/**
 * Every parameter of a component. Reading, writing, error messages and docs/parameters.md are derived from this table.
 */
export const parameters: Readonly<Record<ParameterKey, Parameter>> = {
  a: {
    property: 'angle',
    noun: 'angle',
    separator: '.',
    read: readAngle,
    values: `degrees; \`hflip\` \`vflip\` \`ignore\`; up to ${maxAngles}, joined by \`.\``,
    meaning: 'Turns clockwise and flips, from left to right. With `ignore`, the EXIF orientation is not applied.',
    example: 'a_90.hflip',
  },
  b: {
    property: 'background',
    noun: 'background colour',
    read: readColour,
    values: 'CSS name; `rgb:` and 3, 4, 6 or 8 hex digits; `transparent`',
    meaning: 'Colour of the padding, and behind transparent pixels.',
    example: 'b_rgb:0a141e,c_pad,h_200,w_200',
  },
  c: {
    property: 'crop',
    noun: 'crop mode',
    read: choice(crops, cropsNotOffered),
    values: list(crops),
    meaning:
      'How the picture is fitted to `w_` and `h_`. The default is `scale`. Without `w_` and `h_`, `c_` has no effect.',
    example: 'c_fill,h_200,w_300',
  },
  d: {
    property: 'placeholder',
    noun: 'default image',
    read: readPlaceholder,
    values: 'public ID with extension; `:` in place of `/`',
    meaning: 'The image that is sent while the original is missing.',
    example: 'd_icons:missing.png',
  },
  e: {
    property: 'effect',
    noun: 'effect',
    read: readEffect,
    values: `\`grayscale\`; \`blur\` (= \`blur:100\`), \`blur:1\` to \`blur:${maxBlur}\``,
    meaning: 'An effect. If a component has several, the last one is applied.',
    example: 'e_blur:300',
  },
  f: {
    property: 'format',
    noun: 'format',
    read: choice(formats, formatsNotOffered, { jpeg: 'jpg', tif: 'tiff' }),
    values: list(formats),
    meaning: "Output format, in place of the extension of the URL. With `auto`, the request's `Accept` decides.",
    example: 'f_webp',
  },
  g: {
    property: 'gravity',
    noun: 'gravity',
    read: choice(gravities, gravitiesNotOffered),
    values: list(gravities),
    meaning:
      'The part of the picture that `fill`, `crop` and `thumb` keep, or the place where `pad` puts the picture. The ' +
      'default is `center`, or `north_west` for `crop` with an offset. `thumb` has no default and requires `g_`. `auto` ' +
      'works with `fill`, `crop` and `thumb`.',
    example: 'c_fill,g_north,h_100,w_100',
  },
  h: {
    property: 'height',
    noun: 'height',
    read: readSize,
    values: sizes,
    meaning: 'Target height.',
    example: 'h_200',
  },
  q: {
    property: 'quality',
    noun: 'quality',
    read: readQuality,
    values: '1 to 100; `auto` `auto:best` `auto:good` (= `auto`) `auto:eco` `auto:low`',
    meaning: "The encoder's quality.",
    example: 'q_80',
  },
  r: {
    property: 'radius',
    noun: 'radius',
    separator: ':',
    read: readRadius,
    values: `pixels 0 to ${maxPixels}; up to four corners in CSS order, joined by \`:\`; \`max\``,
    meaning: 'Rounds the corners; `max` makes an ellipse.',
    example: 'r_20:0',
  },
  w: {
    property: 'width',
    noun: 'width',
    read: readSize,
    values: sizes,
    meaning: 'Target width. `w_1` is one pixel. `w_1.0` is the whole width.',
    example: 'w_0.5',
  },
  x: {
    property: 'x',
    noun: 'x offset',
    read: readOffset,
    values: offsets,
    meaning: 'Horizontal offset from the place that `g_` names: to the right, or, from an eastern edge, to the left.',
    example: 'c_crop,h_100,w_100,x_40,y_20',
  },
  y: {
    property: 'y',
    noun: 'y offset',
    read: readOffset,
    values: offsets,
    meaning: 'Vertical offset from the place that `g_` names: downwards, or, from a southern edge, upwards.',
    example: 'c_pad,g_south,h_300,w_300,y_10',
  },
};

/** The keys in alphabetical order, which is their order in canonical text and in the URLs of Cloudinary's SDKs. */
export const parameterKeys: readonly ParameterKey[] = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'q', 'r', 'w', 'x', 'y'];
