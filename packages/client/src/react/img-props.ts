import { type AttrsOptions, type ImgAttrs, imgAttrs } from '../img-attrs.ts';
import type { Picture } from '../uploaded-asset.ts';

/** The attributes of an `<img>`, under the names of React's props. */
export interface ImgProps extends Omit<ImgAttrs, 'srcset'> {
  readonly srcSet: string;
}

/**
 * `imgAttrs()` for React: the props of an `<img>` in one of three layouts. It is a pure function, so server components
 * may call it.
 * @throws {SafelightError} `invalid_transformation`, also when an option does not exist; `invalid_asset_ref` for a URL
 *   or a public ID in place of a picture
 * @example
 * import { createAsset } from '@safelight/client/url';
 * const ref = { publicId: 'cat', version: 1795368841, resourceType: 'image', format: 'jpg', width: 1200, height: 800 };
 * const asset = createAsset(ref, { endpoint: 'https://pictures.example', cloudName: 'demo' });
 * const { srcSet, height } = imgProps(asset, { width: 300, alt: 'A cat' });
 * srcSet.split(', ').length; // 3: 300w, 320w and 600w
 * height; // 200
 * // In JSX: <img {...imgProps(asset, { width: 300, alt: 'A cat' })} loading="lazy" />
 */
export function imgProps(picture: Picture, options: AttrsOptions): ImgProps {
  const { src, srcset, ...others } = imgAttrs(picture, options);
  // React sets attributes in this order. After `src` the browser would already have requested another candidate.
  return { ...others, srcSet: srcset, src };
}
