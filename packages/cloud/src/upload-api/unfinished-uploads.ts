import type { ReceivedBytes } from '@safelight/core';
import { ApiError, badRequest } from './api-error.ts';
import type { PartArrivals } from './part-arrivals.ts';
import type { PartHeader } from './part-header.ts';
import type { PartLimits } from './part-limits.ts';
import { checkAsset, newUpload, type PartialAsset, type PartialUpload } from './partial-upload.ts';
import { checkTotal, hereAre, placeOf } from './received-parts.ts';
import type { ApiResponse } from './write-api-response.ts';

export interface UnfinishedUploads {
  /**
   * Keeps a part, or finds that it is here: then its bytes stay the caller's to discard.
   * @param key - of the upload, its sender's identity included
   * @throws {ApiError} 400 when it contradicts what is here, 503 when there is no room; nothing has changed then
   */
  take(
    key: string,
    part: PartHeader & { readonly asset: PartialAsset; readonly received: ReceivedBytes },
  ): { readonly upload: PartialUpload; readonly isNew: boolean };
  /**
   * Makes one file of all parts, once for all callers. Its response or its refusal is remembered for ten minutes; after
   * any other failure the parts are still here.
   */
  finish(upload: PartialUpload, join: () => Promise<ApiResponse>): Promise<ApiResponse>;
  /** Removes an upload that can never become complete. */
  drop(key: string): void;
}

export interface UnfinishedUploadsOptions extends PartLimits {
  readonly arrivals: PartArrivals;
  /** Epoch milliseconds. */
  clock(): number;
  onError(error: unknown): void;
}

const settledMs = 600_000;
/** An upload is not removed to make room for another one within this time after its last part. */
const graceMs = 60_000;
const retryAfterSeconds = 10;
const maxSweepMs = 60_000;

/**
 * Keeps the parts of unfinished uploads, in this process and within bounds on bytes, uploads, parts and time. The least
 * recently used upload makes room first. A part that does not fit is refused with a response that asks for a repeat.
 */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: the closure holds the uploads of one cloud; its functions are short.
export function createUnfinishedUploads(options: UnfinishedUploadsOptions): UnfinishedUploads {
  const { maxParts, maxUploads, maxUnfinishedBytes, maxIdleMs, arrivals, clock, onError } = options;
  /** The least recently used first. */
  const uploads = new Map<string, PartialUpload>();
  let bytesHere = 0;
  let partsHere = 0;
  let sweeping: NodeJS.Timeout | undefined;

  function settle(upload: PartialUpload): void {
    for (const end of upload.lingering) end();
    if (upload.isSettled) return;
    upload.isSettled = true;
    for (const { received } of upload.parts) {
      bytesHere -= received.bytes;
      received.discard().catch(onError);
    }
  }

  function forget(key: string, upload: PartialUpload): void {
    settle(upload);
    uploads.delete(key);
    partsHere -= upload.parts.length;
    // A caller that still holds this object must find no parts in it.
    upload.parts.length = 0;
  }

  /** Whether it is being made one file, or a part of it is on its way. */
  function isBusy({ outcome, isSettled, uploadId }: PartialUpload): boolean {
    return (outcome !== undefined && !isSettled) || arrivals.has(uploadId);
  }

  function sweep(): void {
    const now = clock();
    for (const [key, upload] of uploads) {
      const lifeMs = upload.isSettled ? settledMs : maxIdleMs;
      if (now - upload.usedAt >= lifeMs && !isBusy(upload)) forget(key, upload);
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

  function makeRoom(bytes: number, newUploads: number): void {
    const isRoom = (): boolean =>
      bytesHere + bytes <= maxUnfinishedBytes && uploads.size + newUploads <= maxUploads && partsHere < 10 * maxParts;
    sweep();
    const now = clock();
    for (const [key, upload] of uploads) {
      if (isRoom()) return;
      if (!isBusy(upload) && (upload.isSettled || now - upload.usedAt >= graceMs)) forget(key, upload);
    }
    if (isRoom()) return;
    const message = `Too much is being uploaded in parts right now. Nothing is lost: repeat this part in ${retryAfterSeconds} s.`;
    throw new ApiError(503, message, { 'retry-after': String(retryAfterSeconds) });
  }

  return {
    take(key, { uploadId, range, asset, received }) {
      const known = uploads.get(key);
      const upload = known ?? newUpload(uploadId, asset);
      const { parts } = upload;
      const part = { start: range.start, end: range.end, etag: received.etag, received };
      checkAsset(upload, asset);
      checkTotal(parts, upload.total, range);
      const { index, isThere } = placeOf(parts, part);
      if (!isThere) {
        if (parts.length >= maxParts) {
          throw badRequest(`More than ${maxParts} parts. Begin again with larger ones; ${hereAre(parts)}.`);
        }
        makeRoom(received.bytes, known === undefined ? 1 : 0);
        parts.splice(index, 0, part);
        bytesHere += received.bytes;
        partsHere += 1;
      }
      upload.total ??= range.total;
      upload.usedAt = clock();
      uploads.delete(key);
      uploads.set(key, upload);
      sweepLater();
      return { upload, isNew: !isThere };
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
