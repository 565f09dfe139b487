import { type DiagnosisLayer, type FailureMetric, readHttpDate } from '@safelight/protocol';

/** The responses that this page got, and those that its browser has cached. */
export interface BrowserView {
  readonly layer: DiagnosisLayer;
  /** The response in the browser's own cache, when that is an error or a placeholder. */
  readonly held?: FailedResponse | undefined;
  /** The last response that this page got and may read, when it was an error or a placeholder. */
  readonly seen?: FailedResponse | undefined;
}

export interface FailedResponse {
  /** 0 when the page may not read it. */
  readonly status: number;
  /** The failure code that the server named. */
  readonly code: string | null | undefined;
  readonly isPlaceholder: boolean;
  /** How long the browser or the server still sends it, in milliseconds; `null` when that is not known. */
  readonly remainingMs: number | null;
}

/**
 * Reads the browser's cache and the page's list of resources; sends no request.
 * @param name the absolute URL without fragment, which is the key in both
 */
export async function lookIntoBrowser(name: string, now: number): Promise<BrowserView> {
  const seen = lastResponse(name, now);
  const view = (state: DiagnosisLayer['state'], copy?: FailedResponse): BrowserView => ({
    layer: { name: 'browser', state, remainingMs: copy?.remainingMs ?? null },
    held: copy && failed(copy),
    seen,
  });
  // Other engines than Chromium's and Firefox's may send a request when they have nothing stored (WebKit does).
  if (new URL(name).origin !== location.origin || !/^(Google|$)/.test(navigator.vendor ?? '?')) {
    return view('unknown');
  }
  const copy = await storedCopy(name, now);
  // A response that varies by `Accept` is stored for image requests; this request would not find it.
  if (!copy) return view(/\bf_auto\b/.test(name) ? 'unknown' : 'miss');
  return copy.remainingMs === 0 ? view('miss') : view('hit', copy);
}

function lastResponse(name: string, now: number): FailedResponse | undefined {
  const entries = performance.getEntriesByName(name) as PerformanceResourceTiming[];
  // An entry without a response tells nothing, and neither does a response that its server does not let this page read.
  const entry = entries.findLast(({ responseStatus, serverTiming }) => responseStatus || serverTiming?.length);
  if (!entry) return undefined;
  const timing = (metric: FailureMetric) => entry.serverTiming?.find((one) => one.name === metric);
  const healsAt = performance.timeOrigin + entry.responseEnd + (timing('heal')?.duration ?? 0);
  return failed({
    status: entry.responseStatus ?? 0,
    code: timing('err')?.description,
    isPlaceholder: !!timing('placeholder'),
    remainingMs: Math.max(0, healsAt - now),
  });
}

async function storedCopy(name: string, now: number): Promise<FailedResponse | undefined> {
  try {
    const { status, headers } = await fetch(name, { cache: 'only-if-cached', mode: 'same-origin' });
    const text = (header: string) => headers.get(header) ?? '';
    const control = text('cache-control');
    const seconds = /no-cache|no-store/.test(control) ? 0 : Number(/max-age=(\d+)/.exec(control)?.[1]);
    // The stored `Age` is the age at which the copy arrived.
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
