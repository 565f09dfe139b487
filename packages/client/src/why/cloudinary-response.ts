import type { DiagnosisLayer, Verdict } from '@safelight/protocol';

/** The result of a HEAD for a delivery URL. */
export interface CloudinaryResponse {
  readonly status: number;
  /** `X-Cld-Error`. */
  readonly error: string | undefined;
  /** The time for which it has been in the CDN's cache, in milliseconds. Pages may not be allowed to read it. */
  readonly ageMs: number | undefined;
  readonly edge: DiagnosisLayer['state'];
  readonly requestId: string | undefined;
  /** Whether a Safelight server sent the response. Its control route would explain more. */
  readonly isSafelight: boolean;
}

export interface Explanation {
  readonly verdict: Verdict;
  readonly summary: string;
  /** The ways to make the URL work. */
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
 * Explains a failing URL by the response for its sibling, an equivalent URL of the same picture.
 * @param own - the response for the URL itself, with `probe`
 */
export function explainResponse(response: CloudinaryResponse, own?: CloudinaryResponse | string): Explanation {
  const { status, error } = response;
  const reason = statusText(response);
  const because = (verdict: Verdict, summary: string, ...labels: readonly string[]): Explanation => ({
    verdict,
    summary: `${summary} (${reason}).`,
    labels,
  });
  if (status < 300 && error === undefined) return explainCachedError(own);
  if (status < 300) {
    return because('placeholder', 'A placeholder is delivered, or the picture with a warning', 'Upload the original');
  }
  if (status === 400 && /too large|limit exceeded/i.test(error ?? '')) {
    return because('too_large', 'Cloudinary refuses it as too large', 'Derive it in advance: eager with eager_async');
  }
  if (status === 400) return because('bad_transformation', 'Cloudinary cannot read the URL', 'Correct the URL');
  if (status === 401 || status === 403) {
    const label = 'Sign the URL, or allow the transformation or the delivery type in the account';
    return because('forbidden', 'Cloudinary does not allow the URL', label);
  }
  // Another message means that another resource is missing: a layer, or a remote source.
  if (status === 404 && (error === undefined || /^Resource not found/i.test(error))) return explainMissing(reason);
  if (status === 420 || status === 423) {
    return because('processing', 'Cloudinary is still making it', 'Wait', 'Derive it in advance: eager');
  }
  return because('unknown', 'An equivalent URL of the same picture fails too');
}

/** Explains a URL when the sibling URL delivers the picture. */
export function explainCachedError(own?: CloudinaryResponse | string): Explanation {
  return {
    verdict: 'cached_error',
    summary:
      typeof own === 'object'
        ? `The URL fails (${statusText(own)}) only because of its cached error: the same picture can be delivered.`
        : 'If the URL fails, the only reason is its cached error.',
    labels: [
      'Use the URL with the version from the response of the upload (asset.url())',
      'Clear the error: upload, explicit or rename with invalidate=true',
      'Wait until the error expires',
    ],
  };
}

export function explainMissing(reason: string): Explanation {
  return {
    verdict: 'missing_original',
    summary: `The original does not exist (${reason}). It is not uploaded yet, or the public ID, resource type or delivery type is wrong.`,
    labels: [
      'Upload it, then use the URL with the version from the response of the upload: the present URL may still fail',
      'Clear the error: upload with invalidate=true',
    ],
  };
}

function statusText({ status, error }: CloudinaryResponse): string {
  return error === undefined ? String(status) : `${status} ${error}`;
}
