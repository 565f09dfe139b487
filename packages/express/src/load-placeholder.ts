import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { drawnPlaceholder, type PlaceholderImage, type PlaceholderSource } from '@safelight/core';
import { checkOptions, kindOfValue, type OptionRule, required } from '@safelight/protocol';

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
 * Reads the picture of a `placeholder` option, once at creation.
 *
 * @throws {TypeError} when the value is not a string or `{ contentType, bytes }`
 * @throws {Error} when the file has another extension than those of `contentTypes`, or cannot be read
 */
export function loadPlaceholder(source: PlaceholderSource): PlaceholderImage | undefined {
  if (source === 'none') return undefined;
  if (source === 'drawn') return { contentType: 'image/svg+xml', bytes: Buffer.from(drawnPlaceholder) };
  if (typeof source !== 'string') return checkImage(source);
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
    throw new Error(`The placeholder file ${JSON.stringify(source)} cannot be read; check its path and permissions.`, {
      cause,
    });
  }
}

const contentTypeRule: OptionRule = {
  expected: "a media type, such as 'image/png'",
  faultOf: (value) =>
    typeof value === 'string' && /^[\w.+-]+\/[\w.+-]+$/.test(value) ? undefined : kindOfValue(value),
};

const bytesRule: OptionRule = {
  expected: 'a Uint8Array or Buffer',
  faultOf: (value) => (value instanceof Uint8Array ? undefined : kindOfValue(value)),
};

function checkImage(image: PlaceholderImage): PlaceholderImage {
  if (typeof image !== 'object' || image === null || image instanceof Promise) {
    throw new TypeError(
      `placeholder is ${kindOfValue(image)}; it must be 'drawn', 'none', the path of an image file, or { contentType, bytes }.`,
    );
  }
  checkOptions('placeholder', image, { contentType: required(contentTypeRule), bytes: required(bytesRule) });
  return image;
}
