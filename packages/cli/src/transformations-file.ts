import { readFileSync } from 'node:fs';
import { readNamedTransformations } from '@safelight/protocol';
import { failure, usageError } from './exit-code.ts';

/**
 * Reads the file with named transformations.
 *
 * @param file - its path; `undefined` when there are none
 * @returns the texts by name
 * @throws {CommandError} when the file cannot be read, is not a JSON object of texts, or has a wrong transformation
 */
export function readTransformations(file: string | undefined): Readonly<Record<string, string>> {
  if (file === undefined) return {};
  const texts = parse(file, read(file));
  try {
    readNamedTransformations(texts, file);
  } catch (error) {
    throw usageError(`--transformations: ${(error as Error).message}`, error);
  }
  return texts;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (isMissing) throw usageError(`--transformations ${file} does not exist`, error);
    throw failure(`--transformations ${file} cannot be read: ${(error as Error).message}`, error);
  }
}

function parse(file: string, text: string): Readonly<Record<string, string>> {
  const expected = 'it must have an object of texts, such as { "thumb": "c_fill,h_100,w_100" }';
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, string>;
  } catch (error) {
    throw usageError(`--transformations ${file} is not JSON: ${(error as Error).message}; ${expected}`, error);
  }
  throw usageError(`--transformations ${file} is JSON, but ${expected}`);
}
