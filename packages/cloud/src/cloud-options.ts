import type { IncomingMessage } from 'node:http';
import type { AssetIndex, Handler, HandlerLimits, Originals } from '@safelight/core';
import type { EarlyOption } from '@safelight/http';
import type { DeliveryPathLimits } from '@safelight/protocol';
import type { Credentials } from './upload-api/authenticate.ts';
import type { BodyOptions } from './upload-api/body/body-limits.ts';
import type { IncomingOptions } from './upload-api/incoming-limits.ts';
import type { PartsOptions } from './upload-api/part-limits.ts';
import type { RemoteFilesOptions } from './upload-api/remote/remote-files-options.ts';
import type { UploadPreset } from './upload-api/upload-preset.ts';
import type { SignatureReuse } from './upload-api/used-signatures.ts';

/** The options of `cloud()`. */
export interface CloudOptions {
  /** The place for uploaded originals. */
  readonly originals: Originals;
  /**
   * Finds assets for lists and searches, such as `sqliteAssetIndex()` of `@safelight/originals`. Wrap the originals with
   * `indexedOriginals()`, so that the index gets each change. Without it, calls with a public ID work.
   * @default none
   */
  readonly index?: AssetIndex;
  /** Makes derivatives, such as `sharpHandler()` of `@safelight/sharp`. */
  readonly handler: Handler;
  /** The key for signed calls and for control routes with details. Give it together with `apiSecret`. @default none */
  readonly apiKey?: string;
  /** The secret of `apiKey`. It also checks signed delivery URLs, which are refused without it. @default none */
  readonly apiSecret?: string;
  /** Further keys with their secrets that are valid too, while you change the key. @default none */
  readonly otherKeys?: readonly Credentials[];
  /**
   * How a signature may be used again while it is valid, in this process. `any`: for each call with the same
   * parameters, as in Cloudinary's scheme, which signs neither the operation nor the resource type. `same-operation`:
   * for the same operation, and for the same resource type if the call names an asset; then an SDK must not destroy and
   * upload one asset within a second. `never`: once; parts of one upload and repeats with the same `Idempotency-Key`
   * count as one call. A call that has changed nothing and ends with 408 or 503, or by its client, does not count.
   * @default 'any'
   */
  readonly signatureReuse?: SignatureReuse;
  /** Presets for uploads without a signature: a list of names, or an object of settings by name. @default none */
  readonly uploadPresets?: readonly string[] | Readonly<Record<string, UploadPreset>>;
  /** The maximum size of one file in bytes, sent whole or in parts. @default 100_000_000 */
  readonly maxUploadBytes?: number;
  /**
   * The origins of pages that may send Basic authorization, such as `https://admin.example.org`. A browser adds Basic
   * credentials that it knows to the forms of all pages.
   * @default none
   */
  readonly basicOrigins?: readonly string[];
  /** The limits of uploads in parts. @default see `PartsOptions` */
  readonly parts?: PartsOptions;
  /** The limits of the body of one upload or API call, besides its file. @default see `BodyOptions` */
  readonly body?: BodyOptions;
  /** The limits of all uploads together that are being received. @default see `IncomingOptions` */
  readonly incoming?: IncomingOptions;
  /** From where the `file` of an upload may be fetched when it is a URL. @default no URL is fetched */
  readonly remoteFiles?: RemoteFilesOptions;
  /** The maximum length of URLs and public IDs. @default 2048 bytes, 255 characters */
  readonly urlLimits?: DeliveryPathLimits;
  /** Limits of the handler, in pixels. @default 100_000_000 in, 25_000_000 out */
  readonly limits?: Partial<HandlerLimits>;
  /**
   * Named transformations: `t_thumb` in a URL stands for the steps of `{ thumb: 'c_fill,h_100,w_100' }`. A text may contain
   * other names. Derivatives and failures belong to the steps, so a name with another text has none of the old ones. URLs
   * with a name are not immutable, unless they have `fl_immutable_cache`.
   * @default none
   */
  readonly transformations?: Readonly<Record<string, string>>;
  /**
   * Lets `listener` send held and cached responses before the application sees the request: `true` when the cloud is
   * mounted at the root, otherwise the path that it is mounted at. @default false
   */
  readonly early?: EarlyOption;
  /** Whether derivatives are cached until their original changes. @default true */
  readonly cache?: boolean;
  /**
   * In which words clients get a failure of a delivery. `safelight`: a problem document, a line of text, or only a
   * status. `application`: the failure goes to the application's error handlers, as `next(error)`, and their response
   * gets the fields that say how long it is held. In the window `error.held` is true. A placeholder replaces their
   * response. `early` then sends no held failures. @default 'safelight'
   */
  readonly errors?: 'application' | 'safelight';
  /**
   * Returns the origin for the URLs in upload responses, such as `https://img.example.org` behind a proxy.
   * @default scheme and host of the request
   */
  readonly deliveryOrigin?: (req: IncomingMessage) => string;
}
