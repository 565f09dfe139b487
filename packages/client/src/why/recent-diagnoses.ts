import type { Diagnosis } from '@safelight/protocol';

const recentMs = 60_000;
const maxDiagnoses = 100;

interface RecentDiagnosis {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly diagnosis: Promise<Diagnosis>;
}

// For all callers of a page or process: calls in a loop must not reach Cloudinary, which may count every request.
const recent: Map<string, RecentDiagnosis> = new Map();

/** A diagnosis of the last 60 s, also one that is still being made, or a new one from `diagnose`. */
export async function recentDiagnosis(
  key: string,
  now: number,
  diagnose: () => Promise<Diagnosis>,
): Promise<Diagnosis> {
  const previous = recent.get(key);
  if (previous !== undefined && Math.abs(now - previous.at) < recentMs) {
    const found = await previous.diagnosis;
    const seconds = Math.round(Math.abs(now - previous.at) / 1000);
    const warning = `This diagnosis is ${seconds} s old: why() sends requests about a URL of Cloudinary at most once a minute.`;
    return { ...found, warnings: [...(found.warnings ?? []), warning] };
  }
  const diagnosis = diagnose();
  recent.delete(key);
  recent.set(key, { at: now, diagnosis });
  const [oldest] = recent.keys();
  if (recent.size > maxDiagnoses && oldest !== undefined) recent.delete(oldest);
  try {
    const found = await diagnosis;
    if (found.verdict === 'network') recent.delete(key);
    return found;
  } catch (error) {
    recent.delete(key);
    throw error;
  }
}
