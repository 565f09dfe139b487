import type { ResourceType } from '@safelight/protocol';
import type { AssetRef } from './asset-ref.ts';
import { type AttrsOptions, buildAttrs, type ImgAttrs } from './attrs.ts';
import { buildDeliveryUrl, type DeliveryPlace, type DeliveryUrl } from './delivery-url.ts';
import type { TransformationInput } from './transformation-input.ts';

/**
 * One version of an original that exists. Only an upload's answer, `client.find()` and `client.asset()` make one, which
 * is why it may hand out URLs. The class is exported as a type only.
 */
export class UploadedAsset implements AssetRef {
  // The compiler prints the names of missing members, so this one says where an asset comes from.
  declare private readonly 'comes from await client.upload(), client.find() or client.asset()': never;
  readonly #sealed: DeliveryPlace;
  readonly publicId: string;
  readonly version: number;
  readonly resourceType: ResourceType;
  readonly format: string;
  declare readonly width?: number;
  declare readonly height?: number;
  declare readonly bytes?: number;
  declare readonly thumbhash?: string;

  private constructor(ref: AssetRef, place: DeliveryPlace) {
    this.#sealed = place;
    this.publicId = ref.publicId;
    this.version = ref.version;
    this.resourceType = ref.resourceType;
    this.format = ref.format;
    Object.assign(this, ref);
    Object.freeze(this);
  }

  /** For this package: the reference must have been read from an answer or validated. */
  static seal(ref: AssetRef, place: DeliveryPlace): UploadedAsset {
    return new UploadedAsset(ref, place);
  }

  /**
   * A URL that names this very version, so it may be kept for ever. Without a transformation: the original.
   *
   * A concrete `format` becomes the extension; `auto` lets the server choose by the request's `Accept`.
   */
  url(transformation?: TransformationInput): DeliveryUrl {
    return buildDeliveryUrl(this.#sealed, this, transformation);
  }

  /** The attributes of an `<img>`: `src`, `srcset` (1x and 2x, or by width with `sizes`), `width`, `height`, `alt`. */
  attrs(options: AttrsOptions): ImgAttrs {
    return buildAttrs(this, (transformation) => this.url(transformation), options);
  }

  /** The plain reference; `client.asset()` takes it back. */
  toJSON(): AssetRef {
    return { ...this };
  }
}
