import { type ExpectedOptions, expectOptions } from '@safelight/protocol';
import ky, { type KyInstance } from 'ky';
import { fieldsOf } from '../asset-response.ts';
import { readJson } from '../http.ts';
import { aFunction } from '../option-patterns.ts';
import { SafelightError } from '../safelight-error.ts';
import type { SignUpload, UploadSignature } from './upload-options.ts';

export interface SignAtOptions {
  /**
   * Your ky instance, for example with `credentials: 'include'` for another origin.
   * @default ky itself, which sends cookies to the page's own origin only
   */
  readonly ky?: KyInstance | undefined;
  /** Called for each request, for its headers: an `Authorization`, for example. */
  readonly headers?: (() => HeadersInit | Promise<HeadersInit>) | undefined;
}

const signAtOptions: ExpectedOptions<SignAtOptions> = { ky: aFunction, headers: aFunction };

/**
 * The option `sign` of a client: it sends the parameters of each upload to the route of your server that
 * `signUpload()` of `@safelight/client/sign` makes. The upload rejects with a `SafelightError` when the route refuses
 * (`rejected`, with its status and message), when it does not respond within 10 s (`network`), and when its response is
 * not a signature (`protocol`).
 * @param url - the URL of the route; in a page it may be a path
 * @throws {TypeError} when an option does not exist or cannot be used
 * @example
 * const sign = signAt('/sign');
 * const upload = createUploader({ endpoint: 'https://pictures.example', cloudName: 'demo', sign });
 * const asset = await upload(new Blob(['…']), { publicId: 'pets/cat', overwrite: false });
 */
export function signAt(url: string | URL, options: SignAtOptions = {}): SignUpload {
  expectOptions('signAt()', options, signAtOptions);
  const { ky: instance = ky, headers } = options;
  return async (parameters) => {
    const pending = instance.post(url, { json: parameters, headers: new Headers(await headers?.()) });
    const { signature, timestamp, apiKey } = fieldsOf<UploadSignature>(await readJson(pending));
    if (typeof signature !== 'string' || typeof timestamp !== 'number' || typeof apiKey !== 'string') {
      throw new SafelightError('protocol', `The response of ${url} is not a signature.`, {
        hint: 'Make this route with signUpload() of @safelight/client/sign.',
      });
    }
    return { signature, timestamp, apiKey };
  };
}
