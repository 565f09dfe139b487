import type { Reply } from '../../../../test/servers/ask.ts';

/** Those that keeping may add or write anew, and those that say how the bytes travel. */
const ofTheWay = new Set([
  ...['date', 'age', 'cache-status', 'accept-ranges'],
  ...['connection', 'keep-alive', 'transfer-encoding', 'content-length'],
]);

/**
 * What a client was told, to be compared with what it would be told by the bare handler. An `ETag` is ours to add, never
 * to change.
 */
export function essence({ status, rawHeaders, headers, trailers, body, complete }: Reply, bare: Reply): unknown {
  const fields: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = String(rawHeaders[i]).toLowerCase();
    if (ofTheWay.has(name) || (name === 'etag' && bare.headers.etag === undefined)) continue;
    fields.push(`${name}: ${rawHeaders[i + 1]}`);
  }
  const length = headers['content-length'];
  return {
    status,
    fields: fields.toSorted(),
    trailers: { ...trailers },
    complete,
    body: body.toString('latin1'),
    isOfItsLength: length === undefined || body.length === 0 || Number(length) === body.length,
  };
}
