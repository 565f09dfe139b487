export interface QuestionLimits {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

/**
 * Asks one question within a time. That nobody answers is a part of the explanation, so it comes back, as text.
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
    // Node's fetch says only in the cause what has happened, and of several addresses only by its code.
    const { message, cause } = error as Error & {
      readonly cause?: { readonly code?: string; readonly message: string };
    };
    return cause ? `${message} (${cause.code ?? cause.message})` : message;
  }
}
