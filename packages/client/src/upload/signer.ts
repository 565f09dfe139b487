import { SafelightError } from '../safelight-error.ts';
import { resultOf } from './time-limit.ts';
import type { SignUpload, UploadParameters } from './upload-options.ts';

/** After this time an upload is signed anew. A signature is valid for an hour, and a part may take some minutes. */
const signatureMs = 45 * 60_000;

/**
 * Creates a function that returns the parameters of an upload with their signature, or without one when the
 * option `sign` is not set.
 */
export function createSigner(
  { sign, clock }: { readonly sign?: SignUpload | undefined; readonly clock: () => number },
  parameters: UploadParameters,
  timeoutMs: number,
  signal: AbortSignal,
): () => Promise<UploadParameters> {
  let signed = parameters;
  let signedAt = Number.NEGATIVE_INFINITY;
  return async () => {
    if (sign !== undefined && clock() - signedAt > signatureMs) {
      const startedAt = clock();
      const { signature, timestamp, apiKey } = Object(await resultOf('sign', sign(parameters), timeoutMs, signal));
      if (!signature || !timestamp || !apiKey) {
        throw new SafelightError('protocol', 'The option sign must resolve with { signature, timestamp, apiKey }.');
      }
      signed = { ...parameters, timestamp: `${timestamp}`, signature, api_key: apiKey };
      signedAt = startedAt;
    }
    return signed;
  };
}
