/** What the promise gives, unless the signal is aborted first: for steps that cannot be aborted themselves. */
export async function untilAborted<T>(working: Promise<T>, signal: AbortSignal): Promise<T> {
  let abort = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort);
  });
  if (signal.aborted) {
    abort();
  }
  try {
    return await Promise.race([working, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
