import { badRequest } from '../api-error.ts';
import type { Identity } from '../authenticate.ts';
import type { Fields, ReceivedFile, ReceiveFile } from '../submission.ts';
import { fileUrl } from './file-url.ts';
import type { RemoteFiles } from './remote-files.ts';

interface RemoteSubmission {
  readonly url: string;
  readonly fields: Fields;
}

/**
 * Decides whether the URL of an authenticated upload may be fetched.
 *
 * @returns a function that fetches the file and makes it durable
 * @throws {ApiError} 400 when remote files are not offered, or not to this caller, or when the URL cannot be used
 */
export function fileFetcher(
  { url, fields }: RemoteSubmission,
  identity: Identity,
  remoteFiles: RemoteFiles | undefined,
  receive: ReceiveFile,
): () => Promise<ReceivedFile> {
  if (remoteFiles === undefined) {
    throw badRequest(
      'Fetching remote URLs is not offered here. Send the bytes of the file, or a data URI. The operator of this server can offer it with the option remoteFiles of cloud(), or with serve --remote-files.',
    );
  }
  if (identity.kind === 'preset' && identity.preset.remoteFiles !== true) {
    throw badRequest(
      'Fetching remote URLs is not offered in an unsigned upload with this upload preset. Send the bytes of the file or sign the call, or set remoteFiles in the upload preset.',
    );
  }
  fileUrl(url);
  return () => remoteFiles.fetch(url, (file) => receive({ ...file, fields }));
}
