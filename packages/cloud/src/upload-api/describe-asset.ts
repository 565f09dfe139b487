import type { IncomingMessage } from 'node:http';
import type { OriginalRecord } from '@safelight/core';
import { forwardedValue, targetOrigin } from '@safelight/http';
import {
  type AssetDescription,
  type Delivery,
  formatDeliveryPath,
  type PublicAsset,
  uploadStringToSign,
} from '@safelight/protocol';
import { badRequest } from './api-error.ts';
import { sign } from './authenticate.ts';
import { readMetadata } from './context-pairs.ts';

/** The settings of a cloud that the description of an asset needs. */
export interface ResponseSettings {
  readonly cloudName: string;
  /** The origin of delivery URLs, with the path of the mount: `https://img.example.com`. */
  readonly origin: string;
  readonly apiSecret: string | undefined;
}

/** Describes an asset, with the fields that the responses of upload, explicit and rename have in common. */
export function describeAsset(
  record: OriginalRecord,
  { cloudName, origin, apiSecret }: ResponseSettings,
): AssetDescription {
  const { publicId, version } = record;
  const links = deliveryLinks(originalDelivery(record, cloudName), origin);
  // Responses are signed with version 1 of the signature, over public ID and version.
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
    created_at: isoTime(record.createdAt),
    tags: record.tags ?? [],
    bytes: record.bytes,
    type: 'upload',
    placeholder: false,
    ...links,
    asset_folder: record.assetFolder ?? '',
    display_name: record.displayName ?? publicId.slice(publicId.lastIndexOf('/') + 1),
    ...(record.context === undefined ? {} : { context: { custom: record.context } }),
    ...(record.metadata === undefined ? {} : { metadata: readMetadata(record.metadata) }),
  };
}

/** ISO 8601, UTC, whole seconds. */
export function isoTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

/** The fields that a page needs to build URLs, which every client may know. Only calls with the key get the others. */
export function describePublic(record: OriginalRecord): PublicAsset {
  const { publicId, resourceType, version, format, width, height, bytes } = record;
  return {
    public_id: publicId,
    resource_type: resourceType,
    type: 'upload',
    version,
    format,
    ...(width === undefined ? {} : { width }),
    ...(height === undefined ? {} : { height }),
    bytes,
  };
}

/**
 * Returns the delivery of this version, without a transformation. The public ID of a raw file contains its extension.
 */
export function originalDelivery(record: OriginalRecord, cloudName: string): Delivery {
  const { resourceType, publicId, version, format } = record;
  const extension = resourceType === 'raw' || format === '' ? undefined : format;
  return { cloudName, resourceType, publicId, transformation: [], version, extension, placeholder: undefined };
}

/**
 * Returns the URLs of a delivery. Both have the origin of this server, because a `secure_url` with `https` would fail
 * on a server that only has `http`.
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
 * Returns the origin of delivery URLs when none is configured: protocol, host and the path of a mounted Express router.
 * The host comes from the `Host` header, or from a request target in absolute-form, which has priority (RFC 9112
 * section 3.2.2). If the application trusts the proxy in front, `X-Forwarded-Host` and `X-Forwarded-Proto` have priority.
 *
 * @throws {ApiError} 400 when the host is malformed, since it would be copied into the URLs of the response
 */
export function originOf(req: IncomingMessage): string {
  const target = targetOrigin(req.url ?? '/');
  const ownHost = target === '' ? (req.headers.host ?? '') : target.slice(target.indexOf('://') + 3);
  const host = forwardedValue(req, 'x-forwarded-host') ?? ownHost;
  if (!hostname.test(host)) throw badRequest(`Invalid ${target === '' ? 'Host header' : 'host in the request target'}`);
  const { protocol, baseUrl } = req as { readonly protocol?: unknown; readonly baseUrl?: unknown };
  const isEncrypted = 'encrypted' in req.socket && req.socket.encrypted === true;
  // Behind a proxy that Express trusts, `req.protocol` is the protocol of the client.
  const isHttps = protocol === 'https' || forwardedValue(req, 'x-forwarded-proto') === 'https';
  const scheme = isEncrypted || isHttps || /^https:/i.test(target) ? 'https' : 'http';
  return `${scheme}://${host}${typeof baseUrl === 'string' ? baseUrl : ''}`;
}
