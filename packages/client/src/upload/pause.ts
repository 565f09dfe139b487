/** The maximum of a timer; with a longer time it would fire at once. */
const maxMs = 2 ** 31 - 1;

/**
 * Resolves after a time, or earlier at one of these events of the page, for example `online`. Rejects with the signal's
 * reason when the signal is aborted.
 */
export function pause(ms: number, signal: AbortSignal, ...events: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const listening = new AbortController();
    const end = (): void => {
      clearTimeout(timer);
      listening.abort();
      if (signal.aborted) {
        reject(signal.reason);
      }
      resolve();
    };
    const timer = setTimeout(end, Math.min(ms, maxMs));
    signal.addEventListener('abort', end, { signal: listening.signal });
    for (const event of events) {
      globalThis.addEventListener(event, end, { signal: listening.signal });
    }
    if (signal.aborted) {
      end();
    }
  });
}

/** Whether the browser reports that it has no network (`navigator.onLine`). `false` in environments without that property. */
export function isOffline(): boolean {
  return globalThis.navigator?.onLine === false;
}
