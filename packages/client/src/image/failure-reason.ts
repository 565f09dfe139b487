/** Why a picture is not there, as far as anybody says. */
export interface FailureReason {
  /** Safelight's failure code, or a verdict of its control route; absent when nobody says. */
  readonly code?: string;
  /** How long it goes on failing, whoever asks. */
  readonly remainingMs?: number | undefined;
  /** The server has the picture by now: only this browser holds an older answer. */
  readonly isOutdated?: boolean;
}

/** Whether no waiting helps, since the URL itself is wrong or may not be asked for. */
export function isPermanent({ code = '' }: FailureReason): boolean {
  return /^(?:bad_tr|bad_si|invalid_|not_offered|forbidden|too_|uri_|payload_|unsupported|unprocessable|stale_)/.test(
    code,
  );
}

/**
 * Reads what answers that arrive from now on say of themselves by `Server-Timing`. A placeholder fires `load`, so this
 * is for successes too. @returns the reason of the newest answer of a URL; `undefined` when it was the picture, or when
 * the browser does not tell
 */
export function listenToAnswers(
  { performance, PerformanceObserver }: typeof globalThis,
  since: number = performance.now(),
): (url: string) => FailureReason | undefined {
  // The page's own list ends at 250 entries; an observer sees all, but not what came before it.
  const observer = new PerformanceObserver(() => {});
  observer.observe({ type: 'resource' });
  return (url) => {
    const name = url.replace(/#.*/, '');
    const entries = [...performance.getEntriesByName(name), ...observer.takeRecords()] as PerformanceResourceTiming[];
    observer.disconnect();
    const timings = entries.findLast((entry) => entry.name === name && entry.startTime >= since)?.serverTiming;
    const timing = (metric: string) => timings?.find((one) => one.name === metric);
    const code = timing('err')?.description;
    return code ? { code, remainingMs: timing('heal')?.duration } : undefined;
  };
}

/** Asks the control route of the server that a delivery URL belongs to; asking has no side effect. Never rejects. */
export async function askReason(url: string): Promise<FailureReason> {
  try {
    const base = url.replace(/\/[^/]+\/(?:image|video|raw)\/upload\/.*/, '');
    const answer = await fetch(`${base}/_safelight/why?url=${encodeURIComponent(url)}`);
    const { verdict, remainingMs } = await answer.json();
    return verdict === 'ok'
      ? { isOutdated: true, remainingMs: 0 }
      : { code: verdict, remainingMs: remainingMs ?? undefined };
  } catch {
    return {};
  }
}
