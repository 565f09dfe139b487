import type { IncomingMessage } from 'node:http';
import { clientAddress } from '@safelight/http';
import type { PartResponse } from '@safelight/protocol';
import { badRequest, tooLarge } from './api-error.ts';
import type { UploadRoute } from './api-route.ts';
import { type Arrival, type Call, type IncomingCall, incomingCall, type UploadCall } from './call.ts';
import type { ResponseSettings } from './describe-asset.ts';
import type { IncomingAccount } from './incoming-budget.ts';
import type { MadeResponse } from './own-origin.ts';
import { linger, type PartArrivals } from './part-arrivals.ts';
import { formatRanges, isLast, type PartHeader, partHeader } from './part-header.ts';
import { incomplete, isUploadComplete, joinParts, type PartialUpload } from './partial-upload.ts';
import { readSubmission, type SubmissionLimits } from './read-submission.ts';
import type { FileSource, ReceivedFile } from './submission.ts';
import type { UnfinishedUploads } from './unfinished-uploads.ts';
import type { ApiContext } from './upload-api-options.ts';

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

/** Handles the joined file like a file that was sent whole. */
export type FinishUpload = (call: Call) => Promise<MadeResponse>;

export type TakePart = (call: PartCall, finishUpload: FinishUpload) => Promise<MadeResponse>;

export interface PartTakerState {
  readonly uploads: UnfinishedUploads;
  readonly arrivals: PartArrivals;
}

/**
 * Handles uploads in parts, like Cloudinary: each part has a `Content-Range`, and all have the same
 * `X-Unique-Upload-Id`. Parts may come in any order and any number of times. Each part is authenticated. The parameters
 * of the part that completes the upload are used.
 */
export function partTaker(context: ApiContext, { uploads, arrivals }: PartTakerState): TakePart {
  const { maxUploadBytes, parts: limits, originals, onError } = context;

  /** Writes a part to the disk and adds it to the upload. */
  async function storePart(
    { req, limits: bodyLimits }: PartCall,
    part: PartHeader,
    incoming: IncomingCall<UploadCall>,
  ) {
    const { fields, file } = await readSubmission(req, bodyLimits, async (source) => {
      if ((part.range.total ?? part.range.end) <= maxUploadBytes) return incoming.receive(source);
      dropIfAuthentic(part, source, incoming);
      throw tooLarge(maxUploadBytes);
    });
    let isStored = false;
    try {
      const call = incoming.read({ fields, file });
      if (file === undefined) throw badRequest('Missing required parameter - file');
      checkLength(file, part);
      const asset = { resourceType: call.resourceType, publicId: call.asset?.publicId };
      const { upload, isNew } = uploads.take(keyOf(call, part), {
        ...part,
        asset,
        received: file.received,
        client: clientAddress(req),
      });
      isStored = isNew;
      return { upload, call, file };
    } finally {
      if (!isStored) await file?.received.discard().catch(onError);
    }
  }

  /** Drops the parts of an upload that has become too large, since it cannot be complete. */
  function dropIfAuthentic(part: PartHeader, { fields }: FileSource, incoming: IncomingCall<UploadCall>): void {
    try {
      uploads.drop(keyOf(incoming.read({ fields, file: undefined }), part));
    } catch {
      // A caller that is not authenticated gets the same response and drops no parts.
    }
  }

  async function join(upload: PartialUpload, call: UploadCall, last: ReceivedFile, finishUpload: FinishUpload) {
    const received = await originals.receive(joinParts(upload), { maxBytes: maxUploadBytes });
    try {
      return await finishUpload({ ...call, file: { ...last, received } });
    } finally {
      await received.discard().catch(onError);
    }
  }

  return async function takePart(partCall, finishUpload) {
    const { req, route, isBasic, settings, account, callId } = partCall;
    const part = partHeader(req, limits.minPartBytes);
    const endArrival = arrivals.begin(part.uploadId);
    const incoming = incomingCall(route, { isBasic, settings, account, callId, ...partBounds(part) }, context);
    const { arrival } = incoming;
    let isOver = true;
    try {
      const { upload, call, file } = await storePart(partCall, part, incoming).finally(endArrival);
      // Other parts may be arriving now. The last of them completes the upload.
      if (isLast(part.range) && !isUploadComplete(upload)) await arrivals.none(part.uploadId);
      if (!isUploadComplete(upload)) {
        if (isLast(part.range)) throw incomplete(upload, limits.maxIdleMs);
        isOver = false;
        linger(upload.lingering, arrival.end);
        return { response: partResponse(upload), origin: settings.origin };
      }
      // Requests wait for the call that joins the parts, and not for this one.
      if (upload.outcome !== undefined) arrival.end();
      const whole = { ...call, arrival: arrivalOf(upload, arrival), uploadKey: keyOf(call, part) };
      return await uploads.finish(upload, () => join(upload, whole, file, finishUpload));
    } finally {
      if (isOver) arrival.end();
    }
  };
}

function keyOf({ identity }: UploadCall, { uploadId }: PartHeader): string {
  return JSON.stringify([identity.name, 'X-Unique-Upload-Id', uploadId]);
}

function partBounds({ range }: PartHeader) {
  const maxFileBytes = range.end - range.start;
  const message = `The part has more than the ${maxFileBytes} bytes of ${formatRanges([range])}.`;
  return { maxFileBytes, fileTooLarge: () => badRequest(message) };
}

function checkLength({ received: { bytes } }: ReceivedFile, { range: { start, end } }: PartHeader): void {
  if (bytes === end - start) return;
  throw badRequest(
    `The part has ${bytes} bytes, but its Content-Range names ${end - start}. Send exactly the named bytes.`,
  );
}

function partResponse({ parts, asset: { publicId, resourceType } }: PartialUpload): PartResponse {
  const bytes = parts.reduce((sum, { start, end }) => sum + end - start, 0);
  const name = publicId === undefined ? {} : { public_id: publicId };
  return { done: false, bytes, ...name, resource_type: resourceType, kind: 'upload' };
}

/** Ends the waiting for the whole upload: also for the requests that wait because of an earlier part. */
function arrivalOf({ lingering }: PartialUpload, arrival: Arrival): Arrival {
  return {
    ...arrival,
    end() {
      arrival.end();
      for (const end of lingering) end();
    },
  };
}
