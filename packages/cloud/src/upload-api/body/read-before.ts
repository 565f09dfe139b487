import type { IncomingMessage } from 'node:http';
import { type ApiError, badRequest } from '../api-error.ts';

/**
 * Returns the refusal of a body that other code has read, or has begun to read. What a body parser makes of a body is not
 * used: some join repeated parameters or read `a[b]` as a structure, so it is not what the signature covers, and the file is
 * in memory.
 */
export function readBefore({ headers }: IncomingMessage): ApiError {
  const mediaType = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return badRequest(
    `The body was read before Safelight could read it, by ${parserOf(mediaType)}. Mount cloud() before it, or use it only for paths that do not begin with /v1_1/.`,
  );
}

function parserOf(mediaType: string): string {
  if (mediaType === 'multipart/form-data') return 'a form parser such as multer or express-fileupload';
  if (mediaType === 'application/json') return 'a body parser such as express.json()';
  if (mediaType === 'application/x-www-form-urlencoded') return 'a body parser such as express.urlencoded()';
  return 'a body parser such as express.raw()';
}
