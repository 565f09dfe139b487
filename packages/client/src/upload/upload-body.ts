import { SafelightError } from '../safelight-error.ts';

/** The name of the class. `instanceof` would not work: a file of another frame is not an instance of this frame's `File`. */
function kindOf(body: unknown): string {
  return Object.prototype.toString.call(body).slice(8, -1);
}

/**
 * By its properties: happy-dom's classes have no name of their own, and a file of jsdom is not an instance of Node's
 * `Blob`.
 */
function isBlob(body: unknown): body is Blob {
  const { size, slice } = Object(body);
  return typeof size === 'number' && typeof slice === 'function';
}

/** The body as a blob, which can be read several times; bytes are copied. The blob is empty for a wrong type of body. */
export function toBlob(body: unknown): Blob {
  return isBlob(body) ? body : new Blob(/^(ArrayBuffer|Uint8Array)$/.test(kindOf(body)) ? [body as ArrayBuffer] : []);
}

/** @throws {SafelightError} `invalid_body` when the body has no bytes or a wrong type */
export function checkBody(body: unknown, { size }: Blob): void {
  if (size === 0) {
    const kind = kindOf(body);
    throw new SafelightError('invalid_body', `This ${kind} has no bytes to upload.${explainBody(kind)}`);
  }
}

declare const process: { readonly env: { readonly NODE_ENV?: string } };

/** A sentence that says which bodies are accepted. Empty in production, where bundlers remove the texts. */
function explainBody(kind: string): string {
  try {
    // Bundlers replace exactly this expression. Without a bundler, a browser has no `process`, and this line throws.
    if (process.env.NODE_ENV !== 'production') return bodyAdvice(kind);
  } catch {
    return bodyAdvice(kind);
  }
  return '';
}

function bodyAdvice(kind: string): string {
  return /^(File|Blob)$/.test(kind)
    ? ' It is empty.'
    : /^(FileList|Array)$/.test(kind)
      ? ' Pass one file, such as input.files[0], or all of them to uploadAll().'
      : kind === 'String'
        ? ' Pass fileFromPath(path) for a path, and await (await fetch(url)).blob() for a data: or blob: URL.'
        : ' Pass a Blob, File, ArrayBuffer or Uint8Array; for a stream, await new Response(stream).blob().';
}

/**
 * Reads one byte of the file, because a directory or a changed file fails only when it is read. If it failed later,
 * during the upload, browsers would report a lost connection, and `fetch` in Node 24 would never settle.
 * @throws {SafelightError} `invalid_body`
 */
export async function checkReadable(file: Blob): Promise<void> {
  try {
    // The blobs of jsdom 26, which jest uses, have no such method; they are always readable.
    await file.slice(0, 1).arrayBuffer?.();
  } catch (cause) {
    throw new SafelightError(
      'invalid_body',
      'The file cannot be read: it was changed or removed since it was chosen, or it is a directory.',
      { hint: 'Choose it again.', cause },
    );
  }
}
