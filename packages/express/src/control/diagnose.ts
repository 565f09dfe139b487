import {
  type Decision,
  decide,
  type Failure,
  type Fault,
  type Found,
  type GuardOptions,
  type Original,
  remainingMs,
} from '@safelight/core';
import {
  type Delivery,
  type Diagnosis,
  type DiagnosisFix,
  defaultLadders,
  type FailureCode,
  formatDeliveryPath,
  formatTransformation,
  type Verdict,
  verdicts,
  windowMs,
} from '@safelight/protocol';

export interface DiagnosisFacts {
  readonly url: string;
  readonly now: number;
  /** Set when the URL itself is refused. */
  readonly refused?: Fault;
  /** Set when it is a delivery URL of a cloud here. */
  readonly delivery?: Delivery;
  readonly found?: Found;
  /** `null` when it was looked for and is not there; absent when nobody can tell. */
  readonly original?: Original | null;
  /** Whether the version that the URL names exists. */
  readonly versionExists?: boolean;
  readonly ladders: Pick<GuardOptions, 'lasting' | 'passing'>;
  /** Administrators see everything, anybody verdict, remaining time and the original's state. */
  readonly isAdministrator: boolean;
}

const verdictOfCode: Readonly<Partial<Record<FailureCode, Verdict>>> = {
  missing_original: 'missing_original',
  missing_version: 'stale_version',
  not_found: 'missing_original',
  gone: 'missing_original',
  forbidden: 'forbidden',
  bad_signature: 'forbidden',
  payload_too_large: 'too_large',
  too_many_pixels: 'too_large',
  uri_too_long: 'too_large',
  handler_failed: 'handler_failed',
  bad_gateway: 'handler_failed',
  unavailable: 'handler_failed',
  timed_out: 'handler_failed',
  pending: 'processing',
};

/** What is known of a URL, put into words. Pure: asking has no side effect. */
export function diagnose(facts: DiagnosisFacts): Diagnosis {
  const { url, now, refused, delivery, original, ladders } = facts;
  const decision = facts.found === undefined ? undefined : decisionOf(facts.found, now);
  const held = decision?.kind === 'hold' ? decision.failure : undefined;
  const remaining = held === undefined ? null : remainingMs(held, now);
  const verdict = verdictOf(facts, held);
  return {
    url,
    status: refused?.status ?? held?.status ?? statusOf(facts, verdict),
    verdict,
    summary: summaryOf(facts, verdict, held),
    cached: held !== undefined,
    remainingMs: remaining,
    ...(held === undefined ? {} : ladderOf(held, ladders)),
    layers: [
      { name: 'browser', state: 'unknown', remainingMs: null },
      { name: 'edge', state: 'unknown', remainingMs: null },
      {
        name: 'server',
        state: decision === undefined || decision.kind === 'run' ? 'miss' : 'hit',
        remainingMs: remaining,
      },
    ],
    original: originalOf(original),
    ...(delivery === undefined ? {} : { transformation: formatTransformation(delivery.transformation) }),
    fixes: fixesOf(facts, verdict),
    evidence: facts.isAdministrator ? evidenceOf(held, refused) : {},
  };
}

/** What a request would be answered with, if the newest of what is kept suits it. */
function decisionOf(found: Found, now: number): Decision {
  return decide(found, now, { isProbed: () => false, variant: found.kept?.variants[0] });
}

function verdictOf(
  { refused, original, delivery, versionExists, found }: DiagnosisFacts,
  held: Failure | undefined,
): Verdict {
  if (refused !== undefined) return verdictOfCode[refused.code] ?? 'bad_transformation';
  if (held !== undefined) {
    // The original is there although it is remembered as missing: only the remembered error is in the way.
    if (held.class === 'absence' && original !== null && original !== undefined) return 'cached_error';
    if (held.class === 'missing_version' && versionExists === true) return 'cached_error';
    return verdictOfCode[held.code] ?? 'bad_transformation';
  }
  if (original === null) return 'missing_original';
  if (versionExists === false) return 'stale_version';
  if (delivery === undefined || found === undefined) return 'unknown';
  return 'ok';
}

function statusOf({ delivery }: DiagnosisFacts, verdict: Verdict): number | null {
  if (verdict === 'ok') return 200;
  if (delivery === undefined) return null;
  return verdict === 'missing_original' || verdict === 'stale_version' ? 404 : null;
}

function summaryOf(
  { delivery, refused, original }: DiagnosisFacts,
  verdict: Verdict,
  held: Failure | undefined,
): string {
  const name = delivery === undefined ? 'The original' : `"${delivery.publicId}"`;
  if (refused !== undefined) return refused.message;
  if (verdict === 'cached_error') {
    return `${name} did not exist when this was first asked (${new Date(held?.since ?? 0).toISOString()}). It does now; only the remembered error is in the way.`;
  }
  if (verdict === 'missing_original')
    return `${name} has not been uploaded${delivery === undefined ? ', as far as the handler says' : ''}.`;
  if (verdict === 'stale_version' && original) {
    return `${name} has no version ${delivery?.version}; the current one is ${original.version}.`;
  }
  if (held !== undefined) return held.message;
  return verdicts[verdict].says;
}

function ladderOf(held: Failure, ladders: DiagnosisFacts['ladders']) {
  const options = held.class === 'passing' ? ladders.passing : ladders.lasting;
  return {
    attempt: held.rung,
    windowMs: held.until - held.failedAt,
    nextTtlMs: windowMs(held.rung + 1, { ...defaultLadders[held.class], ...options }),
  };
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

function fixesOf({ delivery, original }: DiagnosisFacts, verdict: Verdict): readonly DiagnosisFix[] {
  if (delivery !== undefined && original && (verdict === 'cached_error' || verdict === 'stale_version')) {
    return [{ label: 'Use the current version', url: formatDeliveryPath({ ...delivery, version: original.version }) }];
  }
  if (verdict === 'missing_original') return [{ label: 'Upload the original: the next request is answered with it' }];
  if (verdict === 'handler_failed') return [{ label: 'Wait: it is tried again by itself' }];
  if (verdict === 'bad_transformation') return [{ label: 'Correct the transformation' }];
  return [];
}

function evidenceOf(held: Failure | undefined, refused: Fault | undefined): Readonly<Record<string, string>> {
  if (refused !== undefined) return { code: refused.code, message: refused.message };
  if (held === undefined) return {};
  return {
    code: held.code,
    class: held.class,
    message: held.message,
    rung: String(held.rung),
    failed_since: new Date(held.since).toISOString(),
    failed_at: new Date(held.failedAt).toISOString(),
    next_attempt_at: new Date(held.until).toISOString(),
  };
}
