/** What a signature of the upload API does not cover. */
const unsigned: ReadonlySet<string> = new Set(['file', 'cloud_name', 'resource_type', 'api_key', 'signature']);

/**
 * The text that a signature of an upload call covers; append the API secret and hash it (SHA-1 or SHA-256, hex).
 * Parameters as they are on the wire, `file`, `cloud_name`, `resource_type`, `api_key` and `signature` left out, empty
 * ones dropped, lists joined by commas under their bare name (`public_ids[]` counts as `public_ids`), sorted by name.
 * @param version - 2 writes `&` inside a parameter as `%26`, so that no value can pose as two parameters; 1, which older
 *   SDKs sign (and which the signature of an upload's answer uses), does not. Accept both.
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
