import { PayloadTooLargeError } from '@safelight/core';
import { type ApiError, badRequest, tooLarge } from './api-error.ts';
import { type ByteRange, formatRanges } from './content-range.ts';
import type { ReceiveFile } from './submission.ts';
import type { ApiContext } from './upload-api-options.ts';

/** Streams files to where originals are kept; an oversized one is answered with 413. */
export function fileReceiver(context: ApiContext): ReceiveFile {
  const { maxUploadBytes } = context;
  return receiver(context, maxUploadBytes, () => tooLarge(maxUploadBytes));
}

/** The same for a part; one that is larger than it says is answered with 400. */
export function partReceiver(context: ApiContext, range: ByteRange): ReceiveFile {
  const bytes = range.end - range.start;
  const tooMany = () => badRequest(`The part has more than the ${bytes} bytes of ${formatRanges([range])}.`);
  return receiver(context, bytes, tooMany);
}

function receiver({ originals }: ApiContext, maxBytes: number, tooMany: () => ApiError): ReceiveFile {
  return async function receiveFile({ source, filename, mediaType }, signal) {
    try {
      const received = await originals.receive(source, { maxBytes, signal });
      return { received, filename, mediaType };
    } catch (error) {
      // by name, so that two copies of the core agree
      if (error instanceof Error && error.name === PayloadTooLargeError.name) throw tooMany();
      throw error;
    }
  };
}
