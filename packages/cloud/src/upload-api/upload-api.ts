import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiError, badRequest, notFound, tooLarge, unauthorized } from './api-error.ts';
import { type ApiRoute, findRoute } from './api-route.ts';
import { createArrival } from './arrival.ts';
import { authenticate, hasBasicAuth } from './authenticate.ts';
import type { Call } from './call.ts';
import { idempotency, type Once } from './idempotency.ts';
import { idempotentCall } from './idempotent-call.ts';
import { destroy } from './operations/destroy.ts';
import { explicit } from './operations/explicit.ts';
import { rename } from './operations/rename.ts';
import { resource } from './operations/resource.ts';
import { upload } from './operations/upload.ts';
import { partHeader } from './part-header.ts';
import type { Progress } from './progress.ts';
import { readSubmission } from './read-submission.ts';
import { fileReceiver } from './receive-file.ts';
import { type ApiContext, contextOf, type UploadApiOptions } from './upload-api-options.ts';
import { partTaker, type TakePart } from './upload-in-parts.ts';
import { type ApiAnswer, requestIdOf, writeAnswer, writeError, writePreflight } from './write-answer.ts';

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
  const parts: ApiParts = {
    context,
    once: idempotency({ clock: context.clock }),
    takePart: partTaker(context),
  };

  return async function safelightUploadApi(req, res) {
    const route = findRoute(req.url ?? '/', context.cloudName);
    if (route === undefined) return false;
    const requestId = requestIdOf(res);
    try {
      if (req.method === 'OPTIONS') writePreflight(req, res, requestId);
      else writeAnswer(req, res, requestId, await answerCall(req, route, parts));
    } catch (error) {
      writeError(req, res, requestId, toApiError(error, req, route, requestId, context));
    }
    return true;
  };
}

interface ApiParts {
  readonly context: ApiContext;
  readonly once: Once<ApiAnswer, Progress>;
  readonly takePart: TakePart;
}

async function answerCall(req: IncomingMessage, route: ApiRoute, api: ApiParts): Promise<ApiAnswer> {
  const { context } = api;
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

  const maxTextLength = Math.min(maxTextLengthEver, 1_000_000 + Math.ceil(maxUploadBytes * 1.4));
  if (Number(req.headers['content-length'] ?? 0) > maxUploadBytes + maxTextLength) throw tooLarge(maxUploadBytes);
  const part = partHeader(req, route, context.parts.minPartBytes);
  if (part !== undefined && route.operation === 'upload') {
    const call = { req, route, part, isBasic, settings, limits: { maxTextLength } };
    return api.takePart(call, (whole) => runOnce(req, route, whole, api));
  }
  const arrival = createArrival(route, isBasic, context);
  const receiveFile = fileReceiver(context);
  try {
    const { fields, file } = await readSubmission(req, { maxTextLength }, (source, signal) => {
      arrival.expect(source.fields);
      return receiveFile(source, signal);
    });
    arrival.expect(fields);
    try {
      const identity = authenticate({ isBasic, fields, mayBeUnsigned: route.operation === 'upload' }, context);
      return await runOnce(req, route, { fields, file, identity, settings, arrival }, api);
    } finally {
      await file?.received.discard().catch(context.onError);
    }
  } finally {
    arrival.over();
  }
}

type PostRoute = Extract<ApiRoute, { readonly method: 'POST' }>;

function runOnce(
  req: IncomingMessage,
  route: PostRoute,
  call: Call,
  { context, once }: Pick<ApiParts, 'context' | 'once'>,
): Promise<ApiAnswer> {
  return once(idempotentCall(req, route, call), (progress) => {
    switch (route.operation) {
      case 'upload':
        return upload(call, context, route.resourceType, progress);
      case 'explicit':
        return explicit(call, context, route.resourceType);
      case 'rename':
        return rename(call, context, route.resourceType, progress);
      case 'destroy':
        return destroy(call, context, route.resourceType, progress);
    }
  });
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
