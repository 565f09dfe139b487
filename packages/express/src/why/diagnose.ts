import { type Failure, type Fault, type Original, remainingMs } from '@safelight/core';
import {
  type Diagnosis,
  type DiagnosisLayer,
  defaultLadders,
  formatTransformation,
  windowMs,
} from '@safelight/protocol';
import type { DiagnosisFacts } from './diagnosis-facts.ts';
import { fixesOf, isOutdated, summaryOf } from './diagnosis-words.ts';
import { type Finding, find } from './finding.ts';
import { findMistake } from './mistake.ts';

/** Explains a URL from its facts. It has no side effects. */
export function diagnose(facts: DiagnosisFacts): Diagnosis {
  const { url, path, mount = '', now, refused, delivery, original, backoff } = facts;
  const finding = find(facts);
  const { verdict, held, last } = finding;
  const mistake = refused === undefined ? undefined : findMistake(path, mount);
  return {
    url,
    status: responseStatus(facts, finding),
    verdict,
    summary: mistake?.message ?? summaryOf(facts, finding),
    cached: held !== undefined,
    remainingMs: held === undefined ? null : remainingMs(held, now),
    ...(held === undefined ? {} : { windowMs: held.until - held.failedAt }),
    ...ladderOf(held ?? last, backoff),
    layers: [
      { name: 'browser', state: 'unknown', remainingMs: null },
      { name: 'edge', state: 'unknown', remainingMs: null },
      serverLayer(facts, finding),
    ],
    original: originalOf(original),
    ...(delivery === undefined ? {} : { transformation: formatTransformation(delivery.transformation) }),
    ...(mistake?.shown === undefined ? {} : { mistake: mistake.shown }),
    fixes: mistake === undefined || mistake.fixes.length === 0 ? fixesOf(facts, finding) : mistake.fixes,
    evidence: facts.isAdministrator ? evidenceOf(held ?? last, refused) : {},
  };
}

function responseStatus(facts: DiagnosisFacts, finding: Finding): number | null {
  const { refused, original, versionExists, placeholder } = facts;
  const { verdict, held } = finding;
  if (refused !== undefined) return refused.status;
  if (verdict === 'ok' || isOutdated(facts, finding)) return 200;
  if (held !== undefined) return placeholder?.status ?? held.status;
  const isMissing = verdict !== 'processing' && (original === null || versionExists === false);
  return isMissing ? (placeholder?.status ?? 404) : null;
}

function serverLayer({ now }: DiagnosisFacts, { decision, held }: Finding): DiagnosisLayer {
  const freshUntil = decision?.kind === 'serve' ? decision.variant.freshUntil : undefined;
  return {
    name: 'server',
    state: decision === undefined || decision.kind === 'run' ? 'miss' : 'hit',
    remainingMs:
      held !== undefined ? remainingMs(held, now) : freshUntil === undefined ? null : Math.max(0, freshUntil - now),
  };
}

/** The number of failures in a row, and the window after the next one. */
function ladderOf(failure: Failure | undefined, backoff: DiagnosisFacts['backoff']) {
  if (failure === undefined) return {};
  const defaults = defaultLadders[failure.class];
  const { firstMs = defaults.firstMs, maxMs = defaults.maxMs } =
    (failure.class === 'transient' ? backoff.transient : backoff.permanent) ?? {};
  return { attempt: failure.rung, nextTtlMs: windowMs(failure.rung + 1, { firstMs, maxMs }) };
}

function originalOf(original: Original | null | undefined): Diagnosis['original'] {
  if (original === undefined) return { exists: null };
  if (original === null) return { exists: false };
  const { version, format, width, height } = original;
  return {
    exists: true,
    version,
    format,
    ...(width === undefined ? {} : { width }),
    ...(height === undefined ? {} : { height }),
  };
}

function evidenceOf(failure: Failure | undefined, refused: Fault | undefined): Readonly<Record<string, string>> {
  if (refused !== undefined) return { code: refused.code, message: refused.message };
  if (failure === undefined) return {};
  return {
    code: failure.code,
    class: failure.class,
    message: failure.message,
    rung: String(failure.rung),
    failed_since: new Date(failure.since).toISOString(),
    failed_at: new Date(failure.failedAt).toISOString(),
    next_attempt_at: new Date(failure.until).toISOString(),
  };
}
