const comma = 0x2c;
const space = 0x20;
const tab = 0x09;

/** Whether a field lists this tag, or is `*`; weak tags match too (RFC 9110 section 8.8.3.2). For `If-None-Match`. */
export function listsTag(field: string, etag: string | undefined): boolean {
  // What was sent comes back as it was, however it is spelled; by far the most often alone.
  return field === etag || isAny(field) || (etag !== undefined && isListed(field, withoutWeakness(etag), true));
}

/** The same by strong comparison: no weak tag equals anything. For `If-Match`. */
export function listsTagStrongly(field: string, etag: string | undefined): boolean {
  return isAny(field) || (etag !== undefined && !isWeak(etag) && isListed(field, etag, false));
}

export function isWeak(etag: string): boolean {
  return etag.startsWith('W/');
}

function withoutWeakness(etag: string): string {
  return isWeak(etag) ? etag.slice(2) : etag;
}

/** `*` stands alone or not at all. */
function isAny(field: string): boolean {
  return field.trim() === '*';
}

/** Tags may have commas in them, so the list is read from quote to quote, and only as far as it is one. */
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
