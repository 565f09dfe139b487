import { SafelightError } from '../safelight-error.ts';

/** By the name of the class: a file that was chosen in another frame is not an instance of this frame's `File`. */
function kindOf(body: unknown): string {
  return Object.prototype.toString.call(body).slice(8, -1);
}

/** The body as a blob, which can be read several times; bytes are copied. Empty when it is not an `UploadBody`. */
export function toBlob(body: unknown): Blob {
  const kind = kindOf(body);
  return /^(Blob|File)$/.test(kind)
    ? (body as Blob)
    : new Blob(/^(ArrayBuffer|Uint8Array)$/.test(kind) ? [body as ArrayBuffer] : []);
}

/** @throws {SafelightError} `invalid_body` when there is nothing to upload */
export function checkBody(body: unknown, { size }: Blob): void {
  if (size === 0) {
    throw new SafelightError('invalid_body', `This ${kindOf(body)} has no bytes to upload.`, {
      hint: 'Give a Blob, File, ArrayBuffer or Uint8Array; for a path fileFromPath(path), for a stream new Response(stream).blob().',
    });
  }
}

/**
 * Reads from the file, because a directory or a changed file fails only when it is read. During the upload such a
 * failure looks like a lost connection in browsers, and in Node (24) that `fetch` never ends.
 * @throws {SafelightError} `invalid_body`
 */
export async function checkReadable(file: Blob): Promise<void> {
  try {
    await file.slice(0, 1).arrayBuffer();
  } catch (cause) {
    throw new SafelightError(
      'invalid_body',
      'The file cannot be read: changed or removed since it was chosen, or a directory.',
      {
        hint: 'Choose it again.',
        cause,
      },
    );
  }
}
