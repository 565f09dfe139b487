export interface QuestionLimits {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

/**
 * Sends one request with a timeout. A request without a response is a part of the explanation, so the error is
 * returned, as text.
 * @throws the signal's reason, when it was aborted
 */
export async function question<T extends object>(
  ask: (signal: AbortSignal) => Promise<T>,
  { signal, timeoutMs = 10_000 }: QuestionLimits,
): Promise<T | string> {
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    return await ask(signal ? AbortSignal.any([signal, limit]) : limit);
  } catch (error) {
    signal?.throwIfAborted();
    // Node's fetch has the reason only in the cause, and for several addresses only in its code.
    const { message, cause } = error as Error & {
      readonly cause?: { readonly code?: string; readonly message: string };
    };
    return cause ? `${message} (${cause.code ?? cause.message})` : message;
  }
}
