import { isSafelightError } from '@safelight/client';

/** The error of an upload as a text for the visitor. */
export function errorText(error: unknown): string {
  if (isSafelightError(error)) return error.message;
  return error instanceof Error && error.name === 'AbortError' ? 'Aborted' : String(error);
}
