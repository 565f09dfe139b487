import type { Busy, Failed, Fault } from '@safelight/core';
import {
  cloudinaryErrorHeader,
  errorHeader,
  type FailureMetric,
  formatCacheStatus,
  formatServerTiming,
  headerText,
  type ProblemDocument,
  problemContentType,
  problemDocument,
  type ServerTimingMetric,
} from '@safelight/protocol';
import { errorCacheControl, noStore, retryAfterSeconds } from './cache-control.ts';
import { deliveryHeaders, scriptlessPolicy, tagHeaders } from './delivery-headers.ts';
import { jsonResponse } from './json-response.ts';
import type { WholeResponse } from './write-response.ts';

/**
 * The kind of error body that the client can use: a problem document (`json`), none (`media`), or plain text (`text`).
 * All kinds have the same meaning, so the response has no `Vary` for the header that selects the kind.
 */
export type Wants = 'json' | 'media' | 'text';

/** A picture to send instead of the requested picture, already transformed as the request asks. */
export interface PlaceholderBody {
  readonly contentType: string;
  readonly body: Buffer;
  /** Set when the placeholder's format was negotiated. */
  readonly vary?: string;
}

export interface FailureResponseOptions {
  readonly outcome: Failed | Busy;
  readonly wants: Wants;
  /** The placeholder to send. Clients that want JSON get no placeholder. @default none */
  readonly placeholder?: PlaceholderBody | undefined;
  /** The status with which a placeholder is sent. @default the status of the error */
  readonly placeholderStatus?: number | undefined;
  /** Returns the names of the asset, for caches that purge by tag. */
  readonly tags: () => readonly string[];
  /** The request header that selected the format: a failure in one format says nothing about another format. */
  readonly vary?: string | undefined;
}

/**
 * The response to a failure: an error or a placeholder, with headers that state the rest of the window. Pure. The rest
 * of the window is used only in whole seconds, rounded down and rounded up, so the result changes once a second.
 *
 * @example
 * const outcome = { kind: 'busy', retryAfterMs: 2000 } as const;
 * const { status, headers } = failureResponse({ outcome, wants: 'media', tags: () => [] });
 * status; // 503
 * headers['Retry-After']; // 2
 */
export function failureResponse(options: FailureResponseOptions): WholeResponse {
  const { outcome, wants, placeholder, tags } = options;
  if (outcome.kind === 'busy') return busyResponse(outcome.retryAfterMs, wants);
  const { fault, failure, remainingMs, storable } = outcome;
  const isJson = wants === 'json';
  const image = isJson ? undefined : placeholder;
  const headers: Record<string, string | number> = {
    ...deliveryHeaders,
    'Cache-Control':
      isJson || failure === undefined || !storable || fault.noStore === true ? noStore : errorCacheControl(remainingMs),
    [errorHeader]: fault.code,
    [cloudinaryErrorHeader]: headerText(fault.message),
    'Server-Timing': formatServerTiming(timings(outcome, image !== undefined)),
    'Cache-Status': cacheStatus(outcome),
  };
  if (failure !== undefined) headers['Retry-After'] = retryAfterSeconds(remainingMs);
  else if (fault.retryAfterMs !== undefined) headers['Retry-After'] = retryAfterSeconds(fault.retryAfterMs);
  Object.assign(headers, tagHeaders(tags()));
  if (options.vary !== undefined && isOfDerivation(fault)) headers['Vary'] = options.vary;
  if (image !== undefined) return imageResponse(image, options.placeholderStatus ?? fault.status, headers);
  return withBody(fault.status, headers, wants, {
    problem: () => problemOf(outcome),
    text: () => plainText(fault.message, failure !== undefined, remainingMs),
  });
}

/** A missing original is missing in every format, so such a failure does not vary by format. */
function isOfDerivation({ class: faultClass }: Fault): boolean {
  return faultClass === 'permanent' || faultClass === 'transient';
}

