/** What an asset shows: the name of its bytes; `null`: nothing, it does not exist. */
export type Shown = string | null;

/** One call of a client. Instants are in epoch milliseconds of the one machine that all processes share. */
interface Call {
  /** Unique in a history. */
  readonly number: number;
  readonly startedAt: number;
  readonly endedAt: number;
  /** The index of the server that has responded; `undefined` when none has. */
  readonly server: number | undefined;
  /** `undefined`: no response has arrived. */
  readonly status: number | undefined;
}

/** A request for a picture or a file. */
export interface Read extends Call {
  readonly kind: 'read';
  readonly asset: string;
  /** Different for different derivations of an asset. */
  readonly derivation: string;
  /** The version in the URL. */
  readonly version: number | undefined;
  /** `undefined`: the response does not say what the asset shows. */
  readonly shown: Shown | undefined;
  /** `X-Safelight-Error`. */
  readonly code: string | undefined;
  /** Where the response comes from, by `Cache-Status`. `joined`: from the run of another request. */
  readonly source: 'run' | 'joined' | 'stored' | undefined;
  /** Whether a shared cache may store the response. */
  readonly isStorable: boolean;
  /** Whether the client has left, since the response took too long for it. */
  readonly hasLeft: boolean;
}

/** A call that changes assets. */
export interface Change extends Call {
  readonly kind: 'upload' | 'rename' | 'destroy';
  /** What each changed asset shows after it. A rename changes two. */
  readonly shows: Readonly<Record<string, Shown>>;
  /** The asset that has got a new version. */
  readonly asset: string;
  /** The new version, by the response. */
  readonly version: number | undefined;
  /**
   * - `acknowledged`.
   * - `unconfirmed`: the server has said that it failed. The change has happened by then, or never will.
   * - `lost`: there is no response. The change may still happen at any time.
   * - `refused`: it has not happened.
   */
  readonly result: 'acknowledged' | 'unconfirmed' | 'lost' | 'refused';
  readonly retryAfter: string | undefined;
  /** Whether the file was sent in pieces, after the name of the asset. */
  readonly isSlow: boolean;
}

/** A fault that the test has caused. Its effect was there at most from `startedAt` to `endedAt`. */
export interface Fault {
  readonly kind: string;
  readonly servers: readonly number[];
  readonly startedAt: number;
  readonly endedAt: number;
  /** The effect was there during all of this time; absent when that is not known. */
  readonly during?: { readonly from: number; readonly until: number };
  /**
   * What the servers see of the store. `away`: no reply arrives. `slow`: replies arrive late, or some of them do not.
   * `refuses`: it refuses writes. `forgets`: it has lost data.
   */
  readonly store?: readonly ('away' | 'slow' | 'refuses' | 'forgets')[];
  /** What happened to the servers. `worker`: a process that makes pictures was killed. */
  readonly process?: 'killed' | 'stopped' | 'worker';
}

/** A time in which the test itself did not run, so that its measurements are too long. */
export interface Stall {
  readonly startedAt: number;
  readonly endedAt: number;
}

export interface HistoryParts {
  readonly reads: readonly Read[];
  readonly changes: readonly Change[];
  readonly faults: readonly Fault[];
  readonly stalls: readonly Stall[];
}

export interface History extends HistoryParts {
  /** The changes of an asset in the order of their starts, without those that have not happened. */
  changesOf(asset: string): readonly Change[];
}

export function historyOf(parts: HistoryParts): History {
  const changes = new Map<string, Change[]>();
  for (const change of parts.changes.toSorted((a, b) => a.startedAt - b.startedAt)) {
    if (change.result === 'refused') continue;
    for (const asset of Object.keys(change.shows)) changes.set(asset, [...(changes.get(asset) ?? []), change]);
  }
  return { ...parts, changesOf: (asset) => changes.get(asset) ?? [] };
}

/** What must not happen, and the calls and faults that show it. */
export interface Violation {
  readonly promise: 'P1' | 'P2' | 'P7' | 'P8' | 'P9' | 'P11';
  readonly what: string;
  readonly calls: readonly (Read | Change)[];
  readonly faults: readonly Fault[];
}

/**
 * How long a process may need until it uses the store again after a fault: it connects after at most 2 s of waiting, and a
 * connection may take 1 s.
 */
export const recoveryMs = 3500;

/** The faults of a server that overlap a time, or have ended less than `recoveryMs` before it. */
export function faultsNear(
  { faults }: History,
  { from, until, server }: { readonly from: number; readonly until: number; readonly server?: number | undefined },
): readonly Fault[] {
  return faults.filter(
    ({ servers, startedAt, endedAt }) =>
      (server === undefined || servers.includes(server)) && startedAt <= until && endedAt + recoveryMs >= from,
  );
}

/** Groups values by a name. */
export function grouped<T>(values: readonly T[], nameOf: (value: T) => string): readonly (readonly T[])[] {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const group = groups.get(nameOf(value));
    if (group === undefined) groups.set(nameOf(value), [value]);
    else group.push(value);
  }
  return [...groups.values()];
}
