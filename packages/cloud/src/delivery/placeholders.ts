import { Readable } from 'node:stream';
import {
  type FormatBucket,
  type Handler,
  type HandlerLimits,
  type Original,
  type Originals,
  type PlaceholderImage,
  runUnshared,
} from '@safelight/core';
import type { PlaceholderBody } from '@safelight/http';
import type { Delivery } from '@safelight/protocol';
import { LRUCache } from 'lru-cache';

export interface PlaceholdersOptions {
  readonly image: PlaceholderImage | undefined;
  readonly originals: Originals;
  readonly handler: Handler;
  readonly limits: HandlerLimits;
  readonly timeoutMs: number;
  readonly onError: (error: unknown) => void;
  /** Epoch milliseconds. */
  readonly clock: () => number;
}

export type Placeholders = (
  delivery: Delivery,
  bucket: FormatBucket | undefined,
  key: string,
) => PlaceholderBody | undefined | Promise<PlaceholderBody | undefined>;

/** The placeholder cannot be made, and is not tried again before an instant in epoch milliseconds. */
interface NoPlaceholder {
  readonly noneUntil: number;
}

type Rendered = PlaceholderBody | NoPlaceholder | Promise<PlaceholderBody | undefined>;

const maxRendered = 128;
const maxRenderedBytes = 262_144;
const maxPixels = 1_000_000;
const maxRenderingMs = 5000;
/** How long a handler is not run for a placeholder again after a transient fault. */
const pauseMs = 10_000;

/**
 * Placeholders that are transformed as the request asks, so that they have the size and format of the missing picture.
 * They are made for errors, and any client can cause many errors. So only small ones are made, within a few seconds,
 * and each one is tried once, unless the fault was transient. Never rejects: when a placeholder cannot be made, the
 * plain error is sent.
 */
export function createPlaceholders(options: PlaceholdersOptions): Placeholders {
  const { image, originals, handler, timeoutMs, onError, clock } = options;
  const limits = { ...options.limits, maxOutputPixels: Math.min(options.limits.maxOutputPixels, maxPixels) };
  const standard = image === undefined ? undefined : asOriginal(image);
  const rendered = new LRUCache<string, Rendered>({ max: maxRendered });

  async function render(
    delivery: Delivery,
    bucket: FormatBucket | undefined,
    original: Original,
  ): Promise<PlaceholderBody | NoPlaceholder> {
    const work = async ({ signal }: { readonly signal: AbortSignal }) => {
      const { contentType, body } = await handler(delivery, { original, bucket, signal, limits });
      const bytes = Buffer.isBuffer(body) ? body : Buffer.concat(await body.toArray());
      return { contentType, body: bytes, ...(bucket === undefined ? {} : { vary: 'Accept' }) };
    };
    const end = await runUnshared(work, Math.min(timeoutMs, maxRenderingMs));
    if (end.kind === 'fault' && end.fault.class === 'transient') {
      onError(end.error);
      return { noneUntil: clock() + pauseMs };
    }
    const isGood = end.kind === 'made' && end.value.body.length <= maxRenderedBytes;
    return isGood ? end.value : { noneUntil: Number.POSITIVE_INFINITY };
  }

  function renderOnce(
    delivery: Delivery,
    bucket: FormatBucket | undefined,
    key: string,
    original: Original,
  ): PlaceholderBody | undefined | Promise<PlaceholderBody | undefined> {
    const name = `${original.versionId} ${key}`;
    const known = rendered.get(name);
    if (known !== undefined && !('noneUntil' in known)) return known;
    if (known !== undefined && clock() < known.noneUntil) return undefined;
    const rendering = render(delivery, bucket, original).then((result) => {
      rendered.set(name, result);
      return 'noneUntil' in result ? undefined : result;
    });
    rendered.set(name, rendering);
    return rendering;
  }

  async function named(publicId: string): Promise<Original | undefined> {
    const dot = publicId.lastIndexOf('.');
    const asset = { resourceType: 'image', publicId: dot === -1 ? publicId : publicId.slice(0, dot) } as const;
    return originals.find(asset).catch(() => undefined);
  }

  return function placeholderFor(delivery, bucket, key) {
    if (delivery.resourceType !== 'image') return undefined;
    if (delivery.placeholder === undefined) {
      return standard === undefined ? undefined : renderOnce(delivery, bucket, key, standard);
    }
    return named(delivery.placeholder).then((original = standard) =>
      original === undefined ? undefined : renderOnce(delivery, bucket, key, original),
    );
  };
}

function asOriginal({ contentType, bytes }: PlaceholderImage): Original {
  const buffer = Buffer.from(bytes);
  return {
    resourceType: 'image',
    publicId: 'placeholder',
    version: 0,
    assetId: '',
    versionId: 'default',
    format: contentType.slice('image/'.length).replace('svg+xml', 'svg').replace('jpeg', 'jpg'),
    bytes: buffer.length,
    etag: '',
    createdAt: 0,
    localPath: undefined,
    stream: (start, end) => Readable.from([buffer.subarray(start, end)]),
    bytesOf: async () => buffer,
  };
}
