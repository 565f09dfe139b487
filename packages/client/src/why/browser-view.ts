import { type DiagnosisLayer, type FailureMetric, readHttpDate } from '@safelight/protocol';

/** The responses for a URL that this page received, and the one that its browser has cached. */
export interface BrowserView {
  readonly layer: DiagnosisLayer;
  /** The response in the browser's own cache, when it is an error or a placeholder. */
  readonly cachedFailure?: FailedResponse | undefined;
  /** The last response that this page received and may read, when it was an error or a placeholder. */
  readonly lastFailure?: FailedResponse | undefined;
}

export interface FailedResponse {
  /** 0 when the page may not read it. */
  readonly status: number;
  /** The failure code that the server named. */
  readonly code: string | null | undefined;
  readonly isPlaceholder: boolean;
  /** The time until it expires in the browser or on the server, in milliseconds; `null` when it is not known. */
  readonly remainingMs: number | null;
}

/**
 * Reads the browser's cache and the page's list of resources; sends no request.
 * @param name - the absolute URL without fragment, which is the key in both
 */
export async function readBrowserView(name: string, now: number): Promise<BrowserView> {
  const lastFailure = lastFailedResponse(name, now);
  const view = (state: DiagnosisLayer['state'], cached?: FailedResponse): BrowserView => ({
    layer: { name: 'browser', state, remainingMs: cached?.remainingMs ?? null },
    cachedFailure: cached && failed(cached),
    lastFailure,
  });
  // Engines other than Chromium's and Firefox's may send a request when the response is not cached; WebKit does.
  if (new URL(name).origin !== location.origin || !/^(Google|$)/.test(navigator.vendor ?? '?')) {
    return view('unknown');
  }
  const cached = await cachedResponse(name, now);
  // A response that varies by `Accept` is cached for image requests, so this request would not find it.
  if (!cached) return view(/\bf_auto\b/.test(name) ? 'unknown' : 'miss');
  return cached.remainingMs === 0 ? view('miss') : view('hit', cached);
}

function lastFailedResponse(name: string, now: number): FailedResponse | undefined {
  const entries = performance.getEntriesByName(name) as PerformanceResourceTiming[];
  // An entry without a response is of no use, and neither is a response that the server does not allow this page to read.
  const entry = entries.findLast(({ responseStatus, serverTiming }) => responseStatus || serverTiming?.length);
  if (!entry) return undefined;
  const timing = (metric: FailureMetric) => entry.serverTiming?.find(({ name }) => name === metric);
  const healsAt = performance.timeOrigin + entry.responseEnd + (timing('heal')?.duration ?? 0);
  return failed({
    status: entry.responseStatus ?? 0,
    code: timing('err')?.description,
    isPlaceholder: !!timing('placeholder'),
    remainingMs: Math.max(0, healsAt - now),
  });
}

async function cachedResponse(name: string, now: number): Promise<FailedResponse | undefined> {
  try {
    const { status, headers } = await fetch(name, { cache: 'only-if-cached', mode: 'same-origin' });
    const text = (header: string) => headers.get(header) ?? '';
    const control = text('cache-control');
    const seconds = /no-cache|no-store/.test(control) ? 0 : Number(/max-age=(\d+)/.exec(control)?.[1]);
    // The cached `Age` is the age that the response had when it arrived (RFC 9111 section 5.1).
    const leftMs = (seconds - Number(text('age'))) * 1000 - now + (readHttpDate(text('date'), now) ?? Number.NaN);
    return {
      status,
      code: text('x-safelight-error'),
      isPlaceholder: /placeholder/.test(text('server-timing')),
      remainingMs: Number.isNaN(leftMs) ? null : Math.max(0, leftMs),
    };
  } catch {
    return undefined;
  }
}

function failed(response: FailedResponse): FailedResponse | undefined {
  return response.code || response.status >= 400 ? response : undefined;
}
