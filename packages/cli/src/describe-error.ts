/**
 * Returns an error and its causes as one line, for logs and terminals. When Node has tried several addresses, its error
 * has an empty message; the reason is then in `code` or in `errors`.
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
