import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiError, badRequest, notFound, tooLarge, unauthorized } from './api-error.ts';
import { type ApiRoute, findRoute } from './api-route.ts';
import { createArrival } from './arrival.ts';
import { authenticate, hasBasicAuth } from './authenticate.ts';
import type { Call } from './call.ts';
import { idempotency } from './idempotency.ts';
import { idempotentCall } from './idempotent-call.ts';
import { destroy } from './operations/destroy.ts';
import { explicit } from './operations/explicit.ts';
import { rename } from './operations/rename.ts';
import { resource } from './operations/resource.ts';
import { upload } from './operations/upload.ts';
import { readSubmission } from './read-submission.ts';
import { fileReceiver } from './receive-file.ts';
import { type ApiContext, contextOf, type UploadApiOptions } from './upload-api-options.ts';
import { type ApiAnswer, writeAnswer, writeError, writePreflight } from './write-answer.ts';

/** What one call may keep in memory: text parameters, a data URI of up to 20 MB among them. */
const maxTextLengthEver = 28_000_000;

/**
 * Cloudinary's upload API for one cloud, for plain `node:http` and for Express.
 *
 * @returns a listener that resolves to `false` when the path is not under `/v1_1/<cloudName>/` (nothing was touched: pass
 *   the request on), and to `true` once it has answered; it never rejects
 * @throws {TypeError} naming an option that cannot work
 */
export function uploadApi(options: UploadApiOptions): (req: IncomingMessage, res: ServerResponse) => Promise<boolean> {
  const context = contextOf(options);
  const once = idempotency<ApiAnswer>({ clock: context.clock });

  return async function safelightUploadApi(req, res) {
    const route = findRoute(req.url ?? '/', context.cloudName);
    if (route === undefined) return false;
    const requestId = randomBytes(16).toString('hex');
    try {
      if (req.method === 'OPTIONS') writePreflight(req, res, requestId);
      else writeAnswer(req, res, requestId, await answerCall(req, route, context, once));
    } catch (error) {
      writeError(req, res, requestId, toApiError(error, req, route, requestId, context));
    }
    return true;
  };
}

type Once = ReturnType<typeof idempotency<ApiAnswer>>;

async function answerCall(req: IncomingMessage, route: ApiRoute, context: ApiContext, once: Once): Promise<ApiAnswer> {
  if (route.operation === 'unknown') throw notFound('Unknown API path');
  const method = req.method === 'HEAD' ? 'GET' : req.method;
  if (method !== route.method) {
    throw new ApiError(405, `This path takes ${route.method}, not ${req.method}`, {
      allow: `${route.method}, OPTIONS`,
    });
  }
  const isBasic = hasBasicAuth(req.headers.authorization, context);
  const { cloudName, credentials, maxUploadBytes } = context;
  const settings = { cloudName, origin: context.deliveryOrigin(req), apiSecret: credentials?.apiSecret };

  if (route.method === 'GET') {
    if (!isBasic) throw unauthorized('Send Basic authorization with API key and API secret');
    return route.operation === 'ping' ? { status: 'ok' } : resource(route, context, settings);
  }

  if (req.headers['content-range'] !== undefined) {
    throw badRequest('Uploads in chunks (Content-Range) are not offered here. Send the whole file in one request.');
  }
  const maxTextLength = Math.min(maxTextLengthEver, 1_000_000 + Math.ceil(maxUploadBytes * 1.4));
  if (Number(req.headers['content-length'] ?? 0) > maxUploadBytes + maxTextLength) throw tooLarge(maxUploadBytes);
  const arrival = createArrival(route, isBasic, context);
  const receiveFile = fileReceiver(context);
  try {
    const { fields, file } = await readSubmission(req, { maxTextLength }, (source, signal) => {
      arrival.expect(source.fields);
      return receiveFile(source, signal);
    });
    arrival.expect(fields);
    return await answerPost(req, route, { fields, file, isBasic, settings, arrival }, context, once);
  } finally {
    arrival.over();
  }
}

/** A call before it is known who makes it. */
interface ReadCall extends Omit<Call, 'identity'> {
  readonly isBasic: boolean;
}

async function answerPost(
  req: IncomingMessage,
  route: PostRoute,
  { isBasic, ...read }: ReadCall,
  context: ApiContext,
  once: Once,
): Promise<ApiAnswer> {
  try {
    const mayBeUnsigned = route.operation === 'upload';
    const identity = authenticate({ isBasic, fields: read.fields, mayBeUnsigned }, context);
    const call: Call = { ...read, identity };
    return await once(idempotentCall(req, route, call), () => runOperation(route, call, context));
  } finally {
    await read.file?.received.discard().catch(context.onError);
  }
}

type PostRoute = Extract<ApiRoute, { readonly method: 'POST' }>;

function runOperation(route: PostRoute, call: Call, context: ApiContext): Promise<ApiAnswer> {
  switch (route.operation) {
    case 'upload':
      return upload(call, context, route.resourceType);
    case 'explicit':
      return explicit(call, context, route.resourceType);
    case 'rename':
      return rename(call, context, route.resourceType);
    case 'destroy':
      return destroy(call, context, route.resourceType);
  }
}

function toApiError(
  error: unknown,
  req: IncomingMessage,
  route: ApiRoute,
  requestId: string,
  context: ApiContext,
): ApiError {
  if (error instanceof ApiError) return error.status === 401 ? withChallenge(error, route) : error;
  if (req.destroyed && !req.complete) return badRequest('The client left before the body was complete');
  context.onError(error);
  return new ApiError(500, `Internal error. Its request ID is ${requestId}.`);
}

/** Upload calls come from pages too, where a challenge would make the browser ask for a password. */
function withChallenge(error: ApiError, route: ApiRoute): ApiError {
  if (route.operation !== 'ping' && route.operation !== 'resource') return error;
  return new ApiError(401, error.message, { 'www-authenticate': 'Basic realm="Safelight API", charset="UTF-8"' });
}
