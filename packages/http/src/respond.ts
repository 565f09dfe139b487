import type { Fault, Outcome } from '@safelight/core';
import {
  cloudinaryErrorHeader,
  errorHeader,
  exposedHeaders,
  formatCacheStatus,
  formatServerTiming,
  headerText,
  type ProblemDocument,
  problemContentType,
  problemDocument,
  type ServerTimingMetric,
} from '@safelight/protocol';
import { errorCacheControl, noStore, retryAfterSeconds } from './freshness.ts';

/** What goes on the wire. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body: Buffer | string | undefined;
}

/** What kind of body the one who asks can use. Both mean the same, so nothing varies by it. */
export type Wants = 'json' | 'media' | 'text';

/** Stands in for a picture; already transformed as the request asks. */
export interface PlaceholderBody {
  readonly contentType: string;
  readonly body: Buffer;
  /** Set when the placeholder's format was negotiated. */
  readonly vary?: string;
}

export interface FailureAnswerOptions {
  readonly outcome: Extract<Outcome<unknown>, { kind: 'failed' | 'busy' }>;
  readonly wants: Wants;
  readonly placeholder?: PlaceholderBody | undefined;
  /** The status that placeholders are sent with; by default the error's own. */
  readonly placeholderStatus?: number | undefined;
  /** Names of the asset for caches that purge by tag. */
  readonly tags: () => readonly string[];
  /** The request header that the derivation was negotiated by: what failed for one format says nothing of another. */
  readonly vary?: string | undefined;
}

/** On every delivery answer of ours: readable by pages of other origins, never sniffed. */
export const deliveryHeaders: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Resource-Policy': 'cross-origin',
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': exposedHeaders.join(', '),
  'Timing-Allow-Origin': '*',
};

/** Media that a browser would run scripts of are sent with this. */
export const scriptlessPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

/**
 * An error or its placeholder, with headers that tell the truth about its remaining life. Pure; of the remaining time
 * only whole seconds, rounded down and up, have a part in it.
 */
export function failureAnswer(options: FailureAnswerOptions): Answer {
  const { outcome, wants, placeholder, tags } = options;
  if (outcome.kind === 'busy') return busyAnswer(outcome.retryAfterMs, wants);
  const { fault, failure, remainingMs, storable } = outcome;
  const json = wants === 'json';
  const image = json ? undefined : placeholder;
  const headers: Record<string, string | number> = {
    ...deliveryHeaders,
    'Cache-Control': json || failure === undefined || !storable ? noStore : errorCacheControl(remainingMs),
    [errorHeader]: fault.code,
    [cloudinaryErrorHeader]: headerText(fault.message),
    'Server-Timing': formatServerTiming(timings(outcome, image !== undefined)),
    'Cache-Status': cacheStatus(outcome),
  };
  if (failure !== undefined) headers['Retry-After'] = retryAfterSeconds(remainingMs);
  else if (fault.retryAfterMs !== undefined) headers['Retry-After'] = retryAfterSeconds(fault.retryAfterMs);
  Object.assign(headers, tagHeaders(tags()));
  if (options.vary !== undefined && isOfDerivation(fault)) headers['Vary'] = options.vary;
  if (image !== undefined) return imageAnswer(image, options.placeholderStatus ?? fault.status, headers);
  const problem = () => problemOf(outcome);
  return withBody(fault.status, headers, wants, problem, () =>
    textOf(fault.message, failure === undefined, remainingMs),
  );
}

/** What is missing is missing in every format. */
function isOfDerivation({ class: held }: Fault): boolean {
  return held === 'lasting' || held === 'passing';
}

function busyAnswer(retryAfterMs: number, wants: Wants): Answer {
  const headers = {
    ...deliveryHeaders,
    'Cache-Control': noStore,
    'Retry-After': retryAfterSeconds(retryAfterMs),
    [errorHeader]: 'busy',
    [cloudinaryErrorHeader]: 'Too many requests wait for the same answer',
  };
  const problem = () => problemDocument('busy', { retryAfterMs });
  return withBody(
    503,
    headers,
    wants,
    problem,
    () => 'Too many requests wait for the same answer. Ask again shortly.\n',
  );
}

function withBody(
  status: number,
  headers: Record<string, string | number>,
  wants: Wants,
  problem: () => ProblemDocument,
  text: () => string,
): Answer {
  // A media request's error has no body and no type: browsers then let the page read why (Server-Timing) and re-read
  // the answer from their cache, which they refuse for text with nosniff and for JSON.
  if (wants === 'media') return { status, headers: { ...headers, 'Content-Length': 0 }, body: undefined };
  // A string, not a buffer: Node sends it in one piece with the head.
  const body = wants === 'json' ? `${JSON.stringify(problem())}\n` : text();
  const contentType = wants === 'json' ? problemContentType : 'text/plain; charset=utf-8';
  const length = Buffer.byteLength(body);
  return { status, headers: { ...headers, 'Content-Type': contentType, 'Content-Length': length }, body };
}

function imageAnswer(image: PlaceholderBody, status: number, headers: Record<string, string | number>): Answer {
  headers['Content-Type'] = image.contentType;
  headers['Content-Length'] = image.body.length;
  if (image.vary !== undefined) headers['Vary'] = image.vary;
  if (image.contentType.startsWith('image/svg')) headers['Content-Security-Policy'] = scriptlessPolicy;
  return { status, headers, body: image.body };
}

type Failed = Extract<Outcome<unknown>, { kind: 'failed' }>;

function timings({ fault, failure, remainingMs }: Failed, placeholder: boolean): readonly ServerTimingMetric[] {
  const metrics: ServerTimingMetric[] = [{ name: 'err', desc: fault.code }];
  if (failure !== undefined) {
    metrics.push(
      { name: 'rung', desc: String(failure.rung) },
      { name: 'heal', dur: retryAfterSeconds(remainingMs) * 1000 },
    );
  }
  if (placeholder) metrics.push({ name: 'placeholder' });
  return metrics;
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
  const facts = { detail: fault.message, status: fault.status };
  if (failure === undefined) return problemDocument(fault.code, facts);
  return problemDocument(fault.code, {
    ...facts,
    retryAfterMs: remainingMs,
    rung: failure.rung,
    nextAttemptAt: failure.until,
    failedSince: failure.since,
  });
}

function textOf(message: string, final: boolean, remainingMs: number): string {
  if (final) return `${headerText(message)}\n`;
  return `${headerText(message)} (asked again in ${retryAfterSeconds(remainingMs)} s, or as soon as the original changes)\n`;
}

/** The same names for caches that purge by `Cache-Tag` and for those that know RFC 9875's `Cache-Groups`. */
export function tagHeaders(tags: readonly string[]): Record<string, string> {
  if (tags.length === 0) return {};
  return { 'Cache-Tag': tags.join(','), 'Cache-Groups': tags.map((tag) => `"${tag}"`).join(', ') };
}
