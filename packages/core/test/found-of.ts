import type { Failure, HeldClass } from '../src/failure.ts';
import type { Found } from '../src/lookup.ts';
import { recordSchema } from '../src/record-schema.ts';

/** The result of a look-up. @param parts - the differences to a look-up that found only a mark */
export function foundOf(parts: Partial<Found> = {}): Found {
  const { absence, missing_version, permanent, transient } = parts;
  return {
    stamp: 'm',
    absence,
    missing_version,
    permanent,
    transient,
    cached: undefined,
    hasFailure: (absence ?? missing_version ?? permanent ?? transient) !== undefined,
    isPending: false,
    reachable: true,
    revision: undefined,
    records: { permanent, transient },
    matches: undefined,
    ...parts,
  };
}

/** A recorded failure whose window has begun at 0. */
export function failureOf(held: HeldClass, until: number, stamp = 'm'): Failure {
  const fault = { code: 'not_found', status: 404, class: held, message: '' } as const;
  return { ...fault, schema: recordSchema, stamp, rung: 1, since: 0, failedAt: 0, until };
}
