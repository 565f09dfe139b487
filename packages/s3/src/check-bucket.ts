import { randomUUID } from 'node:crypto';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { BucketOptions } from './bucket.ts';
import { createBucket, isTaken, withHeaders } from './create-bucket.ts';
import { codeOf, describe, isDefinite, statusOfError } from './requests.ts';

/**
 * The bucket cannot hold originals: its server would let two uploads take the same number. `check` and all changes of
 * `s3Originals` reject with this error. The message says what was seen.
 *
 * @example
 * const error: unknown = new UnfitBucketError('The bucket "pictures" cannot hold originals.');
 * if (error instanceof UnfitBucketError) console.error(error.message);
 */
export class UnfitBucketError extends Error {
  override readonly name = 'UnfitBucketError' as const;
}

const racers = 8;
/** The first race also opens the connections, so the PUTs of the second one arrive closer together. */
const races = 2;
const maxTries = 3;
/** Generous, since it happens once at a start. */
const putMs = 10_000;

/**
 * Checks what originals need: of 8 PUTs that create one key exclusively at the same time, one succeeds and seven get 412, and
 * the object is then listed and read. It costs 16 PUTs, 2 LISTs, 2 GETs and 2 DELETEs.
 *
 * @throws {UnfitBucketError} when the server does something else; the message says what was seen
 * @throws {Error} when the bucket does not respond, or refuses access
 */
export async function checkExclusivePuts(options: BucketOptions): Promise<void> {
  await checkSettings(options.client);
  for (let race = 0; race < races; race += 1) await checkRace(options);
}

async function checkRace(options: BucketOptions): Promise<void> {
  const bucket = createBucket(options);
  for (let tries = 1; ; tries += 1) {
    const key = `check/${randomUUID()}`;
    const bodies = Array.from({ length: racers }, (_, index) => Buffer.from(`${index} ${key}`));
    const replies = await Promise.all(bodies.map((body) => exclusivePut(options, key, body)));
    try {
      const unclear = replies.find((reply) => reply.error !== undefined && !isDefinite(reply.error));
      if (unclear !== undefined && tries < maxTries) continue;
      checkReplies(options, replies);
      const winner = bodies[replies.findIndex(({ error }) => error === undefined)];
      const [listed] = await bucket.list(key, 1);
      const found = await bucket.read(key);
      if (listed?.key === key && winner !== undefined && found?.body.equals(winner)) return;
      throw unfit(options, 'an object that was just created was not listed, or had other bytes');
    } finally {
      await bucket.remove(key).catch(() => undefined);
    }
  }
}

interface Reply {
  readonly error?: unknown;
}

async function exclusivePut({ client, bucket, prefix, createOnly }: BucketOptions, key: string, body: Buffer) {
  const command = withHeaders(new PutObjectCommand({ Bucket: bucket, Key: prefix + key, Body: body }), createOnly);
  try {
    await client.send(command, { abortSignal: AbortSignal.timeout(putMs) });
    return {};
  } catch (error) {
    return { error };
  }
}

function checkReplies(options: BucketOptions, replies: readonly Reply[]): void {
  const created = replies.filter(({ error }) => error === undefined).length;
  const taken = replies.filter(({ error }) => isTaken(error)).length;
  if (created === 1 && taken === racers - 1) return;
  const other = replies.find(({ error }) => error !== undefined && !isTaken(error))?.error;
  const seen = `${created} succeeded, ${taken} were refused with 412${otherText(replies, created + taken, other)}`;
  if (other !== undefined && statusOfError(other) !== 501 && codeOf(other) !== 'NotImplemented') {
    const { bucket, prefix } = options;
    throw new Error(
      `The bucket "${bucket}" could not be checked: of ${racers} PUTs below "${prefix}check/", ${seen}. Check the endpoint, the name, the credentials, and that they may write and read there.`,
      { cause: other },
    );
  }
  throw unfit(options, `of ${racers} exclusive PUTs of one new key, ${seen}`);
}

function otherText(replies: readonly Reply[], known: number, other: unknown): string {
  return known === replies.length ? '' : `, and ${replies.length - known} failed with ${describe(other)}`;
}

function unfit({ bucket, createOnly }: BucketOptions, seen: string): UnfitBucketError {
  const header = Object.entries(createOnly).map((line) => line.join(': '));
  return new UnfitBucketError(
    `The bucket "${bucket}" cannot hold originals: ${seen}. Exactly one must succeed, and all others must get 412. The server does not create objects exclusively with "${header}". Use AWS S3, Cloudflare R2 or Ceph, or set createOnly to the header of this server. Derivatives can be in this bucket.`,
  );
}

/** @throws {TypeError} when the client would send a checksum that some servers store inside of objects */
async function checkSettings(client: S3Client): Promise<void> {
  if ((await client.config.requestChecksumCalculation()) === 'WHEN_REQUIRED') return;
  throw new TypeError(
    "The client must have requestChecksumCalculation: 'WHEN_REQUIRED'. Create it with new S3Client({ ...s3ClientSettings(), region }).",
  );
}
