/**
 * An error and its causes as one line, for logs and terminals. Node's errors of several addresses have an empty message
 * and say what happened in `code` or in `errors`.
 */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, errors } = error as { readonly code?: unknown; readonly errors?: readonly unknown[] };
  const message = error.message || (errors?.[0] === undefined ? String(code ?? error.name) : describeError(errors[0]));
  const text = message.replaceAll(/\s*\n\s*/g, ' ');
  if (error.cause === undefined) return text;
  const cause = describeError(error.cause);
  return text.includes(cause) ? text : `${text} (${cause})`;
}
