import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { UnfinishedUpload, UploadFacts, UploadName } from '@safelight/core';
import { clientAddress } from '@safelight/http';
import { badRequest, tooLarge } from './api-error.ts';
import type { UploadRoute } from './api-route.ts';
import type { UploadCall } from './call.ts';
import type { ResponseSettings } from './describe-asset.ts';
import type { IncomingAccount } from './incoming-budget.ts';
import type { IncomingCall } from './incoming-call.ts';
import type { Lingering } from './part-arrivals.ts';
import type { PartRange } from './part-header.ts';
import { readSubmission, type SubmissionLimits } from './read-submission.ts';
import type { FileSource, ReceivedFile } from './submission.ts';
import type { ApiContext } from './upload-api-options.ts';
import { textOfName } from './upload-limits.ts';
import type { UploadRegistry } from './upload-registry.ts';

/** One part of an upload, before its body is read. */
export interface PartCall {
  readonly req: IncomingMessage;
  readonly route: UploadRoute;
  readonly isBasic: boolean;
  readonly settings: ResponseSettings;
  readonly account: IncomingAccount;
  readonly callId: string;
  readonly limits: SubmissionLimits;
}

/** A part and the key of its upload. */
export interface NamedPart {
  readonly range: PartRange;
  readonly key: string;
}

/** A part that is durable. */
export interface TakenPart {
  readonly name: UploadName;
  /** The upload with this part. */
  readonly upload: UnfinishedUpload;
  readonly call: UploadCall;
  readonly file: ReceivedFile;
}

export interface StorePartContext extends Pick<ApiContext, 'maxUploadBytes' | 'onError'> {
  readonly uploads: UploadRegistry;
  readonly lingering: Lingering;
}

export interface ArrivingPart {
  readonly part: NamedPart;
  readonly incoming: IncomingCall<UploadCall>;
}

/**
 * Receives a part, makes it durable and adds it to its upload.
 * @throws {ApiError} when it is refused; its bytes are removed then
 */
export async function storePart(
  { req, limits: bodyLimits }: PartCall,
  { part, incoming }: ArrivingPart,
  context: StorePartContext,
): Promise<TakenPart> {
  const { uploads, maxUploadBytes, onError } = context;
  let endPart = async (): Promise<void> => {};
  let file: ReceivedFile | undefined;
  let isStored = false;
  try {
    const submission = await readSubmission(req, bodyLimits, async (source) => {
      // A caller that is not authenticated gets the same response, and changes nothing.
      const name = nameIfAuthentic({ part, incoming }, source);
      if ((part.range.total ?? part.range.end) > maxUploadBytes) {
        if (name !== undefined) await dropUpload(name, context);
        throw tooLarge(maxUploadBytes);
      }
      if (name !== undefined) endPart = await uploads.beginPart(name);
      return incoming.receive(source);
    });
    const { fields, url } = submission;
    file = submission.file;
    const call = incoming.read({ fields, file });
    if (url !== undefined) throw badRequest('A remote URL cannot be sent in parts. Leave out Content-Range.');
    if (file === undefined) throw badRequest('Missing required parameter - file');
    checkLength(file, part);
    const name = nameOf(call, part);
    const { range } = part;
    const upload = await uploads.take(name, { range, facts: factsOf(call, req), received: file.received });
    isStored = true;
    return { name, upload, call, file };
  } finally {
    await endPart();
    if (!isStored) await file?.received.discard().catch(onError);
  }
}

/** The name of an upload, if the parameters before the file authenticate the part. */
function nameIfAuthentic({ part, incoming }: ArrivingPart, { fields }: FileSource): UploadName | undefined {
  try {
    return nameOf(incoming.read({ fields, file: undefined }), part);
  } catch {
    return undefined;
  }
}

/** Drops the parts of an upload that has become too large, since it cannot be complete. */
async function dropUpload(name: UploadName, { uploads, lingering }: StorePartContext): Promise<void> {
  lingering.endAll(textOfName(name));
  await uploads.drop(name);
}

/** The ID of an upload alone does not name it: two identities with one ID have two uploads. */
function nameOf({ identity }: UploadCall, { key }: NamedPart): UploadName {
  return { key, sender: hashOf(identity.name) };
}

function factsOf({ resourceType, asset }: UploadCall, req: IncomingMessage): UploadFacts {
  const publicId = asset === undefined ? {} : { publicId: asset.publicId };
  return { resourceType, ...publicId, client: hashOf(clientAddress(req)) };
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

function checkLength({ received: { bytes } }: ReceivedFile, { range: { start, end } }: NamedPart): void {
  if (bytes === end - start) return;
  throw badRequest(
    `The part has ${bytes} bytes, but its Content-Range names ${end - start}. Send exactly the named bytes.`,
  );
}
