import type { IncomingMessage } from 'node:http';
import type { OriginalRecord } from '@safelight/core';
import { targetOrigin } from '@safelight/http';
import { type AssetDescription, type Delivery, formatDeliveryPath, uploadStringToSign } from '@safelight/protocol';
import { badRequest } from './api-error.ts';
import { sign } from './authenticate.ts';

/** What the description of an asset depends on, besides its record. */
export interface ResponseSettings {
  readonly cloudName: string;
  /** Origin (and mount) of delivery URLs, such as `https://img.example.com`. */
  readonly origin: string;
  readonly apiSecret: string | undefined;
}

/** What every operation tells about an asset: the fields that upload, explicit and rename have in common. */
export function describeAsset(
  record: OriginalRecord,
  { cloudName, origin, apiSecret }: ResponseSettings,
): AssetDescription {
  const { publicId, version } = record;
  const links = deliveryLinks(originalDelivery(record, cloudName), origin);
  // Answers are signed in the oldest form, over public ID and version.
  const signature =
    apiSecret && sign(uploadStringToSign({ public_id: publicId, version: String(version) }, 1), apiSecret, 'sha1');
  return {
    asset_id: record.assetId,
    public_id: publicId,
    version,
    version_id: record.versionId,
    ...(signature === undefined ? {} : { signature }),
    ...(record.width === undefined ? {} : { width: record.width }),
    ...(record.height === undefined ? {} : { height: record.height }),
    ...(record.format === '' ? {} : { format: record.format }),
    resource_type: record.resourceType,
    created_at: `${new Date(record.createdAt).toISOString().slice(0, 19)}Z`,
    tags: record.tags ?? [],
    bytes: record.bytes,
    type: 'upload',
    placeholder: false,
    ...links,
    asset_folder: '',
    display_name: record.displayName ?? publicId.slice(publicId.lastIndexOf('/') + 1),
    ...(record.context === undefined ? {} : { context: { custom: record.context } }),
  };
}

/** The delivery of exactly this version, as it was uploaded. A raw file's extension is part of its ID. */
export function originalDelivery(record: OriginalRecord, cloudName: string): Delivery {
  const { resourceType, publicId, version, format } = record;
  const extension = resourceType === 'raw' || format === '' ? undefined : format;
  return { cloudName, resourceType, publicId, transformation: [], version, extension, placeholder: undefined };
}

/**
 * Both links begin with the origin that really answers: a `secure_url` with `https` on a server that speaks only `http`
 * would be dead.
 */
export function deliveryLinks(
  delivery: Delivery,
  origin: string,
): { readonly url: string; readonly secure_url: string } {
  const url = origin.replace(/\/+$/, '') + formatDeliveryPath(delivery);
  return { url, secure_url: url };
}

const hostname = /^(?:[A-Za-z0-9_.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/;

/**
 * Where delivery URLs begin when nothing is configured: the protocol, the host and, below a mounted Express router, its
 * path. The host is that of the `Host` header, or of a request target in absolute-form, which goes before the header
 * (RFC 9112 section 3.2.2).
 *
 * @throws {ApiError} 400 when it is not a host: it would be copied into every URL of the answer
 */
export function originOf(req: IncomingMessage): string {
  const target = targetOrigin(req.url ?? '/');
  const host = target === '' ? (req.headers.host ?? '') : target.slice(target.indexOf('://') + 3);
  if (!hostname.test(host)) throw badRequest(`Invalid ${target === '' ? 'Host header' : 'host in the request target'}`);
  const { protocol, baseUrl } = req as { readonly protocol?: unknown; readonly baseUrl?: unknown };
  const isEncrypted = 'encrypted' in req.socket && req.socket.encrypted === true;
  // Express knows the outer protocol behind a proxy that it was told to trust
  const scheme = isEncrypted || protocol === 'https' || /^https:/i.test(target) ? 'https' : 'http';
  return `${scheme}://${host}${typeof baseUrl === 'string' ? baseUrl : ''}`;
}
