import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { Transform } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { codeOf, untilDefinite } from './requests.ts';

/** A complete local file. */
export interface SentFile {
  readonly path: string;
  readonly bytes: number;
  /** Hex MD5 of the bytes. */
  readonly etag: string;
}

/** Small texts that are stored beside the bytes of an object. */
export type Metadata = Readonly<Record<string, string>>;

interface Sender {
  readonly client: S3Client;
  readonly limitMs: number;
  readonly idleMs: number;
}

interface ObjectName {
  readonly Bucket: string;
  readonly Key: string;
}

/** A larger file is sent in parts, so that a lost connection costs one part. */
const maxWholeBytes = 64 * 1024 ** 2;
const minPartBytes = 16 * 1024 ** 2;
const maxParts = 10_000;
/** How many parts are in memory and under way. */
const partsAtOnce = 3;
/** A server may join the parts after it got the last request. */
const joinMs = 120_000;

/** Sends a file: whole, or in parts when it is larger than 64 MiB. The server checks the MD5 of all that it gets. */
export async function putFile(sender: Sender, name: ObjectName, file: SentFile, Metadata: Metadata): Promise<void> {
  if (file.bytes > maxWholeBytes) await putParts(sender, name, file, Metadata);
  else await putWhole(sender, name, file, Metadata);
}

async function putWhole(
  { client, idleMs }: Sender,
  name: ObjectName,
  file: SentFile,
  Metadata: Metadata,
): Promise<void> {
  const ContentMD5 = Buffer.from(file.etag, 'hex').toString('base64');
  await untilDefinite(
    `PUT ${name.Key}`,
    ({ signal, moved }) => {
      const Body = fileStream(file.path, moved);
      const input = { ...name, Body, ContentLength: file.bytes, ContentMD5, Metadata };
      return client.send(new PutObjectCommand(input), { abortSignal: signal }).finally(() => Body.destroy());
    },
    { limitMs: idleMs, idleMs },
  );
}

/** The bytes of a file, with a call for each piece that was taken. */
function fileStream(path: string, onTaken: () => void): Transform {
  const file = createReadStream(path);
  const counted = new Transform({
    transform(chunk, _encoding, done) {
      onTaken();
      done(null, chunk);
    },
    destroy(error, done) {
      file.destroy();
      done(error);
    },
  });
  file.on('error', (error) => counted.destroy(error));
  return file.pipe(counted);
}

async function putParts(sender: Sender, name: ObjectName, file: SentFile, Metadata: Metadata): Promise<void> {
  const { client, limitMs, idleMs } = sender;
  const created = await untilDefinite(
    `POST ${name.Key}`,
    ({ signal }) => client.send(new CreateMultipartUploadCommand({ ...name, Metadata }), { abortSignal: signal }),
    { limitMs, idleMs },
  );
  const upload = { ...name, UploadId: created.UploadId };
  const handle = await open(file.path);
  try {
    const Parts = await sendParts(sender, upload, handle, file.bytes);
    await completeUpload(sender, upload, { Parts, bytes: file.bytes });
  } catch (error) {
    // Parts of a server that is away are removed by a rule of the bucket: see the README.
    await client.send(new AbortMultipartUploadCommand(upload)).catch(() => undefined);
    throw error;
  } finally {
    await handle.close();
  }
}

type Upload = ObjectName & { readonly UploadId: string | undefined };

async function sendParts(
  { client, idleMs }: Sender,
  upload: Upload,
  handle: FileHandle,
  bytes: number,
): Promise<CompletedPart[]> {
  const partBytes = Math.max(minPartBytes, Math.ceil(bytes / maxParts));
  const parts: CompletedPart[] = [];
  let next = 0;
  async function sendNext(): Promise<void> {
    while (next * partBytes < bytes) {
      const index = next;
      next += 1;
      const body = Buffer.allocUnsafeSlow(Math.min(partBytes, bytes - index * partBytes));
      await readExactly(handle, body, index * partBytes);
      const ContentMD5 = createHash('md5').update(body).digest('base64');
      const input = { ...upload, PartNumber: index + 1, Body: body, ContentMD5 };
      const { ETag } = await untilDefinite(
        `PUT ${upload.Key} (part ${index + 1})`,
        ({ signal }) => client.send(new UploadPartCommand(input), { abortSignal: signal }),
        // A part in memory shows no progress: 16 MiB need 60 s on a slow line.
        { limitMs: Math.max(60_000, idleMs), idleMs },
      );
      parts[index] = { ETag, PartNumber: index + 1 };
    }
  }
  const lanes = Array.from({ length: partsAtOnce }, sendNext);
  try {
    await Promise.all(lanes);
  } catch (error) {
    next = Number.POSITIVE_INFINITY;
    await Promise.allSettled(lanes);
    throw error;
  }
  return parts;
}

async function readExactly(handle: FileHandle, body: Buffer, position: number): Promise<void> {
  for (let at = 0; at < body.length; ) {
    const { bytesRead } = await handle.read(body, at, body.length - at, position + at);
    if (bytesRead === 0) throw new Error(`A received file ends at ${position + at}: it was truncated.`);
    at += bytesRead;
  }
}

/**
 * Joins the parts. There is no condition in this request, because some servers ignore it; the key is random. When the
 * response was lost, a repeated request may say that the upload does not exist: then the object must be there.
 */
async function completeUpload(
  { client, limitMs, idleMs }: Sender,
  { UploadId, ...name }: Upload,
  { Parts, bytes }: { readonly Parts: CompletedPart[]; readonly bytes: number },
): Promise<void> {
  const input = { ...name, UploadId, MultipartUpload: { Parts } };
  try {
    await untilDefinite(
      `POST ${name.Key} (all parts)`,
      ({ signal }) => client.send(new CompleteMultipartUploadCommand(input), { abortSignal: signal }),
      { limitMs: joinMs, idleMs },
    );
  } catch (error) {
    if (codeOf(error) !== 'NoSuchUpload') throw error;
    const head = await untilDefinite(
      `HEAD ${name.Key}`,
      ({ signal }) => client.send(new HeadObjectCommand(name), { abortSignal: signal }),
      { limitMs, idleMs },
    );
    if (head.ContentLength !== bytes) throw error;
  }
}
