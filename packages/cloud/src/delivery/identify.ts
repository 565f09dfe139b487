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
} from '@safelight/protocol';
import { assetKey } from './asset-key.ts';

export interface IdentifiedDelivery {
  readonly kind: 'delivery';
  readonly delivery: Delivery;
  readonly bucket: FormatBucket | undefined;
  readonly target: Target;
  /** The tags of the asset, for caches that purge by tag. */
  readonly tags: readonly string[];
}

export type Identified =
  | IdentifiedDelivery
  | { readonly kind: 'refused'; readonly fault: Fault }
  | { readonly kind: 'foreign' };

export interface IdentifyOptions extends DeliveryPathLimits {
  readonly cloudName: string;
  /** Needed to check signed URLs; without it they are refused. */
  readonly apiSecret: string | undefined;
  /** Whether its derivatives are cached. */
  readonly isCached?: boolean;
}

/** The meaning of a URL: a delivery of this cloud, a refused one with its fault, or a URL of another part. Pure. */
export function identify(path: string, accept: string | undefined, options: IdentifyOptions): Identified {
  if (!/^\/[^/]+\/(?:image|video|raw)s?\//.test(path) || !path.startsWith(`/${options.cloudName}/`)) return foreign;
  const parsed = parseDeliveryPath(path, options);
  if (!parsed.ok) return refused(parsed.code, wordsOf(parsed));
  const { delivery, signature } = parsed;
  if (signature !== undefined && !isSigned(signature, options.apiSecret)) {
    return refused('bad_signature', 'The signature in the URL does not match it.');
  }
  return identifyDelivery(delivery, accept, options.isCached === true);
}

/** The same for a delivery that was parsed before. */
export function identifyDelivery(
  delivery: Delivery,
  accept: string | undefined,
  isCached: boolean,
): IdentifiedDelivery {
  const bucket = asksForAuto(delivery) ? formatBucket(accept) : undefined;
  const target = targetOf(delivery, bucket, isCached);
  return { kind: 'delivery', delivery, bucket, target, tags: cacheTags(delivery) };
}

export const foreign: Identified = { kind: 'foreign' };

/**
 * Two spellings of one picture have one target: the transformation is canonical, and `f_` goes before the extension.
 */
function targetOf(delivery: Delivery, bucket: FormatBucket | undefined, isCached: boolean): Target {
  const text = formatTransformation(delivery.transformation);
  const format = delivery.transformation.some(({ format: asked }) => asked !== undefined) ? '' : delivery.extension;
  return {
    assets: [assetKey(delivery.cloudName, delivery)],
    derivation: `${text}.${format ?? ''}${bucket === undefined ? '' : ` ${bucket}`}`,
    version: delivery.version,
    isCached,
  };
}

function asksForAuto({ transformation }: Delivery): boolean {
  return transformation.findLast((step) => step.format !== undefined)?.format === 'auto';
}

/** SHA-1 or SHA-256 over the signed text and the secret, the first 8 or 32 characters, as Cloudinary's SDKs make it. */
function isSigned({ text, payloads }: DeliverySignature, secret: string | undefined): boolean {
  if (secret === undefined) return false;
  const given = Buffer.from(text);
  let good = false;
  for (const payload of payloads) {
    for (const algorithm of text.length === 32 ? ['sha256'] : ['sha1', 'sha256']) {
      const digest = createHash(algorithm).update(payload).update(secret).digest('base64url').slice(0, text.length);
      const expected = Buffer.from(digest);
      if (expected.length === given.length && timingSafeEqual(expected, given)) good = true;
    }
  }
  return good;
}

function refused(code: FailureCode, message: string): Identified {
  const { status } = failureKinds[code];
  // Found by parsing the URL, which is cheap: holding the failure would protect no handler.
  return { kind: 'refused', fault: { code, status, class: 'never', message } };
}

interface Wording {
  readonly message: string;
  readonly suggestion?: string;
  readonly hint?: string;
}

function wordsOf({ message, suggestion, hint }: Wording): string {
  const meant = suggestion === undefined || message.includes(suggestion) ? '' : ` (did you mean ${suggestion}?)`;
  return `${message}${meant}${hint === undefined ? '' : ` ${hint}`}`;
}
