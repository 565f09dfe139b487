import type { TransformationStep } from '@safelight/protocol';
import type { AssetRef } from './asset-ref.ts';
import type { DeliveryUrl } from './delivery-url.ts';
import type { TransformationInput } from './transformation-input.ts';

export interface AttrsOptions extends Omit<TransformationStep, 'width' | 'height'> {
  /** What people who cannot see the picture are told; empty for decoration. */
  readonly alt: string;
  /** CSS pixels that the picture takes up; with `sizes`, the width that is used where `srcset` is not understood. */
  readonly width: number;
  /** CSS pixels. Default: from the original's proportions. Given, the picture fills the box (`crop: 'fill'`). */
  readonly height?: number;
  /** As in HTML, for pictures whose width depends on the page: `(max-width: 600px) 100vw, 600px`. */
  readonly sizes?: string;
  /** Pixel widths to offer; only with `sizes`. Default 320, 640, 960, 1280, 1920, 2560. */
  readonly widths?: readonly number[];
}

/** The attributes of an `<img>`, under their HTML names. */
export interface ImgAttrs {
  readonly src: DeliveryUrl;
  readonly srcset: string;
  readonly sizes?: string;
  readonly width: number;
  readonly height?: number;
  readonly alt: string;
}

const densities = [1, 2] as const;
const usualWidths = [320, 640, 960, 1280, 1920, 2560] as const;

/**
 * Attributes for an `<img>`: by density (1x, 2x) or, with `sizes`, by width. Nothing wider than the original is offered
 * besides the plain `src`. Width and height are always set where they are known, so that the page does not jump.
 */
export function buildAttrs(
  ref: AssetRef,
  url: (input: TransformationInput) => DeliveryUrl,
  { alt, width, height, sizes, widths = usualWidths, ...step }: AttrsOptions,
): ImgAttrs {
  const urlAt = (pixels: number): DeliveryUrl =>
    url({
      ...(height === undefined ? {} : { crop: 'fill' as const, height: Math.round((height * pixels) / width) }),
      ...step,
      width: Math.round(pixels),
    });
  const fits = (pixels: number): boolean => ref.width === undefined || pixels <= ref.width;
  const candidates =
    sizes === undefined
      ? densities.filter((x) => x === 1 || fits(width * x)).map((x) => `${urlAt(width * x)} ${x}x`)
      : [...new Set([...widths.filter(fits), width])].sort((a, b) => a - b).map((w) => `${urlAt(w)} ${w}w`);
  const shownHeight = height ?? naturalHeight(ref, width);
  return {
    src: urlAt(width),
    srcset: candidates.join(', '),
    ...(sizes === undefined ? {} : { sizes }),
    width,
    ...(shownHeight === undefined ? {} : { height: shownHeight }),
    alt,
  };
}

function naturalHeight({ width, height }: AssetRef, shownWidth: number): number | undefined {
  return width === undefined || height === undefined ? undefined : Math.round((shownWidth * height) / width);
}
