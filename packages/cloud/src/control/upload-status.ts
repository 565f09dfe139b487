import type { IncomingMessage } from 'node:http';
import { type ControlResponse, problemResponse } from '@safelight/express/runtime';
import { maxIdLength, uploadIdHeader } from '../upload-api/part-header.ts';
import type { ReceivedPartsOf } from '../upload-api/upload-registry.ts';

/** Shorter IDs of uploads could be guessed. */
const minIdLength = 16;

/**
 * Reports which parts of an upload this server has. The ID is in a header, because URLs are logged. No response has the ID.
 */
export async function uploadStatus(req: IncomingMessage, receivedParts: ReceivedPartsOf): Promise<ControlResponse> {
  const uploadId = req.headers[uploadIdHeader];
  if (typeof uploadId !== 'string' || uploadId === '') {
    return problemResponse(400, 'The header X-Unique-Upload-Id is missing; send the ID of the upload in it.');
  }
  if (uploadId.length < minIdLength || uploadId.length > maxIdLength) {
    return problemResponse(
      400,
      `The X-Unique-Upload-Id has ${uploadId.length} characters; expected ${minIdLength} to ${maxIdLength}. Choose a random one for each upload.`,
    );
  }
  return { status: 200, body: await receivedParts(uploadId) };
}
