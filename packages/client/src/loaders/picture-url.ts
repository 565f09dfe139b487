import { expectOptions, type TransformationStep } from '@safelight/protocol';
import type { AssetRef } from '../asset-ref.ts';
import { type DeliveryPlaceOptions, type DeliveryUrl, deliveryPlace, placeOptions } from '../delivery-url.ts';
import { anyValue } from '../option-patterns.ts';
import { transformationText } from '../transformation-input.ts';
import { UploadedAsset } from '../uploaded-asset.ts';
import { readAssetSrc } from './asset-src.ts';

export interface LoaderOptions extends DeliveryPlaceOptions {
  /**
   * What is done to every picture, unless it is asked for otherwise. Default `{ format: 'auto' }`, the best format that
   * the browser takes; `{}` leaves formats as they were uploaded.
   */
  readonly defaults?: PictureStep;
}

/** What can be asked of every picture besides its size. */
export type PictureStep = Omit<TransformationStep, 'width' | 'height'>;

/** What a framework asks for: sizes in pixels as numbers or digits, and names that are not ours. */
export type Asked = Readonly<Record<string, unknown>>;

const sides = ['width', 'height'] as const;

/**
 * What all loaders do: the URL of a picture in the size that its framework has computed, never larger than the original.
 * @param where the function that is given the options
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
    // Frameworks name what they do not know and leave it undefined; that must not hide a default.
    if (value !== undefined) step[name] = value === 'jpeg' ? 'jpg' : value;
  }
  // A box is made smaller as a whole, so that it keeps its shape. Sizes that are not known make no difference.
  const excess = Math.max(1, ...sides.map((side) => Number(step[side]) / Number(original[side]) || 1));
  for (const side of sides) {
    if (side in step) step[side] = Math.max(1, Math.round(Number(step[side]) / excess));
  }
  return step;
}
