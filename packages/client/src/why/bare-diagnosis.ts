import type { Diagnosis, Verdict } from '@safelight/protocol';

/** A diagnosis in which everything is unknown, except the verdict, the summary and `known`. */
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
