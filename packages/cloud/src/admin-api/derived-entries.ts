import { createHash } from 'node:crypto';
import type { DerivedEntry, OriginalRecord } from '@safelight/core';
import { type Delivery, type DerivedRecord, formatTransformation, parseTransformation } from '@safelight/protocol';
import type { StoredDerivative } from '../delivery/stored-derivative.ts';
import { deliveryLinks, originalDelivery, type ResponseSettings } from '../upload-api/describe-asset.ts';

export function derivedEntry({ delivery, version, format, bytes }: StoredDerivative): DerivedEntry {
  const { resourceType, publicId } = delivery;
  const transformation = formatTransformation(delivery.transformation);
  const id = createHash('sha256')
    .update(JSON.stringify([resourceType, publicId, transformation, format]))
    .digest('hex')
    .slice(0, 32);
  return { id, asset: { resourceType, publicId }, version, transformation, format, bytes };
}

export function describeDerived(entry: DerivedEntry, asset: OriginalRecord, settings: ResponseSettings): DerivedRecord {
  const { id, transformation, format, bytes } = entry;
  return {
    id,
    transformation,
    format,
    bytes,
    ...deliveryLinks(deliveryOf(entry, asset, settings.cloudName), settings.origin),
  };
}

/** The delivery that an entry names. */
export function deliveryOf(
  { transformation, format, version }: DerivedEntry,
  asset: OriginalRecord,
  cloudName: string,
): Delivery {
  const parsed = parseTransformation(transformation);
  return {
    ...originalDelivery({ ...asset, version }, cloudName),
    transformation: parsed.ok ? parsed.transformation : [],
    extension: format,
  };
}
