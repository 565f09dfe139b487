import type { Leases } from '@safelight/core';
import type { clusterChecks } from './cluster-schedules.ts';
import type { CodeChange } from './core-with-change.ts';

/** A fault of the guard, or of its store. */
export interface SeededFault {
  readonly title: string;
  /** The schedules that find it. */
  readonly found: keyof typeof clusterChecks;
  readonly change?: CodeChange;
  readonly hasRuns?: boolean;
}

/** Releases a lease whatever its token. */
export function freeRelease({ take, release }: Leases): Partial<Leases> {
  return {
    async release({ key }) {
      const { holder } = await take({ key, token: 'any' }, 1, []);
      await release({ key, token: holder });
    },
  };
}

export const seededFaults: readonly SeededFault[] = [
  {
    title: 'a record does not compare the marks',
    found: 'calm',
    change: {
      file: 'ledger',
      from: 'before, marks: pairs, markTtlMs, lease',
      to: 'before, marks: [], markTtlMs, lease',
    },
  },
  {
    title: 'a renewal repeats the same mark',
    found: 'faulty',
    change: {
      file: 'ledger',
      from: 'for (const mark of [freshMark(), freshMark()])',
      to: 'const same = freshMark(); for (const mark of [same, same])',
    },
  },
  {
    title: 'the second look-up, with the lease, is left out',
    found: 'calm',
    change: { file: 'take-lease', from: 'return { found: latest, lease };', to: 'return { found, lease };' },
  },
  {
    title: 'a request joins a look-up that was sent before it',
    found: 'calm',
    change: {
      file: 'lookup',
      from: 'return ledger.read(keys.all).then((reading) => foundIn(keys, reading, matches));',
      to: `ledger.joined ??= new Map();
        const reading = ledger.joined.get(keys.scope) ?? ledger.read(keys.all).finally(() => ledger.joined.delete(keys.scope));
        ledger.joined.set(keys.scope, reading);
        return reading.then((read) => foundIn(keys, read, matches));`,
    },
  },
  {
    title: 'a failure is stamped with the marks at the end of its run',
    found: 'faulty',
    change: {
      file: 'record',
      from: 'const held = fault.class; const { stamp } = before;',
      to: 'const held = fault.class; before = await lookUp.read(keys, before.matches); const { stamp } = before;',
    },
  },
  {
    title: 'a request joins a run from before a change',
    found: 'calm',
    change: {
      file: 'guard',
      from: 'runKey(visit, found, this.#settings)',
      to: "runKey(visit, { ...found, stamp: 'any' }, this.#settings)",
    },
  },
  {
    title: 'a lease is not released after a run that records nothing',
    found: 'calm',
    change: { file: 'run-leases', from: 'else void release(lease);', to: '' },
  },
  {
    title: 'marks do not have the run of the server',
    found: 'restarts',
    hasRuns: false,
  },
];

export function seededFault(title: string): SeededFault {
  const fault = seededFaults.find((one) => one.title === title);
  if (fault === undefined) throw new Error(`There is no seeded fault "${title}".`);
  return fault;
}
