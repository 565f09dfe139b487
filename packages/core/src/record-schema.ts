import type { FieldValues } from './field-values.ts';

/**
 * The schema number of the records in a store: failures, and the records of cached derivatives. The number is in each
 * record and in its key. A record with another number or without a number counts as absent.
 *
 * Increase the number when an older release could misread a record: when a field or a failure code is added or changes
 * its meaning, in a record or in the head of a derivative.
 *
 * The number is also in the key, so that two releases that share one Redis have separate records. Under the same key,
 * each release would treat the record of the other as absent and overwrite it, so that neither could hold a failure.
 *
 * Marks have no number, because all releases must share them: a change that one release reports must end the failures
 * of all. A mark is any string without a space, is compared for equality only, and is stored under `markKey`. A release
 * that changes the format of marks or of their keys must use another first letter for the new keys. It must also renew
 * the old marks for as long as older releases run.
 *
 * @example
 * const keyPrefix = `a:${recordSchema}:`; // the keys of failures, as this release writes them
 */
export const recordSchema = 2;

/** The start of a record's key: its kind and its schema number. */
export function recordKeyPrefix(kind: 'a' | 'v' | 'p' | 't' | 'd' | 'e'): string {
  return `${kind}:${recordSchema}:`;
}

/** Whether a value from a store is an object with the schema number of this release. */
export function hasRecordSchema(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && 'schema' in value && value.schema === recordSchema;
}

/** The largest time value of a `Date` (ECMA-262, "Time Values and Time Range"). */
const maxDateMs = 8_640_000_000_000_000;

/** Whether a value is a valid time in epoch milliseconds: a number that a `Date` can represent. */
export function isInstant(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= maxDateMs;
}

export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Whether a value is an object of request fields with their values, `null` where a field is absent.
 *
 * @example
 * isFieldValues({ accept: 'image/avif', origin: null }); // true
 * isFieldValues({ accept: 1 }); // false
 */
export function isFieldValues(value: unknown): value is FieldValues {
  return isPlainObject(value) && Object.values(value).every((field) => field === null || typeof field === 'string');
}
