/**
 * The form of the records in a store: failures, and the records of derivatives. A record says its number, and so does
 * its key. One with another number, or with none, counts as absent.
 *
 * Increase it whenever an older release could misread a record: when a field or a failure code is added, or changes its
 * meaning, in a record or in a derivative's head.
 *
 * The number is in the key so that two releases which share one Redis each have records of their own. Under one key
 * either would count the record of the other as absent and write over it: nothing would be held while both run.
 *
 * Marks have no number: all releases share them, and that is what keeps promise 1 between two releases. A mark is any
 * string without a space, compared for equality only, under `markKey`. A release that changes marks, or how their keys
 * are made, takes another letter for their keys, and has to renew the old ones as well for as long as older releases run.
 */
export const recordSchema = 2;

/** The beginning of a record's key: what kind it is, and its schema. */
export function recordKeyPrefix(kind: 'a' | 'v' | 'p' | 't' | 'd'): string {
  return `${kind}:${recordSchema}:`;
}

/** Whether a value out of a store is an object that says the schema of this release. */
export function hasRecordSchema(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && 'schema' in value && value.schema === recordSchema;
}

const maxDateMs = 8_640_000_000_000_000;

/** Whether a value can be epoch milliseconds: what a `Date` can show. */
export function isInstant(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= maxDateMs;
}
