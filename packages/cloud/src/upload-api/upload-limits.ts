import type { UploadName, UploadUse } from '@safelight/core';
import { ApiError } from './api-error.ts';
import type { PartLimits } from './part-limits.ts';

/** Counts the bytes and parts of unfinished uploads, also of earlier processes and of others with the same storage. */
export interface UploadLimits {
  /**
   * Makes room for a part of an upload, and counts it. Removes uploads that are too old, and then, as far as it is
   * necessary, those that were used least recently.
   * @returns a function that takes the part out of the count again, because it could not be stored
   * @throws {ApiError} 503 when a limit is reached and no upload can be removed
   */
  reserve(name: UploadName, part: { readonly bytes: number; readonly client: string }): Promise<() => void>;
  /** Notes that an upload was used, or is settled. */
  used(name: UploadName, isSettled?: boolean): void;
  forget(name: UploadName): Promise<void>;
}

export interface UploadLimitsOptions extends PartLimits {
  list(): Promise<readonly UploadUse[]>;
  remove(name: UploadName): Promise<void>;
  /** Whether a part of an upload is being received, or its parts are being joined, in this process. */
  isBusy(name: UploadName): boolean;
  /** The same of all processes, as texts of names. */
  inUse(): Promise<ReadonlySet<string>>;
  /** Epoch milliseconds. */
  clock(): number;
  onError(error: unknown): void;
}

interface CountedUpload extends UploadUse {
  /** The number of the last change that this process has made. */
  readonly change: number;
}

/** How long the outcome of a complete upload is remembered. */
const settledMs = 600_000;
/** An upload is not removed to make room for another one within this time after its last part. */
const graceMs = 60_000;
const retryAfterSeconds = 10;
const maxSweepMs = 60_000;
/** How often a process counts the parts that other processes have stored. */
const recountMs = 10_000;

export function textOfName({ key, sender }: UploadName): string {
  return `${key}/${sender}`;
}

/**
 * Creates the limits on bytes, uploads, parts and time. A part counts before it is stored, so that parts that arrive at the
 * same time do not exceed a limit together.
 */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: the closure holds the count; its functions are short.
