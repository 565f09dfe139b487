/** Why a delivery URL has its response. If several verdicts apply, the first one of this list is used. */
export type Verdict =
  | 'bad_transformation'
  | 'forbidden'
  | 'too_large'
  | 'damaged_original'
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

/** The meaning of a verdict. */
export interface VerdictKind {
  /** One sentence for people. It is used when the diagnosis has no `summary`. */
  readonly says: string;
  /**
   * What ends the error: `nothing` (the URL works), a `change` of the URL or the original, `time` alone, or
   * `unknown`.
   */
  readonly needs: 'nothing' | 'change' | 'time' | 'unknown';
}

/** Every verdict, in the order in which they are tested: the first that applies is used. */
export const verdicts: Readonly<Record<Verdict, VerdictKind>> = {
  bad_transformation: { says: 'The transformation in the URL cannot be applied.', needs: 'change' },
  forbidden: {
    says: 'The request is not allowed: a signature or a permission is missing.',
    needs: 'change',
  },
  too_large: { says: 'The original or the requested picture is too large.', needs: 'change' },
  damaged_original: { says: 'The original is damaged, or is not a picture.', needs: 'change' },
  missing_original: { says: 'The original has not been uploaded.', needs: 'change' },
  processing: { says: 'The original is being uploaded, or the derivative is being made.', needs: 'time' },
  cached_error: { says: 'A new attempt would succeed, but a cached error is still sent.', needs: 'time' },
  handler_failed: { says: 'The transformation failed. It will be tried again.', needs: 'time' },
  placeholder: { says: 'A placeholder is sent instead of the picture.', needs: 'time' },
  browser_cache_only: {
    says: 'The server has the picture, but this browser still uses an older response.',
    needs: 'time',
  },
  stale_version: { says: 'The URL names a version that is not the current one.', needs: 'change' },
  ok: { says: 'The URL responds with the picture.', needs: 'nothing' },
  network: { says: 'The server could not be reached.', needs: 'unknown' },
  unknown: { says: 'The cause is not known.', needs: 'unknown' },
};

/** One cache between the client and the handler. */
export interface DiagnosisLayer {
  readonly name: 'browser' | 'edge' | 'server';
  readonly state: 'hit' | 'miss' | 'unknown';
  /** How long it continues to send this response, in milliseconds; `null` when that is not known. */
  readonly remainingMs: number | null;
  /** Upper bound of that time in milliseconds, when only the bound is known. */
  readonly maxMs?: number;
}

/** The part of a URL that is not valid, and its place. */
export interface DiagnosisMistake {
  /** The transformation or the whole path that contains it, percent-decoded. */
  readonly text: string;
  /** Index of `piece` in `text`. */
  readonly at: number;
  readonly piece: string;
  /** A similar piece that is valid. */
  readonly suggestion?: string;
}

/** Something that a person can do now. */
export interface DiagnosisFix {
  readonly label: string;
  /** The URL to use or to open. */
  readonly url?: string;
}

/**
 * The result of `why`. It is sent as JSON, so a value that could not be found out is `null`. Times are durations
 * instead of instants, because the clocks of client and server may differ.
 */
export interface Diagnosis {
  /** The URL that this explains. */
  readonly url: string;
  /** The status of a response at this moment; `null` when that is not known. */
  readonly status: number | null;
  readonly verdict: Verdict;
  /** One sentence about this case. If absent, use `verdicts[verdict].says`. */
  readonly summary?: string;
  /** Whether the response is a cached error. */
  readonly cached: boolean;
  /**
   * Milliseconds until the error has expired in every known layer; `null` when no error is held, or when the time is
   * not known.
   */
  readonly remainingMs: number | null;
  /** Upper bound of that time in milliseconds, when only the bound is known. */
  readonly maxMs?: number;
  /** The number of failures in a row, from 1. */
  readonly attempt?: number;
  /** Length of the current window, in milliseconds. */
  readonly windowMs?: number;
  /** Length of the window after one more failure, in milliseconds. */
  readonly nextTtlMs?: number;
  readonly requestId?: string;
  /** The layer nearest to the reader first. */
  readonly layers: readonly DiagnosisLayer[];
  readonly original: {
    /** `null` when it could not be looked up. */
    readonly exists: boolean | null;
    readonly version?: number;
    readonly format?: string;
    readonly width?: number;
    readonly height?: number;
  };
  /** The transformation that was read, as canonical text. */
  readonly transformation?: string;
  /** The part of the URL that is not valid. */
  readonly mistake?: DiagnosisMistake;
  readonly fixes: readonly DiagnosisFix[];
  /** The facts behind the verdict, such as headers and their values. */
  readonly evidence: Readonly<Record<string, string>>;
  /** Side effects that this check had or may have had, and reasons why the verdict may be wrong. */
  readonly warnings?: readonly string[];
}

// Not derived from `verdicts`, because pages would then load the sentences too, which are more than half of the bytes.
const verdictPattern =
  /^(?:bad_transformation|forbidden|too_large|damaged_original|missing_original|processing|cached_error|handler_failed|placeholder|browser_cache_only|stale_version|ok|network|unknown)$/;

/**
 * Whether parsed JSON is a diagnosis.
 *
 * @example
 * isDiagnosis({ verdict: 'ok' }); // false
 * const path = `/_safelight/why?url=${encodeURIComponent('/demo/image/upload/cat.jpg')}`;
 * const body: unknown = await (await fetch(`https://img.example.com${path}`)).json();
 * if (isDiagnosis(body)) console.log(body.verdict, body.remainingMs);
 */
export function isDiagnosis(value: unknown): value is Diagnosis {
  const { url, verdict, layers, original, fixes, evidence } = Object(value) as Readonly<Record<string, unknown>>;
  return (
    [url, verdict].every((part) => typeof part === 'string') &&
    verdictPattern.test(verdict as string) &&
    [layers, fixes].every(Array.isArray) &&
    [original, evidence].every((part) => Object(part) === part)
  );
}
