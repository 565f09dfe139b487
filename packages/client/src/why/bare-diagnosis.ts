import type { Diagnosis, Verdict } from '@safelight/protocol';

/** A diagnosis of which nothing but the verdict is known, and what is added to it. */
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
