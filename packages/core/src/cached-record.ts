import type { CachedHead } from './derivatives.ts';
import { hasRecordSchema, isInstant, recordSchema } from './record-schema.ts';

/** One derivative that is kept, of those that one URL may have for different requests. */
export interface CachedVariant {
  /** The name under which its bytes are kept. */
  readonly name: string;
  /** When it was kept, or when the handler last confirmed it, epoch milliseconds. */
  readonly cachedAt: number;
  /** End of its freshness, epoch milliseconds; absent: fresh for as long as its marks stand. */
  readonly freshUntil?: number;
  /** Until when it may be served while it is made again, epoch milliseconds. */
  readonly whileRevalidatingUntil?: number;
  /** Until when it may be served instead of a failure that passes by itself, epoch milliseconds. */
  readonly ifErrorUntil?: number;
  /** The request fields that selected it, with their values. */
  readonly vary?: Readonly<Record<string, string | null>>;
  /** Replaces the head that is kept beside the bytes, after the handler has confirmed them with newer fields. */
  readonly head?: CachedHead;
}

/** What is kept of one derivation. */
export interface CachedRecord {
  readonly schema: typeof recordSchema;
  /** The marks that were read before the run; it counts only while they stand. */
  readonly stamp: string;
  /** The newest first. */
  readonly variants: readonly CachedVariant[];
}

const maxVariants = 8;

/** Whether a value out of a store is such a record of this release's schema; anything else counts as absent. */
export function isCachedRecord(value: unknown): value is CachedRecord {
  if (!hasRecordSchema(value)) return false;
  const { stamp, variants } = value;
  return typeof stamp === 'string' && Array.isArray(variants) && variants.every(isVariant);
}

function isVariant(value: unknown): value is CachedVariant {
  if (!isPlainObject(value)) return false;
  const { name, cachedAt, freshUntil, whileRevalidatingUntil, ifErrorUntil, vary, head } = value;
  return (
    typeof name === 'string' &&
    isInstant(cachedAt) &&
    isOptionalInstant(freshUntil) &&
    isOptionalInstant(whileRevalidatingUntil) &&
    isOptionalInstant(ifErrorUntil) &&
    (vary === undefined || (isPlainObject(vary) && Object.values(vary).every(isFieldValue))) &&
    (head === undefined || isPlainObject(head))
  );
}

function isOptionalInstant(value: unknown): boolean {
  return value === undefined || isInstant(value);
}

function isFieldValue(value: unknown): boolean {
  return value === null || typeof value === 'string';
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The record with one more variant, and the names of those that it replaces or has no room for. */
export function withVariant(
  before: CachedRecord | undefined,
  variant: CachedVariant,
  stamp: string,
): { readonly record: CachedRecord; readonly replaced: readonly string[] } {
  const known = before?.stamp === stamp ? before.variants : [];
  const others = known.filter((one) => !isForSame(one, variant));
  const variants = [variant, ...others].slice(0, maxVariants);
  const names = new Set(variants.map(({ name }) => name));
  return {
    record: { schema: recordSchema, stamp, variants },
    replaced: known.map(({ name }) => name).filter((name) => !names.has(name)),
  };
}

function isForSame(a: CachedVariant, b: CachedVariant): boolean {
  const [one, other] = [Object.entries(a.vary ?? {}), b.vary ?? {}];
  return one.length === Object.keys(other).length && one.every(([name, value]) => other[name] === value);
}
