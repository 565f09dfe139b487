import { isSafelightError } from '@safelight/client';

/** What an upload failed with, in words for whoever sent it. */
export function errorText(error: unknown): string {
  if (isSafelightError(error)) return error.message;
  return error instanceof Error && error.name === 'AbortError' ? 'Aborted' : String(error);
}
