import type { CachedHead } from './derivatives.ts';
import { hasRecordSchema, isFieldValues, isInstant, isPlainObject, recordSchema } from './record-schema.ts';

/**
 * The entry of one cached derivative in a record. One URL may have several variants, for requests with different
 * fields.
 */
export interface CachedVariant {
  /** The name of its bytes in `Derivatives`. */
  readonly name: string;
  /** The `Derivatives.place` that has the bytes. Only requests in processes with this place use the variant. */
  readonly place?: string;
  /** When it was stored, or last validated by the handler. Epoch milliseconds. */
  readonly cachedAt: number;
  /** When it becomes stale, epoch milliseconds. If absent, it stays fresh until the asset changes. */
  readonly freshUntil?: number;
  /** Until when it may be served stale while a run makes it again (RFC 5861 section 3), epoch milliseconds. */
  readonly whileRevalidatingUntil?: number;
  /** Until when it may be served stale instead of a transient failure (RFC 5861 section 4), epoch milliseconds. */
  readonly ifErrorUntil?: number;
  /** The request fields that `Vary` names, with the values of the request; `null` for an absent field. */
  readonly vary?: Readonly<Record<string, string | null>>;
  /** Replaces the head that is stored with the bytes, after the handler has validated them with newer fields. */
  readonly head?: CachedHead;
}

/** The record of the cached derivatives of one target. */
export interface CachedRecord {
  readonly schema: typeof recordSchema;
  /** The marks that were read before the run. The record is valid only while the assets have these marks. */
  readonly stamp: string;
  /**
   * The newest variant of each place comes before the older ones of this place. At most 8 of one place, of at most 16
   * places, and at most 64 together.
   */
  readonly variants: readonly CachedVariant[];
}

const maxVariantsOfPlace = 8;
const maxPlaces = 16;
const maxVariants = 64;

/**
 * Whether a value from a store is a well-formed record with the schema of this release. Other values count as absent.
 */
export function isCachedRecord(value: unknown): value is CachedRecord {
  if (!hasRecordSchema(value)) return false;
  const { stamp, variants } = value;
  return typeof stamp === 'string' && Array.isArray(variants) && variants.every(isVariant);
}

function isVariant(value: unknown): value is CachedVariant {
  if (!isPlainObject(value)) return false;
  const { name, place, cachedAt, freshUntil, whileRevalidatingUntil, ifErrorUntil, vary, head } = value;
  return (
    typeof name === 'string' &&
    (place === undefined || typeof place === 'string') &&
    isInstant(cachedAt) &&
    isOptionalInstant(freshUntil) &&
    isOptionalInstant(whileRevalidatingUntil) &&
    isOptionalInstant(ifErrorUntil) &&
    (vary === undefined || isFieldValues(vary)) &&
    (head === undefined || isPlainObject(head))
  );
}

function isOptionalInstant(value: unknown): boolean {
  return value === undefined || isInstant(value);
}

/**
 * Adds a variant to a record. Variants of other places stay: their bytes can still be used there.
 * @returns the new record, and the names of the variants of the same place that are no longer in it
 */
export function withVariant(
  before: CachedRecord | undefined,
  variant: CachedVariant,
  stamp: string,
): { readonly record: CachedRecord; readonly replaced: readonly string[] } {
  const known = before?.stamp === stamp ? before.variants : [];
  const isHere = ({ place }: CachedVariant) => place === variant.place;
  const here = known.filter(isHere);
  const own = [variant, ...here.filter((other) => !hasSameVary(other, variant))].slice(0, maxVariantsOfPlace);
  const elsewhere = known.filter((other) => !isHere(other));
  // The variants of the place that was written last come first, so a place that is not used any more is dropped.
  const places = [...new Set(elsewhere.map(({ place }) => place))].slice(0, maxPlaces - 1);
  const others = elsewhere.filter(({ place }) => places.includes(place));
  const variants = [...own, ...others].slice(0, maxVariants);
  const names = new Set(own.map(({ name }) => name));
  return {
    record: { schema: recordSchema, stamp, variants },
    replaced: here.map(({ name }) => name).filter((name) => !names.has(name)),
  };
}

function hasSameVary(a: CachedVariant, b: CachedVariant): boolean {
  const [fields, others] = [Object.entries(a.vary ?? {}), b.vary ?? {}];
  return fields.length === Object.keys(others).length && fields.every(([name, value]) => others[name] === value);
}
