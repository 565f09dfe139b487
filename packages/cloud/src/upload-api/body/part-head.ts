import { badRequest } from '../api-error.ts';

/** What the head of a part of a form says about the part. */
export interface PartHead {
  /** '' when it has none. */
  readonly name: string;
  /** Without folders. */
  readonly filename: string | undefined;
  /** In lower case; `undefined` when it names none. */
  readonly mediaType: string | undefined;
  /** Whether the part is a parameter. A part with a file name, or of bytes without a type, is a file. */
  readonly isText: boolean;
}

/**
 * Reads the head of a part (RFC 7578 section 4.2). Browsers write names as UTF-8 and escape `"` as `%22`; other clients
 * write `filename*` (RFC 8187), which has priority.
 *
 * @throws {ApiError} 400 when the part is not part of a form
 */
export function partHead(text: string): PartHead {
  const lines = text.replace(/\r\n[ \t]+/g, ' ').split('\r\n');
  const disposition = fieldValue(lines, 'content-disposition');
  const contentType = fieldValue(lines, 'content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  if (disposition === undefined || !/^form-data(?:[; \t]|$)/i.test(disposition)) {
    throw badRequest('Malformed multipart body: a part has no "Content-Disposition: form-data"');
  }
  const parameters = parametersOf(disposition);
  const filename = extendedValue(parameters.get('filename*')) ?? parameters.get('filename');
  const isText = filename === undefined && contentType !== 'application/octet-stream';
  return {
    name: parameters.get('name') ?? '',
    filename: filename?.slice(Math.max(filename.lastIndexOf('/'), filename.lastIndexOf('\\')) + 1),
    mediaType: contentType ?? (isText ? undefined : 'application/octet-stream'),
    isText,
  };
}

function fieldValue(lines: readonly string[], name: string): string | undefined {
  const line = lines.find((each) => each.slice(0, each.indexOf(':')).trim().toLowerCase() === name);
  return line?.slice(line.indexOf(':') + 1).trim();
}

/**
 * A parameter of a field. Each alternative begins with another character, so the time is linear. Browsers write backslashes
 * as they are, so one before the last quote does not escape it.
 */
const parameter = /;[ \t]*([^=;"\s]+)=(?:"((?:[^"]|(?<=\\)"(?![ \t]*(?:;|$)))*)"|([^;"]*))/g;

function parametersOf(value: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [, name = '', quoted, plain = ''] of value.matchAll(parameter)) {
    const key = name.toLowerCase();
    // Old browsers write a path with single backslashes, so only an escaped quote or backslash is one character.
    if (!found.has(key)) found.set(key, quoted?.replace(/\\(["\\])/g, '$1') ?? plain.trim());
  }
  return found;
}

function extendedValue(value: string | undefined): string | undefined {
  const [, charset = '', encoded = ''] = /^([\w-]+)'[^']*'(.*)$/.exec(value ?? '') ?? [];
  if (charset.toLowerCase() !== 'utf-8') return undefined;
  try {
    return decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}
