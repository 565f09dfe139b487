import { faultsNear, grouped, type History, type Read, type Violation } from './history.ts';

export interface AttemptLimits {
  /** How long a missing original is held. The test sets the same time for each rung. */
  readonly windowMs: number;
  /** While a process cannot reach the store, it holds failures until the end of a period of this length. */
  readonly maxStaleMs: number;
  /** Which processes share one attempt for each window in calm periods: those with the same name. */
  readonly sharersOf: (server: number) => string;
  /**
   * Whether processes can use the success of another one, so that one process runs for all also before a failure is known.
   */
  readonly sharesSuccess: (read: Read) => boolean;
}

/** An outage is known to a process after a call of it has failed, which takes one second at most. */
const outageBeginMs = 1500;

/** The pairs of attempts that follow one another, in one group of processes. */
function pairsOf({ reads }: History, groupOf: (server: number) => string): readonly (readonly [Read, Read])[] {
  const attempts = reads.filter(
    ({ source, code, server }) => source === 'run' && code === 'missing_original' && server !== undefined,
  );
  const groups = grouped(attempts, ({ asset, derivation, version, server }) =>
    [asset, derivation, version, groupOf(Number(server))].join(' '),
  );
  return groups.flatMap((group) => {
    const inOrder = group.toSorted((a, b) => a.endedAt - b.endedAt);
    return inOrder.slice(1).map((read, index) => [inOrder[index] as Read, read] as const);
  });
}

/**
 * P2 in calm periods: while a failure is held, there is no further attempt. A window begins after the start of the request
 * with the attempt, so a second attempt that has ended `windowMs` later is in the same window for certain.
 */
export function checkCalmAttempts(history: History, limits: AttemptLimits): readonly Violation[] {
  return pairsOf(history, limits.sharersOf).flatMap(([first, second]) => {
    if (second.endedAt >= first.startedAt + limits.windowMs) return [];
    if (!isCalm(history, first, second)) return [];
    // A process that has lost the store for a moment, on a busy machine, says so.
    if (!first.isStorable || !second.isStorable) return [];
    const isShared = first.server === second.server || limits.sharesSuccess(first) || isKnown(history, first, second);
    if (!isShared) return [];
    const what = `two attempts for ${first.asset} in one window, by servers ${first.server} and ${second.server}`;
    return [{ promise: 'P2', what, calls: [first, second], faults: [] }];
  });
}

/** Whether a failure of the same URL was known when the first of two attempts began. */
function isKnown(history: History, first: Read, second: Read): boolean {
  const from = Math.min(first.startedAt, second.startedAt);
  return history.reads.some(
    (read) =>
      read.code === 'missing_original' &&
      [read.asset, read.derivation, read.version].join() === [first.asset, first.derivation, first.version].join() &&
      read.endedAt <= from &&
      isCalm(history, read, second),
  );
}

/** How many windows were checked, in which a further attempt would have been found. */
export function calmWindows(history: History): number {
  return pairsOf(history, () => 'all').filter(([first, second]) => isCalm(history, first, second)).length;
}

function isCalm(history: History, first: Read, second: Read): boolean {
  const [from, until] = [Math.min(first.startedAt, second.startedAt), second.endedAt];
  const isChanged = history.changesOf(first.asset).some(({ startedAt }) => startedAt <= until);
  return !isChanged && faultsNear(history, { from, until }).length === 0;
}

/**
 * P2 while a process cannot reach the store, or the store refuses writes: one attempt of each process in a window, or a period
 * of `maxStaleMs`.
 */
export function checkAttemptsOfOutages(history: History, limits: AttemptLimits): readonly Violation[] {
  return pairsOf(history, String).flatMap(([first, second]) => {
    const from = Math.min(first.startedAt, second.startedAt);
    const outage = history.faults.find(
      ({ servers, store, during }) =>
        servers.includes(Number(first.server)) &&
        (store?.includes('away') || store?.includes('refuses')) &&
        during !== undefined &&
        during.from + outageBeginMs <= from &&
        second.endedAt <= during.until,
    );
    if (outage === undefined) return [];
    const periodOf = (instant: number): number => Math.floor(instant / limits.maxStaleMs);
    const isOnePeriod = periodOf(from) === periodOf(second.endedAt);
    if (!isOnePeriod || second.endedAt >= first.startedAt + limits.windowMs) return [];
    if (mayForget(history, first, second)) return [];
    // Another fault of the same server at the same time may begin another outage.
    const others = faultsNear(history, { from, until: second.endedAt, server: first.server });
    if (others.some((fault) => fault !== outage)) return [];
    const what = `two attempts of server ${first.server} for ${first.asset} in one period of an outage`;
    return [{ promise: 'P2', what, calls: [first, second], faults: [outage] }];
  });
}

/** Whether a process may forget the failure of the first attempt: it repeats a change that is not confirmed in the background. */
function mayForget({ changes }: History, first: Read, second: Read): boolean {
  return changes.some(
    ({ shows, result, startedAt, endedAt }) =>
      first.asset in shows &&
      startedAt <= second.endedAt &&
      (result === 'unconfirmed' || result === 'lost' || endedAt >= first.startedAt),
  );
}
