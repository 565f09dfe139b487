import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  createInTurn,
  type ReceivedBytes,
  type UnfinishedUpload,
  type UnfinishedUploads,
  type UploadFacts,
  type UploadName,
} from '@safelight/core';
import type { ReceivedParts } from '@safelight/protocol';
import { badRequest } from './api-error.ts';
import type { CallClaims } from './call-claims.ts';
import type { MadeResponse } from './own-origin.ts';
import type { PartArrivals } from './part-arrivals.ts';
import type { PartRange } from './part-header.ts';
import type { PartLimits } from './part-limits.ts';
import { checkAsset, isUploadComplete, totalOf } from './partial-upload.ts';
import { checkTotal, describeReceived, findPlace } from './received-parts.ts';
import { createUploadJoins, type JoinUpload } from './upload-joins.ts';
import { createUploadLimits, full, textOfName } from './upload-limits.ts';
import { createUploadUses } from './upload-uses.ts';

/** The unfinished uploads of a cloud. */
export interface UploadRegistry {
  /**
   * Adds a part, and takes over its bytes. The same part again changes nothing.
   * @throws {ApiError} 400 when the part contradicts the received parts, 503 when a limit is reached; nothing changes
   *   then, and the bytes still belong to the caller
   */
  take(name: UploadName, part: ArrivedPart): Promise<UnfinishedUpload>;
  /** Notes for all processes that a part is arriving. @returns a function that ends this; it never rejects */
  beginPart(name: UploadName): Promise<() => Promise<void>>;
  /**
   * Waits for the parts of an upload that are arriving now, at any process. The caller has ended its own one.
   * @returns the upload with them
   */
  withArriving(upload: UnfinishedUpload): Promise<UnfinishedUpload>;
  /**
   * Calls `join` with all parts, once for all callers. The response or the refusal is remembered for ten minutes, also by
   * the next process. After any other failure the parts stay stored, so that the call can be repeated.
   * @throws {ApiError} 400 when parts have been lost
   */
  finish(name: UploadName, join: JoinUpload): Promise<MadeResponse>;
  /** Whether the parts of an upload are being joined for a call. Others get the response of this call. */
  isFinishing(name: UploadName): boolean;
  /** Removes an upload that cannot become complete. */
  drop(name: UploadName): Promise<void>;
  readonly receivedParts: ReceivedPartsOf;
}

/** A part, after its bytes are on disk. */
export interface ArrivedPart {
  readonly range: PartRange;
  readonly facts: UploadFacts;
  readonly received: ReceivedBytes;
}

/**
 * Returns the parts of an upload, without those that are arriving. An ID that two senders have used is unknown to both: one
 * of them may have learned it from the other.
 */
export type ReceivedPartsOf = (uploadId: string) => Promise<ReceivedParts>;

export interface UploadRegistryOptions extends PartLimits {
  readonly cloudName: string;
  readonly storage: UnfinishedUploads;
  readonly arrivals: PartArrivals;
  /** `undefined`: only this process joins parts. */
  readonly claims: CallClaims | undefined;
  /** Epoch milliseconds. */
  clock(): number;
  onError(error: unknown): void;
}

/** The ID of an upload lets its holder add parts. So only a hash of it is stored, logged or compared. */
export function uploadKey(cloudName: string, uploadId: string): string {
  return createHash('sha256')
    .update(JSON.stringify([cloudName, uploadId]))
    .digest('hex');
}

/** How often a part is checked again when another process adds parts to the same upload at the same time. */
const maxAttempts = 3;
/** How often a process looks whether parts have arrived at others. */
const arrivalPollMs = 100;

export function createUploadRegistry(options: UploadRegistryOptions): UploadRegistry {
  const { cloudName, storage, arrivals, maxParts, clock } = options;
  const uses = createUploadUses(storage, options.onError);
  const joins = createUploadJoins({ ...options, uses, onSettled: (name) => limits.used(name, true) });
  const inTurn = createInTurn();
  const limits = createUploadLimits({
    ...options,
    list: () => storage.list(),
    remove: (name) => inTurn([textOfName(name)], () => storage.remove(name)),
    isBusy: (name) => joins.has(name) || arrivals.has(name.key),
    inUse: uses.list,
  });

  /** @returns `undefined` when another process has changed the upload since it was read */
  async function add(name: UploadName, { range, facts, received }: ArrivedPart): Promise<UnfinishedUpload | undefined> {
    const known = await storage.read(name);
    const parts = known?.parts ?? [];
    const part = { ...range, etag: received.etag };
    if (known !== undefined) checkAsset(known, facts);
    checkTotal(parts, totalOf(parts), range);
    const { isReceived } = findPlace(parts, part);
    if (!isReceived && parts.length >= maxParts) {
      throw badRequest(`More than ${maxParts} parts. Begin again with larger parts; ${describeReceived(parts)}.`);
    }
    const undo = isReceived
      ? () => limits.used(name)
      : await limits.reserve(name, { bytes: received.bytes, client: facts.client });
    let upload: UnfinishedUpload | undefined;
    try {
      upload = await storage.add(name, { facts, part, received, usedAt: clock() });
      return upload;
    } finally {
      if (upload === undefined || isReceived) undo();
    }
  }

  return {
    take: (name, part) =>
      inTurn([textOfName(name)], async () => {
        for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
          const upload = await add(name, part);
          if (upload !== undefined) return upload;
        }
        throw full('Other parts of this upload are being stored');
      }),

    beginPart: uses.begin,

    async withArriving(upload) {
      for (;;) {
        await arrivals.none(upload.key);
        // A part is stored before its use ends.
        const isArriving = (await uses.list()).has(textOfName(upload));
        const current = (await storage.read(upload)) ?? upload;
        if (!isArriving || isUploadComplete(current)) return current;
        await delay(arrivalPollMs);
      }
    },

    finish: joins.finish,
    isFinishing: joins.has,

    async drop(name) {
      if (!joins.has(name)) await limits.forget(name);
    },

    async receivedParts(uploadId) {
      const found = await storage.find(uploadKey(cloudName, uploadId));
      const { parts } = (found.length === 1 && found[0]) || { parts: [] };
      return { received: parts.map(({ start, end }) => ({ start, end })), total: totalOf(parts) ?? null };
    },
  };
}
