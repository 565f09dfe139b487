import type { SignUpload, UploadParameters } from './upload-options.ts';

/** Signatures are good for an hour; a part may take some minutes to arrive. */
const goodForMs = 45 * 60_000;

/**
 * The parameters with their signature, asked for once, and again when it has become old.
 * @returns the parameters as they are where nobody signs
 */
export function createSigner(
  parameters: UploadParameters,
  sign: SignUpload | undefined,
  clock: () => number,
): () => Promise<UploadParameters> {
  let signed: UploadParameters | undefined;
  let signedAt = 0;
  return async () => {
    if (sign === undefined) {
      return parameters;
    }
    if (signed === undefined || clock() - signedAt > goodForMs) {
      signedAt = clock();
      const { signature, timestamp, apiKey } = await sign(parameters);
      signed = { ...parameters, timestamp: `${timestamp}`, signature, api_key: apiKey };
    }
    return signed;
  };
}
