import type { Diagnosis, DiagnosisMistake } from '@safelight/protocol';
import { bareDiagnosis } from './bare-diagnosis.ts';
import { evidenceOf, warningsOf } from './cloudinary-evidence.ts';
import type { CloudinaryFindings } from './cloudinary-findings.ts';
import { type Explanation, explainCachedError, explainMissing, explainResponse } from './cloudinary-response.ts';
import type { CloudinaryUrl } from './cloudinary-url.ts';

/** The maximum time for which Cloudinary caches an error. */
const maxPeriodMs = 86_400_000;

/** Makes the diagnosis from the findings. Pure. */
export function cloudinaryDiagnosis(findings: CloudinaryFindings): Diagnosis {
  const { href, url, sibling } = findings;
  const own = typeof findings.own === 'object' ? findings.own : undefined;
  const explained = explanation(findings);
  const { verdict, summary } = explained;
  const isCached = verdict === 'cached_error' || verdict === 'missing_original';
  // The period of an error began when the error was stored.
  const maxMs = Math.max(0, maxPeriodMs - (own?.ageMs ?? 0));
  const response = own ?? (typeof sibling?.response === 'object' ? sibling.response : undefined);
  const mistake = verdict === 'bad_transformation' ? mistakeIn(url, response?.error) : undefined;
  const state = own?.edge ?? 'unknown';
  return bareDiagnosis(href, verdict, summary, {
    status: own?.status ?? null,
    cached: verdict === 'cached_error',
    ...(isCached && { maxMs }),
    ...(response?.requestId !== undefined && { requestId: response.requestId }),
    layers: [
      { name: 'browser', state: 'unknown', remainingMs: null },
      { name: 'edge', state, remainingMs: null, ...(isCached && state === 'hit' && { maxMs }) },
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
      : { verdict: 'ok', summary: 'The URL delivers the picture.', labels: [] };
  }
  if (resource?.exists === false) return explainMissing('the Admin API does not know it');
  if (sibling === undefined) return explainCachedError(own);
  if (typeof sibling.response === 'object') {
    const explained = explainResponse(sibling.response, own);
    // The sibling may have been requested before the upload as well, so the Admin API takes precedence.
    return explained.verdict === 'missing_original' && resource !== undefined ? explainCachedError(own) : explained;
  }
  const { host } = new URL(href);
  return { verdict: 'network', summary: `${host} did not respond: ${sibling.response}.`, labels: [] };
}

function originalOf({ resource, sibling }: CloudinaryFindings, { verdict }: Explanation): Diagnosis['original'] {
  if (resource !== undefined) {
    const { derived: _, ...known } = resource;
    return known;
  }
  if (verdict === 'cached_error' || verdict === 'ok') return { exists: true };
  // The error of the sibling may be a cached one.
  const isFresh = typeof sibling?.response === 'object' && sibling.response.edge !== 'hit';
  return { exists: verdict === 'missing_original' && isFresh ? false : null };
}

function fixesOf({ url, resource }: CloudinaryFindings, { verdict, labels }: Explanation): Diagnosis['fixes'] {
  const { version } = resource ?? {};
  const fixes = labels.map((label) => ({ label }));
  if (version === undefined || version === url.version || !/^(cached_error|stale_version)$/.test(verdict)) return fixes;
  return [{ label: 'Use the version of the upload', url: url.with({ version }) }, ...fixes];
}

/** Cloudinary's message ends with the value that it refuses: `Invalid width in transformation: abc`. */
function mistakeIn({ components }: CloudinaryUrl, error = ''): DiagnosisMistake | undefined {
  const [, value = ''] = /transformation: ?(\S+)/.exec(error) ?? [];
  const text = components.join('/');
  const piece = text.split(/[/,]/).find((parameter) => parameter === value || parameter.endsWith(`_${value}`));
  return value === '' || piece === undefined ? undefined : { text, at: text.indexOf(piece), piece };
}
