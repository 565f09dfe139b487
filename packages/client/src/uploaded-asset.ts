import type { ResourceType } from '@safelight/protocol';
import type { AssetRef } from './asset-ref.ts';
import { buildDeliveryUrl, type DeliveryPlace, type DeliveryUrl } from './delivery-url.ts';
import type { TransformationInput } from './transformation-input.ts';

/** What has URLs: an uploaded asset, and what its `transform()` makes of it. */
export interface Picture {
  /** Pixels, where they are known. */
  readonly width?: number;
  readonly height?: number;
  /** What `transform()` was called on, and with what; not there for an asset. */
  readonly source?: Picture;
  readonly transformation?: TransformationInput;
  /**
   * A URL that names this very version, so it may be kept for ever. Without a transformation: the original, or what
   * `transform()` made of it.
   *
   * A concrete `format` becomes the extension; `auto` lets the server choose by the request's `Accept`.
   * @throws {SafelightError} `invalid_transformation`, for what would become another URL than was meant
   */
  url(transformation?: TransformationInput): DeliveryUrl;
  /** The same picture with something done to it ahead of whatever is asked for later: a region cut out, for example. */
  transform(transformation: TransformationInput): Picture;
}

type WriteUrl = (inputs: readonly (TransformationInput | undefined)[]) => DeliveryUrl;

/**
 * One version of an original that exists. Only an upload's answer, `client.find()` and `client.asset()` make one, which
 * is why it may hand out URLs. The class is exported as a type only.
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

  /** For this package: the reference must have been read from an answer or validated. */
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
