import { expectOptions, type TransformationStep } from '@safelight/protocol';
import type { AssetRef } from '../asset-ref.ts';
import { type DeliveryPlaceOptions, type DeliveryUrl, deliveryPlace, placeOptions } from '../delivery-url.ts';
import { anyValue } from '../option-patterns.ts';
import { transformationText } from '../transformation-input.ts';
import { UploadedAsset } from '../uploaded-asset.ts';
import { readAssetSrc } from './asset-src.ts';

export interface LoaderOptions extends DeliveryPlaceOptions {
  /**
   * Options for all pictures; the options of one picture override them. `format: 'auto'` delivers the best format that
   * the browser accepts; with `{}` pictures have the format of their original.
   * @default { format: 'auto' }
   */
  readonly defaults?: PictureStep | undefined;
}

/** The options of a picture besides its size. */
export type PictureStep = Omit<TransformationStep, 'width' | 'height'>;

/** The options that a framework passes for one picture: sizes in pixels, as numbers or digits, and other options. */
export type LoaderStep = Readonly<Record<string, unknown>>;

const sides = ['width', 'height'] as const;

/**
 * The common part of all loaders: a function that returns the URL of a picture in the size that its framework has
 * computed, but never larger than the original.
 * @param where - the function that gets the options, for messages
 * @throws {TypeError} when an option does not exist or cannot be used
 * @throws {SafelightError} `invalid_transformation` for `defaults`
 */
export function createPictureUrl(
  where: string,
  options: LoaderOptions,
): (src: unknown, given: LoaderStep) => DeliveryUrl {
  expectOptions(where, options, { ...placeOptions, defaults: anyValue });
  const { defaults = { format: 'auto' } } = options;
  transformationText(defaults);
  const place = deliveryPlace(options);
  return (src, given) => {
    const asset = UploadedAsset.of(readAssetSrc(src), place);
    return asset.url(completeStep(asset, given, defaults));
  };
}

function completeStep(original: AssetRef, given: LoaderStep, defaults: PictureStep): TransformationStep {
  const step: Record<string, unknown> = { ...(given['width'] && given['height'] ? { crop: 'fill' } : {}), ...defaults };
  for (const [name, value] of Object.entries(given)) {
    // Frameworks pass options that are not set as undefined, which must not override a default.
    if (value !== undefined) step[name] = value === 'jpeg' ? 'jpg' : value;
  }
  // Both sides are scaled by the same factor, so that the proportions stay. Unknown sizes are ignored.
  const excess = Math.max(1, ...sides.map((side) => Number(step[side]) / Number(original[side]) || 1));
  for (const side of sides) {
    if (side in step) step[side] = Math.max(1, Math.round(Number(step[side]) / excess));
  }
  return step;
}
