import {
  type Crop,
  type ExpectedOptions,
  expectLike,
  expectOptions,
  type TransformationStep,
} from '@safelight/protocol';
import type { DeliveryUrl } from './delivery-url.ts';
import { anyValue, someText } from './option-patterns.ts';
import { type PictureSize, pictureSize, sizeAfter } from './picture-size.ts';
import { blame, SafelightError } from './safelight-error.ts';
import type { Picture } from './uploaded-asset.ts';

/** Options that apply to all sizes. To cut out a region or turn the picture, use `asset.transform()`. */
interface AttrsStep
  extends Pick<TransformationStep, 'gravity' | 'quality' | 'format' | 'effect' | 'radius' | 'background'> {
  /** Alternative text for people that cannot see the picture; empty for decoration. */
  readonly alt: string;
  /** How `width` and `height` are met. Default `fill` when there is a height. */
  readonly crop?: Exclude<Crop, 'crop'>;
}

interface ByWidth {
  /** As in HTML, where the width depends on more than the layout: `(min-width: 60em) 33vw, 100vw`. */
  readonly sizes?: string;
  /** Pixel widths to offer. Default: 320, 640, 960, 1280, 1920, 2560. */
  readonly widths?: readonly number[];
}

// When options fit no layout, a compiler reports the type that it sorts last: up to version 6 by place, 7 by name.

/** The same size on every screen, in two densities. */
export interface FixedAttrs extends AttrsStep {
  readonly layout: 'fixed';
  /** CSS pixels. */
  readonly width: number;
  /** CSS pixels. Default: from the picture's proportions. */
  readonly height?: number;
}

/** As wide as the page. CSS: `width: 100%; height: auto`. */
export interface FullWidthAttrs extends AttrsStep, ByWidth {
  readonly layout: 'full-width';
  /** Pixels of `src`, for clients without `srcset`. Default 1280. */
  readonly width?: number;
  /** Together with `width`: the proportions to fill. Default: the picture's. */
  readonly height?: number;
}

/** As wide as `width` where there is room, otherwise as wide as the page. CSS: `max-width: 100%; height: auto`. */
export interface ResponsiveAttrs extends AttrsStep, ByWidth {
  readonly layout?: 'constrained';
  /** CSS pixels. Twice as many are the widest that is offered, unless `sizes` or `widths` are given. */
  readonly width: number;
  /** CSS pixels. Default: from the picture's proportions. */
  readonly height?: number;
}

/** Without a `layout`, a picture is `constrained`. */
export type AttrsOptions = FixedAttrs | FullWidthAttrs | ResponsiveAttrs;

type AnyAttrs = AttrsStep & ByWidth & Partial<Record<'width' | 'height', number>> & { readonly layout?: string };

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
 * Attributes for an `<img>` in one of three layouts. No candidate is larger than the picture: the picture's own size is
 * offered instead. Width and height are set where they are known, so that the page's layout does not shift.
 * @throws {SafelightError} `invalid_transformation`, also when an option does not exist; `invalid_asset_ref` for a URL
 * or
 *   a public ID in place of a picture
 */
export function imgAttrs(picture: Picture, options: AttrsOptions): ImgAttrs {
  if (typeof picture?.url !== 'function') {
    throw new SafelightError('invalid_asset_ref', 'Give imgAttrs() an asset, not a URL or a public ID.');
  }
  blame('invalid_transformation', () => {
    expectOptions('imgAttrs()', options, patterns);
    expectLike('alt', options.alt, someText);
  });
  const { layout, alt, width: asked = 1280, height: box, sizes, widths, ...rest }: AnyAttrs = options;
  if (!(asked >= 1 && (box ?? 1) >= 1)) {
    throw new SafelightError('invalid_transformation', `width is ${asked}, height is ${box}. Expected CSS pixels.`);
  }
  const step: TransformationStep = box === undefined ? rest : { crop: 'fill', ...rest };
  const full = pictureSize(picture);
  const shown = sizeAfter(full, { ...step, width: asked, ...(box && { height: box }) });
  const { width = asked, height = box } = shown;
  const ratio = box === undefined || height === undefined ? undefined : width / height;
  const widest = widestUnscaled(full, step.crop, ratio);
  const within = (pixels: number): number => Math.max(1, Math.floor(Math.min(pixels, widest)));
  const urlAt = (pixels: number): DeliveryUrl =>
    picture.url({ ...step, width: pixels, ...(ratio && { height: Math.max(1, Math.round(pixels / ratio)) }) });

  const first = within(width);
  const isFixed = layout === 'fixed';
  const wanted = isFixed ? [2 * width] : (widths ?? widthsFor(width, layout === 'full-width' || sizes !== undefined));
  const offered = [...new Set([first, ...wanted.map(within)])].sort((a, b) => a - b);
  const usualSizes = layout === 'full-width' ? '100vw' : `(min-width: ${width}px) ${width}px, 100vw`;
  return {
    src: urlAt(first),
    srcset: offered.map((pixels) => `${urlAt(pixels)} ${isFixed ? `${pixels / first}x` : `${pixels}w`}`).join(', '),
    ...(!isFixed && { sizes: sizes ?? usualSizes }),
    width,
    ...(height !== undefined && { height }),
    alt,
  };
}

function widthsFor(width: number, isUnbounded: boolean): readonly number[] {
  return isUnbounded ? usualWidths : [...usualWidths.filter((pixels) => pixels < 2 * width), 2 * width];
}

/** The maximum width of a candidate. Padding enlarges the canvas only, so there the picture may fit just one side. */
function widestUnscaled(
  { width = Number.POSITIVE_INFINITY, height = Number.POSITIVE_INFINITY }: PictureSize,
  crop: Crop | undefined,
  ratio: number | undefined,
): number {
  if (ratio === undefined) {
    return width;
  }
  return crop === 'pad' ? Math.max(width, height * ratio) : Math.min(width, height * ratio);
}
