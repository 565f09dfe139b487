import { type Diagnosis, isDiagnosis } from '@safelight/protocol';
import type { BrowserView } from './browser-view.ts';

/** The server's diagnosis, completed by the state of this browser. Pure. */
export function withBrowser(diagnosis: Diagnosis, { layer, cachedFailure, lastFailure }: BrowserView): Diagnosis {
  const { verdict, summary, layers, remainingMs, evidence, fixes } = diagnosis;
  const withLayer = { ...diagnosis, layers: [layer, ...layers.filter(({ name }) => name !== layer.name)] };
  const failure = cachedFailure ?? lastFailure;
  if (!failure) return withLayer;
  const { status, code, isPlaceholder } = failure;
  const words = [status, code, isPlaceholder && 'placeholder'].filter(Boolean).join(' ');
  const withEvidence = { ...withLayer, evidence: { ...evidence, 'this browser': words } };
  if (verdict === 'ok') {
    return {
      ...withEvidence,
      verdict: isPlaceholder ? 'placeholder' : cachedFailure ? 'browser_cache_only' : verdict,
      ...(cachedFailure && { status, cached: true, remainingMs: cachedFailure.remainingMs }),
      summary: `The server has the picture; only this ${cachedFailure ? 'browser caches' : 'page shows'} an older response.`,
      fixes: [
        { label: 'heal(img, asset)' },
        // Pages reuse placeholders that they have shown from their own memory, also after a later fetch.
        { label: isPlaceholder ? 'reload the page' : "await fetch(url, { cache: 'reload' }), then set src again" },
        ...fixes,
      ],
    };
  }
  // Without a diagnosis of the server, the reason is the one that the page's response had.
  const isUndiagnosed = verdict === 'network' || verdict === 'unknown';
  const named = { ...withEvidence, verdict: code, summary: `This page received ${words}. ${summary}` };
  const completed = isUndiagnosed && isDiagnosis(named) ? named : withEvidence;
  // The page gets the picture only after all caches have dropped the error.
  const leftMs = (isUndiagnosed ? failure : cachedFailure)?.remainingMs ?? 0;
  return leftMs > (remainingMs ?? 0) ? { ...completed, remainingMs: leftMs } : completed;
}
