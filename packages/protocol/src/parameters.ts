import { readFlags } from './flag-reading.ts';
import { readNames } from './name-reading.ts';
import { formatsNotOffered } from './not-offered.ts';
import type { Parameter } from './parameter.ts';
import {
  choice,
  maxAngles,
  maxBlur,
  maxPixels,
  readAngle,
  readColour,
  readEffect,
  readQuality,
  readRadius,
} from './parameter-reading.ts';
import { readPlaceholder } from './placeholder-reading.ts';
import { readOpacity } from './ratio-reading.ts';
import { sizeParameters } from './size-parameters.ts';
import type { ImageFormat } from './transformation.ts';

/** The key of a parameter in a URL, such as the `w` of `w_300`. */
export type ParameterKey = keyof typeof sizeParameters | 'a' | 'b' | 'd' | 'e' | 'f' | 'fl' | 'o' | 'q' | 'r' | 't';

const formats: readonly (ImageFormat | 'auto')[] = ['jpg', 'png', 'webp', 'avif', 'gif', 'tiff', 'auto'];
const formatNames = formats.map((name) => `\`${name}\``).join(' ');
const formatAliases = { jpeg: 'jpg', jpe: 'jpg', jfif: 'jpg', tif: 'tiff' } as const;

/**
 * Every parameter of a component. Reading, writing, error messages and docs/parameters.md are derived from this table.
 */
export const parameters: Readonly<Record<ParameterKey, Parameter>> = {
  ...sizeParameters,
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
    read: choice(formats, formatsNotOffered, formatAliases),
    values: formatNames,
    meaning: "Output format, in place of the extension of the URL. With `auto`, the request's `Accept` decides.",
    example: 'f_webp',
  },
  fl: {
    property: 'flags',
    noun: 'flag',
    separator: '.',
    read: readFlags,
    values:
      '`progressive`, also with `:semi`, `:steep` or `:none`; `attachment`, `attachment:<name>`; `force_strip`; ' +
      '`immutable_cache`; `preserve_transparency`; `no_overflow`; joined by `.`',
    meaning:
      '`progressive`: a progressive JPEG or an interlaced PNG. `attachment`: browsers save the file, under this name and ' +
      'the extension of its format. `force_strip`: removes the metadata of an original that nothing else changes; all ' +
      'other pictures have none. `immutable_cache`: a URL with a version is immutable, also if it has `t_`. The other two ' +
      'have no effect: `f_auto` preserves transparency, and overlays are not offered.',
    example: 'f_jpg,fl_progressive',
  },
  o: {
    property: 'opacity',
    noun: 'opacity',
    read: readOpacity,
    values: '0 to 100',
    meaning: 'Makes the picture transparent. If the format has no transparency, the picture is painted on white.',
    example: 'f_png,o_50',
  },
  q: {
    property: 'quality',
    noun: 'quality',
    read: readQuality,
    values:
      '1 to 100, with the chroma subsampling `:420` or `:444` if you like; `auto` `auto:best` `auto:good` (= `auto`) `auto:eco` `auto:low`',
    meaning: "The encoder's quality. The subsampling has an effect on JPEG and AVIF.",
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
  t: {
    property: 'named',
    noun: 'named transformation',
    separator: '.',
    read: readNames,
    values: 'names from the option `transformations`, joined by `.`',
    meaning: 'The steps of these names, before the other parameters of the component.',
    example: 't_thumb',
  },
};

/** The keys in alphabetical order, which is their order in canonical text and in the URLs of Cloudinary's SDKs. */
export const parameterKeys: readonly ParameterKey[] = (Object.keys(parameters) as ParameterKey[]).sort();
