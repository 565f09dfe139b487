/** Parameters that a signature of the Upload API does not cover. */
const unsigned: ReadonlySet<string> = new Set(['file', 'cloud_name', 'resource_type', 'api_key', 'signature']);

/**
 * The text that the signature of an Upload API call covers. To sign it, append the API secret and write its SHA-1 or
 * SHA-256 hash as hex (cloudinary.com/documentation/authentication_signatures). The text has the parameters in the
 * order of their names, without empty ones and without `file`, `cloud_name`, `resource_type`, `api_key` and
 * `signature`. The values of a list are joined by commas; `public_ids[]` is written `public_ids`.
 *
 * @param params - the parameters as they are sent
 * @param version - 2 writes `&` inside a parameter as `%26`, so that one value cannot look like two parameters. 1 does
 *   not; older SDKs use it, and so does the signature in the response to an upload. A server must accept both.
 *   @default 2
 * @example
 * import { createHash } from 'node:crypto';
 * const text = uploadStringToSign({ timestamp: '1719307544', public_id: 'cat', tags: ['a', 'b'] });
 * // 'public_id=cat&tags=a,b&timestamp=1719307544'
 * const signature = createHash('sha1').update(`${text}my-api-secret`).digest('hex');
 */
export function uploadStringToSign(
  params: Readonly<Record<string, string | readonly string[] | undefined>>,
  version: 1 | 2 = 2,
): string {
  return Object.entries(params)
    .map(
      ([name, value]) =>
        [name.replace(/\[\d*\]$/, ''), typeof value === 'string' ? value : (value ?? []).join(',')] as const,
    )
    .filter(([name, value]) => value !== '' && !unsigned.has(name))
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, value]) => `${name}=${value}`)
    .map((pair) => (version === 2 ? pair.replaceAll('&', '%26') : pair))
    .join('&');
}
