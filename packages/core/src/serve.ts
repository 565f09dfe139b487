import type { CachedRecord, CachedVariant } from './cached-record.ts';
import { type Decision, variantInsteadOf } from './decide.ts';
import type { CachedBytes, Derivatives } from './derivatives.ts';
import type { Found } from './lookup.ts';
import type { Cached, Failed } from './outcome.ts';
import type { VariantChoice } from './visit.ts';

/** Serves cached derivatives. */
export interface Serving {
  /** Selects the variant for a request, among those that this process can open. */
  select(visit: VariantChoice, cached: CachedRecord): CachedVariant | undefined;
  /** The same without the variants that only other processes can open. */
  here(found: Found): Found;
  /**
   * Opens the variant to serve.
   * @returns `undefined` when its bytes were evicted; then its name is added to `visit.evicted`
   */
  serve(
    visit: VariantChoice,
    decision: Extract<Decision, { kind: 'serve' }>,
  ): Cached | undefined | Promise<Cached | undefined>;
  /** Opens a stale derivative instead of a failed run, if `stale-if-error` allows it (RFC 5861 section 4). */
  staleIfError(visit: VariantChoice, found: Found, failed: Failed): Cached | undefined | Promise<Cached | undefined>;
}

export interface ServingOptions {
  readonly derivatives: Derivatives | undefined;
  readonly clock: () => number;
}

export function createServing({ derivatives, clock }: ServingOptions): Serving {
  const serve: Serving['serve'] = (visit, { variant, state }) => {
    const outcomeOf = (cached: CachedBytes | undefined): Cached | undefined => {
      if (cached !== undefined) return { kind: 'cached', cached, variant, state };
      visit.evicted = (visit.evicted ?? new Set()).add(variant.name);
      return undefined;
    };
    const opening = derivatives?.open(variant.name);
    // Anything else is a promise, possibly one of another library.
    if (opening === undefined || 'release' in opening) return outcomeOf(opening);
    return Promise.resolve(opening).then(outcomeOf);
  };

  const selectHere: Serving['select'] = (visit, cached) => select(visit, cached, derivatives?.place);

  return {
    serve,
    select: selectHere,
    here(found) {
      if (found.cached === undefined) return found;
      const variants = found.cached.variants.filter(({ place }) => place === derivatives?.place);
      return { ...found, cached: variants.length === 0 ? undefined : { ...found.cached, variants } };
    },
    staleIfError(visit, found, { fault }) {
      const stale = found.cached === undefined ? undefined : selectHere(visit, found.cached);
      const variant = variantInsteadOf(fault, stale, clock());
      return variant && serve(visit, { kind: 'serve', variant, state: 'failed' });
    },
  };
}

/** Selects the variant for a request, among those of a place that were not evicted. */
export function select(
  { matches, evicted }: VariantChoice,
  cached: CachedRecord,
  here: string | undefined,
): CachedVariant | undefined {
  return cached.variants.find(
    ({ name, place, vary }) =>
      place === here && evicted?.has(name) !== true && (vary === undefined || matches === undefined || matches(vary)),
  );
}
