import type { FormatBucket } from '@safelight/core';

/** Maps any `Accept` to one of three formats, so a picture has at most three responses. Other formats are ignored. */
export function formatBucket(accept = ''): FormatBucket {
  const offers = (type: string) =>
    new RegExp(`(?:^|[,\\s])image/${type}\\s*(?:;(?!\\s*q=0(?:\\.0*)?\\s*(?:,|$))|,|$)`, 'i').test(accept);
  if (offers('avif')) return 'avif';
  return offers('webp') ? 'webp' : 'other';
}
