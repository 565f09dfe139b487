import { type Fault, isThenable, type Target } from '@safelight/core';
import { decoded, failureKinds, missingOriginalHeader } from '@safelight/protocol';
import type { ErrorBody } from './error-body.ts';
import type { WatchedHead } from './response-events.ts';

/** An error response of a handler. No part of this response was sent to the client. */
export interface ErrorResponse {
  readonly status: number;
  /** The reason phrase of the status line; empty when the handler has not set one. */
  readonly statusMessage: string;
  /** Returns the value of a header. Case does not matter; several values are joined by commas. */
  header(name: string): string | undefined;
  /**
   * Resolves with the first 8 KiB of the body as UTF-8 text, or with the part that was written when the connection
   * closed. An `isMissingOriginal` that awaits the body must return a promise. If the handler never ends the response,
   * the run times out.
   */
  body(): Promise<string>;
}

/** Whether an error response says that the original is missing. Then no derivation of the original can be made. */
export type MissingOriginalTest = (response: ErrorResponse) => boolean | Promise<boolean>;

export interface Evidence {
  readonly target: Target;
  /** Whether this is the name of the target's asset. */
  readonly isAsset: (name: string, target: Target) => boolean;
  readonly isMissingOriginal: MissingOriginalTest | undefined;
  readonly onError: (error: unknown) => void;
}

/** @param body - `undefined` when there is no `isMissingOriginal`; then `body()` resolves with an empty text */
export function errorResponseOf(status: number, head: WatchedHead, body: ErrorBody | undefined): ErrorResponse {
  return {
    status,
    get statusMessage() {
      return head.message();
    },
    header: (name) => joinedHeader(head.header(name.toLowerCase())),
    body: () => body?.text ?? Promise.resolve(''),
  };
}

function joinedHeader(value: unknown): string | undefined {
  return value === undefined ? undefined : String(Array.isArray(value) ? value.join(', ') : value);
}

/** Whether an error response is evidence that the original is missing. No evidence if `isMissingOriginal` throws. */
export function isEvidence(
  response: ErrorResponse,
  { target, isAsset, isMissingOriginal, onError }: Evidence,
): boolean | Promise<boolean> {
  if (hasMissingHeader(response, (name) => isAsset(name, target))) return true;
  if (isMissingOriginal === undefined) return false;
  const failed = (error: unknown) => {
    onError(error);
    return false;
  };
  try {
    // JavaScript may return anything, such as `undefined` or a promise of another library.
    const isMissing: unknown = isMissingOriginal(response);
    return isThenable(isMissing) ? Promise.resolve(isMissing).then(Boolean).catch(failed) : Boolean(isMissing);
  } catch (error) {
    return failed(error);
  }
}

/**
 * Whether a 404 or 410 has the header `X-Safelight-Missing-Original` with `1`, `true` or the percent-encoded name of
 * the requested asset. The name of another asset is not evidence about the requested asset.
 */
function hasMissingHeader({ status, header }: ErrorResponse, isAsset: (name: string) => boolean): boolean {
  if (status !== 404 && status !== 410) return false;
  const value = header(missingOriginalHeader)?.trim() ?? '';
  return value === '1' || value === 'true' || (value !== '' && isAsset(decoded(value) ?? value));
}

/** Turns a fault of one derivation into `missing_original`. The `Retry-After` of the fault stays. */
export function absenceOf({ retryAfterMs, noStore }: Fault): Fault {
  const { status, title, class: failureClass } = failureKinds.missing_original;
  return {
    code: 'missing_original',
    status,
    class: failureClass,
    message: title,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(noStore === undefined ? {} : { noStore }),
  };
}
