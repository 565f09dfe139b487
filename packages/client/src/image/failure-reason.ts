import type { ApiPath, Diagnosis, FailureMetric } from '@safelight/protocol';

type Timings = Partial<Record<FailureMetric, PerformanceServerTiming>>;

/** The reason why a picture failed, as far as it is known. */
export interface FailureReason {
  /** Safelight's failure code, or a verdict of its control route; absent when it is not known. */
  readonly code?: string | undefined;
  /** How long every request for it goes on failing. */
  readonly remainingMs?: number | null | undefined;
  /** The server's rate limit refused the question: the reason is not known before it is asked again. */
  readonly hasNoResponse?: boolean;
}

/**
 * Whether waiting cannot help, since the URL itself is wrong or forbidden. It compares the beginnings of the failure
 * codes, because the table of the codes would cost a page more than all the rest; a test compares both.
 */
export function isPermanent({ code = '' }: FailureReason): boolean {
  return /^(?:bad_[^g]|forb|gone|inv|meth|not_[^f]|pay|too_|un[ps]|unavailable_|uri)/.test(code);
}

/**
 * Reads the `Server-Timing` of responses: of those in the page's list of resources, and of those that arrive from now
 * on, because the list is full at 250 and only an observer sees more. It is for successes too, since a placeholder
 * fires `load`. For a picture from the browser's memory there is no entry: then the newest response for its URL counts.
 * @returns the reason; `undefined` when it was the picture, or when the browser does not tell
 */
export function listenToResponses({
  performance,
  PerformanceObserver,
}: typeof globalThis): (url: string) => FailureReason | undefined {
  const entries: PerformanceEntry[] = [];
  const observer = new PerformanceObserver((list) => entries.push(...list.getEntries()));
  observer.observe({ type: 'resource', buffered: true });
  return (url) => {
    entries.push(...observer.takeRecords());
    observer.disconnect();
    const entry = entries.findLast(({ name }) => name === url);
    const { serverTiming = [], responseEnd = 0 } = (entry ?? {}) as Partial<PerformanceResourceTiming>;
    const metrics: Timings = Object.fromEntries(serverTiming.map((metric) => [metric.name, metric]));
    const { err, heal } = metrics;
    return err && { code: err.description, remainingMs: heal && heal.duration + responseEnd - performance.now() };
  };
}

/** Asks the control route of the server that a delivery URL belongs to; asking has no side effect. Never rejects. */
export async function askReason(url: string): Promise<FailureReason> {
  try {
    const base = url.replace(/\/[^/]+\/\w+\/upload\/.*/, '');
    const path: ApiPath<'why'> = `/_safelight/why?url=${encodeURIComponent(url)}`;
    const response = await fetch(base + path);
    if (response.status === 429) {
      // This route always sends seconds. A parser for dates would cost every page with `heal` 400 bytes.
      return { hasNoResponse: true, remainingMs: (Number(response.headers.get('Retry-After')) || 5) * 1000 };
    }
    const { verdict, remainingMs }: Diagnosis = await response.json();
    return { code: verdict, remainingMs };
  } catch {
    return {};
  }
}
