import { setImmediate } from 'node:timers/promises';
import { type ApiServer, form } from './api-server.ts';

export type Json = Readonly<Record<string, unknown>>;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly json: Json;
}

export interface Part {
  readonly start: number;
  readonly end: number;
  /** @default the file's */
  readonly total?: number;
  /** In place of the file's. */
  readonly bytes?: Uint8Array<ArrayBuffer>;
  readonly uploadId?: string;
  readonly fields?: Readonly<Record<string, string>>;
  /** @default raw */
  readonly type?: 'raw' | 'image' | 'auto';
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends parts of `file`, by default of the raw asset `notes` and unsigned. */
export function partSender(
  api: Pick<ApiServer, 'base'>,
  file: Uint8Array<ArrayBuffer>,
): (part: Part) => Promise<Answer> {
  return async function send({ start, end, total = file.length, uploadId = 'u1', type = 'raw', ...part }) {
    const bytes = part.bytes ?? file.slice(start, end);
    const fields = part.fields ?? { upload_preset: 'quickstart', public_id: 'notes' };
    const response = await fetch(`${api.base}/${type}/upload`, {
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

export function messageOf({ json }: Answer): string {
  return (json['error'] as { readonly message?: string } | undefined)?.message ?? '';
}

/** What is removed behind an answer is gone soon after it. */
export async function untilNothingIsTemporary(api: ApiServer): Promise<void> {
  while ((await api.temporaryFiles()).length > 0) await setImmediate();
}

/** The bytes of a raw asset. */
export async function storedBytes(api: ApiServer, publicId = 'notes'): Promise<Buffer | undefined> {
  return (await api.originals.find({ resourceType: 'raw', publicId }))?.bytesOf();
}
