/** Why a picture is not there, as far as anybody says. */
export interface FailureReason {
  /** Safelight's failure code, or a verdict of its control route; absent when nobody says. */
  readonly code?: string | undefined;
  /** How long it goes on failing, whoever asks. */
  readonly remainingMs?: number | null | undefined;
  /** The server answers so many questions only: nothing is known before it has been asked once more. */
  readonly isUnanswered?: boolean;
}

/**
 * Whether no waiting helps, since the URL itself is wrong or may not be asked for. By the beginnings of protocol's codes,
 * whose table would cost a page more than all the rest; a test holds them against it.
 */
export function isPermanent({ code = '' }: FailureReason): boolean {
  return /^(?:bad_[^g]|forb|gone|inv|meth|not_[^f]|pay|too_|un[ps]|unavailable_|uri)/.test(code);
}

/**
 * Reads what answers say of themselves by `Server-Timing`, those that the page's own list holds and those that arrive from
 * now on: the list is full at 250, and only an observer sees more. A placeholder fires `load`, so this is for successes
 * too, and also for those out of memory, which are no answer: the newest answer is where they came from.
 * @returns the reason; `undefined` when it was the picture, or when the browser does not tell
 */
export function listenToAnswers({
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
    const { err, heal } = Object.fromEntries(serverTiming.map((metric) => [metric.name, metric]));
    return err && { code: err.description, remainingMs: heal && heal.duration + responseEnd - performance.now() };
  };
}

/** Asks the control route of the server that a delivery URL belongs to; asking has no side effect. Never rejects. */
export async function askReason(url: string): Promise<FailureReason> {
  try {
    const base = url.replace(/\/[^/]+\/\w+\/upload\/.*/, '');
    const answer = await fetch(`${base}/_safelight/why?url=${encodeURIComponent(url)}`);
    if (answer.status === 429) {
      // This route of ours writes seconds. A reader of dates would cost every page that heals 400 bytes.
      return { isUnanswered: true, remainingMs: (Number(answer.headers.get('Retry-After')) || 5) * 1000 };
    }
    const { verdict, remainingMs } = await answer.json();
    return { code: verdict, remainingMs };
  } catch {
    return {};
  }
}
