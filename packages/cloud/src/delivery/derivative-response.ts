import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline, type Readable } from 'node:stream';
import type { Cached, Made } from '@safelight/core';
import {
  deliveryHeaders,
  derivativeCacheControl,
  type Representation,
  scriptlessPolicy,
  tagHeaders,
  type WriteOptions,
  writeHead,
  writeRepresentation,
} from '@safelight/http';
import { type CacheStatus, formatCacheStatus, formatServerTiming } from '@safelight/protocol';
import type { Delivered } from './deliver.ts';
import { type DerivativeHead, headOf } from './stored-derivative.ts';

type Headers = Record<string, string | number>;

export interface DerivativeResponseOptions {
  /** Whether the URL names the version of these bytes. */
  readonly pinned: boolean;
  /** Whether the format was chosen by the request's `Accept`. */
  readonly negotiated: boolean;
  /** Whether derivatives are cached. */
  readonly isCached: boolean;
  /** For one client only: no shared cache may store it. */
  readonly isPrivate: boolean;
  readonly tags: readonly string[];
  readonly onError: (error: unknown) => void;
  /** Is called when a derivative became `private` because the application has set a cookie on it. */
  readonly onMadePrivate: () => void;
}

/** Sends a derivative that was made just now, by this request or by one that it waited for. */
export function writeMade(
  req: IncomingMessage,
  res: ServerResponse,
  { value, joined, storable, tookMs }: Made<Delivered>,
  options: DerivativeResponseOptions & { readonly reader: Readable | undefined },
): void {
  const { derivative, etag } = value;
  const head = headOf(derivative, value.original);
  const { pinned, isPrivate, isCached } = options;
  const headers = headersOf(head, options, {
    cacheControl: isPrivate ? 'private, no-store' : derivativeCacheControl({ pinned, storable }),
    cacheStatus: {
      cache: 'safelight',
      fwd: isPrivate ? 'bypass' : 'uri-miss',
      fwdStatus: 200,
      ...(storable && derivative.read === undefined && isCached ? { stored: true } : {}),
      ...(joined ? { collapsed: true } : {}),
    },
  });
  headers['Server-Timing'] = formatServerTiming([{ name: 'transform', dur: Math.round(tookMs) }]);
  const { body, bytes, read } = derivative;
  const common = { status: 200, headers, etag, lastModifiedAt: head.createdAt };
  if (Buffer.isBuffer(body)) {
    writeWhole(req, res, { ...common, bytes: body.length, body, read: noStream, release }, options);
  } else if (read !== undefined && bytes !== undefined) {
    body.destroy();
    writeWhole(req, res, { ...common, bytes, body: undefined, read, release }, options);
  } else writeStream(req, res, headers, { ...options, etag, bytes, source: options.reader ?? body });
}

const responded = new WeakMap<object, Representation>();

/** Sends a cached derivative; its headers never change while it is cached. */
export function writeCached(
  req: IncomingMessage,
  res: ServerResponse,
  { cached }: Pick<Cached, 'cached'>,
  options: DerivativeResponseOptions,
): void {
  let representation = responded.get(cached);
  if (representation === undefined) {
    const head = cached.head as unknown as DerivativeHead;
    const etag = `"${cached.digest.slice(0, 27)}"`;
    const { pinned } = options;
    const headers = headersOf(head, options, {
      cacheControl: derivativeCacheControl({ pinned, storable: true }),
      cacheStatus: { cache: 'safelight', hit: true, ...(pinned ? { ttl: 31_536_000 } : {}) },
    });
    Object.assign(headers, { ETag: etag, 'Content-Length': cached.bytes, 'Accept-Ranges': 'bytes' });
    representation = {
      status: 200,
      headers,
      hasAllHeaders: true,
      etag,
      lastModifiedAt: head.createdAt,
      bytes: cached.bytes,
      body: cached.body,
      read: (start, end) => cached.read(start, end),
      release: () => cached.release(),
    };
    responded.set(cached, representation);
  }
  writeRepresentation(req, res, representation, options);
}

function writeWhole(
  req: IncomingMessage,
  res: ServerResponse,
  representation: Omit<Representation, 'headers'> & { readonly headers: Headers },
  options: DerivativeResponseOptions,
): void {
  const { headers, etag, bytes } = representation;
  if (etag !== undefined) headers['ETag'] = etag;
  headers['Content-Length'] = bytes;
  writeRepresentation(req, res, representation, options);
}

interface StreamFacts extends Pick<WriteOptions, 'onMadePrivate'> {
  readonly etag: string | undefined;
  readonly bytes: number | undefined;
  readonly source: Readable;
  readonly onError: (error: unknown) => void;
}

/** Sends a derivative that is still being made, whole: it has no length for ranges and no validator yet. */
function writeStream(req: IncomingMessage, res: ServerResponse, headers: Headers, facts: StreamFacts): void {
  const { etag, bytes, source, onError } = facts;
  if (etag !== undefined) headers['ETag'] = etag;
  if (bytes !== undefined) headers['Content-Length'] = bytes;
  writeHead(res, 200, headers, { onMadePrivate: facts.onMadePrivate });
  if (req.method === 'HEAD') {
    source.destroy();
    res.end();
    return;
  }
  // The status line was sent. When the source breaks off, pipeline destroys the connection.
  pipeline(source, res, (error) => {
    if (error && (error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') onError(error);
  });
}

function headersOf(
  { contentType, createdAt }: DerivativeHead,
  { negotiated, tags }: DerivativeResponseOptions,
  { cacheControl, cacheStatus }: { readonly cacheControl: string; readonly cacheStatus: CacheStatus },
): Headers {
  return {
    ...deliveryHeaders,
    'Content-Type': contentType,
    'Cache-Control': cacheControl,
    'Last-Modified': new Date(createdAt).toUTCString(),
    'Cache-Status': formatCacheStatus(cacheStatus),
    ...(negotiated ? { Vary: 'Accept' } : {}),
    ...(contentType.startsWith('image/svg') ? { 'Content-Security-Policy': scriptlessPolicy } : {}),
    ...(contentType === 'application/octet-stream' ? { 'Content-Disposition': 'attachment' } : {}),
    ...tagHeaders(tags),
  };
}

function noStream(): never {
  throw new Error('A body in memory is not read as a stream.');
}

function release(): void {}