function busyResponse(retryAfterMs: number, wants: Wants): WholeResponse {
  const headers = {
    ...deliveryHeaders,
    'Cache-Control': noStore,
    'Retry-After': retryAfterSeconds(retryAfterMs),
    [errorHeader]: 'busy',
    [cloudinaryErrorHeader]: 'Too many requests wait for the same response',
  };
  return withBody(503, headers, wants, {
    problem: () => problemDocument('busy', { retryAfterMs }),
    text: () => 'Too many requests wait for the same response. Send the request again shortly.\n',
  });
}

/** The possible bodies of an error response. At most one of these functions is called. */
interface FailureBodies {
  readonly problem: () => ProblemDocument;
  readonly text: () => string;
}

function withBody(
  status: number,
  headers: Record<string, string | number>,
  wants: Wants,
  { problem, text }: FailureBodies,
): WholeResponse {
  // An error for a media request has no body and no type. So browsers let the page read the reason (`Server-Timing`),
  // and read the response again from the browser's cache. Browsers allow neither for JSON, nor for text with `nosniff`.
  if (wants === 'media') return { status, headers: { ...headers, 'Content-Length': 0 }, body: undefined };
  if (wants === 'json') return jsonResponse(status, problem(), { headers, contentType: problemContentType });
  // The body is a string and not a buffer, because Node sends a string in one piece with the head.
  const body = text();
  const type = { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': Buffer.byteLength(body) };
  return { status, headers: { ...headers, ...type }, body };
}

function imageResponse(
  image: PlaceholderBody,
  status: number,
  headers: Record<string, string | number>,
): WholeResponse {
  headers['Content-Type'] = image.contentType;
  headers['Content-Length'] = image.body.length;
  if (image.vary !== undefined) headers['Vary'] = image.vary;
  if (image.contentType.startsWith('image/svg')) headers['Content-Security-Policy'] = scriptlessPolicy;
  return { status, headers, body: image.body };
}

function timings({ fault, failure, remainingMs }: Failed, hasPlaceholder: boolean): readonly ServerTimingMetric[] {
  const metrics: (ServerTimingMetric & { readonly name: FailureMetric })[] = [{ name: 'err', desc: fault.code }];
  if (failure !== undefined) {
    metrics.push(
      { name: 'rung', desc: String(failure.rung) },
      { name: 'heal', dur: retryAfterSeconds(remainingMs) * 1000 },
    );
  }
  if (hasPlaceholder) metrics.push({ name: 'placeholder' });
  return metrics;
}

/**
 * The `Cache-Status` and `Server-Timing` of a failure, for a response that is not made here.
 *
 * @example
 * import type { Failed } from '@safelight/core';
 *
 * declare const outcome: Failed;
 * failureStatus(outcome).serverTiming; // 'err;desc="not_found", rung;desc="1", heal;dur=60000'
 */
export function failureStatus(outcome: Failed): { readonly cacheStatus: string; readonly serverTiming: string } {
  return { cacheStatus: cacheStatus(outcome), serverTiming: formatServerTiming(timings(outcome, false)) };
}

function cacheStatus({ source, fault, failure, remainingMs }: Failed): string {
  const ttl = Math.floor(remainingMs / 1000);
  if (source === 'held') return formatCacheStatus({ cache: 'safelight', hit: true, ttl, detail: fault.code });
  return formatCacheStatus({
    cache: 'safelight',
    fwd: 'uri-miss',
    fwdStatus: fault.status,
    ...(failure === undefined ? {} : { stored: true, ttl }),
    ...(source === 'joined' ? { collapsed: true } : {}),
    detail: fault.code,
  });
}

function problemOf({ fault, failure, remainingMs }: Failed): ProblemDocument {
  const details = { detail: fault.message, status: fault.status };
  if (failure === undefined) return problemDocument(fault.code, details);
  return problemDocument(fault.code, {
    ...details,
    retryAfterMs: remainingMs,
    rung: failure.rung,
    nextAttemptAt: failure.until,
    failedSince: failure.since,
  });
}

function plainText(message: string, isHeld: boolean, remainingMs: number): string {
  if (!isHeld) return `${headerText(message)}\n`;
  const sentence = headerText(message).replace(/\.?$/, '.');
  return `${sentence} Next attempt in ${retryAfterSeconds(remainingMs)} s, or as soon as the original changes.\n`;
}
