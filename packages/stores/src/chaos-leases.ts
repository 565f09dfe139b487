import type { ConditionalResult, LeaseReading, Leases } from '@safelight/core';
import { callWithChaos } from './chaos-call.ts';
import type { ChaosState } from './chaos-state.ts';

/** The leases of a store, with the effects of commands. */
export function chaosLeases(leases: Leases, state: ChaosState): Leases {
  return {
    take: (lease, ttlMs, keys) =>
      callWithChaos<LeaseReading>(
        state,
        { op: 'take', keys: [lease.key, ...keys] },
        {
          apply: () => leases.take(lease, ttlMs, keys),
          pretend: () => ({ holder: lease.token, values: keys.map(() => undefined) }),
        },
      ),
    record: (record) =>
      callWithChaos<ConditionalResult>(
        state,
        { op: 'record', keys: [record.key], value: record.value },
        {
          apply: () => {
            state.contents.note(record.key, record.ttlMs);
            return leases.record(record);
          },
          pretend: (reply) => (reply ? 'written' : 'refused'),
        },
      ),
    release: (lease) =>
      callWithChaos<void>(
        state,
        { op: 'release', keys: [lease.key] },
        { apply: () => leases.release(lease), pretend: () => undefined },
      ),
  };
}
