import { mayHideStore } from './check-changes.ts';
import { type Change, faultsNear, type History, type Read, type Violation } from './history.ts';

/**
 * P8: a derivative that is stored is delivered until its asset changes or the store loses its records, also when a run for
 * another derivation fails.
 */
export function checkGoodStays(history: History): readonly Violation[] {
  return history.reads.flatMap((read): readonly Violation[] => {
    if (read.status === undefined || read.status < 500 || read.server === undefined) return [];
    const good = history.reads.findLast(
      ({ asset, derivation, version, source, status, endedAt }) =>
        [asset, derivation, version].join() === [read.asset, read.derivation, read.version].join() &&
        source === 'stored' &&
        status === 200 &&
        endedAt <= read.startedAt,
    );
    if (good === undefined) return [];
    const isChanged = history
      .changesOf(read.asset)
      .some(
        ({ startedAt, endedAt, result }) =>
          startedAt <= read.endedAt && (endedAt >= good.startedAt || result === 'lost'),
      );
    const faults = faultsNear(history, { from: good.startedAt, until: read.endedAt });
    const isForgotten = faults.some(({ store = [] }) => store.includes('forgets'));
    // Without the store, a process does not know what is stored.
    const isUnknown = faults.some((fault) => mayHideStore(fault) && fault.servers.includes(Number(read.server)));
    if (isChanged || isForgotten || (isUnknown && !read.isStorable)) return [];
    const what = `request #${read.number} fails, although the derivative was stored`;
    return [{ promise: 'P8', what, calls: [good, read], faults }];
  });
}

export interface WaitLimits {
  /** How long requests wait for an upload. */
  readonly maxPendingMs: number;
  /** How long after the start of a slow upload its server knows for certain which asset it changes. */
  readonly knownAfterMs: number;
  /** Whether a server knows which uploads another server receives. */
  readonly isShared: boolean;
}

/** P9: a request for an original that is being uploaded for the first time waits for it. */
export function checkWaits(history: History, limits: WaitLimits): readonly Violation[] {
  return history.reads.flatMap((read): readonly Violation[] => {
    const upload = awaitedUpload(history, read, limits);
    if (upload === undefined || read.shown !== null) return [];
    const what = `request #${read.number} did not wait for the upload #${upload.number}`;
    return [{ promise: 'P9', what, calls: [upload, read], faults: [] }];
  });
}

/** How many requests had to wait for an upload. */
export function waits(history: History, limits: WaitLimits): number {
  return history.reads.filter((read) => awaitedUpload(history, read, limits) !== undefined).length;
}

function awaitedUpload(history: History, read: Read, { maxPendingMs, knownAfterMs, isShared }: WaitLimits) {
  const [upload, ...others] = history.changesOf(read.asset).filter(({ startedAt }) => startedAt <= read.endedAt);
  if (upload === undefined || others.length > 0 || !upload.isSlow || upload.result !== 'acknowledged') return undefined;
  if (read.server === undefined || (!isShared && read.server !== upload.server)) return undefined;
  const isDuring = upload.startedAt + knownAfterMs <= read.startedAt && read.startedAt < upload.endedAt;
  // The time of a response to the test, and of a turn of the server.
  const isPatient = upload.endedAt - read.startedAt < maxPendingMs - 500;
  // A server knows its own uploads without the store.
  const faults = faultsNear(history, { from: upload.startedAt, until: upload.endedAt });
  const isDisturbed = faults.some(({ servers, process }) =>
    read.server === upload.server ? process !== undefined && servers.includes(read.server ?? -1) : true,
  );
  return isDuring && isPatient && !isDisturbed ? upload : undefined;
}

/**
 * What is known of leases: a holder that is killed or stopped, or that gets no reply when it takes one, leaves a lease that
 * lives on. Requests of other processes for the same asset wait for it, and may then be refused.
 */
