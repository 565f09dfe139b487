import { type DiagnosisLayer, readHttpDate } from '@safelight/protocol';

/** What this page was answered, and what its browser goes on answering. */
export interface BrowserView {
  readonly layer: DiagnosisLayer;
  /** What the browser itself keeps, when that is an error or a placeholder. */
  readonly held?: FailedAnswer | undefined;
  /** The last answer that this page got and may know, when it was an error or a placeholder. */
  readonly seen?: FailedAnswer | undefined;
}

export interface FailedAnswer {
  /** 0 when the page may not know it. */
  readonly status: number;
  /** The failure code that the server named. */
  readonly code: string | null | undefined;
  readonly isPlaceholder: boolean;
  /** How long it is answered still, in milliseconds, by the browser or the server; `null` when that is not known. */
  readonly remainingMs: number | null;
}

/** Looks at what is here; sends no request. @param name the absolute URL without fragment, as browsers name what they keep */
export async function lookIntoBrowser(name: string, now: number): Promise<BrowserView> {
  const seen = lastAnswer(name, now);
  const view = (state: DiagnosisLayer['state'], copy?: FailedAnswer): BrowserView => ({
    layer: { name: 'browser', state, remainingMs: copy?.remainingMs ?? null },
    held: copy && failed(copy),
    seen,
  });
  // Other engines than Chromium's and Firefox's may ask the network when they have nothing stored (WebKit does).
  if (new URL(name).origin !== location.origin || !/^(Google|$)/.test(navigator.vendor ?? '?')) {
    return view('unknown');
  }
  const copy = await storedCopy(name, now);
  // What was chosen by `Accept` is stored for images; this request would not find it.
  if (!copy) return view(/\bf_auto\b/.test(name) ? 'unknown' : 'miss');
  return copy.remainingMs === 0 ? view('miss') : view('hit', copy);
}

function lastAnswer(name: string, now: number): FailedAnswer | undefined {
  const entries = performance.getEntriesByName(name) as PerformanceResourceTiming[];
  // What ended without an answer says nothing, nor do the answers of servers that do not let this page know.
  const entry = entries.findLast(({ responseStatus, serverTiming }) => responseStatus || serverTiming?.length);
  if (!entry) return undefined;
  const timing = (metric: string) => entry.serverTiming?.find((one) => one.name === metric);
  const healsAt = performance.timeOrigin + entry.responseEnd + (timing('heal')?.duration ?? 0);
  return failed({
    status: entry.responseStatus ?? 0,
    code: timing('err')?.description,
    isPlaceholder: !!timing('placeholder'),
    remainingMs: Math.max(0, healsAt - now),
  });
}

async function storedCopy(name: string, now: number): Promise<FailedAnswer | undefined> {
  try {
    const { status, headers } = await fetch(name, { cache: 'only-if-cached', mode: 'same-origin' });
    const text = (header: string) => headers.get(header) ?? '';
    const control = text('cache-control');
    const seconds = /no-cache|no-store/.test(control) ? 0 : Number(/max-age=(\d+)/.exec(control)?.[1]);
    // The age that is stored is the one at which the copy arrived.
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

function failed(answer: FailedAnswer): FailedAnswer | undefined {
  return answer.code || answer.status >= 400 ? answer : undefined;
}
