import type { ResourceType } from '@safelight/protocol';
import type { AssetRef } from './asset-ref.ts';
import { buildDeliveryUrl, type DeliveryPlace, type DeliveryUrl } from './delivery-url.ts';
import type { TransformationInput } from './transformation-input.ts';

/** A picture with URLs: an uploaded asset, or the result of its `transform()`. */
export interface Picture {
  /** Pixels, where they are known. */
  readonly width?: number;
  readonly height?: number;
  /** The picture that `transform()` was called on; `undefined` for an asset. */
  readonly source?: Picture;
  readonly transformation?: TransformationInput;
  /**
   * A URL that names this version, so caches may store it for ever. Without a transformation: the original, or the
   * result of `transform()`.
   *
   * A concrete `format` becomes the extension; `auto` lets the server choose by the request's `Accept`.
   * @throws {SafelightError} `invalid_transformation`, when the transformation cannot be written exactly
   */
  url(transformation?: TransformationInput): DeliveryUrl;
  /** The same picture with steps that are applied before all later ones: a region cut out, for example. */
  transform(transformation: TransformationInput): Picture;
}

type WriteUrl = (inputs: readonly (TransformationInput | undefined)[]) => DeliveryUrl;

/**
 * One version of an original that exists. Only an upload, `client.find()` and `client.asset()` make one, so its URLs
 * are safe to use. The class is exported as a type only.
 */
export class UploadedAsset implements AssetRef, Picture {
  // The compiler prints the names of missing members, so this one says where an asset comes from.
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

  private constructor(url: WriteUrl, facts: object) {
    this.#url = url;
    Object.freeze(Object.assign(this, facts));
  }

  /** For this package: the reference must have been read from a response or validated. */
  static seal(ref: AssetRef, place: DeliveryPlace): UploadedAsset {
    return new UploadedAsset((inputs) => buildDeliveryUrl(place, ref, inputs) as DeliveryUrl, ref);
  }

  url(transformation?: TransformationInput): DeliveryUrl {
    return this.#url([transformation]);
  }

  transform(transformation: TransformationInput): Picture {
    return new UploadedAsset((inputs) => this.#url([transformation, ...inputs]), { source: this, transformation });
  }

  /** The plain reference; `client.asset()` takes it back. */
  toJSON(): AssetRef {
    return { ...this };
  }

  /** Untyped code would otherwise put "[object Object]" into a page. */
  toString(): never {
    throw new TypeError('Call asset.url().');
  }
}
