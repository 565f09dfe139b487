import type { Failure } from './failure.ts';
import type { Found } from './lookup.ts';
import { heldClasses } from './record.ts';
import type { TargetKeys } from './target.ts';

/** Which remembered failures are being tried again right now. */
export interface Probes {
  /** Tells so of everything that is remembered, from the moment that the run takes off until it has landed. */
  during<T>(keys: TargetKeys, found: Found, run: () => Promise<T>): Promise<T>;
  isProbed(keys: TargetKeys, failure: Failure): boolean;
}

export function createProbes(): Probes {
  const probed = new Set<string>();
  return {
    async during(keys, found, run) {
      const failures = heldClasses.map((held) => found[held]).filter((failure) => failure !== undefined);
      const probes = failures.map((failure) => probeKey(keys, failure));
      for (const probe of probes) probed.add(probe);
      try {
        return await run();
      } finally {
        for (const probe of probes) probed.delete(probe);
      }
    },
    isProbed: (keys, failure) => probed.has(probeKey(keys, failure)),
  };
}

function probeKey(keys: TargetKeys, failure: Failure): string {
  return `${keys[failure.class]} ${failure.stamp}`;
}