export function createUploadLimits(options: UploadLimitsOptions): UploadLimits {
  const { maxParts, maxUploads, maxUploadsPerClient, maxUnfinishedBytes, maxIdleMs, clock, onError } = options;
  /** The uploads that other processes use. It is read before an upload is removed. */
  let usedElsewhere: ReadonlySet<string> = new Set();
  const isBusy = (name: UploadName): boolean => options.isBusy(name) || usedElsewhere.has(textOfName(name));
  /** In the order of use by this process. */
  const counted = new Map<string, CountedUpload>();
  let changes = 0;
  let countedAt = Number.NEGATIVE_INFINITY;
  let counting: Promise<void> | undefined;
  let sweeping: NodeJS.Timeout | undefined;

  function change(use: UploadUse): void {
    changes += 1;
    counted.delete(textOfName(use));
    counted.set(textOfName(use), { ...use, change: changes });
  }

  async function countStored(): Promise<void> {
    const since = changes;
    const startedAt = clock();
    const found = await options.list();
    const isOwn = (upload: CountedUpload): boolean => upload.change > since || options.isBusy(upload);
    const absent = new Map([...counted].filter(([, upload]) => !isOwn(upload)));
    for (const use of found) {
      const text = textOfName(use);
      const known = counted.get(text);
      if (known === undefined || !isOwn(known)) counted.set(text, { ...use, change: since });
      absent.delete(text);
    }
    for (const text of absent.keys()) counted.delete(text);
    countedAt = startedAt;
  }

  async function count(): Promise<void> {
    if (clock() - countedAt < recountMs) return;
    counting ??= countStored().finally(() => {
      counting = undefined;
    });
    await counting;
  }

  /** Takes uploads out of the count at once. @returns a promise for the end of their removal */
  async function forgetAll(uploads: readonly UploadName[]): Promise<void> {
    for (const name of uploads) counted.delete(textOfName(name));
    await Promise.all(uploads.map((name) => options.remove(name).catch(onError)));
  }

  const tooOld = (): readonly CountedUpload[] =>
    [...counted.values()].filter((upload) => {
      const lifetimeMs = upload.isSettled ? settledMs : maxIdleMs;
      return clock() - upload.usedAt >= lifetimeMs && !isBusy(upload);
    });

  function sweepLater(): void {
    if (sweeping !== undefined) return;
    sweeping = setTimeout(
      async () => {
        sweeping = undefined;
        try {
          await count();
          usedElsewhere = await options.inUse();
          await forgetAll(tooOld());
        } catch (error) {
          onError(error);
        }
        if (counted.size > 0) sweepLater();
      },
      Math.min(maxIdleMs, maxSweepMs),
    ).unref();
  }

  const isReplaceable = (upload: CountedUpload): boolean =>
    !isBusy(upload) && (upload.isSettled || clock() - upload.usedAt >= graceMs);

  /** One client must not use up the uploads of all: a new one replaces the one that it has used least recently. */
  function replacedOf(client: string, order: readonly CountedUpload[]): readonly CountedUpload[] {
    const own = order.filter((upload) => upload.client === client && !upload.isSettled);
    if (own.length < maxUploadsPerClient) return [];
    const replaced = own.find(isReplaceable);
    if (replaced === undefined) throw full('Too many uploads in parts of this client are unfinished');
    return [replaced];
  }

  /** Chooses the uploads that give way to a part. */
  function chooseReplaced(bytes: number, client: string | undefined): readonly CountedUpload[] {
    const old = new Set<CountedUpload>(tooOld());
    const order = [...counted.values()].filter((upload) => !old.has(upload)).sort((a, b) => a.usedAt - b.usedAt);
    const replaced = client === undefined ? [] : [...replacedOf(client, order)];
    const rest = order.filter((upload) => !replaced.includes(upload));
    let storedBytes = rest.reduce((sum, upload) => sum + upload.bytes, bytes);
    let partCount = rest.reduce((sum, upload) => sum + upload.partCount, 0);
    let uploadCount = rest.length + (client === undefined ? 0 : 1);
    const hasRoom = (): boolean =>
      storedBytes <= maxUnfinishedBytes && uploadCount <= maxUploads && partCount < 10 * maxParts;
    for (const upload of rest) {
      if (hasRoom()) break;
      if (!isReplaceable(upload)) continue;
      replaced.push(upload);
      storedBytes -= upload.bytes;
      partCount -= upload.partCount;
      uploadCount -= 1;
    }
    if (!hasRoom()) throw full('Too many uploads in parts are unfinished');
    return [...old, ...replaced];
  }

  // A process that was started again finds the uploads of the earlier one, also when no part arrives.
  sweepLater();

  return {
    async reserve(name, { bytes, client }) {
      await count();
      const choose = () => chooseReplaced(bytes, counted.has(textOfName(name)) ? undefined : client);
      usedElsewhere = new Set();
      if (choose().length > 0) usedElsewhere = await options.inUse();
      const removed = choose();
      const known = counted.get(textOfName(name));
      const { partCount, bytes: before, ...rest } = known ?? newUse(name, client);
      change({ ...rest, partCount: partCount + 1, bytes: before + bytes, usedAt: clock() });
      sweepLater();
      await forgetAll(removed);
      return function undo() {
        const upload = counted.get(textOfName(name));
        if (upload === undefined) return;
        if (upload.partCount === 1) counted.delete(textOfName(name));
        else change({ ...upload, partCount: upload.partCount - 1, bytes: upload.bytes - bytes });
      };
    },

    used(name, isSettled = false) {
      const upload = counted.get(textOfName(name));
      if (upload !== undefined) change({ ...upload, usedAt: clock(), ...(isSettled ? { isSettled, bytes: 0 } : {}) });
    },

    forget: (name) => forgetAll([name]),
  };
}

function newUse(name: UploadName, client: string): UploadUse {
  return { ...name, client, partCount: 0, bytes: 0, isSettled: false, usedAt: 0 };
}

/** The refusal of a part that cannot be stored now. */
export function full(why: string): ApiError {
  const message = `${why}. No part is lost: repeat this part in ${retryAfterSeconds} s.`;
  return new ApiError(503, message, { 'retry-after': String(retryAfterSeconds) });
}
