import type { DiagnosisLayer, Verdict } from '@safelight/protocol';

/** The result of a HEAD for a delivery URL. */
export interface CloudinaryResponse {
  readonly status: number;
  /** `X-Cld-Error`. */
  readonly error: string | undefined;
  /** How long it has been in the CDN's cache, in milliseconds; pages may not be able to read it. */
  readonly ageMs: number | undefined;
  readonly edge: DiagnosisLayer['state'];
  readonly requestId: string | undefined;
  /** Whether a Safelight server responded; its control route would tell more. */
  readonly isSafelight: boolean;
}

export interface Explanation {
  readonly verdict: Verdict;
  readonly summary: string;
  /** What to do. */
  readonly labels: readonly string[];
}

export function readCloudinaryResponse({ status, headers }: Response): CloudinaryResponse {
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
 * Explains a failing URL by the response for another spelling of the same picture.
 * @param own the response for the URL itself, where it was probed
 */
export function explainResponse(response: CloudinaryResponse, own?: CloudinaryResponse | string): Explanation {
  const { status, error } = response;
  const said = wordsOf(response);
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
  // Another message means that another resource is missing: a layer, or a remote source.
  if (status === 404 && (error === undefined || /^Resource not found/i.test(error))) return explainMissing(said);
  if (status === 420 || status === 423) {
    return because('processing', 'Cloudinary is still making it', 'Wait', 'Have it made ahead of time: eager');
  }
  return because('unknown', 'Another spelling of the same picture fails too');
}

/** For a URL with a picture that can be delivered. */
export function explainMade(own?: CloudinaryResponse | string): Explanation {
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

function wordsOf({ status, error }: CloudinaryResponse): string {
  return error === undefined ? String(status) : `${status} ${error}`;
}
