import type { UnfinishedUpload, UploadFacts, UploadPart } from '@safelight/core';
import { durationText } from '@safelight/protocol';
import { type ApiError, badRequest } from './api-error.ts';
import { formatRanges } from './part-header.ts';
import { describeReceived, missingRanges } from './received-parts.ts';

type StoredParts = Pick<UnfinishedUpload, 'parts'>;

/** Bytes of the whole file; `undefined` until a part has stated them. */
export function totalOf(parts: readonly Pick<UploadPart, 'total'>[]): number | undefined {
  return parts.find(({ total }) => total !== undefined)?.total;
}

export function isUploadComplete({ parts }: StoredParts): boolean {
  const total = totalOf(parts);
  return total !== undefined && missingRanges(parts, total).length === 0;
}

type Asset = Pick<UploadFacts, 'resourceType' | 'publicId'>;

/** @throws {ApiError} 400 when a part is for another asset: all parts have these members of the facts in common */
export function checkAsset({ facts, parts }: Pick<UnfinishedUpload, 'facts' | 'parts'>, asset: Asset): void {
  if (facts.resourceType === asset.resourceType && facts.publicId === asset.publicId) return;
  throw badRequest(
    `The first part of this upload is for ${describePlace(facts)}, but this part is for ${describePlace(asset)}. Send the same public_id with all parts, or begin another upload with a new X-Unique-Upload-Id; ${describeReceived(parts)}.`,
  );
}

function describePlace({ resourceType, publicId }: Asset): string {
  return publicId === undefined ? `${resourceType} without a public_id` : `${resourceType} "${publicId}"`;
}

/** The refusal of a last part when earlier parts are missing. The part is stored, but the upload is not complete. */
export function incomplete({ parts }: StoredParts, maxIdleMs: number): ApiError {
  const total = totalOf(parts) ?? 0;
  const missing = formatRanges(missingRanges(parts, total));
  return badRequest(
    `The last part was received, but ${missing} of ${total} are missing; ${describeReceived(parts)}. Send the missing parts under the same X-Unique-Upload-Id, to the same server. The received parts are stored for ${durationText(maxIdleMs)}.`,
  );
}
