import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import type { Bucket, BucketOptions, ByteRange } from './bucket.ts';
import { chunksOfBody } from './object-body.ts';
import { type Metadata, putFile } from './put-file.ts';
import { codeOf, isNoSuchKey, statusOfError, untilDefinite } from './requests.ts';

/** A copy of 5 GiB inside a server takes about a minute. */
const copyMs = 180_000;

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: one short function for each kind of request.
export function createBucket(options: BucketOptions): Bucket {
  const { client, bucket, prefix, firstByteMs, idleMs, attempts } = options;
  const target = (key: string) => ({ Bucket: bucket, Key: prefix + key });
  const limits = { limitMs: firstByteMs, idleMs, ...(attempts && { attempts }) };

  /** Opens an object. The caller must read the body or destroy it. */
  async function open(key: string, range: ByteRange | undefined, signal: AbortSignal): Promise<OpenObject | undefined> {
    const asked = range === undefined ? {} : { Range: `bytes=${range.start}-${range.end - 1}` };
    try {
      return openObject(await client.send(new GetObjectCommand({ ...target(key), ...asked }), { abortSignal: signal }));
    } catch (error) {
      if (isNoSuchKey(error)) return undefined;
      throw error;
    }
  }

  const read: Bucket['read'] = (key, range) => {
    const what = `GET ${prefix}${key}`;
    return untilDefinite(
      what,
      async ({ signal, moved }) => {
        const found = await open(key, range, signal);
        if (found === undefined) return undefined;
        const { stream, bytes, totalBytes, metadata } = found;
        const chunks: Buffer[] = [];
        for await (const chunk of chunksOfBody(stream, { bytes, idleMs, what })) {
          moved();
          chunks.push(chunk);
        }
        return { body: Buffer.concat(chunks, bytes), totalBytes, metadata };
      },
      limits,
    );
  };

  async function* chunks(key: string, range: ByteRange): AsyncGenerator<Buffer> {
    if (range.start >= range.end) return;
    const what = `GET ${prefix}${key}`;
    const found = await untilDefinite(what, ({ signal }) => open(key, range, signal), limits);
    if (found === undefined) throw new Error(`${prefix}${key} does not exist any more: it was removed.`);
    yield* chunksOfBody(found.stream, { bytes: range.end - range.start, idleMs, what });
  }

  async function put(key: string, body: Buffer, Metadata: Metadata, headers: Metadata): Promise<void> {
    await untilDefinite(
      `PUT ${prefix}${key}`,
      ({ signal }) => {
        const command = new PutObjectCommand({ ...target(key), Body: body, ContentMD5: md5Of(body), Metadata });
        return client.send(withHeaders(command, headers), { abortSignal: signal });
      },
      { ...limits, limitMs: Math.max(firstByteMs, idleMs) },
    );
  }

  async function page(listed: string, maxKeys: number, after?: string) {
    const input = { Bucket: bucket, Prefix: prefix + listed, MaxKeys: maxKeys };
    const { Contents = [], NextContinuationToken: next } = await untilDefinite(
      `LIST ${prefix}${listed}`,
      ({ signal }) => {
        const command = new ListObjectsV2Command({ ...input, ...(after && { ContinuationToken: after }) });
        return client.send(command, { abortSignal: signal });
      },
      limits,
    );
    const objects = Contents.map(({ Key = '', Size = 0, LastModified }) => {
      return { key: Key.slice(prefix.length), bytes: Size, changedAt: LastModified?.getTime() ?? 0 };
    });
    return { objects, next };
  }

  return {
    name: bucket,
    prefix,
    read,
    stream: (key, range) => Readable.from(chunks(key, range), { objectMode: false }),
    write: (key, body, metadata = {}) => put(key, body, metadata, {}),
    async create(key, body) {
      try {
        await put(key, body, {}, options.createOnly);
        return 'created';
      } catch (error) {
        if (!isTaken(error)) throw error;
      }
      // The response to an own attempt may have been lost after the object was created.
      const found = await read(key);
      if (found === undefined) return 'unclear';
      return found.body.equals(body) ? 'created' : 'taken';
    },
    writeFile: (key, file, metadata = {}) => putFile({ client, ...limits }, target(key), file, metadata),
    async copy(from, to) {
      const input = { ...target(to), CopySource: `${bucket}/${encodeURIComponent(prefix + from)}` };
      try {
        const send = ({ signal }: { readonly signal: AbortSignal }) =>
          client.send(new CopyObjectCommand(input), { abortSignal: signal });
        await untilDefinite(`COPY ${prefix}${from}`, send, { ...limits, limitMs: copyMs });
        return true;
      } catch (error) {
        if (isNoSuchKey(error)) return false;
        throw error;
      }
    },
    list: async (listed, maxKeys = 1000) => (await page(listed, maxKeys)).objects,
    async *pages(listed) {
      let after: string | undefined;
      do {
        const { objects, next } = await page(listed, 1000, after);
        yield objects;
        after = next;
      } while (after !== undefined);
    },
    async remove(key) {
      const send = ({ signal }: { readonly signal: AbortSignal }) =>
        client.send(new DeleteObjectCommand(target(key)), { abortSignal: signal });
      try {
        await untilDefinite(`DELETE ${prefix}${key}`, send, limits);
      } catch (error) {
        if (!isNoSuchKey(error)) throw error;
      }
    },
  };
}

/** Whether a server has refused an exclusive PUT because the key is taken. OSS says it with 409. */
export function isTaken(error: unknown): boolean {
  return statusOfError(error) === 412 || (statusOfError(error) === 409 && codeOf(error) === 'FileAlreadyExists');
}

/** Adds headers before the request is signed. */
export function withHeaders(command: PutObjectCommand, headers: Readonly<Record<string, string>>): PutObjectCommand {
  command.middlewareStack.add(
    (next) => (args) => {
      Object.assign((args.request as { readonly headers: object }).headers, headers);
      return next(args);
    },
    { step: 'build', name: 'safelightHeaders', priority: 'low' },
  );
  return command;
}

interface OpenObject {
  readonly stream: Readable;
  /** The length of the body. */
  readonly bytes: number;
  readonly totalBytes: number;
  readonly metadata: Metadata;
}

function openObject({
  Body,
  ContentLength,
  ContentRange,
  Metadata: metadata = {},
}: GetObjectCommandOutput): OpenObject {
  if (!(Body instanceof Readable) || ContentLength === undefined) {
    throw new Error('A GET got a response without a body or a length.');
  }
  const [, total] = /\/(\d+)$/.exec(ContentRange ?? '') ?? [];
  return {
    stream: Body,
    bytes: ContentLength,
    totalBytes: total === undefined ? ContentLength : Number(total),
    metadata,
  };
}

function md5Of(body: Buffer): string {
  return createHash('md5').update(body).digest('base64');
}
