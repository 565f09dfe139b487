import type { FormatBucket } from '@safelight/core';

/**
 * Maps an `Accept` field to one of three formats, so that a picture has at most three responses. The best format that
 * the field names with a weight above 0 is chosen. Wildcards and all other formats are ignored.
 *
 * @example
 * formatBucket('image/avif,image/webp,image/png;q=0.8'); // 'avif'
 * formatBucket('image/avif;q=0, image/webp'); // 'webp'
 * formatBucket(); // 'other'
 */
export function formatBucket(accept = ''): FormatBucket {
  const offers = (type: string) =>
    new RegExp(`(?:^|[,\\s])image/${type}\\s*(?:;(?!\\s*q=0(?:\\.0*)?\\s*(?:,|$))|,|$)`, 'i').test(accept);
  if (offers('avif')) return 'avif';
  return offers('webp') ? 'webp' : 'other';
}
