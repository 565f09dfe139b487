import { SafelightError } from '../safelight-error.ts';

/** Goes by name: a file that was chosen in another frame is no instance of this one's `File`. */
function kindOf(body: unknown): string {
  return Object.prototype.toString.call(body).slice(8, -1);
}

/** The body as it will be read, as often as it is needed; bytes are copied. `undefined` when it is no `UploadBody`. */
export function toBlob(body: unknown): Blob | undefined {
  const kind = kindOf(body);
  return /^(Blob|File)$/.test(kind)
    ? (body as Blob)
    : /^(ArrayBuffer|Uint8Array)$/.test(kind)
      ? new Blob([body as ArrayBuffer])
      : undefined;
}

/**
 * Refuses what cannot be uploaded.
 * @throws {SafelightError} `invalid_body`
 */
export function checkBody(body: unknown, file: Blob | undefined): asserts file is Blob {
  if (file === undefined) {
    throw new SafelightError(
      'invalid_body',
      `An upload takes a Blob, File, ArrayBuffer or Uint8Array, no ${kindOf(body)}.`,
      {
        hint: 'Of a path: fileFromPath() of @safelight/client/node; of a stream: new Response(stream).blob().',
      },
    );
  }
  if (file.size === 0) {
    throw new SafelightError('invalid_body', 'The file is empty.');
  }
}

/**
 * Browsers and Node tell of a directory, or of a file that has changed, only when it is read; as a lost connection, if it
 * is read while it is sent.
 * @throws {SafelightError} `invalid_body`
 */
export async function checkReadable(file: Blob): Promise<void> {
  await file
    .slice(0, 1)
    .arrayBuffer()
    .catch((cause: unknown) => {
      throw new SafelightError('invalid_body', 'The file cannot be read.', {
        hint: 'It is a directory, or was changed or removed since it was chosen: choose it again.',
        cause,
      });
    });
}
