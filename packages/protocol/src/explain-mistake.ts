import { nearName } from './near-name.ts';

declare const process: { readonly env: { readonly NODE_ENV?: string } };

/** Descriptions of fields and options. Needed where the pattern is more than a list of names. */
const meanings: Readonly<Record<string, string>> = {
  alt: "text, '' for decoration",
  angle: 'whole degrees (round them), hflip, vflip or ignore',
  background: 'the name of a colour, or rgb: and hex digits',
  aspectRatio: "a number, or a text such as '16:9'",
  apiUrl: 'an absolute URL such as https://api.cloudinary.com, without password, query or fragment',
  chunkBytes: 'auto, or a whole number of bytes of at least 1, of at least 5000000 for Cloudinary',
  cloudName: 'letters, digits, "_", "-" and ".", such as demo',
  concurrency: 'a whole number of at least 1',
  deliveryUrl: 'an absolute URL such as https://cdn.example, without password, query or fragment',
  dpr: 'a number above 0, up to 100, or auto',
  effect: 'grayscale, blur or blur:1 to blur:2000',
  endpoint: 'an absolute URL such as http://localhost:3000, without password, query or fragment',
  flags: 'progressive, attachment, attachment:name, force_strip or immutable_cache',
  format: "an extension such as jpg, or ''",
  height: "a whole number of pixels (round it), a multiple such as '0.5', iw or ih",
  maxWaitMs: 'a number of milliseconds',
  opacity: 'a whole number from 0 to 100',
  publicId: 'a name such as pets/cat, without ?&#\\%<>+ and without an empty segment',
  quality: '1 to 100, 80:444, auto, auto:best, auto:good, auto:eco or auto:low',
  radius: 'a whole number of pixels (round it) or max',
  readyTimeoutMs: 'a number of milliseconds, at most 1999999999',
  retries: 'a whole number of at least 0',
  stallTimeoutMs: 'a number of milliseconds, at most 1999999999',
  timeoutMs: 'a number of milliseconds',
  version: 'Unix seconds of its upload; 0 and 1 mean unknown',
  width: "a whole number of pixels (round it), a multiple such as '0.5', iw or ih",
  x: "a whole number of pixels (round it), or a multiple such as '0.5'",
  y: "a whole number of pixels (round it), or a multiple such as '0.5'",
};

/** Descriptions for patterns that name a type only. */
const typeMeanings: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  function: 'a function',
  number: 'a number',
  string: 'text',
};

/**
 * Sentences for the end of a message, with a leading space: what was expected, and a similar valid name. Empty in
 * production, where bundlers remove this code to save bytes.
 *
 * @param pattern - the pattern that the type and text of the value did not match; its alternatives are the valid names
 */
export function explainValue(name: string, value: unknown, pattern: RegExp): string {
  try {
    // Bundlers replace exactly this expression. Without a bundler, a browser has no `process`, and this line throws.
    if (process.env.NODE_ENV !== 'production') return expectation(name, value, pattern);
  } catch {
    return expectation(name, value, pattern);
  }
  return '';
}

/** The same for an unknown name. */
export function explainName(name: string, names: readonly string[]): string {
  try {
    if (process.env.NODE_ENV !== 'production') return suggestion(name, names) || ` It has ${names.join(', ')}.`;
  } catch {
    return suggestion(name, names) || ` It has ${names.join(', ')}.`;
  }
  return '';
}

function expectation(name: string, value: unknown, { source }: RegExp): string {
  const names = source.match(/(?<=[(|])[a-z_:-]{2,}(?=[|)])/g) ?? [];
  const isChoice = /^\^string \([a-z_:?|-]*\)\$$/.test(source);
  const type = /\w+/.exec(source)?.[0] ?? '';
  const meaning = isChoice ? listed(names) : (meanings[name] ?? typeMeanings[type]);
  return ` Expected ${meaning}.${suggestion(String(value), names)}`;
}

function listed(names: readonly string[]): string {
  return names.join(', ').replace(/, (\S+)$/, ' or $1');
}

function suggestion(text: string, names: readonly string[]): string {
  const name = nearName(text, names);
  return name ? ` Did you mean ${name}?` : '';
}
