const comma = 0x2c;
const space = 0x20;
const tab = 0x09;

/** For `If-None-Match`: whether a field lists this tag, or is `*`, by weak comparison (RFC 9110 section 8.8.3.2). */
export function listsTag(field: string, etag: string | undefined): boolean {
  // Most requests send back one tag, exactly as it was sent to them.
  return field === etag || isAny(field) || (etag !== undefined && isListed(field, withoutWeakness(etag), true));
}

/** For `If-Match`: the same by strong comparison, in which a weak tag matches none. */
export function listsTagStrongly(field: string, etag: string | undefined): boolean {
  return isAny(field) || (etag !== undefined && !isWeak(etag) && isListed(field, etag, false));
}

export function isWeak(etag: string): boolean {
  return etag.startsWith('W/');
}

function withoutWeakness(etag: string): string {
  return isWeak(etag) ? etag.slice(2) : etag;
}

/** `*` counts only when it is the whole field. */
function isAny(field: string): boolean {
  return field.trim() === '*';
}

/** Tags may contain commas, so the list is read from quote to quote, and only as far as it is well formed. */
function isListed(field: string, opaque: string, weakToo: boolean): boolean {
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
    if ((weakToo || !weak) && at - start === opaque.length && field.startsWith(opaque, start)) return true;
  }
  return false;
}
