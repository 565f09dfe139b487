/** Settles like `work`, but rejects with the signal's reason as soon as the signal is aborted. */
export function untilAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const listening = new AbortController();
    signal.addEventListener('abort', () => reject(signal.reason), { signal: listening.signal });
    if (signal.aborted) reject(signal.reason);
    work.then(resolve, reject).finally(() => listening.abort());
  });
}
