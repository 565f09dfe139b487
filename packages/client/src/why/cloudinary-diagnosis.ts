import type { Diagnosis, DiagnosisMistake } from '@safelight/protocol';
import type { AdminResource } from './admin-resource.ts';
import {
  type CloudinaryAnswer,
  type Explanation,
  explainAnswer,
  explainMade,
  explainMissing,
} from './cloudinary-answer.ts';
import type { CloudinaryUrl } from './cloudinary-url.ts';
import { unexplained } from './unexplained.ts';

export interface CloudinaryFindings {
  readonly href: string;
  readonly url: CloudinaryUrl;
  /** Why the Admin API did not say anything. */
  readonly refusal: string | undefined;
  readonly resource: AdminResource | undefined;
  /** Of the URL itself, when it was probed; text when there was none. */
  readonly own: CloudinaryAnswer | string | undefined;
  readonly sibling?: { readonly href: string; readonly answer: CloudinaryAnswer | string };
}

/** The longest period of Cloudinary's error caching. */
const longestPeriodMs = 86_400_000;

/** What was found out, put together. Pure. */
export function cloudinaryDiagnosis(findings: CloudinaryFindings): Diagnosis {
  const { href, url, sibling } = findings;
  const own = typeof findings.own === 'object' ? findings.own : undefined;
  const explained = explanation(findings);
  const { verdict, summary } = explained;
  const isHeld = verdict === 'cached_error' || verdict === 'missing_original';
  // Longer than its period nothing is kept, and the period began when this was stored.
  const atMostMs = Math.max(0, longestPeriodMs - (own?.ageMs ?? 0));
  const answered = own ?? (typeof sibling?.answer === 'object' ? sibling.answer : undefined);
  const mistake = verdict === 'bad_transformation' ? mistakeIn(url, answered?.error) : undefined;
  const state = own?.edge ?? 'unknown';
  return unexplained(href, verdict, summary, {
    status: own?.status ?? null,
    cached: verdict === 'cached_error',
    ...(isHeld && { atMostMs }),
    ...(answered?.requestId !== undefined && { requestId: answered.requestId }),
    layers: [
      { name: 'browser', state: 'unknown', remainingMs: null },
      { name: 'edge', state, remainingMs: null, ...(isHeld && state === 'hit' && { atMostMs }) },
      { name: 'server', state: 'unknown', remainingMs: null },
    ],
    original: originalOf(findings, explained),
    transformation: url.components.join('/'),
    ...(mistake && { mistake }),
    fixes: fixesOf(findings, explained),
    evidence: evidenceOf(findings),
    warnings: warningsOf(findings),
  });
}

function explanation({ href, url, own, resource, sibling }: CloudinaryFindings): Explanation {
  if (typeof own === 'object' && own.status < 300 && own.error === undefined) {
    const { version } = resource ?? {};
    return version !== undefined && url.version !== undefined && url.version > 1 && url.version < version
      ? {
          verdict: 'stale_version',
          summary: `The URL names version ${url.version}; the current one is ${version}.`,
          labels: [],
        }
      : { verdict: 'ok', summary: 'The URL answers with the picture.', labels: [] };
  }
  if (resource?.exists === false) return explainMissing('the Admin API does not know it');
  if (sibling === undefined) return explainMade(own);
  if (typeof sibling.answer === 'object') return explainAnswer(sibling.answer, own);
  const { host } = new URL(href);
  return { verdict: 'network', summary: `${host} could not be asked: ${sibling.answer}.`, labels: [] };
}

function originalOf({ resource, sibling }: CloudinaryFindings, { verdict }: Explanation): Diagnosis['original'] {
  if (resource !== undefined) {
    const { derived: _, ...known } = resource;
    return known;
  }
  if (verdict === 'cached_error' || verdict === 'ok') return { exists: true };
  // The other spelling's own error may be a remembered one.
  const isFresh = typeof sibling?.answer === 'object' && sibling.answer.edge !== 'hit';
  return { exists: verdict === 'missing_original' && isFresh ? false : null };
}

function fixesOf({ url, resource }: CloudinaryFindings, { verdict, labels }: Explanation): Diagnosis['fixes'] {
  const { version } = resource ?? {};
  const fixes = labels.map((label) => ({ label }));
  if (version === undefined || version === url.version || !/^(cached_error|stale_version)$/.test(verdict)) return fixes;
  return [{ label: 'Use the version of the upload', url: url.with({ version }) }, ...fixes];
}

function evidenceOf({ own, sibling }: CloudinaryFindings): Diagnosis['evidence'] {
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

function warningsOf({ refusal, own, sibling }: CloudinaryFindings): readonly string[] {
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

/** Cloudinary's words name the value that it refuses: `Invalid width in transformation: abc`. */
function mistakeIn({ components }: CloudinaryUrl, error = ''): DiagnosisMistake | undefined {
  const [, value = ''] = /transformation: ?(\S+)/.exec(error) ?? [];
  const text = components.join('/');
  const piece = text.split(/[/,]/).find((one) => one === value || one.endsWith(`_${value}`));
  return value === '' || piece === undefined ? undefined : { text, at: text.indexOf(piece), piece };
}
