import type { Fault } from '@safelight/core';
import { decoded, failureKinds, missingOriginalHeader } from '@safelight/protocol';

/** An error response of a handler. None of it was sent to the client. */
export interface ErrorResponse {
  readonly status: number;
  /** The reason phrase of the status line; empty when the handler leaves it to Node. */
  readonly statusMessage: string;
  /** A header by its name, in upper or lower case; several values are joined by commas. */
  header(name: string): string | undefined;
  /**
   * The body's first 8 KiB as text, or the part that was written when the connection closed. Only for tests that return
   * a promise; a handler that never ends its response times out.
   */
  body(): Promise<string>;
}

/** Whether an error says that the original is missing, so that no derivation of it can be made. */
export type MissingOriginalTest = (response: ErrorResponse) => boolean | Promise<boolean>;

export interface Evidence {
  /** Whether a name is that of the requested asset. */
  readonly isAsset: (name: string) => boolean;
  readonly isMissingOriginal: MissingOriginalTest | undefined;
  readonly onError: (error: unknown) => void;
}

/** Whether an error is evidence that the original is missing. A test that throws gives no evidence. */
export function isEvidence(response: ErrorResponse, about: Evidence): boolean | Promise<boolean> {
  const { isAsset, isMissingOriginal, onError } = about;
  if (saysMissing(response, isAsset)) return true;
  if (isMissingOriginal === undefined) return false;
  const failed = (error: unknown) => {
    onError(error);
    return false;
  };
  try {
    const found = isMissingOriginal(response);
    return found instanceof Promise ? found.catch(failed) : found;
  } catch (error) {
    return failed(error);
  }
}

/**
 * The header is `1` or `true` for the requested asset, or the percent-encoded name of an asset. The name of another
 * asset is not evidence about this one.
 */
function saysMissing({ status, header }: ErrorResponse, isAsset: (name: string) => boolean): boolean {
  if (status !== 404 && status !== 410) return false;
  const value = header(missingOriginalHeader)?.trim() ?? '';
  return value === '1' || value === 'true' || (value !== '' && isAsset(decoded(value) ?? value));
}

/** The same failure, as one of the original: the asset is missing. */
export function absenceOf({ retryAfterMs: after }: Fault): Fault {
  const { status, title, class: held } = failureKinds.missing_original;
  const fault: Fault = { code: 'missing_original', status, class: held, message: title };
  return after === undefined ? fault : { ...fault, retryAfterMs: after };
}
