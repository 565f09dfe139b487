import type { DeliveryUrl } from './delivery-url.ts';
import { createPictureUrl, type LoaderOptions, type LoaderStep, type PictureStep } from './loaders/picture-url.ts';

export type { AssetRef } from './asset-ref.ts';
export type { DeliveryUrl } from './delivery-url.ts';
export { type AssetSrc, assetSrc } from './loaders/asset-src.ts';
export type { LoaderOptions, PictureStep } from './loaders/picture-url.ts';
export { type ErrorCode, isSafelightError, SafelightError } from './safelight-error.ts';

/** The `modifiers` of Nuxt Image: Nuxt's names, and all options of a transformation step. */
export type NuxtModifiers = Omit<PictureStep, 'format' | 'quality'> & {
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  /** Nuxt's names for the way a picture fills its box. `crop` takes Safelight's names. */
  readonly fit?: 'cover' | 'contain' | 'fill' | 'inside' | undefined;
  readonly format?: string | undefined;
  readonly quality?: number | string | undefined;
  /** Strength of the effect `blur`, from 1 to 2000. */
  readonly blur?: number | undefined;
};

export interface NuxtProvider {
  /** Never set. Nuxt reads the type of `modifiers` from it. */
  readonly defaults?: { readonly modifiers?: NuxtModifiers };
  /** Tells Nuxt not to replace aliases in the source: the reference must arrive unchanged. */
  readonly supportsAlias: true;
  /** @param src - the result of `assetSrc(asset)`. Every other string is refused. */
  getImage(src: string, options: { readonly modifiers?: LoaderStep }): { url: DeliveryUrl };
}

const crops = { cover: 'fill', contain: 'pad', fill: 'scale', inside: 'fit' } as const;

/**
 * A provider for Nuxt Image: the default export of the file that `image.providers` names in nuxt.config.
 * @throws {TypeError} when an option does not exist or cannot be used; `getImage` throws `SafelightError` for a
 *   source that is not a reference
 * @example
 * import { assetSrc } from '@safelight/client/nuxt';
 *
 * const provider = createProvider({ endpoint: 'https://pictures.example', cloudName: 'demo' });
 * const src = assetSrc({ publicId: 'cat', version: 1795368841, resourceType: 'image', format: 'jpg' });
 * const { url } = provider().getImage(src, { modifiers: { width: 640 } });
 * url; // 'https://pictures.example/demo/image/upload/f_auto,w_640/v1795368841/cat.jpg'
 * // In a template: <NuxtImg provider="safelight" :src="assetSrc(asset)" width="640" alt="A cat" />
 */
export function createProvider(options: LoaderOptions): () => NuxtProvider {
  const pictureUrl = createPictureUrl('createProvider()', options);
  const provider: NuxtProvider = {
    supportsAlias: true,
    // Nuxt takes the source for a path and puts a slash in front of it.
    getImage: (src, { modifiers = {} }) => ({ url: pictureUrl(src.replace(/^\//, ''), stepOf(modifiers)) }),
  };
  return () => provider;
}

/** Nuxt's modifiers under Safelight's names. */
function stepOf({ fit, blur, background, crop, effect, ...rest }: NuxtModifiers): LoaderStep {
  return {
    ...rest,
    crop: crop ?? (fit && (crops[fit] ?? fit)),
    effect: effect ?? (blur && `blur:${blur}`),
    background: background?.replace(/^#/, 'rgb:'),
  };
}
