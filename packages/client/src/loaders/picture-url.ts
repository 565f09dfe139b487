import { expectOptions, type TransformationStep } from '@safelight/protocol';
import type { AssetRef } from '../asset-ref.ts';
import { type DeliveryPlaceOptions, type DeliveryUrl, deliveryPlace, placeOptions } from '../delivery-url.ts';
import { anyValue } from '../option-patterns.ts';
import { transformationText } from '../transformation-input.ts';
import { UploadedAsset } from '../uploaded-asset.ts';
import { readAssetSrc } from './asset-src.ts';

export interface LoaderOptions extends DeliveryPlaceOptions {
  /**
   * The options of every picture, unless a picture sets others. Default `{ format: 'auto' }`, the best format that the
   * browser takes; `{}` leaves formats as they were uploaded.
   */
  readonly defaults?: PictureStep;
}

/** The options of a picture besides its size. */
export type PictureStep = Omit<TransformationStep, 'width' | 'height'>;

/** The options that a framework passes: sizes in pixels as numbers or digits, and names of other options. */
export type Asked = Readonly<Record<string, unknown>>;

const sides = ['width', 'height'] as const;

/**
 * The common part of all loaders: the URL of a picture in the size that its framework has computed, never larger than
 * the original.
 * @param where the function that gets the options
 * @throws {TypeError} when an option does not exist or cannot be used
 * @throws {SafelightError} `invalid_transformation` for `defaults`
 */
export function createPictureUrl(where: string, options: LoaderOptions): (src: unknown, asked: Asked) => DeliveryUrl {
  expectOptions(where, options, { ...placeOptions, defaults: anyValue });
  const { defaults = { format: 'auto' } } = options;
  transformationText(defaults);
  const deliveredFrom = deliveryPlace(options);
  return (src, asked) => {
    const asset = UploadedAsset.seal(readAssetSrc(src), deliveredFrom);
    return asset.url(stepOf(asset, asked, defaults));
  };
}

function stepOf(original: AssetRef, asked: Asked, defaults: PictureStep): TransformationStep {
  const step: Record<string, unknown> = { ...(asked['width'] && asked['height'] ? { crop: 'fill' } : {}), ...defaults };
  for (const [name, value] of Object.entries(asked)) {
    // Frameworks pass unknown options as undefined, which must not hide a default.
    if (value !== undefined) step[name] = value === 'jpeg' ? 'jpg' : value;
  }
  // A box is scaled down as a whole, so that its shape stays. Unknown sizes are ignored.
  const excess = Math.max(1, ...sides.map((side) => Number(step[side]) / Number(original[side]) || 1));
  for (const side of sides) {
    if (side in step) step[side] = Math.max(1, Math.round(Number(step[side]) / excess));
  }
  return step;
}
