import type { FormatBucket } from '@safelight/core';

/** One of three answers per picture, whatever browsers write into `Accept`; what we cannot make is skipped. */
export function formatBucket(accept = ''): FormatBucket {
  const offers = (type: string) =>
    new RegExp(`(?:^|[,\\s])image/${type}\\s*(?:;(?!\\s*q=0(?:\\.0*)?\\s*(?:,|$))|,|$)`, 'i').test(accept);
  if (offers('avif')) return 'avif';
  return offers('webp') ? 'webp' : 'other';
}
