/** The statuses for which this cache implements all rules (RFC 9111 section 5.2.2.3). */
const understood: ReadonlySet<number> = new Set([200, 203, 204, 300, 301, 302, 303, 307, 308]);

/**
 * Whether a response with this status may be stored if it states a lifetime (RFC 9111 section 3: any final status). Not
 * stored are errors, because the guard holds them itself; a part (206), because only whole bodies are stored; and a 304,
 * which is about a stored response.
 */
export function isCacheableStatus(status: number): boolean {
  return status >= 200 && status < 400 && status !== 206 && status !== 304;
}

/** Whether `must-understand` allows to store a response with this status. */
export function isUnderstoodStatus(status: number): boolean {
  return understood.has(status);
}

/**
 * Whether a response with this status has a picture. Only then do the defaults count: it is fresh without a lifetime of
 * its own, and replaces an error when it is stale. RFC 9110 section 15.1 allows more statuses. But a 204 often means "not
 * yet", and a redirect often leads to a signed URL that expires, so these must state their times themselves.
 */
export function hasPicture(status: number): boolean {
  return status === 200 || status === 203;
}
