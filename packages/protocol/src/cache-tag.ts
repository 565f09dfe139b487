import type { ResourceType } from './delivery.ts';

/**
 * The cache tags of every response about an asset, including errors and placeholders. A purge of these tags removes all
 * of them from a CDN. The tags have a form that all CDNs accept: `[a-z0-9][a-z0-9._-]*`, at most 32 characters, and
 * lower case, because some CDNs ignore case. A public ID that does not fit is hashed. If two public IDs have the same
 * hash, a purge of one also purges the other; the CDN then requests those pictures again.
 *
 * @example
 * cacheTags({ resourceType: 'image', publicId: 'cat' }); // ['image-cat']
 * cacheTags({ resourceType: 'image', publicId: 'animals/cat' }); // ['image_8c08f1a8c8442d41']
 */
export function cacheTags(asset: {
  readonly resourceType: ResourceType;
  readonly publicId: string;
}): readonly string[] {
  const { resourceType, publicId } = asset;
  const plain = `${resourceType}-${publicId}`;
  // `-` before a public ID, `_` before a hash: a public ID that looks like a hash has another tag than that hash.
  return [/^[a-z0-9._-]{1,32}$/.test(plain) ? plain : `${resourceType}_${fnv1a(publicId)}`];
}

/** FNV-1a with 64 bits over UTF-16 code units, as 16 hex digits. Not a cryptographic hash. */
function fnv1a(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (let at = 0; at < text.length; at++) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(at))) * 0x100000001b3n);
  }
  return hash.toString(16).padStart(16, '0');
}
