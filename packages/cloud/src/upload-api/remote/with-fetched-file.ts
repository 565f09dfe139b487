import { badRequest } from '../api-error.ts';
import type { UploadCall } from '../call.ts';
import type { ReceivedFile } from '../submission.ts';

/**
 * Fetches the file of an upload that has no bytes, and calls a function with it. The fetched bytes are removed in the end,
 * unless they were published.
 *
 * @throws {ApiError} 400 when the call has no file, or when the remote file cannot be loaded
 */
export async function withFetchedFile<T>(
  { fetchFile }: Pick<UploadCall, 'fetchFile'>,
  onError: (error: unknown) => void,
  use: (file: ReceivedFile) => Promise<T>,
): Promise<T> {
  if (fetchFile === undefined) throw badRequest('Missing required parameter - file');
  const fetched = await fetchFile();
  try {
    return await use(fetched);
  } finally {
    await fetched.received.discard().catch(onError);
  }
}
