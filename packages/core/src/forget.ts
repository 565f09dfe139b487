import type { Derivatives } from './derivatives.ts';
import type { Ledger } from './ledger.ts';
import type { LookUp } from './lookup.ts';
import type { RunResult } from './record-run.ts';
import type { SharedRuns } from './shared-runs.ts';
import type { Target, TargetKeys } from './target.ts';

export interface ForgetOptions {
  readonly ledger: Ledger;
  readonly lookUp: LookUp;
  readonly derivatives: Derivatives | undefined;
  readonly runs: SharedRuns<RunResult<unknown>>;
  readonly keysOf: (target: Target) => TargetKeys;
}

/**
 * Creates the function `Guard.forget`. It removes what is recorded for one target: the failures of its derivation, and
 * its cached derivatives. It writes nothing if nothing is recorded, so an unknown target costs one read.
 */
export function createForget({ ledger, lookUp, derivatives, runs, keysOf }: ForgetOptions) {
  return async function forget(target: Target): Promise<void> {
    const keys = keysOf(target);
    runs.forget(keys.scope, { kind: 'changed' });
    const { records, cached } = await lookUp.read(keys);
    if (keys.permanent !== undefined && records.permanent !== undefined) await ledger.forget(keys.permanent);
    if (keys.transient !== undefined && records.transient !== undefined) await ledger.forget(keys.transient);
    if (keys.cached === undefined || cached === undefined) return;
    await ledger.forget(keys.cached);
    for (const { name } of cached.variants) await derivatives?.remove(name);
  };
}
