import type { UnfinishedUpload, UploadName } from '@safelight/core';
import type { PartResponse } from '@safelight/protocol';
import { badRequest } from './api-error.ts';
import type { Arrival, Call, UploadCall } from './call.ts';
import { incomingCall } from './incoming-call.ts';
import type { MadeResponse } from './own-origin.ts';
import { createLingering, type Lingering, type PartArrivals } from './part-arrivals.ts';
import { formatRanges, isLast, partHeader } from './part-header.ts';
import { incomplete, isUploadComplete } from './partial-upload.ts';
import { type NamedPart, type PartCall, storePart } from './store-part.ts';
import type { ReceivedFile } from './submission.ts';
import type { ApiContext } from './upload-api-options.ts';
import type { JoinUpload } from './upload-joins.ts';
import { textOfName } from './upload-limits.ts';
import { isFinal } from './upload-outcome.ts';
import { type UploadRegistry, uploadKey } from './upload-registry.ts';

/** Handles the joined file like a file that was sent whole. */
export type FinishUpload = (call: Call) => Promise<MadeResponse>;

export type TakePart = (call: PartCall, finishUpload: FinishUpload) => Promise<MadeResponse>;

export interface PartTakerState {
  readonly uploads: UploadRegistry;
  /** By the key of the upload. */
  readonly arrivals: PartArrivals;
}

/**
 * Handles uploads in parts, like Cloudinary: each part has a `Content-Range`, and all have the same
 * `X-Unique-Upload-Id`. Parts may come in any order and any number of times. Each part is authenticated. The parameters
 * of the part that completes the upload are used.
 */
export function partTaker(context: ApiContext, { uploads, arrivals }: PartTakerState): TakePart {
  const { cloudName, maxUploadBytes, parts: limits, originals, onError } = context;
  const lingering = createLingering();
  const storing = { maxUploadBytes, onError, uploads, lingering };

  /** @returns a function that makes one file of the parts and handles it */
  function joinWith(call: UploadCall, last: ReceivedFile, finishUpload: FinishUpload): JoinUpload {
    return async function join(bytes) {
      const received = await originals.receive(bytes, { maxBytes: maxUploadBytes });
      try {
        return await finishUpload({ ...call, file: { ...last, received } });
      } finally {
        await received.discard().catch(onError);
      }
    };
  }

  async function finish(name: UploadName, join: JoinUpload): Promise<MadeResponse> {
    let isOver = true;
    try {
      return await uploads.finish(name, join);
    } catch (error) {
      isOver = isFinal(error);
      throw error;
    } finally {
      if (isOver) lingering.endAll(textOfName(name));
    }
  }

  return async function takePart(partCall, finishUpload) {
    const { req, route, isBasic, settings, account, callId } = partCall;
    const header = partHeader(req, limits.minPartBytes);
    const part = { range: header.range, key: uploadKey(cloudName, header.uploadId) };
    const endArrival = arrivals.begin(part.key);
    const incoming = incomingCall(route, { isBasic, settings, account, callId, ...partBounds(part) }, context);
    const { arrival } = incoming;
    let isOver = true;
    try {
      const {
        name,
        upload: stored,
        call,
        file,
      } = await storePart(partCall, { part, incoming }, storing).finally(endArrival);
      // Other parts may be arriving now. The last of them completes the upload.
      const upload = isLast(part.range) && !isUploadComplete(stored) ? await uploads.withArriving(stored) : stored;
      if (!isUploadComplete(upload)) {
        if (isLast(part.range)) throw incomplete(upload, limits.maxIdleMs);
        isOver = false;
        lingering.add(textOfName(name), arrival.end);
        return { response: partResponse(upload), origin: settings.origin };
      }
      // Requests wait for the call that joins the parts, and not for this one.
      if (upload.outcome !== undefined || uploads.isFinishing(name)) arrival.end();
      const whole = { ...call, arrival: arrivalOf(name, arrival, lingering), uploadKey: textOfName(name) };
      return await finish(name, joinWith(whole, file, finishUpload));
    } finally {
      if (isOver) arrival.end();
    }
  };
}

/** Ends the waiting for the whole upload: also for the requests that wait because of an earlier part. */
function arrivalOf(name: UploadName, arrival: Arrival, lingering: Lingering): Arrival {
  return {
    ...arrival,
    end() {
      arrival.end();
      lingering.endAll(textOfName(name));
    },
  };
}

function partBounds({ range }: NamedPart) {
  const maxFileBytes = range.end - range.start;
  const message = `The part has more than the ${maxFileBytes} bytes of ${formatRanges([range])}.`;
  return { maxFileBytes, fileTooLarge: () => badRequest(message) };
}

function partResponse({ parts, facts: { publicId, resourceType } }: UnfinishedUpload): PartResponse {
  const bytes = parts.reduce((sum, { start, end }) => sum + end - start, 0);
  const name = publicId === undefined ? {} : { public_id: publicId };
  return { done: false, bytes, ...name, resource_type: resourceType, kind: 'upload' };
}
