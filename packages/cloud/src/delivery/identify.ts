import { createHash, timingSafeEqual } from 'node:crypto';
import type { Fault, FormatBucket, Target } from '@safelight/core';
import { formatBucket } from '@safelight/http';
import {
  cacheTags,
  type Delivery,
  type DeliveryPathLimits,
  type DeliverySignature,
  type FailureCode,
  failureKinds,
  formatTransformation,
  parseDeliveryPath,
  type TransformationOptions,
  withoutResponseFlags,
} from '@safelight/protocol';
import { assetKey } from './asset-key.ts';

export interface IdentifiedDelivery {
  readonly kind: 'delivery';
  readonly delivery: Delivery;
  /** The formats that the client accepts; `undefined` when the format does not depend on `Accept`. */
  readonly bucket: FormatBucket | undefined;
  readonly target: Target;
  /** The tags of the asset, for caches that purge by tag. */
  readonly tags: readonly string[];
  /** Whether the bytes at this URL never change: it has a version, and its transformation is not a name. */
  readonly isPinned: boolean;
  /** The file name of a download, without extension; an empty text for the name of the asset. */
  readonly attachment: string | undefined;
}

/** The meaning of a URL: a delivery of this cloud, a URL of this cloud that is refused, or a URL of another handler. */
export type Identified =
  | IdentifiedDelivery
  | { readonly kind: 'refused'; readonly fault: Fault }
  | { readonly kind: 'foreign' };

export interface IdentifyOptions extends DeliveryPathLimits, TransformationOptions {
  readonly cloudName: string;
  /** Checks signed URLs. Without it they are refused. */
  readonly apiSecrets: readonly string[];
  /** Whether derivatives are cached. @default false */
  readonly isCached?: boolean;
  /** `Target.epoch` of all deliveries. @default '' */
  readonly epoch?: string;
}

/** Reads a path and the `Accept` header. Pure. */
export function identify(path: string, accept: string | undefined, options: IdentifyOptions): Identified {
  if (!/^\/[^/]+\/(?:image|video|raw)s?\//.test(path) || !path.startsWith(`/${options.cloudName}/`)) return foreign;
  const parsed = parseDeliveryPath(path, options);
  if (!parsed.ok) return refused(parsed.code, messageOf(parsed));
  const { delivery, signature, isNamed = false } = parsed;
  if (signature !== undefined && !isSigned(signature, options.apiSecrets)) {
    return refused('bad_signature', 'The signature in the URL does not match it.');
  }
  return identifyDelivery(delivery, accept, { ...options, isNamed });
}

/** Returns the meaning of a delivery that is already parsed. */
export function identifyDelivery(
  written: Delivery,
  accept: string | undefined,
  settings: Pick<IdentifyOptions, 'isCached' | 'epoch'> & { readonly isNamed?: boolean },
): IdentifiedDelivery {
  const { transformation, attachment, isImmutable } = withoutResponseFlags(written.transformation);
  const delivery = { ...written, transformation };
  const isPinned = delivery.version !== undefined && (isImmutable || settings.isNamed !== true);
  const bucket = hasAutoFormat(delivery) ? formatBucket(accept) : undefined;
  const target = targetOf(delivery, bucket, settings);
  return { kind: 'delivery', delivery, bucket, target, tags: cacheTags(delivery), isPinned, attachment };
}

export const foreign: Identified = { kind: 'foreign' };

/**
 * Builds the target. All URLs of the same picture have the same target: the transformation is canonical, and `f_` has
 * priority over the extension.
 */
function targetOf(
  delivery: Delivery,
  bucket: FormatBucket | undefined,
  { isCached = false, epoch = '' }: Pick<IdentifyOptions, 'isCached' | 'epoch'>,
): Target {
  const text = formatTransformation(delivery.transformation);
  const format = delivery.transformation.some((step) => step.format !== undefined) ? '' : delivery.extension;
  return {
    assets: [assetKey(delivery.cloudName, delivery)],
    derivation: `${text}.${format ?? ''}${bucket === undefined ? '' : ` ${bucket}`}`,
    version: delivery.version,
    // Other files are delivered from their originals, so no process can use the result of another one.
    isCached: isCached && delivery.resourceType === 'image',
    epoch,
  };
}

function hasAutoFormat({ transformation }: Delivery): boolean {
  return transformation.findLast((step) => step.format !== undefined)?.format === 'auto';
}

/**
 * Checks a signature of Cloudinary's SDKs: SHA-1 or SHA-256 over the signed text and the secret, in base64url, cut to 8
 * characters; or SHA-256 cut to 32 characters.
 */
function isSigned({ text, payloads }: DeliverySignature, secrets: readonly string[]): boolean {
  const given = Buffer.from(text);
  let matches = false;
  for (const [payload, secret] of payloads.flatMap((each) => secrets.map((one) => [each, one] as const))) {
    for (const algorithm of text.length === 32 ? ['sha256'] : ['sha1', 'sha256']) {
      const digest = createHash(algorithm).update(payload).update(secret).digest('base64url').slice(0, text.length);
      const expected = Buffer.from(digest);
      if (expected.length === given.length && timingSafeEqual(expected, given)) matches = true;
    }
  }
  return matches;
}

function refused(code: FailureCode, message: string): Identified {
  const { status } = failureKinds[code];
  // Parsing a URL is cheap and runs no handler, so this failure is never held.
  return { kind: 'refused', fault: { code, status, class: 'never', message } };
}

interface ParseFailure {
  readonly message: string;
  readonly suggestion?: string;
  readonly hint?: string;
}

function messageOf({ message, suggestion, hint }: ParseFailure): string {
  const correction = suggestion === undefined || message.includes(suggestion) ? '' : ` (did you mean ${suggestion}?)`;
  return `${message}${correction}${hint === undefined ? '' : ` ${hint}`}`;
}
