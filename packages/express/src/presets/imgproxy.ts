import type { IncomingMessage } from 'node:http';
import { formatBucket } from '@safelight/http';
import { booleanValue, checkOptions, decoded, stringValue } from '@safelight/protocol';
import { withDecodedNames } from '../guard/asset-from-path.ts';
import type { GuardRouteOptions } from '../guard/guard-route-options.ts';
import { type MountOptions, mountedUrlOf } from './mounted-url.ts';
import { urlOnly } from './url-only.ts';

export interface ImgproxyOptions extends MountOptions {
  /** The value of `IMGPROXY_ARGUMENTS_SEPARATOR`. @default ':' */
  readonly separator?: string;
  /** The value of `IMGPROXY_BASE_URL`; the names of assets begin with it. @default none */
  readonly baseUrl?: string;
  /** Whether `IMGPROXY_ONLY_PRESETS` is set. @default false */
  readonly onlyPresets?: boolean;
  /** Whether `IMGPROXY_BASE64_URL_INCLUDES_FILENAME` is set. @default false */
  readonly filename?: boolean;
  /**
   * Whether one of `IMGPROXY_ENFORCE_WEBP`, `_AVIF` or `_JXL` is set, which override a format in the URL. @default
   * false
   */
  readonly enforcesFormat?: boolean;
}

/**
 * Options of `guard` for the URLs of imgproxy 3: `/signature/rs:fill:300:200/plain/http://example.org/cat.jpg@webp`, or
 * with the source in base64. The name of an asset is the URL of its source. imgproxy sends the same error for a missing
 * source and for one that it cannot reach, so a failure counts for one derivation only.
 * @throws {TypeError} when an option does not exist or has a wrong type
 * @throws {RangeError} when `prefix` or `separator` has a value that cannot work
 * @example
 * import express, { type RequestHandler } from 'express';
 *
 * declare const imgproxyServer: RequestHandler; // passes requests on to imgproxy
 * const safelight = createSafelight();
 * express().use('/img', safelight.guard(imgproxyServer, imgproxy({ baseUrl: 's3://pictures/' })));
 * await safelight.changed('s3://pictures/cat.jpg'); // for every size of the picture
 */
export function imgproxy(options: ImgproxyOptions = {}): GuardRouteOptions {
  checkOptions<ImgproxyOptions>('imgproxy()', options, {
    prefix: stringValue,
    separator: stringValue,
    baseUrl: stringValue,
    onlyPresets: booleanValue,
    filename: booleanValue,
    enforcesFormat: booleanValue,
  });
  const { separator = ':', enforcesFormat = false } = options;
  if (separator === '' || separator.includes('/')) {
    throw new RangeError(
      `separator is '${separator}'; it must be what IMGPROXY_ARGUMENTS_SEPARATOR is, ':' by default.`,
    );
  }
  const mounted = mountedUrlOf(options);
  return withDecodedNames({
    ...urlOnly,
    asset(req) {
      const { path } = mounted(req);
      return path === '' ? undefined : (readImgproxyUrl(path, separator, options)?.source ?? path);
    },
    derivation(req) {
      const { mount, path } = mounted(req);
      const isNamed = !enforcesFormat && readImgproxyUrl(path, separator, options)?.namesFormat === true;
      // The signature is part of the name, so a failure with a wrong signature does not count for the right one.
      return mount + path + (isNamed ? '' : ` ${formatBucket(req.headers.accept)}`) + hintsOf(req);
    },
  });
}

interface ImgproxyUrl {
  readonly source: string;
  readonly namesFormat: boolean;
}

/** Reads a URL as options/parser and handlers/path.go of imgproxy do. They ignore the query. */
function readImgproxyUrl(path: string, separator: string, options: ImgproxyOptions): ImgproxyUrl | undefined {
  const { baseUrl = '', onlyPresets = false } = options;
  const [, rest] = /^\/?[^/]+\/(.+)$/.exec(path) ?? [];
  const parts = withSlashes(rest ?? '').split('/');
  const start = onlyPresets ? 1 : parts.findIndex((part) => !part.includes(separator));
  const [kind = '', ...more] = start === -1 ? [] : parts.slice(start);
  const found = kind === 'plain' && more.length > 0 ? plain(more.join('/')) : encoded([kind, ...more], options);
  if (found === undefined) return undefined;
  const { text, extension } = found;
  const named = onlyPresets ? [] : parts.slice(0, start).map((part) => part.split(separator, 1)[0] ?? '');
  return {
    source: text.startsWith(baseUrl) ? text : baseUrl + text,
    namesFormat: extension !== '' || named.some((name) => ['f', 'format', 'ext'].includes(name)),
  };
}

/** Browsers and proxies join two slashes. As in `redenormalizePath`, the last scheme with one slash gets two again. */
function withSlashes(path: string): string {
  const plainAt = path.indexOf('/plain/');
  if (plainAt === -1) return path;
  const from = plainAt + '/plain/'.length;
  for (let at = path.lastIndexOf(':/'); at > from; at = path.lastIndexOf(':/', at - 1)) {
    const rest = path.slice(at + 2);
    if (rest === '' || rest.startsWith('/')) continue;
    return `${path.slice(0, at)}://${path.slice(from, at) === 'local' ? '/' : ''}${rest}`;
  }
  return path;
}

interface SourceText {
  readonly text: string;
  readonly extension: string;
}

function plain(text: string): SourceText | undefined {
  const [source = '', extension = '', ...more] = text.split('@');
  if (source === '' || more.length > 0) return undefined;
  const name = decoded(source);
  return name === undefined ? undefined : { text: name, extension };
}

/** The name of an encrypted source (`enc/…`) is its encrypted text. */
function encoded(parts: readonly string[], { filename = false }: ImgproxyOptions): SourceText | undefined {
  const isEncrypted = parts[0] === 'enc' && parts.length > 1;
  const named = filename && parts.length > (isEncrypted ? 2 : 1) ? parts.slice(0, -1) : parts;
  const [source = '', extension = '', ...more] = named
    .slice(isEncrypted ? 1 : 0)
    .join('')
    .split('.');
  const [, base64 = ''] = /^([\w-]+)=*$/.exec(source) ?? [];
  if (base64 === '' || more.length > 0 || base64.length % 4 === 1) return undefined;
  return { text: isEncrypted ? `enc/${base64}` : Buffer.from(base64, 'base64url').toString(), extension };
}

/** Client hints: request headers that select sizes. Browsers send them only to servers that have requested them. */
function hintsOf({ headers }: IncomingMessage): string {
  const hints = ['sec-ch-dpr', 'dpr', 'sec-ch-width', 'width'].map((name) => headers[name] ?? '');
  return hints.every((hint) => hint === '') ? '' : ` ${JSON.stringify(hints)}`;
}
