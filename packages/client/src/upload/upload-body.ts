import { SafelightError } from '../safelight-error.ts';

/** The name of the class. `instanceof` would not work: a file of another frame is not an instance of this frame's `File`. */
function kindOf(body: unknown): string {
  return Object.prototype.toString.call(body).slice(8, -1);
}

/** The body as a blob, which can be read several times; bytes are copied. The blob is empty for a wrong type of body. */
export function toBlob(body: unknown): Blob {
  const kind = kindOf(body);
  return /^(Blob|File)$/.test(kind)
    ? (body as Blob)
    : new Blob(/^(ArrayBuffer|Uint8Array)$/.test(kind) ? [body as ArrayBuffer] : []);
}

/** @throws {SafelightError} `invalid_body` when the body has no bytes or a wrong type */
export function checkBody(body: unknown, { size }: Blob): void {
  if (size === 0) {
    const kind = kindOf(body);
    throw new SafelightError('invalid_body', `This ${kind} has no bytes to upload.`, {
      hint:
        hints[kind] ??
        'Pass a Blob, File, ArrayBuffer or Uint8Array; for a path fileFromPath(path), for a stream new Response(stream).blob().',
    });
  }
}

const list = 'Pass one file, such as input.files[0], or all of them to uploadAll().';
const hints: Readonly<Record<string, string>> = {
  FileList: list,
  Array: list,
  String: 'Pass fileFromPath(path) for a path, and await (await fetch(url)).blob() for a data: or blob: URL.',
  File: 'The file is empty.',
  Blob: 'The blob is empty.',
};

/**
 * Reads one byte of the file, because a directory or a changed file fails only when it is read. If it failed later,
 * during the upload, browsers would report a lost connection, and `fetch` in Node 24 would never settle.
 * @throws {SafelightError} `invalid_body`
 */
export async function checkReadable(file: Blob): Promise<void> {
  try {
    await file.slice(0, 1).arrayBuffer();
  } catch (cause) {
    throw new SafelightError(
      'invalid_body',
      'The file cannot be read: it was changed or removed since it was chosen, or it is a directory.',
      { hint: 'Choose it again.', cause },
    );
  }
}
