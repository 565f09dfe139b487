import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AssetId, HandlerLimits } from '@safelight/core';
import type { Safelight } from '@safelight/express';
import { type Runtime, runtimeOf } from '@safelight/express/runtime';
import { early, lastNext, type Next, type RequestHandler } from '@safelight/http';
import { checkOptions, readNamedTransformations } from '@safelight/protocol';
import { derivedEntry } from './admin-api/derived-entries.ts';
import { createDerivedJournal } from './admin-api/derived-journal.ts';
import type { CloudOptions } from './cloud-options.ts';
import { checkCloudName, cloudRules } from './cloud-rules.ts';
import { createExplainer } from './control/explainer.ts';
import { assetKey, assetPrefix } from './delivery/asset-key.ts';
import { type CloudDelivery, createCloudDelivery } from './delivery/cloud-delivery.ts';
import { createDeliver } from './delivery/deliver.ts';
import { foreign, type Identified } from './delivery/identify.ts';
import { createIdentify } from './delivery/identify-memo.ts';
import { createPlaceholders } from './delivery/placeholders.ts';
import type { StoredDerivative } from './delivery/stored-derivative.ts';
import { originOf } from './upload-api/describe-asset.ts';
import { type UploadApi, uploadApi } from './upload-api/upload-api.ts';
import { credentialsOf } from './upload-api/upload-api-options.ts';

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
    announce: ({ resourceType, publicId }: AssetId) => guard.announce(`${prefix}${resourceType}/${publicId}`),
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
