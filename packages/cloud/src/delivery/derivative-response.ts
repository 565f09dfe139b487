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
import { create as contentDisposition } from 'content-disposition';
import type { Delivered } from './deliver.ts';
import { type DerivativeHead, headOf } from './stored-derivative.ts';

type Headers = Record<string, string | number>;

export interface DerivativeResponseOptions {
  /** Whether the bytes at this URL never change. */
  readonly pinned: boolean;
  /** Whether the format was chosen by the request's `Accept`. */
  readonly negotiated: boolean;
  /** Whether derivatives are cached. */
  readonly isCached: boolean;
  /** The tags of the asset, for caches that purge by tag. */
  readonly tags: readonly string[];
  /** The name of the file that browsers save, without extension; `undefined` when they show the file. */
  readonly fileName: string | undefined;
  readonly onError: (error: unknown) => void;
  /** Called when a response becomes `private` because the application has set a cookie on it. */
  readonly onMadePrivate: () => void;
}

/** Sends a new derivative, which this request or the run that it joined has made. */
export function writeMade(
  req: IncomingMessage,
  res: ServerResponse,
  { value, joined, storable, tookMs }: Made<Delivered>,
  options: DerivativeResponseOptions & { readonly reader: Readable | undefined },
): void {
  const { derivative, etag } = value;
  const head = headOf(derivative, value.original);
  const { pinned, isCached } = options;
  const headers = headersOf(head, options, {
    cacheControl: derivativeCacheControl({ pinned, storable }),
    cacheStatus: {
      cache: 'safelight',
      fwd: 'uri-miss',
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

/** The representation of each cached derivative, for URLs that are pinned and for others. */
const representations = {
  pinned: new WeakMap<object, Representation>(),
  others: new WeakMap<object, Representation>(),
};

/** Sends a cached derivative. Its headers are built once, but those of a download for each response. */
export function writeCached(
  req: IncomingMessage,
  res: ServerResponse,
  { cached }: Pick<Cached, 'cached'>,
  options: DerivativeResponseOptions,
): void {
  const known = options.pinned ? representations.pinned : representations.others;
  let representation = options.fileName === undefined ? known.get(cached) : undefined;
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
    if (options.fileName === undefined) known.set(cached, representation);
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

interface StreamedDerivative extends Pick<WriteOptions, 'onMadePrivate'> {
  readonly etag: string | undefined;
  readonly bytes: number | undefined;
  readonly source: Readable;
  readonly onError: (error: unknown) => void;
}

/** Sends a derivative while it is being made, without ranges: its length and its validator may not be known yet. */
function writeStream(req: IncomingMessage, res: ServerResponse, headers: Headers, streamed: StreamedDerivative): void {
  const { etag, bytes, source, onError, onMadePrivate } = streamed;
  if (etag !== undefined) headers['ETag'] = etag;
  if (bytes !== undefined) headers['Content-Length'] = bytes;
  writeHead(res, 200, headers, { onMadePrivate });
  if (req.method === 'HEAD') {
    source.destroy();
    res.end();
    return;
  }
  // The status line is sent already. When the source fails, `pipeline` destroys the connection.
  pipeline(source, res, (error) => {
    if (error && (error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') onError(error);
  });
}

function headersOf(
  { contentType, createdAt, format }: DerivativeHead,
  { negotiated, tags, fileName }: DerivativeResponseOptions,
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
    ...(fileName === undefined ? {} : { 'Content-Disposition': contentDisposition(withExtension(fileName, format)) }),
    ...tagHeaders(tags),
  };
}

/** The ID of a raw file has its extension already. */
function withExtension(name: string, format: string): string {
  return format === '' || name.toLowerCase().endsWith(`.${format}`) ? name : `${name}.${format}`;
}

function noStream(): never {
  throw new Error('A body in memory is not read as a stream.');
}

function release(): void {}
