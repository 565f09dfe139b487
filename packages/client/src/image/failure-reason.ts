import type { ApiPath, Diagnosis, FailureMetric } from '@safelight/protocol';

type Timings = Partial<Record<FailureMetric, PerformanceServerTiming>>;

/** The reason why a picture failed. */
export interface FailureReason {
  /** Safelight's failure code, or a verdict of its control route; absent when it is not known. */
  readonly code?: string | undefined;
  /** The time until a request for the picture can succeed; absent or `null` when it is not known. */
  readonly remainingMs?: number | null | undefined;
  /** The server's rate limit refused the request to the control route. Then the reason is not known yet. */
  readonly isRateLimited?: boolean;
}

/**
 * Whether waiting cannot help, because the URL itself is wrong or forbidden. It compares the beginnings of the failure
 * codes, because the table of the codes would make pages larger than all other code here. A test compares both.
 */
export function isPermanent({ code = '' }: FailureReason): boolean {
  return /^(?:bad_[^g]|forb|gone|inv|meth|not_[^f]|pay|too_|un[ps]|unavailable_|uri)/.test(code);
}

/**
 * Reads the `Server-Timing` of responses: of those in the page's list of resources, and of those that arrive from now
 * on, because the list is full at 250 entries and only an observer sees more. It also reads successful responses,
 * because a placeholder fires `load`. It ignores responses to `fetch`, because they are not what the page shows. A
 * picture from the browser's memory has no entry; then the newest response for its URL is used.
 * @returns a function of a URL. It returns the reason, or `undefined` when the response was the picture or when the
 *   browser does not report it. Call it once.
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
    const entry = (entries as PerformanceResourceTiming[]).findLast(
      ({ name, initiatorType }) => name === url && initiatorType !== 'fetch',
    );
    const { serverTiming = [], responseEnd = 0 }: Partial<PerformanceResourceTiming> = entry ?? {};
    const metrics: Timings = Object.fromEntries(serverTiming.map((metric) => [metric.name, metric]));
    const { err, heal } = metrics;
    return err && { code: err.description, remainingMs: heal && heal.duration + responseEnd - performance.now() };
  };
}

/**
 * Requests the reason from the control route of the server that a delivery URL belongs to. The request has no side
 * effect. Never rejects.
 */
export async function requestReason(url: string): Promise<FailureReason> {
  try {
    const endpoint = url.replace(/\/[^/]+\/\w+\/upload\/.*/, '');
    const path: ApiPath<'why'> = `/_safelight/why?url=${encodeURIComponent(url)}`;
    const response = await fetch(endpoint + path);
    if (response.status === 429) {
      // This route always sends `Retry-After` in seconds. A parser for dates would add 400 bytes to pages with `heal`.
      return { isRateLimited: true, remainingMs: (Number(response.headers.get('Retry-After')) || 5) * 1000 };
    }
    const { verdict, remainingMs }: Diagnosis = await response.json();
    return { code: verdict, remainingMs };
  } catch {
    return {};
  }
}