export interface LeaseLimits {
  /** How long a lease lives, in milliseconds. */
  readonly lifeMs: number;
  /** How long a request waits for one, in milliseconds. */
  readonly waitMs: number;
}

/** Whether a request may meet a lease that a fault has left: others have requested the same asset during the fault. */
function mayMeetLease(history: History, read: Read, { lifeMs }: LeaseLimits): boolean {
  if (read.source === 'stored') return false;
  const faults = history.faults.filter(
    (fault) =>
      (fault.process === 'killed' || mayHideStore(fault)) &&
      fault.startedAt <= read.endedAt &&
      fault.endedAt >= read.startedAt - lifeMs,
  );
  const others = history.reads.filter((other) => other !== read && other.asset === read.asset);
  return faults.some((fault) =>
    others.some((other) => other.startedAt <= fault.endedAt && other.endedAt >= fault.startedAt),
  );
}

/** How many requests have waited or were refused because of a lease that a fault has left. */
export function leasesMet(history: History, limits: LeaseLimits & { readonly maxMs: number }): number {
  const { slowestMs } = timesOf(history);
  const isSlow = (read: Read): boolean => ownMs(history, read) > limits.maxMs + slowestMs && !isCalm(history, read);
  const isRefused = ({ status, code, derivation }: Read): boolean =>
    status === 503 && code === 'busy' && derivation === 'file';
  return history.reads.filter((read) => (isSlow(read) || isRefused(read)) && mayMeetLease(history, read, limits))
    .length;
}

/**
 * P11: no delivery is slow because of the store: a fault costs at most `maxMs` more than the slowest request without faults,
 * which shows how busy the machine is.
 */
export function checkFast(
  history: History,
  limits: { readonly maxMs: number; readonly leases?: LeaseLimits },
): readonly Violation[] {
  const { maxMs, leases } = limits;
  const { slowestMs } = timesOf(history);
  return history.reads.flatMap((read): readonly Violation[] => {
    const ms = ownMs(history, read);
    if (ms <= maxMs + slowestMs || isCalm(history, read)) return [];
    if (leases !== undefined && ms <= maxMs + slowestMs + leases.waitMs && mayMeetLease(history, read, leases))
      return [];
    const what = `request #${read.number} took ${read.endedAt - read.startedAt} ms`;
    const faults = faultsNear(history, { from: read.startedAt, until: read.endedAt });
    return [{ promise: 'P11', what, calls: [...changesNear(history, read), read], faults }];
  });
}

/** The times of requests without faults and with faults, in milliseconds. */
export function timesOf(history: History): { readonly slowestMs: number; readonly slowestInFaultsMs: number } {
  const slowest = (reads: readonly Read[]): number => reads.reduce((ms, read) => Math.max(ms, ownMs(history, read)), 0);
  return {
    slowestMs: slowest(history.reads.filter((read) => isCalm(history, read))),
    slowestInFaultsMs: slowest(history.reads.filter((read) => !isCalm(history, read))),
  };
}

function isCalm(history: History, { startedAt, endedAt }: Read): boolean {
  return faultsNear(history, { from: startedAt, until: endedAt }).length === 0;
}

/**
 * The time of a request for which the store can be a reason, in milliseconds. 0 when its server was stopped or killed, when
 * an upload of its asset was under way, for which it waits, and when a picture was made, which takes long on a busy machine.
 */
function ownMs(history: History, read: Read): number {
  const { asset, startedAt, endedAt } = read;
  if (isPictureMade(history, read)) return 0;
  const isStopped = faultsNear(history, { from: startedAt, until: endedAt }).some(
    ({ process }) => process !== undefined,
  );
  const isAwaiting = history
    .changesOf(asset)
    .some((change) => change.startedAt <= endedAt && (change.endedAt >= startedAt || change.result === 'lost'));
  if (isStopped || isAwaiting) return 0;
  const stalledMs = history.stalls
    .map((stall) => Math.min(stall.endedAt, endedAt) - Math.max(stall.startedAt, startedAt))
    .filter((ms) => ms > 0)
    .reduce((sum, ms) => sum + ms, 0);
  return endedAt - startedAt - stalledMs;
}

