import type { CachedRecord, CachedVariant } from './cached-record.ts';
import { type Decision, variantInsteadOf } from './decide.ts';
import type { CachedBytes, Derivatives } from './derivatives.ts';
import type { Found } from './lookup.ts';
import type { Cached, Failed } from './outcome.ts';
import type { VariantChoice } from './visit.ts';

export interface Serving {
  /** Opens the variant to serve. @returns `undefined` when its bytes have been evicted; the visit remembers that */
  serve(
    visit: VariantChoice,
    decision: Extract<Decision, { kind: 'serve' }>,
  ): Cached | undefined | Promise<Cached | undefined>;
  /** Opens a stale derivative instead of a failure of the run, where it may be served (RFC 5861 section 4). */
  staleIfError(visit: VariantChoice, found: Found, failed: Failed): Cached | undefined | Promise<Cached | undefined>;
}

export interface ServingOptions {
  readonly derivatives: Derivatives | undefined;
  readonly clock: () => number;
}

export function createServing({ derivatives, clock }: ServingOptions): Serving {
  const serve: Serving['serve'] = (visit, { variant, state }) => {
    const opened = (cached: CachedBytes | undefined): Cached | undefined => {
      if (cached !== undefined) return { kind: 'cached', cached, variant, state };
      visit.evicted = (visit.evicted ?? new Set()).add(variant.name);
      return undefined;
    };
    const opening = derivatives?.open(variant.name);
    // A promise of another library is one too.
    return opening === undefined || 'release' in opening ? opened(opening) : Promise.resolve(opening).then(opened);
  };

  return {
    serve,
    staleIfError(visit, found, { fault }) {
      const stale = found.cached === undefined ? undefined : select(visit, found.cached);
      const variant = variantInsteadOf(fault, stale, clock());
      return variant && serve(visit, { kind: 'serve', variant, state: 'failed' });
    },
  };
}

/** The variant that suits the request. Variants with evicted bytes are left out. */
export function select({ select: choose, evicted }: VariantChoice, cached: CachedRecord): CachedVariant | undefined {
  const there = evicted === undefined ? cached.variants : cached.variants.filter(({ name }) => !evicted.has(name));
  return choose === undefined ? there[0] : choose(there);
}
