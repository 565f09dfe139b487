/** Why a delivery URL gives its response. If several verdicts apply, the first one counts. */
export type Verdict =
  | 'bad_transformation'
  | 'forbidden'
  | 'too_large'
  | 'missing_original'
  | 'processing'
  | 'cached_error'
  | 'handler_failed'
  | 'placeholder'
  | 'browser_cache_only'
  | 'stale_version'
  | 'ok'
  | 'network'
  | 'unknown';

export interface VerdictKind {
  /** One sentence for people, when nothing more exact is known. */
  readonly says: string;
  /**
   * What ends the error: nothing has to be done, something has to be changed, only time has to pass, or it is not
   * known.
   */
  readonly needs: 'nothing' | 'change' | 'time' | 'unknown';
}

/** Every verdict, in the order in which they are tried: the first that applies is given. */
export const verdicts: Readonly<Record<Verdict, VerdictKind>> = {
  bad_transformation: { says: 'The transformation in the URL cannot be applied.', needs: 'change' },
  forbidden: {
    says: 'The URL may not be asked for as it is: a signature or a permission is missing.',
    needs: 'change',
  },
  too_large: { says: 'The picture, or what is asked of it, is too large.', needs: 'change' },
  missing_original: { says: 'The original has not been uploaded.', needs: 'change' },
  processing: { says: 'The original is being uploaded, or the derivation is being made.', needs: 'time' },
  cached_error: { says: 'It would succeed now; only the cached error is in the way.', needs: 'time' },
  handler_failed: { says: 'The transformation failed; it will be tried again.', needs: 'time' },
  placeholder: { says: 'A placeholder is shown instead of the picture.', needs: 'time' },
  browser_cache_only: {
    says: 'The server has the picture; only this browser still holds an older answer.',
    needs: 'time',
  },
  stale_version: { says: 'The URL names a version that is not the current one.', needs: 'change' },
  ok: { says: 'The URL answers with the picture.', needs: 'nothing' },
  network: { says: 'The server could not be reached.', needs: 'unknown' },
  unknown: { says: 'Nothing that is known explains this.', needs: 'unknown' },
};

/** One cache on the way, nearest to the reader first. */
export interface DiagnosisLayer {
  readonly name: 'browser' | 'edge' | 'server';
  readonly state: 'hit' | 'miss' | 'unknown';
  /** How long it goes on answering this, in milliseconds; `null` when that is not known. */
  readonly remainingMs: number | null;
  /** What that time cannot exceed, where only this is known. */
  readonly maxMs?: number;
}

/** The part of a URL that cannot be understood, shown where it stands. */
export interface DiagnosisMistake {
  /** What it stands in: the transformation, or the whole path; percent-decoded. */
  readonly text: string;
  /** Index of `piece` in `text`. */
  readonly at: number;
  readonly piece: string;
  /** What was probably meant in its place. */
  readonly suggestion?: string;
}

export interface DiagnosisFix {
  readonly label: string;
  readonly url?: string;
}

/**
 * What `why` answers. It travels as JSON, hence `null` for what was looked for and not found, and times are relative,
 * since clocks differ.
 */
export interface Diagnosis {
  /** The URL that was asked about. */
  readonly url: string;
  /** The status that it would answer now; `null` when that is not known. */
  readonly status: number | null;
  readonly verdict: Verdict;
  /** One sentence about this case; the verdict's own when absent. */
  readonly summary?: string;
  /** Whether a remembered error answers. */
  readonly cached: boolean;
  /** Milliseconds until every known layer has dropped the error; `null` when nothing is held or it is not known. */
  readonly remainingMs: number | null;
  /** What that time cannot exceed, in milliseconds, where only this is known. */
  readonly maxMs?: number;
  /** How many times in a row it has failed. */
  readonly attempt?: number;
  /** Length of the window that runs now, in milliseconds. */
  readonly windowMs?: number;
  /** Length of the window after one more failure, in milliseconds. */
  readonly nextTtlMs?: number;
  readonly requestId?: string;
  readonly layers: readonly DiagnosisLayer[];
  readonly original: {
    /** `null` when it could not be looked up. */
    readonly exists: boolean | null;
    readonly version?: number;
    readonly format?: string;
    readonly width?: number;
    readonly height?: number;
  };
  /** The transformation as it was understood (canonical text). */
  readonly transformation?: string;
  /** What in the URL was not understood. */
  readonly mistake?: DiagnosisMistake;
  readonly fixes: readonly DiagnosisFix[];
  /** What the verdict rests on, such as headers. */
  readonly evidence: Readonly<Record<string, string>>;
  /** Side effects that this check had or may have had, and what is uncertain about the verdict. */
  readonly warnings?: readonly string[];
}

// Not taken from the table: its sentences are more than half of the bytes that a page would load for this check.
const verdictPattern =
  /^(?:bad_transformation|forbidden|too_large|missing_original|processing|cached_error|handler_failed|placeholder|browser_cache_only|stale_version|ok|network|unknown)$/;

/** Whether parsed JSON is a diagnosis. */
export function isDiagnosis(value: unknown): value is Diagnosis {
  const { url, verdict, layers, original, fixes, evidence } = Object(value) as Readonly<Record<string, unknown>>;
  return (
    [url, verdict].every((part) => typeof part === 'string') &&
    verdictPattern.test(verdict as string) &&
    [layers, fixes].every(Array.isArray) &&
    [original, evidence].every((part) => Object(part) === part)
  );
}
