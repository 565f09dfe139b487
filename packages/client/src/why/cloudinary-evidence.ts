import type { Diagnosis } from '@safelight/protocol';
import type { CloudinaryAnswer } from './cloudinary-answer.ts';
import type { CloudinaryFindings } from './cloudinary-findings.ts';

/** The evidence for the verdict. */
export function evidenceOf({ own, sibling }: CloudinaryFindings): Diagnosis['evidence'] {
  return {
    ...(typeof own === 'object' && { 'the URL itself': answerText(own) }),
    ...(typeof sibling?.answer === 'object' && { [`HEAD ${sibling.href}`]: answerText(sibling.answer) }),
  };
}

function answerText({ status, error, ageMs, edge }: CloudinaryAnswer): string {
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
  const answers = [own, sibling?.answer].filter((one) => typeof one === 'object');
  const old = typeof sibling?.answer === 'object' && sibling.answer.status >= 400 && sibling.answer.edge === 'hit';
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
    ...(answers.some(({ isSafelight }) => isSafelight)
      ? ['A Safelight server has answered: without the option cloudinary it explains more.']
      : []),
  ];
}
