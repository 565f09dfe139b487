import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AssetId, Handler, HandlerLimits, Originals } from '@safelight/core';
import type { Safelight } from '@safelight/express';
import { type Runtime, runtimeOf } from '@safelight/express/runtime';
import { type EarlyOption, early, lastNext, type Next, type RequestHandler } from '@safelight/http';
import { checkOptions, type DeliveryPathLimits } from '@safelight/protocol';
import { checkCloudName, cloudRules } from './cloud-rules.ts';
import { createExplainer } from './control/explainer.ts';
import { assetKey, assetPrefix } from './delivery/asset-key.ts';
import { type CloudDelivery, createCloudDelivery } from './delivery/cloud-delivery.ts';
import { createDeliver } from './delivery/deliver.ts';
import { foreign, type Identified } from './delivery/identify.ts';
import { createIdentify } from './delivery/identify-memo.ts';
import { createPlaceholders } from './delivery/placeholders.ts';
import { originOf } from './upload-api/describe-asset.ts';
import type { PartsOptions } from './upload-api/part-limits.ts';
import { uploadApi } from './upload-api/upload-api.ts';
import type { UploadPreset } from './upload-api/upload-preset.ts';

export interface CloudOptions {
  /** Where uploaded originals are stored and read. */
  readonly originals: Originals;
  /** Makes derivatives. */
  readonly handler: Handler;
  /** Key and secret for signed uploads and signed URLs; give both or neither. */
  readonly apiKey?: string;
  readonly apiSecret?: string;
  /** Presets for uploads without a signature: names, or names with the settings they fix. @default none */
  readonly uploadPresets?: readonly string[] | Readonly<Record<string, UploadPreset>>;
  /** The maximum size of one file, sent whole or in parts. @default 100_000_000 */
  readonly maxUploadBytes?: number;
  /** Bounds of uploads in parts, which take at most ten times maxUploadBytes of disk by default. */
  readonly parts?: PartsOptions;
  /** The maximum length of URLs and public IDs. @default 2048 bytes, 255 characters */
  readonly urlLimits?: DeliveryPathLimits;
  /** @default 100 megapixels in, 25 megapixels out */
  readonly limits?: Partial<HandlerLimits>;
  /**
   * Lets `listener` send held and cached responses before the application sees the request: `true` when the cloud is
   * mounted at the root, otherwise the path that it is mounted at. @default false
   */
  readonly early?: EarlyOption;
  /** Whether derivatives are cached until their original changes. @default true */
  readonly cache?: boolean;
  /** Scheme and host for the URLs in upload responses, such as behind a proxy. @default those of the request */
  readonly deliveryOrigin?: (req: IncomingMessage) => string;
}

const resourceTypes = ['image', 'video', 'raw'] as const;

/**
 * Serves one cloud name: delivery URLs, the upload API, and the routes below `/_safelight/`. It responds to all paths
 * below `/v1_1/`, except those of other clouds of the same Safelight, which it passes on.
 *
 * @param safelight - what `createSafelight()` returned; several clouds may share it
 * @param name - the first segment of delivery URLs, and the `<cloud>` of `/v1_1/<cloud>/…`
 * @throws {TypeError} naming the argument or option that is wrong
 * @throws {Error} when this Safelight has a cloud of that name already
 */
export function cloud(safelight: Safelight, name: string, options: CloudOptions): RequestHandler {
  const runtime = runtimeOf(safelight);
  checkCloudName(name);
  checkOptions<CloudOptions>('cloud()', options, cloudRules);
  const { guard, control } = runtime;
  const { originals, apiKey, apiSecret, deliveryOrigin = originOf, early: earlyOption = false } = options;
  const { api, identify, delivery } = partsOf(runtime, name, options);

  function identified(req: IncomingMessage): Identified {
    const isRead = req.method === 'GET' || req.method === 'HEAD';
    return isRead ? identify(req.url ?? '/', req.headers.accept) : foreign;
  }

  function respond(req: IncomingMessage, res: ServerResponse, next: Next): void | Promise<void> {
    const asked = identified(req);
    if (asked.kind === 'delivery') return delivery.respond(req, res, asked);
    if (asked.kind === 'refused') return delivery.refuse(req, res, asked.fault);
    return api(req, res).then((hasResponded) => (hasResponded ? undefined : control.handle(req, res, next)));
  }

  function recall(req: IncomingMessage, res: ServerResponse): boolean | Promise<boolean> {
    const asked = identified(req);
    return asked.kind === 'delivery' && delivery.recall(req, res, asked);
  }

  runtime.mount({
    name,
    keysOf: (asset) => resourceTypes.map((resourceType) => assetKey(name, { resourceType, publicId: asset })),
    early: earlyOption === false ? undefined : early(recall, earlyOption),
    ...createExplainer({ name, guard, identify, originals, deliveryOrigin, apiKey, apiSecret }),
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
  readonly api: ReturnType<typeof uploadApi>;
  readonly identify: (path: string, accept: string | undefined) => Identified;
  readonly delivery: CloudDelivery;
}

function partsOf(runtime: Runtime, name: string, options: CloudOptions): CloudParts {
  const { guard, clock, onError, timeoutMs } = runtime;
  const { originals, handler, apiSecret, cache: isCached = true } = options;
  const limits: HandlerLimits = { maxInputPixels: 100_000_000, maxOutputPixels: 25_000_000, ...options.limits };
  const prefix = assetPrefix(name);
  const deliver = createDeliver({ originals, handler, limits });
  const drawing = { image: runtime.placeholder, originals, handler, limits, timeoutMs, onError, clock };
  const placeholderFor = createPlaceholders(drawing);
  const delivery = createCloudDelivery({ ...runtime, deliver, isCached, placeholderFor });
  const api = uploadApi({
    ...options,
    cloudName: name,
    isOtherCloud: (other) => runtime.mounts.some((mount) => mount.name === other),
    clock,
    onError,
    changed: ({ resourceType, publicId }: AssetId) => guard.changed(`${prefix}${resourceType}/${publicId}`),
    changing: ({ resourceType, publicId }: AssetId) => guard.changing(`${prefix}${resourceType}/${publicId}`),
    derive: delivery.derive,
  });
  return { api, identify: createIdentify({ ...options.urlLimits, cloudName: name, apiSecret, isCached }), delivery };
}
