import type { ApiPath, ReceivedParts } from '@safelight/protocol';
import { fieldsOf } from '../asset-response.ts';
import { getJson } from '../get-json.ts';
import type { Http } from '../http.ts';
import { SafelightError } from '../safelight-error.ts';
import type { ByteRange } from './byte-ranges.ts';

/**
 * Asks the server which parts of an upload it has. The key is sent as a header, because URLs are logged. When the server
 * cannot tell, it is an empty list, and the whole file is sent again.
 * @throws {SafelightError} `invalid_body` when the parts are of a file with another size
 */
export async function receivedParts(
  http: Http,
  cloudName: string,
  { file, signal, uploadKey }: { readonly file: Blob; readonly signal: AbortSignal; readonly uploadKey: string },
): Promise<readonly ByteRange[]> {
  const path: ApiPath<'received_parts'> = `/_safelight/uploads?cloud=${encodeURIComponent(cloudName)}`;
  const body = await getJson(http, path, { signal, headers: { 'x-unique-upload-id': uploadKey } }).catch(() => {
    signal.throwIfAborted();
    return {};
  });
  const { received, total } = fieldsOf<ReceivedParts>(body);
  if (typeof total === 'number' && total !== file.size) {
    throw new SafelightError(
      'invalid_body',
      `The file has ${file.size} bytes, but the upload with this key has ${total}. Choose the same file, or upload it without uploadKey.`,
    );
  }
  return Array.isArray(received) ? received.filter(isRange) : [];
}

function isRange(part: unknown): part is ByteRange {
  const { start, end } = Object(part);
  return Number.isInteger(start) && Number.isInteger(end) && start >= 0 && end > start;
}
