import { fieldsOf } from '../asset-response.ts';
import { getJson, type Http } from '../http.ts';
import type { ByteRange } from './byte-ranges.ts';

/**
 * Asks the server which parts of an upload it has. The key is sent as a header, because URLs are logged. When the server
 * cannot tell, it is an empty list, and the whole file is sent again.
 */
export async function receivedParts(
  http: Http,
  cloudName: string,
  uploadKey: string,
  signal: AbortSignal,
): Promise<readonly ByteRange[]> {
  const path = `/_safelight/uploads?cloud=${encodeURIComponent(cloudName)}`;
  try {
    const body = await getJson(http, path, { signal, headers: { 'x-unique-upload-id': uploadKey } });
    const { received } = fieldsOf<{ readonly received: readonly ByteRange[] }>(body);
    return Array.isArray(received) ? received.filter(isRange) : [];
  } catch {
    signal.throwIfAborted();
    return [];
  }
}

function isRange(part: unknown): part is ByteRange {
  const { start, end } = Object(part);
  return Number.isInteger(start) && Number.isInteger(end) && start >= 0 && end > start;
}
