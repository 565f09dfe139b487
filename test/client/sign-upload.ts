import { createHash } from 'node:crypto';
import type { UploadParameters, UploadSignature } from '@safelight/client';
import { uploadStringToSign } from '@safelight/protocol';

export const apiKey = '1234';
export const apiSecret = 'safelight-secret';

/** Signs like a signing server. */
export async function signUpload(parameters: UploadParameters, secret: string = apiSecret): Promise<UploadSignature> {
  const timestamp = Math.floor(Date.now() / 1000);
  const text = uploadStringToSign({ ...parameters, timestamp: String(timestamp) }, 2);
  return { signature: createHash('sha1').update(`${text}${secret}`).digest('hex'), timestamp, apiKey };
}
