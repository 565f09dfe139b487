import type { Diagnosis } from '@safelight/protocol';
import type { CloudinaryFindings } from './cloudinary-findings.ts';
import type { CloudinaryResponse } from './cloudinary-response.ts';

/** The evidence for the verdict. */
export function evidenceOf({ own, sibling }: CloudinaryFindings): Diagnosis['evidence'] {
  return {
    ...(typeof own === 'object' && { 'the URL itself': responseText(own) }),
    ...(typeof sibling?.response === 'object' && { [`HEAD ${sibling.href}`]: responseText(sibling.response) }),
  };
}

function responseText({ status, error, ageMs, edge }: CloudinaryResponse): string {
  const first = status >= 400 && ageMs !== undefined && ageMs > 60_000 ? ', so not its first period' : '';
  return [
    String(status),
    ...(error === undefined ? [] : [`X-Cld-Error: ${error}`]),
    ...(ageMs === undefined ? [] : [`Age: ${ageMs / 1000}${first}`]),
    ...(edge === 'unknown' ? [] : [`edge ${edge}`]),
  ].join(', ');
}

/** The side effects of the requests, and the limits of their results. */
export function warningsOf({ refusal, own, sibling }: CloudinaryFindings): readonly string[] {
  const responses = [own, sibling?.response].filter((one) => typeof one === 'object');
  const old =
    typeof sibling?.response === 'object' && sibling.response.status >= 400 && sibling.response.edge === 'hit';
  return [
    ...(refusal === undefined ? [] : [refusal]),
    ...(own === undefined
      ? []
      : [
          'The URL itself was asked: if its error had expired and it failed again, its next period has begun, up to twice as long.',
        ]),
    ...(typeof own === 'string' ? [`It did not answer: ${own}.`] : []),
    ...(sibling === undefined
      ? []
      : [
          `${sibling.href} was asked in its place. It is a derivation too: it may be counted, and an error of its own is cached.`,
        ]),
    ...(old ? ['Its answer came out of a cache and may be out of date.'] : []),
    ...(responses.some(({ isSafelight }) => isSafelight)
      ? ['A Safelight server has answered: without the option cloudinary it explains more.']
      : []),
  ];
}
