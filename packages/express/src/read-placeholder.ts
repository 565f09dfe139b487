import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { drawnPlaceholder, type PlaceholderImage, type PlaceholderSource } from '@safelight/core';

const contentTypes: Readonly<Record<string, string>> = {
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.webp': 'image/webp',
  '.avif': 'image/avif',
  '.gif': 'image/gif',
};

/**
 * The picture behind a `placeholder` option, read once at creation.
 *
 * @throws {Error} naming the file and what is wrong with it
 */
export function readPlaceholder(source: PlaceholderSource): PlaceholderImage | undefined {
  if (source === 'none') return undefined;
  if (source === 'drawn') return { contentType: 'image/svg+xml', bytes: Buffer.from(drawnPlaceholder) };
  if (typeof source !== 'string') return source;
  const contentType = contentTypes[extname(source).toLowerCase()];
  if (contentType === undefined) {
    const known = Object.keys(contentTypes).join(' ');
    throw new Error(
      `placeholder is ${JSON.stringify(source)}; it must be 'drawn', 'none' or an image file (${known}).`,
    );
  }
  try {
    return { contentType, bytes: readFileSync(source) };
  } catch (cause) {
    throw new Error(`The placeholder file ${JSON.stringify(source)} cannot be read; check its path.`, { cause });
  }
}
