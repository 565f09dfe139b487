import { type Failure, heldClasses } from './failure.ts';
import type { GuardRequest } from './guard-request.ts';
import type { Found } from './lookup.ts';
import { JoinedClients } from './run-clients.ts';
import { staleEndsAt } from './stale-period.ts';
import type { TargetKeys } from './target.ts';
import type { Visit } from './visit.ts';

/** A run that is in progress. Requests that arrive during the run may join. */
export interface SharedRun<R> {
  /** `undefined` for a run that is not shared. */
  readonly key: string | undefined;
  /** Identifies what the run makes. */
  readonly scope: string;
  /** The marks of the assets before the run. */
  readonly stamp: string | undefined;
  /** The store keys of the assets' marks. */
  readonly marks: readonly string[];
  /** Names of the failures that this run tries again. */
  readonly probes: readonly string[];
  /** The clients that wait for the result; `undefined` when the request that began the run names no client. */
  readonly clients: JoinedClients | undefined;
  /** How many requests wait for the result. */
  waiting: number;
  result: R | undefined;
  /** The promise for the requests that joined. Created when the first request joins. */
  joined: PromiseWithResolvers<R> | undefined;
}

/** A request that begins or joins a run. */
export type Requester = Pick<GuardRequest<never>, 'clientOf'>;

/** The name of the run that a request may share; `undefined` when the request must run alone. */
export function runKey(
  { keys, sharing }: Pick<Visit<never>, 'keys' | 'sharing'>,
  { stamp, reachable }: Found,
  { clock, maxStaleMs }: { readonly clock: () => number; readonly maxStaleMs: number },
): string | undefined {
  if (sharing === undefined) return undefined;
  // While the store cannot be reached, a run is shared within one period only. So no request gets a result that is
  // older than `maxStaleMs`.
  const period = reachable ? '' : staleEndsAt(clock(), maxStaleMs);
  return `${keys.scope} ${stamp}${period}${sharing}`;
}

/** The runs that are in progress in this process, at most one per key. */
export interface SharedRuns<R> {
  /**
   * Joins the run with this key.
   * @param request - its client is added to those of the run
   * @returns `undefined` when no run with this key is in progress, `'full'` when too many requests wait for it
   */
  join(key: string | undefined, request?: Requester): Promise<R> | 'full' | undefined;
  /**
   * Registers a run. The caller must call `end` or `fail` for the run.
   * @param found - the last look-up; the run tries each failure in it again
   * @param request - the request that begins the run
   */
  open(key: string | undefined, keys: TargetKeys, found: Found, request?: Requester): SharedRun<R>;
  /** Gives the result to all requests that joined. More requests may join until `result.background` has settled. */
  end(run: SharedRun<R>, result: R): void;
  /** Gives the error to all requests that joined. */
  fail(run: SharedRun<R>, error: unknown): void;
  /**
   * Gives this result to all requests that wait for a run from before a change of its asset. The run itself goes on for
   * its own request.
   * @param key - the store key of the asset's mark
   * @param mark - the new mark; runs under it began after the change
   */
  release(key: string, mark: string, result: R): void;
  /** Gives this result to all requests that wait for a run of this scope. Later requests do not join the run. */
  forget(scope: string, result: R): void;
  /** Whether a run in progress tries this failure again. */
  isProbed(keys: TargetKeys, failure: Failure): boolean;
}

export interface SharedRunsOptions {
  /** How many requests may wait for one run. */
  readonly maxWaiters: number;
}

export function createSharedRuns<R extends { readonly background?: Promise<void> | undefined }>({
  maxWaiters,
}: SharedRunsOptions): SharedRuns<R> {
  const runs = new Map<string, SharedRun<R>>();
  const probed = new Set<string>();

  function close(run: SharedRun<R>): void {
    // After `forget`, another run may have the same key.
    if (run.key !== undefined && runs.get(run.key) === run) runs.delete(run.key);
  }

  function releaseWaiters(run: SharedRun<R>, result: R): void {
    run.joined?.resolve(result);
    run.joined = undefined;
    run.waiting = 0;
  }

  return {
    join(key, request) {
      const run = key === undefined ? undefined : runs.get(key);
      if (run === undefined) return undefined;
      if (run.result !== undefined) return Promise.resolve(run.result);
      if (run.waiting >= maxWaiters) return 'full';
      run.waiting += 1;
      run.clients?.add(request?.clientOf?.());
      run.joined ??= Promise.withResolvers<R>();
      return run.joined.promise;
    },
    open(key, keys, found, request) {
      const probes = found.hasFailure ? probesOf(keys, found) : noProbes;
      const { marks, scope } = keys;
      const clients = clientsOf(request);
      const run: SharedRun<R> = {
        ...{ key, scope, marks, stamp: found.stamp, probes, clients, waiting: 0, result: undefined, joined: undefined },
      };
      if (key !== undefined) runs.set(key, run);
      for (const probe of probes) probed.add(probe);
      return run;
    },
    end(run, result) {
      const { background } = result;
      for (const probe of run.probes) probed.delete(probe);
      run.result = result;
      run.joined?.resolve(result);
      if (background === undefined) close(run);
      else background.then(() => close(run));
    },
    fail(run, error) {
      for (const probe of run.probes) probed.delete(probe);
      close(run);
      run.joined?.reject(error);
    },
    release(key, mark, result) {
      for (const run of runs.values()) {
        if (run.result !== undefined || !run.marks.includes(key)) continue;
        if (run.stamp?.split(' ').includes(mark) !== true) releaseWaiters(run, result);
      }
    },
    forget(scope, result) {
      for (const run of runs.values()) {
        if (run.scope !== scope) continue;
        close(run);
        releaseWaiters(run, result);
      }
    },
    isProbed: (keys, failure) => probed.has(probeOf(keys, failure)),
  };
}

function clientsOf(request: Requester | undefined): JoinedClients | undefined {
  if (request?.clientOf === undefined) return undefined;
  const clients = new JoinedClients();
  clients.add(request.clientOf());
  return clients;
}

const noProbes: readonly string[] = [];

function probesOf(keys: TargetKeys, found: Found): readonly string[] {
  return heldClasses
    .map((heldClass) => found[heldClass])
    .filter((failure) => failure !== undefined)
    .map((failure) => probeOf(keys, failure));
}

function probeOf(keys: TargetKeys, failure: Failure): string {
  const { class: held, stamp, variant, vary } = failure;
  const name = `${keys[held]} ${stamp}`;
  return variant === undefined && vary === undefined ? name : `${name} ${JSON.stringify([variant, vary])}`;
}
