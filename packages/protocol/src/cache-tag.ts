import type { ResourceType } from './delivery.ts';

/**
 * The names under which caches in front file every answer about an asset, errors and placeholders included. They keep
 * to what all products understand: lower case, since some do not tell case apart, `[a-z0-9][a-z0-9._-]*`, at most 32
 * characters. A public ID that does not fit is hashed; two IDs that share a hash would be purged together, which costs
 * a refill and nothing else.
 */
export function cacheTags(asset: {
  readonly resourceType: ResourceType;
  readonly publicId: string;
}): readonly string[] {
  const { resourceType, publicId } = asset;
  const plain = `${resourceType}-${publicId}`;
  // The separator differs, so that no public ID can pose as the hash of another one.
  return [/^[a-z0-9._-]{1,32}$/.test(plain) ? plain : `${resourceType}_${fnv1a(publicId)}`];
}

/** FNV-1a, 64 bits, over UTF-16 code units; 16 hex digits. Not for secrets. */
function fnv1a(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (let at = 0; at < text.length; at++) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(at))) * 0x100000001b3n);
  }
  return hash.toString(16).padStart(16, '0');
}
