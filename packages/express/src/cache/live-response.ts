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
  readonly now: number;
  readonly onError: (error: unknown) => void;
  readonly onMadePrivate: () => void;
}

export interface StreamedResponse extends Omit<LiveResponse, 'status' | 'headers'> {
  readonly head: CachedResponseHead;
  /** Whether this request joined the run of another one. */
  readonly joined: boolean;
  /** Whether the response is being stored. */
  readonly isStored: boolean;
}

/** Sends a response that all clients may share, while the handler still writes it. */
export function writeStreamed(req: IncomingMessage, res: ServerResponse, response: StreamedResponse): void {
  const { head, joined, isStored, now } = response;
  // When the response is being stored, `storeResponse` reports its errors, once for all readers.
  const onError = isStored ? () => {} : response.onError;
  for (const name of head.removed) res.removeHeader(name);
  const headers = reusedHeaders(head, now, {
    fwd: 'uri-miss',
    fwdStatus: head.status,
    ...(isStored ? { stored: true } : {}),
    ...(joined ? { collapsed: true } : {}),
  });
  writeLive(req, res, { ...response, onError, status: head.status, headers }, () => {
    writeHead(res, head.status, headers, { madeBy: 'handler', onMadePrivate: response.onMadePrivate });
  });
}

/** Sends a response that is for this client only, as it would be sent without the guard. */
export function writeOwn(
  req: IncomingMessage,
  res: ServerResponse,
  { wire, standIn }: Pick<Extract<HandlerResult, { kind: 'own' }>, 'wire' | 'standIn'>,
  writing: Pick<LiveResponse, 'now' | 'onError' | 'onMadePrivate'>,
): void {
  const { headers } = responseHeadOf(wire);
  for (const name of res.getHeaderNames()) if (!(name in headers)) res.removeHeader(name);
  const names = new Map(wire.headers.map(([name]) => [name.toLowerCase(), name]));
  for (const [name, spelling] of names) {
    // These fields are about the stand-in's connection, not the client's.
    if (name === 'connection' || name === 'transfer-encoding') continue;
    // Set before `writeHead`, as most handlers do, so that a session that appends a cookie there does not replace it.
    res.setHeader(spelling, headers[name] as string | readonly string[]);
  }
  const { body, trailers } = standIn;
  writeLive(req, res, { ...writing, status: wire.status, headers, source: body }, () => {
    res.statusMessage = wire.reason;
    res.writeHead(wire.status);
    body.once('end', () => res.addTrailers(trailers()));
  });
}

/**
 * Sends a response while the handler still writes it. Its head is enough to evaluate preconditions. A request for a
 * range gets the whole response, which RFC 9110 section 14.2 allows.
 */
function writeLive(
  req: IncomingMessage,
  res: ServerResponse,
  { status, headers, source, now, onError, onMadePrivate }: LiveResponse,
  begin: () => void,
): void {
  const validators = validatorsOf(headers, now);
  if (status === 200 && evaluatePreconditions(req.headers, validators, () => now) !== 'proceed') {
    source.destroy();
    const writing = { onError, onMadePrivate, now: () => now, madeBy: 'handler' } as const;
    const emptyBody = { bytes: 0, body: Buffer.alloc(0), read: () => source, release: () => {} };
    writeRepresentation(req, res, { status, headers, ...validators, ...emptyBody }, writing);
    return;
  }
  begin();
  // The status line has been sent. When the source breaks off, `pipeline` destroys the connection.
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
