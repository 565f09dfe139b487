import { createHash } from 'node:crypto';
import {
  type AssetId,
  type Attempt,
  badTransformation,
  type Derivative,
  type Draft,
  type FormatBucket,
  type Handler,
  type HandlerLimits,
  missingOriginal,
  type Original,
  type Originals,
  TransformError,
} from '@safelight/core';
import type { Delivery } from '@safelight/protocol';

/** A derivative with the data for its response headers. */
export interface Delivered {
  readonly derivative: Derivative;
  readonly original: Original;
  /** Strong: a digest of the bytes (RFC 9110 section 8.8.3). */
  readonly etag: string | undefined;
  /** The draft that stores a streamed body. Responses read from it while it is written. */
  draft?: Draft;
}

export interface DeliverOptions {
  readonly originals: Originals;
  readonly handler: Handler;
  readonly limits: HandlerLimits;
}

export type Deliver = (
  delivery: Delivery,
  bucket: FormatBucket | undefined,
  attempt: Pick<Attempt, 'findOriginal' | 'signal' | 'clients'>,
) => Promise<Delivered>;

/** Finds the original, once for all derivations that wait for it, then runs the handler. */
export function createDeliver({ originals, handler, limits }: DeliverOptions): Deliver {
  return async function deliver(delivery, bucket, attempt) {
    const original = await attempt.findOriginal(() => findOriginal(originals, delivery, delivery.version));
    if (delivery.resourceType !== 'image') return deliverUnchanged(delivery, original);
    const { signal, clients } = attempt;
    const derivative = await handler(delivery, { original, bucket, signal, limits, clients });
    return { derivative, original, etag: etagOf(derivative) };
  };
}

/**
 * @throws {TransformError} `missing_original` when the asset does not exist, `missing_version` when only this version
 *   does not exist
 */
export async function findOriginal(
  originals: Originals,
  { resourceType, publicId }: AssetId,
  version: number | undefined,
): Promise<Original> {
  const asset = { resourceType, publicId };
  const original = await originals.find(asset, version);
  if (original !== undefined) return original;
  if (version === undefined || (await originals.find(asset)) === undefined) throw missingOriginal(publicId);
  throw new TransformError('missing_version', `Resource not found - ${publicId} (version ${version})`);
}

/** Types that a browser shows without running scripts. Files of all other types are sent as attachments. */
const plainTypes: Readonly<Record<string, string>> = {
  mp4: 'video/mp4',
  webm: 'video/webm',
  mov: 'video/quicktime',
  m4v: 'video/mp4',
  mkv: 'video/matroska',
  ogv: 'video/ogg',
  mp3: 'audio/mpeg',
  m4a: 'audio/mp4',
  aac: 'audio/aac',
  ogg: 'audio/ogg',
  opus: 'audio/ogg',
  flac: 'audio/flac',
  wav: 'audio/wav',
  pdf: 'application/pdf',
  txt: 'text/plain; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
  json: 'application/json',
};

/** @throws {TransformError} `bad_transformation` when the URL has a transformation */
function deliverUnchanged(delivery: Delivery, original: Original): Delivered {
  if (delivery.transformation.length > 0) {
    throw badTransformation(
      `Transformations of resource type ${delivery.resourceType} are not offered. Use the URL without a transformation.`,
    );
  }
  const contentType = plainTypes[original.format] ?? 'application/octet-stream';
  const { format, bytes, etag: digest } = original;
  const read = (start: number, end: number) => original.stream(start, end);
  const derivative = { contentType, format, body: original.stream(), bytes, digest, read };
  return { derivative, original, etag: etagOf(derivative) };
}

function etagOf({ body, digest }: Derivative): string | undefined {
  if (!Buffer.isBuffer(body)) return digest === undefined ? undefined : `"${digest}"`;
  return `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`;
}
