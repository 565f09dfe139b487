import type { DiagnosisLayer, Verdict } from '@safelight/protocol';

/** What a HEAD of a delivery URL tells. */
export interface CloudinaryAnswer {
  readonly status: number;
  /** `X-Cld-Error`. */
  readonly error: string | undefined;
  /** How long it has been in the cache that answers, in milliseconds; pages may not know it. */
  readonly ageMs: number | undefined;
  readonly edge: DiagnosisLayer['state'];
  readonly requestId: string | undefined;
  /** A Safelight server has answered, which could be asked properly. */
  readonly isSafelight: boolean;
}

export interface Explanation {
  readonly verdict: Verdict;
  readonly summary: string;
  /** What to do. */
  readonly labels: readonly string[];
}

export function readCloudinaryAnswer({ status, headers }: Response): CloudinaryAnswer {
  const age = headers.get('age');
  const [, cache] = /desc="?(hit|miss)/i.exec(headers.get('server-timing') ?? '') ?? [];
  const isHit = cache?.toLowerCase() === 'hit' || Number(age) > 0;
  return {
    status,
    error: headers.get('x-cld-error') ?? undefined,
    ageMs: age === null || Number.isNaN(Number(age)) ? undefined : Number(age) * 1000,
    edge: isHit ? 'hit' : cache === undefined ? 'unknown' : 'miss',
    requestId: headers.get('x-request-id') ?? undefined,
    isSafelight: headers.has('x-safelight-error') || /\bsafelight\b/.test(headers.get('cache-status') ?? ''),
  };
}

/**
 * What the answer about another spelling of the same picture says of a URL that fails.
 * @param own the URL's own answer, where it was probed
 */
export function explainAnswer(answer: CloudinaryAnswer, own?: CloudinaryAnswer | string): Explanation {
  const { status, error } = answer;
  const said = wordsOf(answer);
  const because = (verdict: Verdict, summary: string, ...labels: readonly string[]): Explanation => ({
    verdict,
    summary: `${summary} (${said}).`,
    labels,
  });
  if (status < 300 && error === undefined) return explainMade(own);
  if (status < 300) {
    return because('placeholder', 'A placeholder is delivered, or the picture with a warning', 'Upload the original');
  }
  if (status === 400 && /too large|limit exceeded/i.test(error ?? '')) {
    return because(
      'too_large',
      'Cloudinary refuses it as too large',
      'Have it made ahead of time: eager with eager_async',
    );
  }
  if (status === 400) return because('bad_transformation', 'Cloudinary cannot read the URL', 'Correct the URL');
  if (status === 401 || status === 403) {
    const label = 'Sign the URL, or allow the transformation or the delivery type in the account';
    return because('forbidden', 'Cloudinary refuses the URL as it is', label);
  }
  // Other words mean that something else is missing: a layer, a remote source.
  if (status === 404 && (error === undefined || /^Resource not found/i.test(error))) return explainMissing(said);
  if (status === 420 || status === 423) {
    return because('processing', 'Cloudinary is still making it', 'Wait', 'Have it made ahead of time: eager');
  }
  return because('unknown', 'Another spelling of the same picture fails too');
}

/** There is a picture behind the URL. */
export function explainMade(own?: CloudinaryAnswer | string): Explanation {
  const fails = typeof own === 'object' ? `The URL fails (${wordsOf(own)}) although` : 'If the URL fails,';
  const rest = typeof own === 'object' ? 'the same picture can be delivered: only' : 'only';
  return {
    verdict: 'cached_error',
    summary: `${fails} ${rest} its cached error is in the way.`,
    labels: [
      "Use the URL with the version of the upload's answer (asset.url())",
      'upload, explicit or rename with invalidate=true clears the error',
      'Wait: it ends by itself',
    ],
  };
}

export function explainMissing(said: string): Explanation {
  return {
    verdict: 'missing_original',
    summary: `There is no such original: not uploaded yet, or another public ID, resource type or delivery type (${said}).`,
    labels: [
      "Upload it, then use the URL with the version of the upload's answer: this one may go on failing",
      'upload with invalidate=true clears the error',
    ],
  };
}

function wordsOf({ status, error }: CloudinaryAnswer): string {
  return error === undefined ? String(status) : `${status} ${error}`;
}