/**
 * Whether a transformation has failed since its process was killed, or since its original was removed meanwhile. A failure that
 * is held has the cause of the run before. It is held until the end of the next run, which may take long.
 */
function hasKnownCause(history: History, read: Read): boolean {
  const { asset, derivation, version, source, startedAt: from, endedAt: until } = read;
  const faults = faultsNear(history, { from, until });
  if (faults.some(({ process }) => process === 'worker' || process === 'killed')) return true;
  if (changesNear(history, read).some((change) => change.endedAt >= from && isRemoval(change, read))) return true;
  if (source === 'run') return false;
  const run = history.reads
    .filter((other) => other.code === 'handler_failed' && other.source === 'run' && other.endedAt <= until)
    .filter((other) => other.asset === asset && other.derivation === derivation && other.version === version)
    .reduce<Read | undefined>(
      (last, other) => (last !== undefined && last.endedAt > other.endedAt ? last : other),
      undefined,
    );
  return run !== undefined && hasKnownCause(history, run);
}

function isRemoval({ shows }: Change, { asset, version }: Read): boolean {
  return shows[asset] === null || version !== undefined;
}

/** The last change that was acknowledged before a request, and the changes at its time. */
function changesNear(history: History, { asset, startedAt, endedAt }: Read): readonly Change[] {
  const changes = history.changesOf(asset);
  const before = changes.findLast((change) => change.result === 'acknowledged' && change.endedAt <= startedAt);
  const during = changes.filter((change) => change.startedAt <= endedAt && change.endedAt >= startedAt);
  return [...(before === undefined ? [] : [before]), ...during];
}

/** Whether a request has waited for a picture to be made, by its own run or that of another process. */
function isPictureMade({ reads }: History, read: Read): boolean {
  const { asset, derivation, status, source, startedAt, endedAt } = read;
  if (derivation === 'file') return false;
  if (status === undefined || status >= 500 || (status === 200 && source !== 'stored')) return true;
  const isFast = endedAt - startedAt < 500;
  return (
    !isFast &&
    status === 200 &&
    reads.some(
      (other) =>
        other.asset === asset &&
        other.derivation === derivation &&
        other.source !== 'stored' &&
        other.startedAt <= endedAt &&
        other.endedAt >= startedAt,
    )
  );
}

/** P11: no delivery fails because of the store. */
export function checkNoFailures(
  history: History,
  { leases }: { readonly leases?: LeaseLimits } = {},
): readonly Violation[] {
  return history.reads.flatMap((read): readonly Violation[] => {
    const { status, server, code, startedAt: from, endedAt: until } = read;
    const faults = faultsNear(history, { from, until });
    const processes = new Set(faults.map(({ process }) => process));
    const violation = (what: string): readonly Violation[] => [
      { promise: 'P11', what, calls: [...changesNear(history, read), read], faults },
    ];
    if (status === undefined || server === undefined) {
      if (processes.has('killed') || processes.has('stopped')) return [];
      // A busy machine makes few pictures at a time.
      if (read.hasLeft && read.derivation !== 'file') return [];
      // The bytes of an original are removed with it, also while a response is sent.
      const isRemoved = changesNear(history, read).some((change) => change.endedAt >= from && isRemoval(change, read));
      if (isRemoved && !read.hasLeft) return [];
      return violation(`request #${read.number} has no response of a server`);
    }
    if (status < 500 || code === 'pending') return [];
    // A busy machine makes few pictures at a time.
    if (read.derivation !== 'file' && (code === 'busy' || code === 'timed_out')) return [];
    if (code === 'busy' && leases !== undefined && mayMeetLease(history, read, leases)) return [];
    if (code === 'handler_failed' && hasKnownCause(history, read)) return [];
    return violation(`request #${read.number} fails with ${status} (${code ?? 'no code'})`);
  });
}
