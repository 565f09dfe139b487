import type { ReceivedBytes } from '@safelight/core';
import type { ReceivedParts } from '@safelight/protocol';
import { ApiError, badRequest } from './api-error.ts';
import type { MadeResponse } from './own-origin.ts';
import type { PartArrivals } from './part-arrivals.ts';
import type { PartHeader } from './part-header.ts';
import type { PartLimits } from './part-limits.ts';
import { checkAsset, newUpload, type PartialAsset, type PartialUpload } from './partial-upload.ts';
import { checkTotal, describeReceived, findPlace } from './received-parts.ts';

export interface UnfinishedUploads {
  /**
   * Adds a part. When the part was received before (`isNew` is `false`), the caller discards its bytes.
   * @param key - identifies the upload, and includes the identity of its sender
   * @throws {ApiError} 400 when the part contradicts the received parts, 503 when the limits leave no room for it;
   *   nothing changes then
   */
  take(key: string, part: PartHeader & ArrivedPart): { readonly upload: PartialUpload; readonly isNew: boolean };
  /**
   * Joins all parts to one file, once for all callers. The response or the refusal is remembered for ten minutes. After
   * any other failure the parts stay stored, so that the call can be repeated.
   */
  finish(upload: PartialUpload, join: () => Promise<MadeResponse>): Promise<MadeResponse>;
  /** Removes an upload that cannot become complete. */
  drop(key: string): void;
  readonly receivedParts: ReceivedPartsOf;
}

/**
 * Returns the parts of an upload, without those that are arriving. An ID that two senders have used is unknown to both: one
 * of them may have learned it from the other.
 */
export type ReceivedPartsOf = (uploadId: string) => Promise<ReceivedParts>;

/** A part, after its bytes are on disk. */
export interface ArrivedPart {
  readonly asset: PartialAsset;
  readonly received: ReceivedBytes;
  /** The address of its sender. */
  readonly client: string;
}

export interface UnfinishedUploadsOptions extends PartLimits {
  readonly arrivals: PartArrivals;
  /** Epoch milliseconds. */
  clock(): number;
  onError(error: unknown): void;
}

/** How long the outcome of a complete upload is remembered. */
const settledMs = 600_000;
/** An upload is not removed to make room for another one within this time after its last part. */
const graceMs = 60_000;
const retryAfterSeconds = 10;
const maxSweepMs = 60_000;

/**
 * Creates the registry of unfinished uploads of this process, with limits on bytes, uploads, parts and time. When a
 * limit is reached, the least recently used upload is removed first. A part that still has no room is refused with 503.
 */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: the closure holds the uploads of one cloud; its functions are short.
export function createUnfinishedUploads(options: UnfinishedUploadsOptions): UnfinishedUploads {
  const { maxParts, maxUploads, maxUploadsPerClient, maxUnfinishedBytes, maxIdleMs, arrivals, clock, onError } =
    options;
  /** In the order of use, the least recently used first. */
  const uploads = new Map<string, PartialUpload>();
  let storedBytes = 0;
  let partCount = 0;
  let sweeping: NodeJS.Timeout | undefined;

  /** Ends the waiting requests and discards the bytes. */
  function settle(upload: PartialUpload): void {
    for (const end of upload.lingering) end();
    if (upload.isSettled) return;
    upload.isSettled = true;
    for (const { received } of upload.parts) {
      storedBytes -= received.bytes;
      received.discard().catch(onError);
    }
  }

  function forget(key: string, upload: PartialUpload): void {
    settle(upload);
    uploads.delete(key);
    partCount -= upload.parts.length;
    // A caller may still have this object. It must not read the discarded parts.
    upload.parts.length = 0;
  }

  /** Whether its parts are being joined, or a part is being received. */
  function isBusy({ outcome, isSettled, uploadId }: PartialUpload): boolean {
    return (outcome !== undefined && !isSettled) || arrivals.has(uploadId);
  }

  function sweep(): void {
    const now = clock();
    for (const [key, upload] of uploads) {
      const lifetimeMs = upload.isSettled ? settledMs : maxIdleMs;
      if (now - upload.usedAt >= lifetimeMs && !isBusy(upload)) forget(key, upload);
    }
  }

  function sweepLater(): void {
    if (sweeping !== undefined) return;
    const task = (): void => {
      sweeping = undefined;
      sweep();
      if (uploads.size > 0) sweepLater();
    };
    sweeping = setTimeout(task, Math.min(maxIdleMs, maxSweepMs)).unref();
  }

  /** One client must not use up the uploads of all: a new one replaces the one that it has used least recently. */
  function makeRoomOf(client: string): void {
    const own = [...uploads].filter(([, upload]) => upload.client === client && !upload.isSettled);
    if (own.length < maxUploadsPerClient) return;
    const replaced = own.find(([, upload]) => isReplaceable(upload));
    if (replaced === undefined) throw full('Too many uploads in parts of this client are unfinished');
    forget(...replaced);
  }

  function isReplaceable(upload: PartialUpload): boolean {
    return !isBusy(upload) && (upload.isSettled || clock() - upload.usedAt >= graceMs);
  }

  function makeRoom(bytes: number, newUploads: number): void {
    const hasRoom = (): boolean =>
      storedBytes + bytes <= maxUnfinishedBytes && uploads.size + newUploads <= maxUploads && partCount < 10 * maxParts;
    sweep();
    for (const [key, upload] of uploads) {
      if (hasRoom()) return;
      if (isReplaceable(upload)) forget(key, upload);
    }
    if (hasRoom()) return;
    throw full('Too many uploads in parts are unfinished');
  }

  return {
    async receivedParts(uploadId) {
      const found = [...uploads.values()].filter((upload) => upload.uploadId === uploadId);
      const { parts = [], total } = found.length === 1 ? (found[0] ?? {}) : {};
      return { received: parts.map(({ start, end }) => ({ start, end })), total: total ?? null };
    },

    take(key, { uploadId, range, asset, received, client }) {
      const known = uploads.get(key);
      const upload = known ?? newUpload(uploadId, asset, client);
      const { parts } = upload;
      const part = { start: range.start, end: range.end, etag: received.etag, received };
      checkAsset(upload, asset);
      checkTotal(parts, upload.total, range);
      const { index, isReceived } = findPlace(parts, part);
      if (!isReceived) {
        if (parts.length >= maxParts) {
          throw badRequest(`More than ${maxParts} parts. Begin again with larger parts; ${describeReceived(parts)}.`);
        }
        if (known === undefined) makeRoomOf(client);
        makeRoom(received.bytes, known === undefined ? 1 : 0);
        parts.splice(index, 0, part);
        storedBytes += received.bytes;
        partCount += 1;
      }
      upload.total ??= range.total;
      upload.usedAt = clock();
      uploads.delete(key);
      uploads.set(key, upload);
      sweepLater();
      return { upload, isNew: !isReceived };
    },

    finish(upload, join) {
      const end = (): void => {
        settle(upload);
        upload.usedAt = clock();
      };
      upload.outcome ??= join().then(
        (response) => {
          end();
          return response;
        },
        (error: unknown) => {
          if (error instanceof ApiError && error.status < 500) end();
          else upload.outcome = undefined;
          throw error;
        },
      );
      return upload.outcome;
    },

    drop(key) {
      const upload = uploads.get(key);
      if (upload !== undefined && (upload.outcome === undefined || upload.isSettled)) forget(key, upload);
    },
  };
}

function full(why: string): ApiError {
  const message = `${why}. No part is lost: repeat this part in ${retryAfterSeconds} s.`;
  return new ApiError(503, message, { 'retry-after': String(retryAfterSeconds) });
}
