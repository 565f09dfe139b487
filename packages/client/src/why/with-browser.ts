import { type Diagnosis, isDiagnosis } from '@safelight/protocol';
import type { BrowserView } from './browser-view.ts';

/** The server's diagnosis, completed by the state of this browser. Pure. */
export function withBrowser(diagnosis: Diagnosis, { layer, held, seen }: BrowserView): Diagnosis {
  const { verdict, summary, layers, remainingMs, evidence, fixes } = diagnosis;
  const told = { ...diagnosis, layers: [layer, ...layers.filter(({ name }) => name !== layer.name)] };
  const last = held ?? seen;
  if (!last) return told;
  const { status, code, isPlaceholder } = last;
  const words = [status, code, isPlaceholder && 'placeholder'].filter(Boolean).join(' ');
  const more = { ...told, evidence: { ...evidence, 'this browser': words } };
  if (verdict === 'ok') {
    return {
      ...more,
      verdict: isPlaceholder ? 'placeholder' : held ? 'browser_cache_only' : verdict,
      ...(held && { status, cached: true, remainingMs: held.remainingMs }),
      summary: `The server has the picture; only this ${held ? 'browser keeps' : 'page shows'} an older answer.`,
      fixes: [
        { label: 'heal(img, asset)' },
        // Pages reuse placeholders that they have shown from their own memory, also after a later fetch.
        { label: isPlaceholder ? 'load the page anew' : "await fetch(url, { cache: 'reload' }), then set src again" },
        ...fixes,
      ],
    };
  }
  // Without a diagnosis, the reason counts that the server gave to this page.
  const isUnasked = verdict === 'network' || verdict === 'unknown';
  const named = { ...more, verdict: code, summary: `This page was answered ${words}. ${summary}` };
  const both = isUnasked && isDiagnosis(named) ? named : more;
  // The page gets the picture when the last of all caches has dropped the error.
  const leftMs = (isUnasked ? last : held)?.remainingMs ?? 0;
  return leftMs > (remainingMs ?? 0) ? { ...both, remainingMs: leftMs } : both;
}
