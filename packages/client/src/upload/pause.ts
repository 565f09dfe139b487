/** The maximum of a timer; a longer one would fire at once. */
const maxMs = 2 ** 31 - 1;

/**
 * Resolves after a time, or earlier with one of these events of the page, for example `online`.
 * Rejects with the signal's reason as soon as it is aborted.
 */
export function pause(ms: number, signal: AbortSignal, ...events: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const over = new AbortController();
    const end = (): void => {
      clearTimeout(timer);
      over.abort();
      if (signal.aborted) {
        reject(signal.reason);
      }
      resolve();
    };
    const timer = setTimeout(end, Math.min(ms, maxMs));
    signal.addEventListener('abort', end, { signal: over.signal });
    for (const event of events) {
      globalThis.addEventListener(event, end, { signal: over.signal });
    }
    if (signal.aborted) {
      end();
    }
  });
}

/** Whether the browser is certain that there is no network. Where that is not known: `false`. */
export function isOffline(): boolean {
  return globalThis.navigator?.onLine === false;
}
