import type { DeliveryUrl } from './delivery-url.ts';
import { type Asked, createPictureUrl, type LoaderOptions, type PictureStep } from './loaders/picture-url.ts';

export type { AssetRef } from './asset-ref.ts';
export type { DeliveryUrl } from './delivery-url.ts';
export { type AssetSrc, assetSrc } from './loaders/asset-src.ts';
export type { LoaderOptions, PictureStep } from './loaders/picture-url.ts';
export { type ErrorCode, isSafelightError, SafelightError } from './safelight-error.ts';

/** The `modifiers` of Nuxt Image: its own names, and all options of a step. */
export type NuxtModifiers = Omit<PictureStep, 'format' | 'quality'> & {
  readonly width?: number;
  readonly height?: number;
  /** Nuxt's names for the way a box is filled; `crop` takes Safelight's names. */
  readonly fit?: 'cover' | 'contain' | 'fill' | 'inside';
  readonly format?: string;
  readonly quality?: number | string;
  /** Strength, as in the effect `blur:300`. */
  readonly blur?: number;
};

export interface NuxtProvider {
  /** Never set: Nuxt reads the type of `modifiers` from it. */
  readonly defaults?: { readonly modifiers?: NuxtModifiers };
  /** The reference must arrive unchanged, so Nuxt must not look for an alias in it. */
  readonly supportsAlias: true;
  /** The source is the text of `assetSrc(asset)`. Every other string is refused. */
  getImage(src: string, options: { readonly modifiers?: Asked }): { url: DeliveryUrl };
}

const crops = { cover: 'fill', contain: 'pad', fill: 'scale', inside: 'fit' } as const;

/**
 * A provider for Nuxt Image: the default export of the file that `image.providers` names in nuxt.config.
 *
 *     <NuxtImg provider="safelight" :src="assetSrc(asset)" width="600" height="400" alt="A cat" />
 *
 * @throws {TypeError} when an option does not exist or cannot be used; its images throw `SafelightError` for a
 * source that is not a reference
 */
export function createProvider(options: LoaderOptions): () => NuxtProvider {
  const pictureUrl = createPictureUrl('createProvider()', options);
  const provider: NuxtProvider = {
    supportsAlias: true,
    // Nuxt puts a slash in front of a source that it takes for a path.
    getImage: (src, { modifiers = {} }) => ({ url: pictureUrl(src.replace(/^\//, ''), ownNames(modifiers)) }),
  };
  return () => provider;
}

function ownNames({ fit, blur, background, ...rest }: NuxtModifiers): Asked {
  return {
    crop: fit && (crops[fit] ?? fit),
    effect: blur && `blur:${blur}`,
    background: background?.replace(/^#/, 'rgb:'),
    ...rest,
  };
}
