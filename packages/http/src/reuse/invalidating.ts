/** RFC 9110 section 9.2.1. Of a method that is not known, nobody can say that it changes nothing. */
const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/** Whether an answer says that what is kept of its URL may have changed (RFC 9111 section 4.4). */
export function isInvalidating(method: string, status: number): boolean {
  return !safeMethods.has(method) && status >= 200 && status < 400;
}
