import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { type ApiServer, form } from './api-server.ts';

export type Json = Readonly<Record<string, unknown>>;

export interface Response {
  readonly status: number;
  readonly headers: Headers;
  readonly json: Json;
}

export interface Part {
  readonly start: number;
  readonly end: number;
  /** Bytes of the whole file. @default the length of the file */
  readonly total?: number;
  /** Replaces the bytes of the file. */
  readonly bytes?: Uint8Array<ArrayBuffer>;
  readonly uploadId?: string;
  readonly fields?: Readonly<Record<string, string>>;
  /** @default raw */
  readonly type?: 'raw' | 'image' | 'auto';
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends parts of `file`, by default unsigned, for the raw asset `notes`. */
export function partSender(
  api: Pick<ApiServer, 'apiUrl'>,
  file: Uint8Array<ArrayBuffer>,
): (part: Part) => Promise<Response> {
  return async function send({ start, end, total = file.length, uploadId = 'u1', type = 'raw', ...part }) {
    const bytes = part.bytes ?? file.slice(start, end);
    const fields = part.fields ?? { upload_preset: 'quickstart', public_id: 'notes' };
    const response = await fetch(`${api.apiUrl}/${type}/upload`, {
      method: 'POST',
      headers: {
        'content-range': `bytes ${start}-${end - 1}/${total}`,
        ...(uploadId === '' ? {} : { 'x-unique-upload-id': uploadId }),
        ...part.headers,
      },
      body: form(fields, bytes, 'notes.txt'),
    });
    return { status: response.status, headers: response.headers, json: (await response.json()) as Json };
  };
}

export function messageOf({ json }: Response): string {
  return (json['error'] as { readonly message?: string } | undefined)?.message ?? '';
}

/** Waits until the temporary files are removed, which may be after the response. */
export async function untilNothingIsTemporary(api: ApiServer): Promise<void> {
  while ((await api.temporaryFiles()).length > 0) await setImmediate();
}

/** The bytes of a raw asset. */
export async function storedBytes(api: ApiServer, publicId = 'notes'): Promise<Buffer | undefined> {
  return (await api.originals.find({ resourceType: 'raw', publicId }))?.bytesOf();
}

/** Begins a part of `notes` with ten bytes. The test writes these bytes and the end of the form. */
export async function openPart(api: Pick<ApiServer, 'origin'>, range: string, uploadId = 'u1'): Promise<Socket> {
  const { port, hostname } = new URL(api.origin);
  const socket = connect(Number(port), hostname);
  socket.resume();
  await once(socket, 'connect');
  const headers = [
    'POST /v1_1/demo/raw/upload HTTP/1.1',
    'Host: x',
    'Content-Type: multipart/form-data; boundary=x',
    `X-Unique-Upload-Id: ${uploadId}`,
    `Content-Range: ${range}`,
    // The server closes the connection after its response. A client that closes its side earlier has left.
    'Connection: close',
  ];
  const fields = { upload_preset: 'quickstart', public_id: 'notes' };
  const body = Object.entries(fields).map(
    ([name, value]) => `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  body.push('--x\r\nContent-Disposition: form-data; name="file"; filename="notes.txt"\r\n\r\n');
  const text = body.join('');
  const length = text.length + 10 + '\r\n--x--\r\n'.length;
  socket.write(`${[...headers, `Content-Length: ${length}`].join('\r\n')}\r\n\r\n${text}`);
  return socket;
}
