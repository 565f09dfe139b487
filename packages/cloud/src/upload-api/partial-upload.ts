import { createReadStream } from 'node:fs';
import type { ReceivedBytes } from '@safelight/core';
import type { ResourceType } from '@safelight/protocol';
import { type ApiError, badRequest } from './api-error.ts';
import { formatRanges } from './part-header.ts';
import { hereAre, missingRanges, type ReceivedPart } from './received-parts.ts';
import type { ApiResponse } from './write-api-response.ts';

/** What every part of an upload has to agree on. */
export interface PartialAsset {
  readonly resourceType: ResourceType | 'auto';
  /** `undefined` when the upload leaves it to the server. */
  readonly publicId: string | undefined;
}

/** The state of an upload in parts. */
export interface PartialUpload {
  readonly uploadId: string;
  readonly asset: PartialAsset;
  /** In order, without overlaps. */
  readonly parts: (ReceivedPart & { readonly received: ReceivedBytes })[];
  /** `undefined` until a part tells it. */
  total: number | undefined;
  /** Epoch milliseconds. */
  usedAt: number;
  /** Of making one file of all parts. */
  outcome: Promise<ApiResponse> | undefined;
  /** The outcome will not change; the bytes are removed, but their ranges and hashes are still known. */
  isSettled: boolean;
  /** Functions that end the waiting of requests for the asset. */
  readonly lingering: Set<() => void>;
}

export function newUpload(uploadId: string, asset: PartialAsset): PartialUpload {
  const nothing = {
    parts: [],
    total: undefined,
    outcome: undefined,
    isSettled: false,
    lingering: new Set<() => void>(),
  };
  return { uploadId, asset, usedAt: 0, ...nothing };
}

export function isUploadComplete({ parts, total }: PartialUpload): boolean {
  return total !== undefined && parts.length > 0 && missingRanges(parts, total).length === 0;
}

/** @throws {ApiError} 400 when a part is meant for another asset */
export function checkAsset({ asset, parts }: PartialUpload, said: PartialAsset): void {
  if (asset.resourceType === said.resourceType && asset.publicId === said.publicId) return;
  throw badRequest(
    `This upload began as ${describePlace(asset)}, this part says ${describePlace(said)}. Send one public_id with all parts of it, or begin another upload with a new X-Unique-Upload-Id; ${hereAre(parts)}.`,
  );
}

function describePlace({ resourceType, publicId }: PartialAsset): string {
  return publicId === undefined ? `${resourceType} without a public_id` : `${resourceType} "${publicId}"`;
}

/** The refusal of a last part that comes before others: it is kept, but the client must not take the upload for complete. */
export function incomplete({ parts, total = 0 }: PartialUpload, maxIdleMs: number): ApiError {
  const missing = formatRanges(missingRanges(parts, total));
  return badRequest(
    `The last part is here, others are not: ${missing} of ${total} are missing; ${hereAre(parts)}. Send those under the same X-Unique-Upload-Id, to the same server process. What is here is kept for ${Math.ceil(maxIdleMs / 60_000)} min.`,
  );
}

/** The bytes of its parts, one after the other; only a piece of one is in memory. */
export async function* joinParts({ parts }: PartialUpload): AsyncGenerator<Uint8Array> {
  for (const { received } of parts) {
    yield* createReadStream(received.localPath) as AsyncIterable<Uint8Array>;
  }
}
