import { Readable } from 'node:stream';
import type { FormatBucket, Original, Originals, PlaceholderImage } from '@safelight/core';
import type { PlaceholderBody } from '@safelight/http';
import type { Delivery } from '@safelight/protocol';
import { LRUCache } from 'lru-cache';
import { createDraw, type Drawing, type DrawOptions, type NoPlaceholder, type Source } from './draw-placeholder.ts';
import { nearestOfFewSizes } from './few-sizes.ts';
import { createTimeBudget } from './time-budget.ts';

export interface PlaceholdersOptions extends DrawOptions {
  /** The placeholder for URLs that name none. `undefined`: they have none. */
  readonly image: PlaceholderImage | undefined;
  readonly originals: Originals;
}

/** @param key - the derivation and its format: two URLs with the same key have the same placeholder */
export type Placeholders = (delivery: Delivery, bucket: FormatBucket | undefined, key: string) => Shown;

type Shown = PlaceholderBody | undefined | Promise<PlaceholderBody | undefined>;
type Rendered = NonNullable<Shown> | NoPlaceholder;

/** More than the number of the few sizes, so that all of them can be in memory. */
const maxRendered = 5_000;
const maxRenderedBytes = 16_000_000;
/** More steps take more time, and say no more about the size. */
const maxExactSteps = 3;
/** A page of a hundred missing pictures takes about a second. On average, exact sizes may take a twentieth of one core. */
const exactTime = { share: 0.05, burstMs: 3_000, reservedMs: 100 } as const;

/**
 * Creates placeholders in the size and format of the missing picture: the handler applies the transformation of the
 * URL. Any client can cause many errors, so placeholders have limits: 1,000,000 pixels, 256 KB and 5 seconds, one at a time.
 * When many different ones were drawn, the next ones have the nearest of a few sizes, which are all in memory after a while.
 * A placeholder that cannot be made is tried again only after a transient fault. The function never rejects; it returns
 * `undefined`, and the error is sent without a placeholder.
 */
export function createPlaceholders(options: PlaceholdersOptions): Placeholders {
  const { image, originals, clock } = options;
  const draw = createDraw(options);
  const exact = createTimeBudget(exactTime);
  const configured: Source | undefined = image && { original: asOriginal(image), placeholder: 'configured' };
  const rendered = new LRUCache<string, Rendered>({
    max: maxRendered,
    maxSize: maxRenderedBytes,
    sizeCalculation: (entry) => 500 + ('body' in entry ? entry.body.length : 0),
  });

  /** @returns `undefined` when the placeholder was not drawn yet, or may be drawn again */
  function find(name: string): Rendered | undefined {
    const known = rendered.get(name);
    return known !== undefined && 'noneUntil' in known && clock() >= known.noneUntil ? undefined : known;
  }

  function drawNow(name: string, drawing: Drawing, source: Source, whenDrawn?: (tookMs: number) => void): Shown {
    const rendering = draw(drawing, source).then(({ result, tookMs }) => {
      whenDrawn?.(tookMs);
      if (result === undefined) rendered.delete(name);
      else rendered.set(name, result);
      return result && bodyOf(result);
    });
    rendered.set(name, rendering);
    return rendering;
  }

  function placeholderOf(requested: Drawing, source: Source): Shown {
    const name = nameOf(requested, source);
    const known = find(name);
    if (known !== undefined) return bodyOf(known);
    const whenDrawn = requested.delivery.transformation.length <= maxExactSteps ? exact.begin() : undefined;
    if (whenDrawn !== undefined) return drawNow(name, requested, source, whenDrawn);
    const nearest = nearestOfFewSizes(requested.delivery, requested.bucket);
    const nameOfNearest = nameOf(nearest, source);
    const knownNearest = find(nameOfNearest);
    return knownNearest === undefined ? drawNow(nameOfNearest, nearest, source) : bodyOf(knownNearest);
  }

  /** Finds the image that `d_` in the URL names. */
  async function findNamed(publicId: string): Promise<Source | undefined> {
    const dot = publicId.lastIndexOf('.');
    const asset = { resourceType: 'image', publicId: dot === -1 ? publicId : publicId.slice(0, dot) } as const;
    const original = await originals.find(asset).catch(() => undefined);
    return original && { original, placeholder: 'named' };
  }

  return function placeholderFor(delivery, bucket, key) {
    if (delivery.resourceType !== 'image') return undefined;
    const requested = inQuickFormat({ delivery, bucket, key });
    if (delivery.placeholder === undefined) return configured && placeholderOf(requested, configured);
    return findNamed(delivery.placeholder).then(async (named) => {
      // The image that the URL names may be missing, or not a picture.
      const shown = named && (await placeholderOf(requested, named));
      return shown ?? (configured && placeholderOf(requested, configured));
    });
  };
}

function nameOf({ key }: Drawing, { original }: Source): string {
  return `${original.versionId} ${key}`;
}

function bodyOf<Known extends Rendered>(known: Known): Exclude<Known, NoPlaceholder> | undefined {
  return 'noneUntil' in known ? undefined : (known as Exclude<Known, NoPlaceholder>);
}

/**
 * AVIF takes ten times as long as WebP, which every browser with AVIF can show too. A placeholder is small anyway, and
 * a client may ask for missing pictures in any number of sizes. The placeholder of a missing SVG is a PNG, as the SVG would be.
 */
function inQuickFormat({ delivery, bucket, key }: Drawing): Drawing {
  const extension = otherFormats.get(delivery.extension ?? '') ?? delivery.extension;
  const transformation = delivery.transformation.map((step) =>
    step.format === 'avif' ? { ...step, format: 'webp' as const } : step,
  );
  return { delivery: { ...delivery, extension, transformation }, bucket: bucket === 'avif' ? 'webp' : bucket, key };
}

const otherFormats: ReadonlyMap<string, string> = new Map([
  ['avif', 'webp'],
  ['svg', 'png'],
]);

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
