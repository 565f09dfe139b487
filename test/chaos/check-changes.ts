import { type Change, type Fault, faultsNear, grouped, type History, type Read, type Violation } from './history.ts';

export interface ChangeLimits {
  /** How long a process that cannot reach the store may be behind. */
  readonly maxStaleMs: number;
  /** How many older versions of an asset are there. */
  readonly olderVersions: number;
}

/**
 * P1: a request that starts after the response to a change sees that change, or a later one. A process that cannot reach
 * the store may be behind by `maxStaleMs`; then it must say that no cache may store its response.
 */
export function checkStale(history: History, { maxStaleMs }: Pick<ChangeLimits, 'maxStaleMs'>): readonly Violation[] {
  return history.reads.flatMap((read) => {
    if (read.shown === undefined || read.version !== undefined) return [];
    const changes = history.changesOf(read.asset);
    if (mayShow(read, changes, read.startedAt)) return [];
    const faults = faultsNear(history, { from: read.startedAt, until: read.endedAt, server: read.server });
    const isExcused = faults.some(mayHideStore) && !read.isStorable;
    if (isExcused && mayShow(read, changes, read.startedAt - maxStaleMs)) return [];
    const calls = [...relevantChanges(read, changes, read.startedAt), ...sameOutcome(history, read), read];
    const what = `request #${read.number} shows ${read.shown ?? 'nothing'} after a later change was acknowledged`;
    return [{ promise: 'P1', what, calls, faults }];
  });
}

/** Whether the bytes of a response were shown at some moment from `since` to the end of the request. */
function mayShow(read: Read, changes: readonly Change[], since: number): boolean {
  const before = changes.findLast(({ result, endedAt }) => result === 'acknowledged' && endedAt <= since);
  if (before === undefined ? read.shown === null : before.shows[read.asset] === read.shown) return true;
  const later = changes.filter(({ startedAt }) => startedAt > (before?.startedAt ?? Number.NEGATIVE_INFINITY));
  return later.some(({ startedAt, shows }) => startedAt <= read.endedAt && shows[read.asset] === read.shown);
}

/** The last acknowledged change before, the changes since, and the last change that has shown the same. */
function relevantChanges(read: Read, changes: readonly Change[], since: number): readonly Change[] {
  const before = changes.findLastIndex(({ result, endedAt }) => result === 'acknowledged' && endedAt <= since);
  const source = changes.findLastIndex(({ shows }, index) => index < before && shows[read.asset] === read.shown);
  return changes.filter(
    ({ startedAt }, index) => index === source || (index >= Math.max(before, 0) && startedAt <= read.endedAt),
  );
}

/** The last request before that has got the same by a run: it may have been stored then. */
function sameOutcome({ reads }: History, read: Read): readonly Read[] {
  const earlier = reads.filter(
    ({ asset, derivation, shown, source, endedAt }) =>
      asset === read.asset &&
      derivation === read.derivation &&
      shown === read.shown &&
      source === 'run' &&
      endedAt <= read.startedAt,
  );
  return earlier.slice(-1);
}

/** Whether a server may not reach the store because of a fault, or has not used its connection for a while. */
export function mayHideStore({ store = [], process }: Fault): boolean {
  return store.includes('away') || store.includes('slow') || process === 'stopped' || process === 'killed';
}

/** P7: a number names one upload of an asset, and later uploads have higher numbers. */
export function checkNumbers({ changes }: History): readonly Violation[] {
  const acknowledged = changes.filter(({ result, version }) => result === 'acknowledged' && version !== undefined);
  return grouped(acknowledged, ({ asset }) => asset).flatMap((ofAsset) => {
    const inOrder = ofAsset.toSorted((a, b) => a.startedAt - b.startedAt);
    return inOrder.flatMap((change, index): readonly Violation[] => {
      const before = inOrder[index - 1];
      // Of changes at the same time, either may be the first.
      const isInOrder = before === undefined || Number(before.version) < Number(change.version);
      if (isInOrder || (before.endedAt > change.startedAt && before.version !== change.version)) return [];
      const what = `version ${change.version} of ${change.asset} is not higher than version ${before.version} before`;
      return [{ promise: 'P7', what, calls: [before, change], faults: [] }];
    });
  });
}

