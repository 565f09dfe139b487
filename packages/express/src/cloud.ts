import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AssetId, Derivatives, Guard, Handler, HandlerLimits, Originals, PlaceholderImage } from '@safelight/core';
import type { DeliveryPathLimits } from '@safelight/protocol';
import { originOf } from './api/delivery-origin.ts';
import type { PartsOptions } from './api/part-limits.ts';
import { uploadApi } from './api/upload-api.ts';
import type { UploadPreset } from './api/upload-preset.ts';
import { createCloudDelivery } from './cloud-delivery.ts';
import { createDeliver } from './deliver.ts';
import type { EarlyOption } from './early.ts';
import { assetKey, type Identified, pathOf } from './identify.ts';
import { createIdentify } from './identify-memo.ts';
import { createPlaceholders } from './placeholders.ts';
import type { Next, RequestHandler } from './run-handler.ts';

export interface CloudOptions {
  /** Where uploads go and originals come from. */
  readonly originals: Originals;
  /** Makes derivatives. */
  readonly handler: Handler;
  /** Key and secret for signed uploads and signed URLs; give both or neither. */
  readonly apiKey?: string;
  readonly apiSecret?: string;
  /** Presets that anybody may upload with: names, or names with the settings they fix. @default none */
  readonly uploadPresets?: readonly string[] | Readonly<Record<string, UploadPreset>>;
  /** Of one file, whether it comes whole or in parts. @default 100_000_000 */
  readonly maxUploadBytes?: number;
  /** Bounds of uploads in parts, which take at most ten times maxUploadBytes of disk by default. */
  readonly parts?: PartsOptions;
  /** Longest URLs and public IDs. @default 2048 bytes, 255 characters */
  readonly urlLimits?: DeliveryPathLimits;
  /** @default 100 megapixels in, 25 megapixels out */
  readonly limits?: Partial<HandlerLimits>;
  /**
   * Lets `listener` answer what is held or kept before the application sees the request: `true` when it is mounted at the
   * root, else the path that it is mounted at. @default false
   */
  readonly early?: EarlyOption;
  /** Whether derivatives are kept until their original changes. @default true */
  readonly keep?: boolean;
  /** Scheme and host that uploads name in their URLs, e.g. behind a proxy. @default what the request says */
  readonly deliveryOrigin?: (req: IncomingMessage) => string;
}

export interface CloudParts {
  readonly guard: Guard;
  readonly clock: () => number;
  readonly placeholder: PlaceholderImage | undefined;
  readonly placeholderStatus: number | undefined;
  readonly timeoutMs: number;
  readonly derivatives: Derivatives;
  readonly onError: (error: unknown) => void;
}

export interface Cloud {
  readonly name: string;
  readonly apiKey: string | undefined;
  readonly apiSecret: string | undefined;
  readonly originals: Originals;
  readonly deliveryOrigin: (req: IncomingMessage) => string;
  readonly identify: (path: string, accept: string | undefined) => Identified;
  readonly handle: RequestHandler;
  /** Answers a path from memory alone; `false` when that cannot be, and nothing was touched. */
  readonly recall: (req: IncomingMessage, res: ServerResponse, path: string) => boolean | Promise<boolean>;
}

/** Delivery URLs and the upload API of one cloud name. */
export function createCloud(parts: CloudParts, name: string, options: CloudOptions): Cloud {
  const { guard, clock, onError, timeoutMs } = parts;
  const { originals, handler, apiKey, apiSecret, keep: isKept = true, deliveryOrigin = originOf } = options;
  const limits: HandlerLimits = { maxInputPixels: 100_000_000, maxOutputPixels: 25_000_000, ...options.limits };
  const deliver = createDeliver({ originals, handler, limits });
  const identify = createIdentify({ ...options.urlLimits, cloudName: name, apiSecret, isKept });
  const drawing = { image: parts.placeholder, originals, handler, limits, timeoutMs, onError, clock };
  const delivery = createCloudDelivery({
    ...parts,
    ...{ deliver, isKept },
    placeholderFor: createPlaceholders(drawing),
  });
  const api = uploadApi({
    ...options,
    cloudName: name,
    clock,
    onError,
    changed: (asset: AssetId) => guard.changed(assetKey(name, asset)),
    changing: (asset: AssetId) => guard.changing(assetKey(name, asset)),
    derive: delivery.derive,
  });

  async function handle(req: IncomingMessage, res: ServerResponse, next: Next): Promise<void> {
    if (await api(req, res)) return;
    if (!isRead(req)) return next();
    const identified = identify(pathOf(req), req.headers.accept);
    if (identified.kind === 'foreign') return next();
    if (identified.kind === 'refused') return delivery.refuse(req, res, identified.fault);
    await delivery.answer(req, res, identified);
  }

  function recall(req: IncomingMessage, res: ServerResponse, path: string): boolean | Promise<boolean> {
    if (!isRead(req)) return false;
    const identified = identify(path, req.headers.accept);
    return identified.kind === 'delivery' && delivery.recall(req, res, identified);
  }

  return { name, apiKey, apiSecret, originals, deliveryOrigin, identify, handle, recall };
}

function isRead({ method }: IncomingMessage): boolean {
  return method === 'GET' || method === 'HEAD';
}
