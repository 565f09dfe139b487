const comma = 0x2c;
const space = 0x20;
const tab = 0x09;

/** Whether an `If-None-Match` field is `*`, or lists this tag by weak comparison (RFC 9110 section 8.8.3.2). */
export function listsTag(field: string, etag: string | undefined): boolean {
  // Most requests have exactly the tag that was sent to them.
  return field === etag || isAny(field) || (etag !== undefined && isListed(field, opaqueTag(etag), true));
}

/** Whether an `If-Match` field is `*`, or lists this tag by strong comparison: a weak tag never matches. */
export function listsTagStrongly(field: string, etag: string | undefined): boolean {
  return isAny(field) || (etag !== undefined && !isWeak(etag) && isListed(field, etag, false));
}

export function isWeak(etag: string): boolean {
  return etag.startsWith('W/');
}

/** The tag without the `W/` of a weak tag. */
export function opaqueTag(etag: string): string {
  return isWeak(etag) ? etag.slice(2) : etag;
}

/** `*` counts only as the whole field. */
function isAny(field: string): boolean {
  return field.trim() === '*';
}

/** Reads the list from quote to quote, because tags may contain commas, and stops at the first syntax error. */
function isListed(field: string, opaque: string, includesWeak: boolean): boolean {
  let at = 0;
  while (at < field.length) {
    const code = field.charCodeAt(at);
    if (code === comma || code === space || code === tab) {
      at += 1;
      continue;
    }
    const weak = field.startsWith('W/', at);
    const start = weak ? at + 2 : at;
    const close = field[start] === '"' ? field.indexOf('"', start + 1) : -1;
    if (close === -1) return false;
    at = close + 1;
    if ((includesWeak || !weak) && at - start === opaque.length && field.startsWith(opaque, start)) return true;
  }
  return false;
}
