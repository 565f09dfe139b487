import { decoded, missingOriginalHeader } from '@safelight/protocol';

/** An error that a handler has answered with. The client has not been sent any of it. */
export interface ErrorAnswer {
  readonly status: number;
  /** The words of the status line; empty when the handler leaves them to Node. */
  readonly statusMessage: string;
  /** One of the headers, in any case; several values are joined by commas. */
  header(name: string): string | undefined;
  /**
   * The body's first 8 KiB as text, or what there was of it when the connection closed. Only for tests that return a
   * promise; a handler that never ends its answer times out.
   */
  body(): Promise<string>;
}

/** Whether an error says that the original is missing, so that no derivation of it can be made. */
export type MissingOriginalTest = (answer: ErrorAnswer) => boolean | Promise<boolean>;

export interface Evidence {
  /** Whether a name is that of the asset that was asked for. */
  readonly isAsset: (name: string) => boolean;
  readonly isMissingOriginal: MissingOriginalTest | undefined;
  readonly onError: (error: unknown) => void;
}

/** Whether an error is evidence that the original is missing. A test that throws has found nothing out. */
export function isEvidence(answer: ErrorAnswer, about: Evidence): boolean | Promise<boolean> {
  const { isAsset, isMissingOriginal, onError } = about;
  if (saysMissing(answer, isAsset)) return true;
  if (isMissingOriginal === undefined) return false;
  const failed = (error: unknown) => {
    onError(error);
    return false;
  };
  try {
    const found = isMissingOriginal(answer);
    return found instanceof Promise ? found.catch(failed) : found;
  } catch (error) {
    return failed(error);
  }
}

/**
 * The header says `1` or `true` of the asset that was asked for, else it names one, percent-encoded. That another one is
 * missing proves nothing of this one.
 */
function saysMissing({ status, header }: ErrorAnswer, isAsset: (name: string) => boolean): boolean {
  if (status !== 404 && status !== 410) return false;
  const value = header(missingOriginalHeader)?.trim() ?? '';
  return value === '1' || value === 'true' || (value !== '' && isAsset(decoded(value) ?? value));
}
