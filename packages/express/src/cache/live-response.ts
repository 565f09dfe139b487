import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline, type Readable } from 'node:stream';
import type { HeaderFields, Validators } from '@safelight/http';
import { evaluatePreconditions, fieldText, type ResponseHead, writeHead, writeRepresentation } from '@safelight/http';
import { readHttpDate } from '@safelight/protocol';
import { type CachedResponseHead, reusedHeaders } from './cached-response.ts';
import { type HandlerResult, responseHeadOf } from './handler-result.ts';

interface LiveResponse {
  readonly status: number;
  readonly headers: HeaderFields;
  readonly source: Readable;
  /** Whether other readers may exist. Then this one need not read to the end so that the handler can go on. */
  readonly isShared: boolean;
  readonly now: number;
  readonly onError: (error: unknown) => void;
  readonly onMadePrivate: () => void;
}

export interface StreamedResponse extends Omit<LiveResponse, 'status' | 'headers' | 'isShared'> {
  readonly head: CachedResponseHead;
  /** Whether another request's run is making it. */
  readonly joined: boolean;
  /** Whether it is being stored. */
  readonly isCached: boolean;
}

/** Sends a response that all clients may share, as it arrives. */
export function writeStreamed(req: IncomingMessage, res: ServerResponse, coming: StreamedResponse): void {
  const { head, joined, isCached, now } = coming;
  // When the response is being stored, `storeResponse` reports its errors, once for all readers.
  const onError = isCached ? () => {} : coming.onError;
  for (const name of head.removed) res.removeHeader(name);
  const headers = reusedHeaders(head, now, {
    fwd: 'uri-miss',
    fwdStatus: head.status,
    ...(isCached ? { stored: true } : {}),
    ...(joined ? { collapsed: true } : {}),
  });
  writeLive(req, res, { ...coming, onError, status: head.status, headers, isShared: isCached }, () => {
    writeHead(res, head.status, headers, { madeBy: 'handler', onMadePrivate: coming.onMadePrivate });
  });
}

/** Sends a response that is for this client only, as it would be sent without the guard. */
export function writeOwn(
  req: IncomingMessage,
  res: ServerResponse,
  { wire, standIn }: Extract<HandlerResult, { kind: 'own' }>,
  about: Pick<LiveResponse, 'now' | 'onError' | 'onMadePrivate'>,
): void {
  const { headers } = responseHeadOf(wire);
  for (const name of res.getHeaderNames()) if (!(name in headers)) res.removeHeader(name);
  const names = new Map(wire.headers.map(([name]) => [name.toLowerCase(), name]));
  for (const [name, spelled] of names) {
    // About the stand-in's connection, not the client's.
    if (name === 'connection' || name === 'transfer-encoding') continue;
    // Set before `writeHead`, as most handlers do: a session that appends a cookie there does not replace this one.
    res.setHeader(spelled, headers[name] as string | readonly string[]);
  }
  const { body, trailers } = standIn;
  writeLive(req, res, { ...about, status: wire.status, headers, source: body, isShared: false }, () => {
    res.statusMessage = wire.reason;
    res.writeHead(wire.status);
    body.once('end', () => res.addTrailers(trailers()));
  });
}

/**
 * Preconditions of a response that is still arriving can be evaluated by its head, but no range can be cut from it: a
 * request for a range gets the whole (RFC 9110 section 14.2).
 */
function writeLive(
  req: IncomingMessage,
  res: ServerResponse,
  { status, headers, source, isShared, now, onError, onMadePrivate }: LiveResponse,
  begin: () => void,
): void {
  const validators = validatorsOf(headers, now);
  if (status === 200 && evaluatePreconditions(req.headers, validators, () => now) !== 'proceed') {
    source.destroy();
    const writing = { onError, onMadePrivate, now: () => now, madeBy: 'handler' } as const;
    const nothing = { bytes: 0, body: Buffer.alloc(0), read: () => source, release: () => {} };
    writeRepresentation(req, res, { status, headers, ...validators, ...nothing }, writing);
    return;
  }
  begin();
  if (req.method === 'HEAD') {
    // Same as without the guard: on HEAD and 304 the handler still writes its whole body.
    if (isShared) source.destroy();
    else source.resume();
    res.end();
    return;
  }
  // The status line was sent. When the source breaks off, pipeline destroys the connection.
  pipeline(source, res, (error) => {
    if (error && (error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') onError(error);
  });
}

function validatorsOf(fields: HeaderFields, now: number): Validators {
  const headers: ResponseHead['headers'] = Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name.toLowerCase(), typeof value === 'object' ? value : `${value}`]),
  );
  const lastModified = fieldText(headers, 'last-modified');
  return {
    etag: fieldText(headers, 'etag'),
    lastModifiedAt: lastModified === undefined ? undefined : readHttpDate(lastModified, now),
  };
}
