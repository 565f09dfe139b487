import type { ResourceType } from '@safelight/protocol';
import type { AssetRef } from './asset-ref.ts';
import { buildDeliveryUrl, type DeliveryPlace, type DeliveryUrl } from './delivery-url.ts';
import type { TransformationInput } from './transformation-input.ts';

/** A picture with URLs: an uploaded asset, or the result of its `transform()`. */
export interface Picture {
  /** Pixels; absent when they are not known. */
  readonly width?: number;
  readonly height?: number;
  /** The picture that `transform()` was called on; `undefined` for an asset. */
  readonly source?: Picture;
  readonly transformation?: TransformationInput;
  /**
   * A URL that names this version, so caches may store its response for ever. Without a transformation it is the URL of
   * the original, or of the result of `transform()`.
   *
   * A concrete `format` becomes the extension; with `auto` the server chooses by the request's `Accept`.
   * @throws {SafelightError} `invalid_transformation` when the transformation cannot be written exactly
   */
  url(transformation?: TransformationInput): DeliveryUrl;
  /** The same picture with steps that are applied before all later ones, for example to cut out a region. */
  transform(transformation: TransformationInput): Picture;
}

type WriteUrl = (inputs: readonly (TransformationInput | undefined)[]) => DeliveryUrl;

/**
 * One version of an original that exists. Only an upload, `client.find()`, `client.whenReady()`, `client.asset()` and
 * `createAsset()` make one, so its URLs never point to a missing original. The class is exported only as a type.
 * @example
 * const client = createClient({ endpoint: 'https://pictures.example', cloudName: 'demo' });
 * const asset = await client.find('pets/cat'); // undefined when the original does not exist
 * const square = asset?.transform({ width: 400, height: 400, crop: 'crop' }).url({ width: 100 });
 * const stored = JSON.stringify(asset); // for client.asset(JSON.parse(stored))
 */
export class UploadedAsset implements AssetRef, Picture {
  // The compiler prints the names of missing members, so this name says where an asset comes from.
  declare private readonly 'comes from await client.upload(), client.find() or client.asset()': never;
  readonly #url: WriteUrl;
  declare readonly publicId: string;
  declare readonly version: number;
  declare readonly resourceType: ResourceType;
  declare readonly format: string;
  declare readonly width?: number;
  declare readonly height?: number;
  declare readonly bytes?: number;
  declare readonly thumbhash?: string;

  private constructor(url: WriteUrl, properties: object) {
    this.#url = url;
    Object.freeze(Object.assign(this, properties));
  }

  /** Only for this package: the caller must have validated the reference. */
  static of(ref: AssetRef, place: DeliveryPlace): UploadedAsset {
    return new UploadedAsset((inputs) => buildDeliveryUrl(place, ref, inputs) as DeliveryUrl, ref);
  }

  url(transformation?: TransformationInput): DeliveryUrl {
    return this.#url([transformation]);
  }

  transform(transformation: TransformationInput): Picture {
    return new UploadedAsset((inputs) => this.#url([transformation, ...inputs]), { source: this, transformation });
  }

  /** The plain reference, to store it; `client.asset()` makes an asset of it. */
  toJSON(): AssetRef {
    return { ...this };
  }

  /**
   * Untyped code would otherwise put "[object Object]" into a page.
   * @throws {TypeError} always
   */
  toString(): never {
    throw new TypeError('Call asset.url().');
  }
}
