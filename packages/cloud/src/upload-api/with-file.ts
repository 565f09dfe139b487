import { badRequest } from './api-error.ts';
import type { UploadCall } from './call.ts';
import type { ReceivedFile } from './submission.ts';

/**
 * Calls a function with the file of an upload. A remote file is fetched before, and its bytes are removed in the end, unless
 * they were published.
 *
 * @throws {ApiError} 400 when the call has no file, or when the remote file cannot be loaded
 */
export async function withFile<T>(
  { file, fetchFile }: Pick<UploadCall, 'file' | 'fetchFile'>,
  onError: (error: unknown) => void,
  use: (file: ReceivedFile) => Promise<T>,
): Promise<T> {
  if (file !== undefined) return use(file);
  if (fetchFile === undefined) throw badRequest('Missing required parameter - file');
  const fetched = await fetchFile();
  try {
    return await use(fetched);
  } finally {
    await fetched.received.discard().catch(onError);
  }
}
