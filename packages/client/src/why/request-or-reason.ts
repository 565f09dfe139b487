export interface RequestLimits {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
}

/**
 * Sends one request with a timeout, 10 s by default. A request without a response is a part of the explanation, so the
 * error is returned as text.
 * @throws the signal's reason when it was aborted
 */
export async function requestOrReason<T extends object>(
  request: (signal: AbortSignal) => Promise<T>,
  { signal, timeoutMs = 10_000 }: RequestLimits,
): Promise<T | string> {
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    return await request(signal ? AbortSignal.any([signal, limit]) : limit);
  } catch (error) {
    signal?.throwIfAborted();
    // The `fetch` of Node has the reason only in `cause`, and only as a code when it has tried several addresses.
    const { message, cause } = error as Error & {
      readonly cause?: { readonly code?: string; readonly message: string };
    };
    return cause ? `${message} (${cause.code ?? cause.message})` : message;
  }
}
