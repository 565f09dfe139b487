import { PayloadTooLargeError } from '@safelight/core';
import { tooLarge } from './api-error.ts';
import type { ReceiveFile } from './submission.ts';
import type { ApiContext } from './upload-api-options.ts';

/** Streams files to where originals are kept; an oversized one is answered with 413. */
export function fileReceiver({ originals, maxUploadBytes }: ApiContext): ReceiveFile {
  return async function receiveFile({ source, filename, mediaType }, signal) {
    try {
      const received = await originals.receive(source, { maxBytes: maxUploadBytes, signal });
      return { received, filename, mediaType };
    } catch (error) {
      // by name, so that two copies of the core agree
      if (error instanceof Error && error.name === PayloadTooLargeError.name) throw tooLarge(maxUploadBytes);
      throw error;
    }
  };
}
