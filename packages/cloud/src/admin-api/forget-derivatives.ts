import type { ApiContext } from '../upload-api/upload-api-options.ts';
import { deliveryOf } from './derived-entries.ts';
import { indexOf, pageOf } from './pages.ts';

/**
 * Removes derivatives from the cache, and from the index of what is cached.
 *
 * @returns the IDs that the index knew
 */
export async function forgetDerivatives(
  derivedIds: readonly string[],
  context: ApiContext,
): Promise<ReadonlySet<string>> {
  const entries = await pageOf(indexOf(context), (index) => index.removeDerived(derivedIds));
  for (const entry of entries) {
    const original = await context.originals.find(entry.asset);
    // The derivatives of an asset that does not exist any more are not served.
    if (original !== undefined) await context.forget(deliveryOf(entry, original, context.cloudName));
  }
  return new Set(entries.map(({ id }) => id));
}
