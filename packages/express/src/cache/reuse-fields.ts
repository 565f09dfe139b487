import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** The request fields that decide about reuse: without the cookies, unless they are part of the target's variant. */
export function fieldsForReuse({
  req,
  vary,
}: {
  readonly req: IncomingMessage;
  readonly vary: ReadonlySet<string>;
}): IncomingHttpHeaders {
  const { cookie, ...headers } = req.headers;
  return cookie !== undefined && vary.has('cookie') ? { ...headers, cookie } : headers;
}

/** The fields that all requests for the same target have in common, out of those that decide about reuse. */
export function fieldsForAll({ cookie }: IncomingHttpHeaders): IncomingHttpHeaders {
  return cookie === undefined ? {} : { cookie };
}
