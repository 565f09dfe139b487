import type { Diagnosis } from '@safelight/protocol';
import type { CloudinaryFindings } from './cloudinary-findings.ts';
import type { CloudinaryResponse } from './cloudinary-response.ts';

/** The responses on which the verdict is based. */
export function evidenceOf({ own, sibling }: CloudinaryFindings): Diagnosis['evidence'] {
  return {
    ...(typeof own === 'object' && { 'the URL itself': responseText(own) }),
    ...(typeof sibling?.response === 'object' && { [`HEAD ${sibling.href}`]: responseText(sibling.response) }),
  };
}

function responseText({ status, error, ageMs, edge }: CloudinaryResponse): string {
  // The first period of an error is a minute at most, so a longer one is not the first.
  const period = status >= 400 && ageMs !== undefined && ageMs > 60_000 ? ', so it is not in its first period' : '';
  return [
    String(status),
    ...(error === undefined ? [] : [`X-Cld-Error: ${error}`]),
    ...(ageMs === undefined ? [] : [`Age: ${ageMs / 1000}${period}`]),
    ...(edge === 'unknown' ? [] : [`edge ${edge}`]),
  ].join(', ');
}

/** The side effects of the requests, and the limits of their results. */
export function warningsOf({ adminFailure, own, sibling }: CloudinaryFindings): readonly string[] {
  const responses = [own, sibling?.response].filter((response) => typeof response === 'object');
  const isCachedError =
    typeof sibling?.response === 'object' && sibling.response.status >= 400 && sibling.response.edge === 'hit';
  return [
    ...(adminFailure === undefined ? [] : [adminFailure]),
    ...(own === undefined
      ? []
      : [
          'The URL itself was requested. If its error had expired and it failed again, the next period has begun, which may be twice as long.',
        ]),
    ...(typeof own === 'string' ? [`There was no response to it: ${own}.`] : []),
    ...(sibling === undefined
      ? []
      : [
          `${sibling.href} was requested in its place. Cloudinary may count it as a derivation, and caches an error of it.`,
        ]),
    ...(isCachedError ? ['Its response came from a cache and may be out of date.'] : []),
    ...(responses.some(({ isSafelight }) => isSafelight)
      ? ['The response came from a Safelight server: call why() without the option cloudinary, which explains more.']
      : []),
  ];
}
