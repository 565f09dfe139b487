import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';
import { deliveryHeaders, derivativeCacheControl, type Outcome, scriptlessPolicy, tagHeaders } from '@safelight/core';
import { formatCacheStatus, formatServerTiming } from '@safelight/protocol';
import type { Delivered } from './deliver.ts';

export interface DerivativeAnswerOptions {
  readonly outcome: Extract<Outcome<Delivered>, { kind: 'made' }>;
  /** Whether the URL names the version whose bytes these are. */
  readonly pinned: boolean;
  /** Whether the format was chosen by the request's `Accept`. */
  readonly negotiated: boolean;
  /** For one client alone: no shared cache may keep it. */
  readonly isPrivate: boolean;
  readonly tags: readonly string[];
  readonly onError: (error: unknown) => void;
}

/** Sends a derivative, or 304 when the client has it already. */
export function writeDerivative(req: IncomingMessage, res: ServerResponse, options: DerivativeAnswerOptions): void {
  const { outcome, negotiated, tags, onError } = options;
  const { derivative, original, etag } = outcome.value;
  const { body, contentType } = derivative;
  const headers: Record<string, string | number> = {
    ...deliveryHeaders,
    'Cache-Control': options.isPrivate ? 'private, no-store' : derivativeCacheControl({ ...options, ...outcome }),
    'Last-Modified': new Date(original.createdAt).toUTCString(),
    'Cache-Status': cacheStatus(options),
    'Server-Timing': formatServerTiming([{ name: 'transform', dur: Math.round(outcome.tookMs) }]),
    ...tagHeaders(tags),
  };
  if (etag !== undefined) headers['ETag'] = etag;
  if (negotiated) headers['Vary'] = 'Accept';
  if (contentType.startsWith('image/svg')) headers['Content-Security-Policy'] = scriptlessPolicy;
  if (contentType === 'application/octet-stream') headers['Content-Disposition'] = 'attachment';
  if (etag !== undefined && hasAlready(req, etag)) {
    res.writeHead(304, headers);
    res.end();
    if (!Buffer.isBuffer(body)) body.destroy();
    return;
  }
  headers['Content-Type'] = contentType;
  const length = Buffer.isBuffer(body) ? body.length : derivative.bytes;
  if (length !== undefined) headers['Content-Length'] = length;
  res.writeHead(200, headers);
  if (Buffer.isBuffer(body)) {
    res.end(req.method === 'HEAD' ? undefined : body);
  } else if (req.method === 'HEAD') {
    body.destroy();
    res.end();
  } else {
    // The status line is out: all that is left for a broken stream is to end the connection, which pipeline does.
    pipeline(body, res, (error) => {
      if (error && (error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') onError(error);
    });
  }
}

function cacheStatus({ outcome, isPrivate }: DerivativeAnswerOptions): string {
  return formatCacheStatus({
    cache: 'safelight',
    fwd: isPrivate ? 'bypass' : 'uri-miss',
    fwdStatus: 200,
    ...(outcome.joined ? { collapsed: true } : {}),
  });
}

/** RFC 9110 section 13.1.2: weak comparison against every listed tag. */
function hasAlready(req: IncomingMessage, etag: string): boolean {
  const header = req.headers['if-none-match'];
  if (header === undefined) return false;
  return header.trim() === '*' || header.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
}
