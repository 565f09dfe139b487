import { badRequest } from './api-error.ts';

/** How many parameters a call may have. The longest calls of the official SDKs have about 40. */
export const maxFields = 100;
/** How many members and elements the JSON of a call may have in all: structured metadata and lists of tags. */
const maxJsonParts = 10_000;
const maxJsonDepth = 32;

/**
 * Refuses a urlencoded body with too many fields before it is parsed: `URLSearchParams` takes quadratic time for many
 * names without `=`.
 * @throws {ApiError} 400
 */
export function checkUrlencoded(text: string): void {
  let count = 1;
  for (let at = text.indexOf('&'); at !== -1; at = text.indexOf('&', at + 1)) {
    count += 1;
    if (count > maxFields) throw badRequest(`Too many parameters. At most ${maxFields} are accepted.`);
  }
}

/**
 * Refuses a JSON text that is nested too deeply or has too many parts, before it is parsed. It does not check whether the
 * text is JSON. Strings, such as a picture of some megabytes, are skipped at the speed of `indexOf`.
 * @throws {ApiError} 400
 */
export function checkJson(text: string): void {
  let [depth, parts] = [0, 0];
  const mark = /["[\]{},]/g;
  for (let found = mark.exec(text); found !== null; found = mark.exec(text)) {
    if (found[0] === '"') mark.lastIndex = endOfString(text, mark.lastIndex);
    else if (found[0] === '[' || found[0] === '{') depth += 1;
    else if (found[0] === ',') parts += 1;
    else depth -= 1;
    if (depth > maxJsonDepth)
      throw badRequest(`The JSON is nested too deeply. At most ${maxJsonDepth} levels are accepted.`);
    if (parts > maxJsonParts) throw badRequest(`The JSON has too many parts. At most ${maxJsonParts} are accepted.`);
  }
}

/** @returns the index after the closing quote, or the length of the text */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start); at !== -1; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text[at - 1 - backslashes] === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return at + 1;
  }
  return text.length;
}
