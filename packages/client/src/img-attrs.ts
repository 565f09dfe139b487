import {
  type Crop,
  type ExpectedOptions,
  expectLike,
  expectOptions,
  type TransformationStep,
} from '@safelight/protocol';
import { type DeliveryUrl, expectPictureUrl } from './delivery-url.ts';
import { anyValue, someText } from './option-patterns.ts';
import { type PictureSize, pictureSize, sizeAfter } from './picture-size.ts';
import { SafelightError, withErrorCode } from './safelight-error.ts';
import type { Picture } from './uploaded-asset.ts';

/** Options that apply to all sizes. To cut out a region or to rotate the picture, use `asset.transform()`. */
interface AttrsStep
  extends Pick<TransformationStep, 'gravity' | 'quality' | 'format' | 'effect' | 'radius' | 'background'> {
  /** Alternative text for people that cannot see the picture; empty for decoration. */
  readonly alt: string;
  /**
   * How the picture is fitted into `width` and `height`.
   * @default 'fill' when there is a height
   */
  readonly crop?: Exclude<Crop, 'crop' | 'mfit' | 'mpad'> | undefined;
}

interface ByWidth {
  /** The attribute `sizes`, when the width depends on more than the layout: `(min-width: 60em) 33vw, 100vw`. */
  readonly sizes?: string | undefined;
  /**
   * The widths of the candidates in `srcset`, in pixels.
   * @default 320, 640, 960, 1280, 1920, 2560
   */
  readonly widths?: readonly number[] | undefined;
}

// When options fit no layout, TypeScript reports the type that it sorts last: by position up to version 6, by name in 7.

/** The same size on every screen, for two pixel densities. */
export interface FixedAttrs extends AttrsStep {
  readonly layout: 'fixed';
  /** CSS pixels. */
  readonly width: number;
  /**
   * CSS pixels.
   * @default computed from the picture's proportions
   */
  readonly height?: number | undefined;
}

/** As wide as the page. CSS: `width: 100%; height: auto`. */
export interface FullWidthAttrs extends AttrsStep, ByWidth {
  readonly layout: 'full-width';
  /**
   * Width of `src` in pixels, for clients without `srcset`.
   * @default 1280
   */
  readonly width?: number | undefined;
  /**
   * Pixels. Together with `width` it gives the proportions.
   * @default the picture's proportions
   */
  readonly height?: number | undefined;
}

/** As wide as `width` when the page is wide enough, otherwise as wide as the page. CSS: `max-width: 100%; height: auto`. */
export interface ResponsiveAttrs extends AttrsStep, ByWidth {
  readonly layout?: 'constrained' | undefined;
  /** CSS pixels. The widest candidate has twice as many pixels, unless `sizes` or `widths` are given. */
  readonly width: number;
  /**
   * CSS pixels.
   * @default computed from the picture's proportions
   */
  readonly height?: number | undefined;
}

/** The layout is `constrained` by default. */
export type AttrsOptions = FixedAttrs | FullWidthAttrs | ResponsiveAttrs;

type AnyAttrs = AttrsStep &
  ByWidth & { readonly [Side in 'width' | 'height']?: number | undefined } & { readonly layout?: string | undefined };

/** The attributes of an `<img>`, under their HTML names. */
export interface ImgAttrs {
  readonly src: DeliveryUrl;
  readonly srcset: string;
  readonly sizes?: string;
  readonly width: number;
  readonly height?: number;
  readonly alt: string;
}

const patterns: ExpectedOptions<AnyAttrs> = {
  layout: /^string (fixed|full-width|constrained)$/,
  alt: someText,
  width: anyValue,
  height: anyValue,
  sizes: someText,
  widths: /^array/,
  crop: anyValue,
  gravity: anyValue,
  quality: anyValue,
  format: anyValue,
  effect: anyValue,
  radius: anyValue,
  background: anyValue,
};

const usualWidths: readonly number[] = [320, 640, 960, 1280, 1920, 2560];

