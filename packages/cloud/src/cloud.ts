import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AssetId, AssetIndex, Handler, HandlerLimits, Originals } from '@safelight/core';
import type { Safelight } from '@safelight/express';
import { type Runtime, runtimeOf } from '@safelight/express/runtime';
import { type EarlyOption, early, lastNext, type Next, type RequestHandler } from '@safelight/http';
import { checkOptions, type DeliveryPathLimits, readNamedTransformations } from '@safelight/protocol';
import { derivedEntry } from './admin-api/derived-entries.ts';
import { createDerivedJournal } from './admin-api/derived-journal.ts';
import { checkCloudName, cloudRules } from './cloud-rules.ts';
import { createExplainer } from './control/explainer.ts';
import { assetKey, assetPrefix } from './delivery/asset-key.ts';
import { type CloudDelivery, createCloudDelivery } from './delivery/cloud-delivery.ts';
import { createDeliver } from './delivery/deliver.ts';
import { foreign, type Identified } from './delivery/identify.ts';
import { createIdentify } from './delivery/identify-memo.ts';
import { createPlaceholders } from './delivery/placeholders.ts';
import type { StoredDerivative } from './delivery/stored-derivative.ts';
import type { Credentials } from './upload-api/authenticate.ts';
import type { BodyOptions } from './upload-api/body/body-limits.ts';
import { originOf } from './upload-api/describe-asset.ts';
import type { IncomingOptions } from './upload-api/incoming-limits.ts';
import type { PartsOptions } from './upload-api/part-limits.ts';
import type { RemoteFilesOptions } from './upload-api/remote/remote-files-options.ts';
import { type UploadApi, uploadApi } from './upload-api/upload-api.ts';
import { credentialsOf } from './upload-api/upload-api-options.ts';
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

const resourceTypes = ['image', 'video', 'raw'] as const;

/**
 * Serves one cloud: delivery URLs, the upload and Admin API, and the control routes below `/_safelight/`. It responds
 * to all paths below `/v1_1/`, except those of other clouds of the same Safelight. It calls `next` for all other URLs.
 *
 * @param safelight - the result of `createSafelight()`; several clouds may share it
 * @param name - the first segment of delivery URLs, and the `<cloud>` of `/v1_1/<cloud>/…`: 1 to 128 letters, digits,
 *   `.`, `-` and `_`
 * @returns a middleware for Express 4 and 5, and a listener for plain `node:http`
 * @throws {TypeError} when an argument or an option is wrong; the message says which one and what it must be
 * @throws {RangeError} when a number is out of range
 * @throws {Error} when this Safelight already has a cloud of that name
 *
 * @example
 * import { fileOriginals } from '@safelight/originals';
 * import { sharpHandler } from '@safelight/sharp';
 * import { createSafelight } from '@safelight/express';
 * import express from 'express';
 *
 * const originals = fileOriginals({ directory: 'originals' });
 * const options = { originals, handler: sharpHandler(), uploadPresets: ['quickstart'] };
 * express().use(cloud(createSafelight(), 'demo', options)).listen(3000);
 */
export function cloud(safelight: Safelight, name: string, options: CloudOptions): RequestHandler {
  const runtime = runtimeOf(safelight);
  checkCloudName(name);
  checkOptions<CloudOptions>('cloud()', options, cloudRules);
  const { guard, control } = runtime;
  const { originals, deliveryOrigin = originOf, early: earlyOption = false } = options;
  const { api, identify, delivery } = partsOf(runtime, name, options);

  function identifyRequest(req: IncomingMessage): Identified {
    const isRead = req.method === 'GET' || req.method === 'HEAD';
    return isRead ? identify(req.url ?? '/', req.headers.accept) : foreign;
  }

  function respond(req: IncomingMessage, res: ServerResponse, next: Next): void | Promise<void> {
    const found = identifyRequest(req);
    if (found.kind === 'delivery') return delivery.respond({ req, res, next }, found);
    if (found.kind === 'refused') return delivery.refuse({ req, res, next }, found.fault);
    return api.respond(req, res).then((hasResponded) => (hasResponded ? undefined : control.handle(req, res, next)));
  }

  function recall(req: IncomingMessage, res: ServerResponse): boolean | Promise<boolean> {
    const found = identifyRequest(req);
    return found.kind === 'delivery' && delivery.recall(req, res, found);
  }

  runtime.mount({
    name,
    keysOf: (asset) => resourceTypes.map((resourceType) => assetKey(name, { resourceType, publicId: asset })),
    early: earlyOption === false ? undefined : early(recall, earlyOption),
    ...createExplainer({
      name,
      guard,
      identify,
      originals,
      deliveryOrigin,
      credentials: credentialsOf(options),
      receivedParts: api.receivedParts,
    }),
  });

  return function safelightCloud(req, res, next = lastNext(req, res, runtime.onError)) {
    try {
      return respond(req, res, next)?.catch(next);
    } catch (error) {
      return next(error);
    }
  };
}

interface CloudParts {
  readonly api: UploadApi;
  readonly identify: (path: string, accept: string | undefined) => Identified;
  readonly delivery: CloudDelivery;
}

function partsOf(runtime: Runtime, name: string, options: CloudOptions): CloudParts {
  const { guard, clock, onError, timeoutMs } = runtime;
  const { originals, handler, cache: isCached = true, errors = 'safelight' } = options;
  const limits: HandlerLimits = { maxInputPixels: 100_000_000, maxOutputPixels: 25_000_000, ...options.limits };
  const prefix = assetPrefix(name);
  // Derivatives and failures of another version of the handler do not count.
  const epoch = [runtime.epoch, handler.version ?? ''].filter((text) => text !== '').join(' ');
  const deliver = createDeliver({ originals, handler, limits });
  const placeholders = { image: runtime.placeholder, originals, handler, limits, timeoutMs, onError, clock };
  const placeholderFor = createPlaceholders(placeholders);
  const journal = options.index && createDerivedJournal(options.index, onError);
  const onStored = journal && ((stored: StoredDerivative) => journal.add(derivedEntry(stored)));
  const delivery = createCloudDelivery({ ...runtime, deliver, errors, isCached, epoch, placeholderFor, onStored });
  const named = readNamedTransformations(options.transformations ?? {});
  const api = uploadApi({
    ...options,
    cloudName: name,
    named,
    isOtherCloud: (other) => runtime.mounts.some((mount) => mount.name === other),
    clock,
    onError,
    changed: ({ resourceType, publicId }: AssetId) => guard.changed(`${prefix}${resourceType}/${publicId}`),
    changing: ({ resourceType, publicId }: AssetId) => guard.changing(`${prefix}${resourceType}/${publicId}`),
    derive: delivery.derive,
    forget: delivery.forget,
  });
  const apiSecrets = credentialsOf(options).map(({ apiSecret }) => apiSecret);
  return {
    api,
    identify: createIdentify({ ...options.urlLimits, named, cloudName: name, apiSecrets, isCached, epoch }),
    delivery,
  };
}
