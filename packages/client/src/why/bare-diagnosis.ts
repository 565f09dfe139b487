import type { Diagnosis, Verdict } from '@safelight/protocol';

/** A diagnosis with a verdict and a summary only, and the facts that are added to it. */
export function bareDiagnosis(url: string, verdict: Verdict, summary: string, known?: Partial<Diagnosis>): Diagnosis {
  return {
    url,
    status: null,
    verdict,
    summary,
    cached: false,
    remainingMs: null,
    layers: [],
    original: { exists: null },
    fixes: [],
    evidence: {},
    ...known,
  };
}
