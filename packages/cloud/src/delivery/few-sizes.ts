import type { FormatBucket } from '@safelight/core';
import { type Crop, type Delivery, formatTransformation, type TransformationStep } from '@safelight/protocol';

/** The longer sides of the few sizes, in pixels. */
const longSides = [100, 200, 400] as const;
/** The shorter side is a multiple of this part of the longer side, so the proportions are those of the request to 4 %. */
const parts = 12;

/** One of the few derivations of a placeholder that stand for all others. */
export interface FewSizes {
  readonly delivery: Delivery;
  readonly bucket: FormatBucket | undefined;
  /** Two requests with the same key have the same placeholder. There are about 4,000. */
  readonly key: string;
}

/**
 * The derivation with the nearest of a few sizes, nearly the same proportions, and the format of the request. It is cropped,
 * padded or fitted like the last step that has a size, and has round corners when the request asks for a circle. All other
 * fields are left out: clients can write any number of colours and effects.
 */
export function nearestOfFewSizes(delivery: Delivery, bucket: FormatBucket | undefined): FewSizes {
  const { transformation } = delivery;
  const format = transformation.findLast((step) => step.format !== undefined)?.format;
  const extension = format === undefined ? knownExtension(delivery.extension) : undefined;
  const step: TransformationStep = {
    ...sizeOf(transformation),
    ...(transformation.some(({ radius }) => radius === 'max') ? { radius: 'max' as const } : {}),
    ...(format === undefined ? {} : { format }),
  };
  return {
    delivery: { ...delivery, transformation: [step], extension },
    bucket,
    key: `${formatTransformation([step])}.${extension ?? ''} ${bucket ?? ''}`,
  };
}

type SizeFields = Pick<TransformationStep, 'width' | 'height' | 'crop'>;

function sizeOf(transformation: Delivery['transformation']): SizeFields {
  const { width, height, crop } = requestedSize(transformation);
  if (width === undefined && height === undefined) return { width: longSides[2], crop: 'limit' };
  if (height === undefined) return { width: nearest(width ?? 1), crop: 'scale' };
  if (width === undefined) return { height: nearest(height), crop: 'scale' };
  const long = nearest(Math.max(width, height));
  const count = Math.max(1, Math.round((Math.min(width, height) / Math.max(width, height)) * parts));
  const short = Math.round((long * count) / parts);
  return {
    ...(width >= height ? { width: long, height: short } : { width: short, height: long }),
    crop: fewCrop(crop),
  };
}

interface RequestedSize {
  readonly width: number | undefined;
  readonly height: number | undefined;
  readonly crop: Crop | undefined;
}

/** The size in pixels that the last step with a size asks for. A quarter turn after it swaps the sides. */
function requestedSize(transformation: Delivery['transformation']): RequestedSize {
  let size: RequestedSize = { width: undefined, height: undefined, crop: undefined };
  for (const { width, height, aspectRatio, crop, angle } of transformation) {
    const [inPixels, alsoInPixels] = bothSides([pixels(width), pixels(height)], aspectRatio);
    if (inPixels !== undefined || alsoInPixels !== undefined) size = { width: inPixels, height: alsoInPixels, crop };
    const degrees = [angle].flat().reduce<number>((sum, turn) => sum + (typeof turn === 'number' ? turn : 0), 0);
    if (Math.abs(degrees) % 180 === 90) size = { ...size, width: size.height, height: size.width };
  }
  return size;
}

type Sides = readonly [width: number | undefined, height: number | undefined];

/** The sides, with the one that the ratio gives. */
function bothSides([width, height]: Sides, aspectRatio: TransformationStep['aspectRatio']): Sides {
  const [first = Number.NaN, second = 1] = String(aspectRatio ?? '')
    .split(':')
    .map(Number);
  const ratio = first / second;
  if (!(ratio > 0)) return [width, height];
  return [
    width ?? (height === undefined ? undefined : height * ratio),
    height ?? (width === undefined ? undefined : width / ratio),
  ];
}

/** `undefined` for a multiple of a side or a side of the original: the size of the missing picture is not known. */
function pixels(side: TransformationStep['width']): number | undefined {
  const value = typeof side === 'string' && side.includes('.') ? Number.NaN : Number(side ?? Number.NaN);
  return value > 0 ? value : undefined;
}

/** By proportion: 140 is nearer to 100 than to 200, and 142 is not. */
function nearest(side: number): number {
  const distance = (longSide: number) => Math.abs(Math.log(longSide / side));
  return longSides.reduce<number>((best, next) => (distance(next) < distance(best) ? next : best), longSides[0]);
}

function fewCrop(crop: Crop | undefined): Crop {
  if (crop === 'pad' || crop === 'lpad' || crop === 'mpad') return 'pad';
  return crop === 'fit' || crop === 'limit' || crop === 'mfit' ? 'fit' : 'fill';
}

const extensions: ReadonlyMap<string, string> = new Map([
  ...['jpg', 'png', 'webp', 'gif', 'tiff'].map((name) => [name, name] as const),
  ...['jpeg', 'jpe', 'jfif'].map((name) => [name, 'jpg'] as const),
  ['tif', 'tiff'],
]);

function knownExtension(extension: string | undefined): string | undefined {
  return extensions.get(extension?.toLowerCase() ?? '');
}