/** P7: `/v123/` shows the bytes of version 123. */
export function checkVersionBytes(history: History): readonly Violation[] {
  return history.reads.flatMap((read) => {
    if (typeof read.shown !== 'string' || read.version === undefined) return [];
    const changes = history.changesOf(read.asset);
    const made = changes.filter(({ asset }) => asset === read.asset);
    const known = made.find(({ version }) => version === read.version);
    // A change without an acknowledgement may have made this version.
    const isPossible = (change: Change) =>
      change.version === undefined && change.startedAt <= read.endedAt && change.shows[read.asset] === read.shown;
    if (known === undefined ? made.some(isPossible) : known.shows[read.asset] === read.shown) return [];
    const calls = [...made.filter(({ shows }) => shows[read.asset] === read.shown), ...(known ? [known] : []), read];
    const what = `/v${read.version}/ of ${read.asset} shows ${read.shown}, which is the bytes of another upload`;
    return [{ promise: 'P7', what, calls, faults: [] }];
  });
}

/** P7: an acknowledged version stays until its asset is renamed or destroyed, or has too many newer versions. */
export function checkVersionsStay(history: History, limits: ChangeLimits): readonly Violation[] {
  return history.reads.flatMap((read) => {
    if (read.shown !== null || read.version === undefined) return [];
    const changes = history.changesOf(read.asset);
    const isMade = ({ asset, version, result }: Change): boolean =>
      asset === read.asset && version === read.version && result === 'acknowledged';
    const made = changes.find(isMade);
    if (made === undefined || made.endedAt > read.startedAt) return [];
    const later = changes.filter(({ startedAt }) => startedAt > made.startedAt && startedAt <= read.endedAt);
    const isRemoved = later.some(({ shows }) => shows[read.asset] === null) || later.length > limits.olderVersions;
    if (isRemoved) return [];
    const faults = faultsNear(history, { from: read.startedAt, until: read.endedAt, server: read.server });
    const isExcused = faults.some(mayHideStore) && !read.isStorable;
    if (isExcused && made.endedAt > read.startedAt - limits.maxStaleMs) return [];
    const what = `/v${read.version}/ of ${read.asset} does not exist, although it was acknowledged`;
    return [{ promise: 'P7', what, calls: [made, ...later, ...sameOutcome(history, read), read], faults }];
  });
}

/** P1 for a version: no request shows a version of an asset that was destroyed or renamed. */
export function checkRemoved(history: History, { maxStaleMs }: Pick<ChangeLimits, 'maxStaleMs'>): readonly Violation[] {
  return history.reads.flatMap((read) => {
    if (typeof read.shown !== 'string' || read.version === undefined) return [];
    const changes = history.changesOf(read.asset);
    const faults = faultsNear(history, { from: read.startedAt, until: read.endedAt, server: read.server });
    const since = read.startedAt - (faults.some(mayHideStore) && !read.isStorable ? maxStaleMs : 0);
    const before = changes.findLast(({ result, endedAt }) => result === 'acknowledged' && endedAt <= since);
    if (before === undefined || before.shows[read.asset] !== null) return [];
    const later = changes.filter(({ startedAt }) => startedAt > before.startedAt && startedAt <= read.endedAt);
    if (later.length > 0) return [];
    const what = `/v${read.version}/ of ${read.asset} shows ${read.shown}, although the asset was removed`;
    return [{ promise: 'P1', what, calls: [before, read], faults }];
  });
}

/** P11: a change that cannot write its mark is not acknowledged, and says when to repeat it. */
export function checkConfirmations({ changes, faults }: History): readonly Violation[] {
  return changes.flatMap((change): readonly Violation[] => {
    const isWithin = ({ servers, during, store = [] }: Fault): boolean =>
      change.server !== undefined &&
      servers.includes(change.server) &&
      (store.includes('away') || store.includes('refuses')) &&
      during !== undefined &&
      during.from <= change.startedAt &&
      change.endedAt <= during.until;
    const faultsAround = faults.filter(isWithin);
    const violation = (what: string): Violation => ({ promise: 'P11', what, calls: [change], faults: faultsAround });
    if (change.result === 'acknowledged' && faultsAround.length > 0) {
      return [violation(`change #${change.number} is acknowledged, but its mark cannot have been written`)];
    }
    if (change.result !== 'unconfirmed') return [];
    if (change.status !== 503)
      return [violation(`change #${change.number} fails with ${change.status} instead of 503`)];
    return change.retryAfter === undefined ? [violation(`change #${change.number} fails without Retry-After`)] : [];
  });
}