/**
 * The attributes of an `<img>` in one of three layouts. No candidate in `srcset` is larger than the picture, so that
 * the picture is never enlarged. `width` and `height` are set when they are known, so that the page's layout does not
 * shift.
 * @throws {SafelightError} `invalid_transformation`, also when an option does not exist; `invalid_asset_ref` for a URL
 *   or a public ID in place of a picture
 * @example
 * const ref = { publicId: 'cat', version: 1795368841, resourceType: 'image', format: 'jpg', width: 1200, height: 800 };
 * const asset = createAsset(ref, { endpoint: 'https://pictures.example', cloudName: 'demo' });
 * const { srcset, sizes, height } = imgAttrs(asset, { width: 300, alt: 'A cat' });
 * srcset.split(', ').length; // 3: 300w, 320w and 600w
 * sizes; // '(min-width: 300px) 300px, 100vw'
 * height; // 200
 */
export function imgAttrs(picture: Picture, options: AttrsOptions): ImgAttrs {
  if (typeof picture?.url !== 'function') {
    throw new SafelightError('invalid_asset_ref', 'imgAttrs() takes an asset, not a URL or a public ID.');
  }
  withErrorCode('invalid_transformation', () => {
    expectOptions('imgAttrs()', options, patterns);
    expectLike('alt', options.alt, someText);
  });
  const { layout, alt, width: givenWidth = 1280, height: givenHeight, sizes, widths, ...rest }: AnyAttrs = options;
  if (!(givenWidth >= 1 && (givenHeight ?? 1) >= 1)) {
    throw new SafelightError(
      'invalid_transformation',
      `width is ${givenWidth}, height is ${givenHeight}. Expected CSS pixels.`,
    );
  }
  const step: TransformationStep = { ...rest, crop: rest.crop ?? (givenHeight === undefined ? undefined : 'fill') };
  const full = pictureSize(picture);
  const shown = sizeAfter(full, { ...step, width: givenWidth, ...(givenHeight && { height: givenHeight }) });
  const { width = givenWidth, height = givenHeight } = shown;
  const ratio = givenHeight === undefined || height === undefined ? undefined : width / height;
  const widest = isVector(picture) ? Number.POSITIVE_INFINITY : widestUnscaled(full, step.crop, ratio);
  const within = (pixels: number): number => Math.max(1, Math.floor(Math.min(pixels, widest)));
  const urlAt = (pixels: number): DeliveryUrl =>
    picture.url({ ...step, width: pixels, ...(ratio && { height: Math.max(1, Math.round(pixels / ratio)) }) });

  const first = within(width);
  const isFixed = layout === 'fixed';
  const others = isFixed ? [2 * width] : (widths ?? widthsFor(width, layout === 'full-width' || sizes !== undefined));
  const candidates = [...new Set([first, ...others.map(within)])].sort((a, b) => a - b);
  const usualSizes = layout === 'full-width' ? '100vw' : `(min-width: ${width}px) ${width}px, 100vw`;
  return {
    src: expectPictureUrl(urlAt(first)),
    srcset: candidates.map((pixels) => `${urlAt(pixels)} ${isFixed ? `${pixels / first}x` : `${pixels}w`}`).join(', '),
    ...(!isFixed && { sizes: sizes ?? usualSizes }),
    width,
    ...(height !== undefined && { height }),
    alt,
  };
}

/** An SVG is drawn in any size. The result of `transform()` is a PNG of one size. */
function isVector({ source, format }: Picture & { readonly format?: string }): boolean {
  return source === undefined && format === 'svg';
}

function widthsFor(width: number, isUnbounded: boolean): readonly number[] {
  return isUnbounded ? usualWidths : [...usualWidths.filter((pixels) => pixels < 2 * width), 2 * width];
}

/** The maximum width of a candidate. With `pad` only the canvas is enlarged, so one side of it may exceed the picture. */
function widestUnscaled(
  { width = Number.POSITIVE_INFINITY, height = Number.POSITIVE_INFINITY }: PictureSize,
  crop: Crop | undefined,
  ratio: number | undefined,
): number {
  if (ratio === undefined) {
    return width;
  }
  return /^[lm]?pad$/.test(crop ?? '') ? Math.max(width, height * ratio) : Math.min(width, height * ratio);
}
