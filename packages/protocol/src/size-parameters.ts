import { gravities, readGravity } from './gravity-reading.ts';
import { cropsNotOffered } from './not-offered.ts';
import type { Parameter } from './parameter.ts';
import { choice, maxMultiple, maxPixels, readOffset, readSize } from './parameter-reading.ts';
import { maxDpr, readAspectRatio, readDpr, readZoom } from './ratio-reading.ts';
import type { Crop } from './transformation.ts';

const crops: readonly Crop[] = [
  ...(['scale', 'fit', 'limit', 'mfit', 'fill', 'lfill', 'fill_pad', 'pad', 'lpad', 'mpad', 'crop', 'thumb'] as const),
];
const sizes = `whole pixels 1 to ${maxPixels}; a number with a decimal point: a multiple of the input, up to ${maxMultiple}; \`iw\`, \`ih\`: width, height of the original`;
const offsets = `whole pixels -${maxPixels} to ${maxPixels}; a number with a decimal point: a multiple of the input's side`;
const list = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(' ');

/** The parameters of the size, and of the part of the picture that remains. */
export const sizeParameters: Readonly<Record<'ar' | 'c' | 'dpr' | 'g' | 'h' | 'w' | 'x' | 'y' | 'z', Parameter>> = {
  ar: {
    property: 'aspectRatio',
    noun: 'aspect ratio',
    read: readAspectRatio,
    values: 'two numbers joined by `:`, or a decimal number',
    meaning:
      'Width divided by height. It gives the side that is missing. Without `w_` and `h_` it gives the largest box inside ' +
      'the picture, and for `pad`, `lpad` and `mpad` the smallest box around it. With both it has no effect.',
    example: 'ar_16:9,c_fill,w_320',
  },
  c: {
    property: 'crop',
    noun: 'crop mode',
    read: choice(crops, cropsNotOffered),
    values: list(crops),
    meaning:
      'How the picture is fitted to `w_` and `h_`. The default is `scale`. Without `w_`, `h_` and `ar_`, `c_` has no effect. ' +
      '`limit`, `lfill` and `lpad` never enlarge the picture, `mfit` and `mpad` never reduce it. `fill_pad` is `fill` if ' +
      'at least half of the picture remains; otherwise half of it remains, and is padded.',
    example: 'c_fill,h_200,w_300',
  },
  dpr: {
    property: 'dpr',
    noun: 'device pixel ratio',
    read: readDpr,
    values: `decimal numbers above 0, up to ${maxDpr}; \`auto\` (= 1)`,
    meaning:
      'Multiplies `w_` and `h_`. In a component without a size it applies to all components that have no `dpr_` of their own.',
    example: 'c_fill,dpr_2.0,h_ih,w_iw',
  },
  g: {
    property: 'gravity',
    noun: 'gravity',
    read: readGravity,
    values: list(gravities),
    meaning:
      'The part of the picture that `fill`, `lfill`, `crop` and `thumb` keep, or the place where `pad`, `lpad` and `mpad` ' +
      'put the picture. The default is `center`, or `north_west` for `crop` with an offset. `thumb` has no default and ' +
      'requires `g_`. `auto` works with `fill`, `lfill`, `crop` and `thumb`, and `fill_pad` requires it.',
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
  z: {
    property: 'zoom',
    noun: 'zoom',
    read: readZoom,
    values: 'decimal numbers above 0',
    meaning:
      'No effect: at Cloudinary it zooms to faces, objects and custom regions, and these gravities are not offered.',
    example: 'c_thumb,g_center,w_100,z_1.5',
  },
};
