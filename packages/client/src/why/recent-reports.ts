import type { Diagnosis } from '@safelight/protocol';

const recentMs = 60_000;
const maxReports = 100;

interface Report {
  readonly at: number;
  readonly diagnosis: Promise<Diagnosis>;
}

// For all callers of a page or process: calls in a loop must not reach Cloudinary, which may count every request.
const reports: Map<string, Report> = new Map();

/** The report of the last 60 s, also one under way, or a new one from `investigate`. */
export async function recentReport(
  key: string,
  now: number,
  investigate: () => Promise<Diagnosis>,
): Promise<Diagnosis> {
  const previous = reports.get(key);
  if (previous !== undefined && Math.abs(now - previous.at) < recentMs) {
    const diagnosis = await previous.diagnosis;
    const seconds = Math.round(Math.abs(now - previous.at) / 1000);
    const again = `This was found out ${seconds} s ago; Cloudinary is asked about a URL once a minute at most.`;
    return { ...diagnosis, warnings: [...(diagnosis.warnings ?? []), again] };
  }
  const diagnosis = investigate();
  reports.delete(key);
  reports.set(key, { at: now, diagnosis });
  const [oldest] = reports.keys();
  if (reports.size > maxReports && oldest !== undefined) reports.delete(oldest);
  try {
    const found = await diagnosis;
    if (found.verdict === 'network') reports.delete(key);
    return found;
  } catch (error) {
    reports.delete(key);
    throw error;
  }
}
