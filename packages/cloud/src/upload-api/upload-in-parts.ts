import type { IncomingMessage } from 'node:http';
import { badRequest, tooLarge } from './api-error.ts';
import type { UploadRoute } from './api-route.ts';
import { type Arrival, createArrival } from './arrival.ts';
import type { AnswerSettings } from './asset-answer.ts';
import { authenticate, type Identity } from './authenticate.ts';
import type { Call } from './call.ts';
import { isLast } from './content-range.ts';
import { parseEager } from './eager.ts';
import type { Fields } from './fields.ts';
import { joinParts } from './join-parts.ts';
import { linger } from './linger.ts';
import { readUploadInput } from './operations/upload-input.ts';
import { createPartArrivals } from './part-arrivals.ts';
import type { PartHeader } from './part-header.ts';
import { incomplete, isComplete, type PartialAsset, type PartialUpload } from './partial-upload.ts';
import { choosePublicId } from './public-id.ts';
import { readSubmission } from './read-submission.ts';
import { partReceiver } from './receive-file.ts';
import type { BodyLimits, ReceivedFile } from './submission.ts';
import { createUnfinishedUploads } from './unfinished-uploads.ts';
import type { ApiContext } from './upload-api-options.ts';
import type { ApiAnswer } from './write-answer.ts';

/** One part of an upload, before its body is read. */
export interface PartCall {
  readonly req: IncomingMessage;
  readonly route: UploadRoute;
  readonly part: PartHeader;
  readonly isBasic: boolean;
  readonly settings: AnswerSettings;
  readonly limits: BodyLimits;
}

/** Does what is done with a file that came whole. */
export type FinishUpload = (call: Call) => Promise<ApiAnswer>;

export type TakePart = (call: PartCall, finishUpload: FinishUpload) => Promise<ApiAnswer>;

/**
 * Uploads in parts, as Cloudinary has them: one `X-Unique-Upload-Id`, a `Content-Range` each, in any order and repeated as
 * often as somebody likes. Each is authenticated for itself; the upload is that of the part which completes it.
 */
export function partTaker(context: ApiContext): TakePart {
  const { maxUploadBytes, parts: limits, originals, onError } = context;
  const arrivals = createPartArrivals();
  const uploads = createUnfinishedUploads({ ...context, ...limits, arrivals });

  /** Reads a part to the disk and puts it to the others. */
  async function keepPart(call: PartCall, arrival: Arrival) {
    const { req, route, part, isBasic } = call;
    const identify = (fields: Fields) => authenticate({ isBasic, fields, mayBeUnsigned: true }, context);
    const receive = partReceiver(context, part.range);
    const { fields, file } = await readSubmission(req, call.limits, async (source, signal) => {
      if ((part.range.total ?? part.range.end) > maxUploadBytes) {
        dropIfTheirs(() => keyOf(identify(source.fields), part));
        throw tooLarge(maxUploadBytes);
      }
      arrival.expect(source.fields);
      return receive(source, signal);
    });
    let isKept = false;
    try {
      arrival.expect(fields);
      const identity = identify(fields);
      const asset = partialAsset(route, fields, identity);
      if (file === undefined) throw badRequest('Missing required parameter - file');
      checkLength(file, part);
      const { upload, isNew } = uploads.take(keyOf(identity, part), { ...part, asset, received: file.received });
      isKept = isNew;
      return { upload, fields, file, identity };
    } finally {
      if (!isKept) await file?.received.discard().catch(onError);
    }
  }

  /** What has become too large will never be complete. */
  function dropIfTheirs(key: () => string): void {
    try {
      uploads.drop(key());
    } catch {
      // Whoever cannot show that it is theirs is told the same.
    }
  }

  async function join({ parts }: PartialUpload, call: Omit<Call, 'file'>, last: ReceivedFile, finish: FinishUpload) {
    const source = joinParts(parts.map(({ received }) => received));
    const received = await originals.receive(source, { maxBytes: maxUploadBytes });
    try {
      return await finish({ ...call, file: { ...last, received } });
    } finally {
      await received.discard().catch(onError);
    }
  }

  return async function takePart(call, finishUpload) {
    const { route, part, isBasic, settings } = call;
    const { uploadId, range } = part;
    const here = arrivals.begin(uploadId);
    const arrival = createArrival(route, isBasic, context);
    let isOver = true;
    try {
      const { upload, fields, file, identity } = await keepPart(call, arrival).finally(here);
      // Others may be on their way at the same time; one of them then completes it.
      if (isLast(range) && !isComplete(upload)) await arrivals.none(uploadId);
      if (!isComplete(upload)) {
        if (isLast(range)) throw incomplete(upload, limits.maxIdleMs);
        isOver = false;
        linger(upload.lingering, arrival.over);
        return partAnswer(upload);
      }
      // Whoever makes one file of it lets others wait.
      if (upload.outcome !== undefined) arrival.over();
      const uploadKey = keyOf(identity, part);
      const whole = { fields, identity, settings, arrival: arrivalOf(upload, arrival), uploadKey };
      return await uploads.finish(upload, () => join(upload, whole, file, finishUpload));
    } finally {
      if (isOver) arrival.over();
    }
  };
}

function keyOf({ name }: Identity, { uploadId }: PartHeader): string {
  return JSON.stringify([name, 'X-Unique-Upload-Id', uploadId]);
}

/** Checks what can be checked of an upload's parameters without its file, so that no part is sent in vain. */
function partialAsset({ resourceType }: UploadRoute, fields: Fields, identity: Identity): PartialAsset {
  const { public_id: publicId, folder, public_id_prefix: publicIdPrefix, eager } = readUploadInput(fields, identity);
  parseEager(eager ?? []);
  if (publicId === undefined) return { resourceType, publicId };
  const type = resourceType === 'auto' ? 'image' : resourceType;
  return { resourceType, publicId: choosePublicId(type, { publicId, folder, publicIdPrefix }) };
}

function checkLength({ received: { bytes } }: ReceivedFile, { range: { start, end } }: PartHeader): void {
  if (bytes === end - start) return;
  throw badRequest(`The part has ${bytes} bytes, its Content-Range says ${end - start}. Send what it says.`);
}

function partAnswer({ parts, asset: { publicId, resourceType } }: PartialUpload): ApiAnswer {
  const bytes = parts.reduce((sum, { start, end }) => sum + end - start, 0);
  const name = publicId === undefined ? {} : { public_id: publicId };
  return { done: false, bytes, ...name, resource_type: resourceType, kind: 'upload' };
}

/** When the whole is over, those who wait because of an earlier part need not wait any longer. */
function arrivalOf({ lingering }: PartialUpload, arrival: Arrival): Arrival {
  return {
    ...arrival,
    over() {
      arrival.over();
      for (const end of lingering) end();
    },
  };
}
