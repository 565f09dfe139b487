import { createReadStream } from 'node:fs';
import type { ReceivedBytes } from '@safelight/core';
import type { ResourceType } from '@safelight/protocol';
import { type ApiError, badRequest } from './api-error.ts';
import type { MadeResponse } from './own-origin.ts';
import { formatRanges } from './part-header.ts';
import { describeReceived, missingRanges, type ReceivedPart } from './received-parts.ts';

/** The properties that all parts of an upload must have in common. */
export interface PartialAsset {
  readonly resourceType: ResourceType | 'auto';
  /** `undefined` when the server chooses it. */
  readonly publicId: string | undefined;
}

/** The state of an upload in parts. */
export interface PartialUpload {
  readonly uploadId: string;
  readonly asset: PartialAsset;
  /** The address of the client that began it. */
  readonly client: string;
  /** The received parts, in the order of the file, without overlaps. */
  readonly parts: (ReceivedPart & { readonly received: ReceivedBytes })[];
  /** Bytes of the whole file; `undefined` until a part has them. */
  total: number | undefined;
  /** When its last part was received or its outcome was known, in epoch milliseconds. */
  usedAt: number;
  /** The outcome of joining all parts; `undefined` before that. */
  outcome: Promise<MadeResponse> | undefined;
  /** Whether the outcome is final. The bytes are removed then, but the ranges and digests of the parts stay known. */
  isSettled: boolean;
  /** Functions that end the waiting of requests for the asset, for parts that have already been responded to. */
  readonly lingering: Set<() => void>;
}

export function newUpload(uploadId: string, asset: PartialAsset, client: string): PartialUpload {
  const initial = {
    parts: [],
    total: undefined,
    outcome: undefined,
    isSettled: false,
    lingering: new Set<() => void>(),
  };
  return { uploadId, asset, client, usedAt: 0, ...initial };
}

export function isUploadComplete({ parts, total }: PartialUpload): boolean {
  return total !== undefined && parts.length > 0 && missingRanges(parts, total).length === 0;
}

/** @throws {ApiError} 400 when a part is for another asset */
export function checkAsset({ asset, parts }: PartialUpload, partAsset: PartialAsset): void {
  if (asset.resourceType === partAsset.resourceType && asset.publicId === partAsset.publicId) return;
  throw badRequest(
    `The first part of this upload is for ${describePlace(asset)}, but this part is for ${describePlace(partAsset)}. Send the same public_id with all parts, or begin another upload with a new X-Unique-Upload-Id; ${describeReceived(parts)}.`,
  );
}

function describePlace({ resourceType, publicId }: PartialAsset): string {
  return publicId === undefined ? `${resourceType} without a public_id` : `${resourceType} "${publicId}"`;
}

/** The refusal of a last part when earlier parts are missing. The part is stored, but the upload is not complete. */
export function incomplete({ parts, total = 0 }: PartialUpload, maxIdleMs: number): ApiError {
  const missing = formatRanges(missingRanges(parts, total));
  return badRequest(
    `The last part was received, but ${missing} of ${total} are missing; ${describeReceived(parts)}. Send the missing parts under the same X-Unique-Upload-Id, to the same server process. The received parts are stored for ${Math.ceil(maxIdleMs / 60_000)} min.`,
  );
}

/** Reads the bytes of all parts, one after the other. Only one chunk is in memory. */
export async function* joinParts({ parts }: PartialUpload): AsyncGenerator<Uint8Array> {
  for (const { received } of parts) {
    yield* createReadStream(received.localPath) as AsyncIterable<Uint8Array>;
  }
}
