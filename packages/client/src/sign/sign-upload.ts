import {
  checkOptions,
  functionValue,
  type OptionRule,
  optionsValue,
  required,
  textValue,
  uploadStringToSign,
} from '@safelight/protocol';
import type { UploadSignature } from '../upload/upload-options.ts';
import { type AllowedUploads, isPermitted, type Permission, parameterCheck } from './allowed-uploads.ts';
import { allowedUploadsRules } from './allowed-uploads-rules.ts';
import { type NodeRequest, type NodeResponse, readNodeBody, writeNodeResponse } from './node-message.ts';
import { Refusal } from './refusal.ts';
import { maxBodyBytes, readParameters, tooLarge } from './signing-body.ts';
import { refusalResponse, type SigningResponse, signatureResponse } from './signing-response.ts';
import { readWebBody, webResponse } from './web-message.ts';

/** @typeParam Incoming - the request of your framework, see `signUpload` */
export interface SignUploadOptions<Incoming = unknown> {
  /** The API key of your cloud. Every client sees it. */
  readonly apiKey: string;
  /** The API secret of your cloud. It does not leave this process, and no message contains it. */
  readonly apiSecret: string;
  /**
   * The uploads that may be signed.
   * @default uploads without any parameter, which get a random public ID
   */
  readonly allow?: AllowedUploads<Incoming> | undefined;
  /**
   * Whether this request may upload at all: for example, whether its session has a user. It is called before the body is
   * read.
   * @default every request that reaches the route, so put your login in front of it
   */
  readonly authorize?: ((request: Incoming) => Permission | Promise<Permission>) | undefined;
  /**
   * Epoch milliseconds, for the timestamp of the signature.
   * @default Date.now
   */
  readonly clock?: (() => number) | undefined;
}

/**
 * A signing route: a function of a web `Request`, and with `express` a handler for Express and `node:http`.
 *
 * The response is a signature (200) or `{ "error": { "message" } }` with the status 400, 403, 405, 413 or 415. An error
 * of your own functions is not turned into a response: the web function rejects with it, and `express` calls `next`.
 */
export interface UploadSigner<Incoming = unknown> {
  (request: Incoming & Request): Promise<Response>;
  /** Works with and without a body parser in front of it. */
  readonly express: (request: Incoming & NodeRequest, response: NodeResponse, next: (error?: unknown) => void) => void;
}

const rules: { readonly [Name in keyof SignUploadOptions]-?: OptionRule } = {
  apiKey: required(textValue('the API key of your cloud')),
  apiSecret: required(textValue('the API secret of your cloud')),
  allow: optionsValue(allowedUploadsRules),
  authorize: functionValue('(request) => request.session.user !== undefined'),
  clock: functionValue('Date.now'),
};

/**
 * Makes the route of your own server that signs uploads, for `signAt()` of the client. It needs nothing but WebCrypto, so
 * it runs in Node, Deno, Bun and edge workers. It signs only what `allow` allows, with SHA-256 and its own timestamp.
 *
 * A request must be a POST of JSON. The form of another site cannot send that type, and its script needs the permission
 * of CORS for it, which this route does not give.
 *
 * A signature covers neither the resource type nor the bytes of the file. Where nothing may be overwritten, a server of
 * Safelight accepts it for uploads only.
 *
 * @typeParam Incoming - the request that your functions get: that of Express with `express`, otherwise a `Request`. It is
 *   inferred from the parameter of `authorize` or of a rule, so write its type there.
 * @throws {TypeError} when an option does not exist, is missing, or cannot be used
 * @throws {SafelightError} `invalid_transformation`, for a transformation in `allow.eager`
 * @example
 * const sign = signUpload({
 *   apiKey: 'my-key',
 *   apiSecret: 'my-secret',
 *   authorize: (request: Request) => request.headers.get('cookie')?.includes('session=') === true,
 *   allow: { publicId: /pets\/[a-z0-9-]+/, tags: ['pet'], eager: [{ width: 300, crop: 'fill' }] },
 * });
 * const request = new Request('https://site.example/sign', {
 *   method: 'POST',
 *   headers: { 'content-type': 'application/json', cookie: 'session=1' },
 *   body: JSON.stringify({ public_id: 'pets/cat', overwrite: '0' }),
 * });
 * await (await sign(request)).json(); // { signature: '…', timestamp: 1795368841, apiKey: 'my-key' }
 */
export function signUpload<Incoming = unknown>(options: SignUploadOptions<Incoming>): UploadSigner<Incoming> {
  checkOptions('signUpload()', options, rules);
  const { apiKey, apiSecret, allow = {}, authorize, clock = Date.now } = options;
  const checkParameters = parameterCheck(allow);

  /** The steps of a request, in their order. */
  async function respond(request: Incoming, head: Head, readBody: () => Promise<unknown>): Promise<SigningResponse> {
    try {
      checkHead(head);
      if (authorize !== undefined && !isPermitted(await authorize(request), 'authorize')) {
        throw new Refusal(403, 'This request may not upload: authorize of signUpload() does not allow it.');
      }
      const parameters = readParameters(await readBody());
      await checkParameters(parameters, request);
      const timestamp = Math.floor(clock() / 1000);
      const text = uploadStringToSign({ ...parameters, timestamp: `${timestamp}` });
      return signatureResponse({ signature: await digest(text + apiSecret), timestamp, apiKey });
    } catch (error) {
      if (error instanceof Refusal) return refusalResponse(error);
      throw error;
    }
  }

  return Object.assign(
    async (request: Incoming & Request) => {
      const header = (name: string) => request.headers.get(name) ?? undefined;
      return webResponse(await respond(request, { method: request.method, header }, () => readWebBody(request)));
    },
    {
      express(request: Incoming & NodeRequest, response: NodeResponse, next: (error?: unknown) => void) {
        const header = (name: string) => request.headers[name]?.toString();
        respond(request, { method: request.method, header }, () => readNodeBody(request))
          .then((written) => writeNodeResponse(response, written))
          .catch(next);
      },
    },
  );
}

/** The part of a request that is known before its body. */
interface Head {
  readonly method: string | undefined;
  /** @param name - in lower case */
  header(name: string): string | undefined;
}

function checkHead({ method, header }: Head): void {
  if (method !== 'POST') throw new Refusal(405, 'Send the parameters of the upload with POST.');
  if (!/^application\/json *(?:;|$)/i.test(header('content-type') ?? '')) {
    throw new Refusal(415, 'Send the parameters of the upload with Content-Type: application/json.');
  }
  if (Number(header('content-length')) > maxBodyBytes) throw tooLarge();
}

async function digest(text: string): Promise<UploadSignature['signature']> {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
