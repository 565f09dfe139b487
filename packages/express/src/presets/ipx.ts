import { formatBucket } from '@safelight/http';
import { checkOptions, decoded, stringValue } from '@safelight/protocol';
import { withDecodedNames } from '../guard/asset-from-path.ts';
import type { GuardRouteOptions } from '../guard/guard-route-options.ts';
import type { ErrorResponse } from '../guard/missing-original.ts';
import { type MountOptions, mountedUrlOf } from './mounted-url.ts';
import { urlOnly } from './url-only.ts';

/**
 * Options of `guard` for the URLs of ipx 2 and 3: `/w_300,f_webp/cat.jpg`, `/_/https://example.org/cat.jpg`. The name
 * of an asset is the part after the modifiers, without its first slash: `cat.jpg`. The error codes of ipx for missing
 * files, and the 404 of an http source, say that the original is missing.
 * @throws {TypeError} when an option does not exist or has a wrong type
 * @throws {RangeError} when `prefix` has a value that cannot work
 * @example
 * import express, { type RequestHandler } from 'express';
 *
 * declare const ipxServer: RequestHandler; // createIPXNodeServer(createIPX({ storage }))
 * const safelight = createSafelight();
 * express().use('/ipx', safelight.guard(ipxServer, ipx()));
 * await safelight.changed('cat.jpg'); // for every size of the picture
 */
export function ipx(options: MountOptions = {}): GuardRouteOptions {
  checkOptions<MountOptions>('ipx()', options, { prefix: stringValue });
  const mounted = mountedUrlOf(options);
  return withDecodedNames({
    ...urlOnly,
    asset(req) {
      const { path, query } = mounted(req);
      return path === '' ? undefined : (readIpxUrl(path + query)?.id ?? path);
    },
    derivation(req) {
      const { mount, path, query } = mounted(req);
      const url = readIpxUrl(path + query);
      return url === undefined ? mount + path + query : `${mount} ${nameOfDerivation(url, req.headers.accept)}`;
    },
    isMissingOriginal,
  });
}

interface IpxUrl {
  readonly modifiers: ReadonlyMap<string, string>;
  readonly id: string;
}

/** Reads a URL as `createIPXH3Handler` does (src/server.ts): the query belongs to the file, and later modifiers win. */
function readIpxUrl(url: string): IpxUrl | undefined {
  const path = h3Path(url);
  const end = path.indexOf('/', 1);
  const id = safeString(decodedAsUfo(end === -1 ? '' : path.slice(end + 1)));
  const first = end === -1 ? path.slice(1) : path.slice(1, end);
  if (first === '' || id === '' || id === '/') return undefined;
  const modifiers = new Map<string, string>();
  for (const modifier of first === '_' ? [] : first.split(/[&,]/)) {
    const [name = '', ...values] = modifier.split(/[:=_]/);
    modifiers.set(safeString(name), values.map((value) => safeString(decodedAsUfo(value))).join('_'));
  }
  return { modifiers, id: ipxAsset(id) };
}

/** Decodes the path as h3 does (`_decodePath`): everything except slashes and percent signs. */
function h3Path(url: string): string {
  const end = url.indexOf('?');
  const path = end === -1 ? url : url.slice(0, end);
  return (
    decodedAsUfo(path.replaceAll('%25', '%2525').replaceAll(/%2f/gi, '%252F')) + (end === -1 ? '' : url.slice(end))
  );
}

/**
 * ipx fetches an http source in the spelling of `new URL` (src/storage/http.ts), and a file with or without a first
 * slash.
 */
function ipxAsset(id: string): string {
  if (!/^https?:/i.test(id)) return id.startsWith('/') ? id.slice(1) : id;
  try {
    return new URL(decodeURIComponent(id)).href;
  } catch {
    return id;
  }
}

function nameOfDerivation({ modifiers }: IpxUrl, accept: string | undefined): string {
  const isNegotiated = (modifiers.get('f') || modifiers.get('format')) === 'auto';
  return JSON.stringify([...modifiers]) + (isNegotiated ? ` ${formatBucket(accept)}` : '');
}

const missing =
  /^\s*\{\s*"error":\s*\{\s*"message":\s*"\[404\] \[(?:IPX_(?:FILE|RESOURCE)_NOT_FOUND\]|[^\]]*\] \[GET\] )/;

/** The message begins with a code of ipx for files, or with the status of its fetch of an http source. */
function isMissingOriginal(response: ErrorResponse): boolean | Promise<boolean> {
  if (response.status !== 404) return false;
  if (/^IPX_(?:FILE|RESOURCE)_NOT_FOUND$/.test(response.statusMessage)) return true;
  return response.body().then((text) => missing.test(text));
}

/** A text that is not validly encoded stays as it is. */
function decodedAsUfo(text: string): string {
  return decoded(text) ?? text;
}

function safeString(text: string): string {
  return JSON.stringify(text).replaceAll(/^"|"$/g, '').replaceAll(/\\+/g, '\\').replaceAll('\\"', '"');
}
