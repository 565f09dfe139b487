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
  /** The placeholder for URLs that name none. `undefined`: they have none. */
  readonly image: PlaceholderImage | undefined;
  readonly originals: Originals;
  readonly handler: Handler;
  readonly limits: HandlerLimits;
  readonly timeoutMs: number;
  readonly onError: (error: unknown) => void;
  /** Epoch milliseconds. */
  readonly clock: () => number;
}

/** @param key - the derivation and its format: two URLs with the same key have the same placeholder */
export type Placeholders = (
  delivery: Delivery,
  bucket: FormatBucket | undefined,
  key: string,
) => PlaceholderBody | undefined | Promise<PlaceholderBody | undefined>;

/** A placeholder that could not be made. */
interface NoPlaceholder {
  /** The next attempt is not before this instant, in epoch milliseconds. */
  readonly noneUntil: number;
}

type Rendered = PlaceholderBody | NoPlaceholder | Promise<PlaceholderBody | undefined>;

const maxRendered = 128;
const maxRenderedBytes = 262_144;
const maxPixels = 1_000_000;
const maxRenderingMs = 5000;
/** The time between a transient fault and the next attempt to make the same placeholder. */
const pauseMs = 10_000;

/**
 * Creates placeholders in the size and format of the missing picture: the handler applies the transformation of the
 * URL. Any client can cause many errors, so placeholders have limits: 1,000,000 pixels, 256 KB and 5 seconds. A
 * placeholder that cannot be made is tried again only after a transient fault. The function never rejects; it returns
 * `undefined`, and the error is sent without a placeholder.
 */
export function createPlaceholders(options: PlaceholdersOptions): Placeholders {
  const { image, originals, handler, timeoutMs, onError, clock } = options;
  const limits = { ...options.limits, maxOutputPixels: Math.min(options.limits.maxOutputPixels, maxPixels) };
  const defaultOriginal = image === undefined ? undefined : asOriginal(image);
  const rendered = new LRUCache<string, Rendered>({ max: maxRendered });

  async function render(
    delivery: Delivery,
    bucket: FormatBucket | undefined,
    original: Original,
  ): Promise<PlaceholderBody | NoPlaceholder> {
    const work = async ({ signal }: { readonly signal: AbortSignal }) => {
      const context = { original, bucket: bucket === 'avif' ? 'webp' : bucket, signal, limits } as const;
      const { contentType, body } = await handler(withoutAvif(delivery), context);
      const bytes = Buffer.isBuffer(body) ? body : Buffer.concat(await body.toArray());
      return { contentType, body: bytes, ...(bucket === undefined ? {} : { vary: 'Accept' }) };
    };
    const end = await runUnshared(work, Math.min(timeoutMs, maxRenderingMs));
    if (end.kind === 'fault' && end.fault.class === 'transient') {
      onError(end.error);
      return { noneUntil: clock() + pauseMs };
    }
    const isSmall = end.kind === 'made' && end.value.body.length <= maxRenderedBytes;
    return isSmall ? end.value : { noneUntil: Number.POSITIVE_INFINITY };
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

  /** Finds the image that `d_` in the URL names. */
  async function findNamed(publicId: string): Promise<Original | undefined> {
    const dot = publicId.lastIndexOf('.');
    const asset = { resourceType: 'image', publicId: dot === -1 ? publicId : publicId.slice(0, dot) } as const;
    return originals.find(asset).catch(() => undefined);
  }

  return function placeholderFor(delivery, bucket, key) {
    if (delivery.resourceType !== 'image') return undefined;
    if (delivery.placeholder === undefined) {
      return defaultOriginal === undefined ? undefined : renderOnce(delivery, bucket, key, defaultOriginal);
    }
    return findNamed(delivery.placeholder).then(async (named) => {
      // The image that the URL names may be missing, or not a picture.
      const shown = named && (await renderOnce(delivery, bucket, key, named));
      return shown ?? (defaultOriginal && renderOnce(delivery, bucket, key, defaultOriginal));
    });
  };
}

/**
 * AVIF takes ten times as long as WebP, which every browser with AVIF can show too. A placeholder is small anyway, and a client
 * may ask for missing pictures in any number of sizes.
 */
function withoutAvif(delivery: Delivery): Delivery {
  return {
    ...delivery,
    extension: delivery.extension === 'avif' ? 'webp' : delivery.extension,
    transformation: delivery.transformation.map((step) =>
      step.format === 'avif' ? { ...step, format: 'webp' } : step,
    ),
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
