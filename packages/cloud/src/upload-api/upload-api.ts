import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { urlBelowMount } from '@safelight/http';
import { respondToAdmin } from '../admin-api/respond-to-admin.ts';
import { ApiError, badRequest, tooLarge, unauthorized } from './api-error.ts';
import { type FoundRoute, findRoute, type PostRoute } from './api-route.ts';
import { hasBasicAuth } from './authenticate.ts';
import type { Call } from './call.ts';
import { createCallClaims } from './call-claims.ts';
import type { Progress } from './call-progress.ts';
import type { CallRun } from './call-run.ts';
import { checkOrigin } from './check-origin.ts';
import { hasLeft } from './has-left.ts';
import { idempotency, idempotentCall, type Once } from './idempotency.ts';
import { indexError } from './index-error.ts';
import { contextCommand, metadataCommand, tagsCommand } from './operations/commands.ts';
import { destroy, destroyByAssetId } from './operations/destroy.ts';
import { explicit } from './operations/explicit.ts';
import { rename } from './operations/rename.ts';
import { upload } from './operations/upload.ts';
import { type MadeResponse, withOwnOrigin } from './own-origin.ts';
import { createPartArrivals } from './part-arrivals.ts';
import { rateLimitHeaders } from './rate-limit-headers.ts';
import { maxBodyBytes } from './read-submission.ts';
import { createRunInOneProcess } from './run-in-one-process.ts';
import { takeWhole } from './take-whole.ts';
import { temporaryUploads } from './temporary-uploads.ts';
import { type ApiContext, contextOf, type UploadApiOptions } from './upload-api-options.ts';
import { partTaker, type TakePart } from './upload-in-parts.ts';
import { createUploadRegistry, type ReceivedPartsOf } from './upload-registry.ts';
import { callIdOf } from './used-signatures.ts';
import { type ApiResponse, writeApiResponse, writeError, writePreflight } from './write-api-response.ts';

interface Api {
  readonly context: ApiContext;
  readonly once: Once<MadeResponse, Progress>;
  readonly takePart: TakePart;
}

export interface UploadApi {
  /**
   * Responds to a request, in plain `node:http` and in Express.
   *
   * @returns `true` once it has responded, and `false` when the request is not for this API; request and response are then
   *   unchanged. It never rejects.
   */
  respond(req: IncomingMessage, res: ServerResponse): Promise<boolean>;
  readonly receivedParts: ReceivedPartsOf;
}

/**
 * Serves Cloudinary's upload API for one cloud, in JSON: every path below `/v1_1/`, except those of another cloud
 * (`isOtherCloud`).
 *
 * @throws {TypeError} when an option cannot work
 */
export function uploadApi(options: UploadApiOptions): UploadApi {
  const context = contextOf(options);
  const { originals, clock, onError } = context;
  const claims = originals.calls && createCallClaims({ calls: originals.calls, clock, onError });
  const once = idempotency({ runInOneProcess: createRunInOneProcess<MadeResponse, Progress>(claims), clock });
  const arrivals = createPartArrivals();
  const storage = originals.unfinished ?? temporaryUploads();
  const uploads = createUploadRegistry({ ...context, ...context.parts, storage, arrivals, claims });
  const api: Api = { context, once, takePart: partTaker(context, { uploads, arrivals }) };

  async function respond(req: IncomingMessage, res: ServerResponse): Promise<boolean> {
    const route = findRoute(req.method ?? 'GET', urlBelowMount(req), context.cloudName);
    if (route === undefined) return false;
    if (route.operation === 'elsewhere' && context.isOtherCloud(route.cloudName)) return false;
    const requestId = requestIdOf(res);
    if (route.operation === 'admin') {
      // A response has the headers that were set before it is written.
      for (const [name, value] of Object.entries(rateLimitHeaders(context.clock()))) res.setHeader(name, value);
    }
    try {
      if (req.method === 'OPTIONS') writePreflight(req, res, requestId);
      else writeApiResponse(req, res, requestId, await respondToCall(req, route, api));
    } catch (error) {
      writeError(req, res, requestId, toApiError(error, req, { route, requestId, context }));
    }
    return true;
  }

  return { respond, receivedParts: uploads.receivedParts };
}

/** Returns the request ID that the application has set, or a new one. */
function requestIdOf(res: ServerResponse): string {
  const given = res.getHeader('x-request-id');
  return given === undefined ? randomBytes(16).toString('hex') : String(given);
}

/** The steps of a call, in their order: route, credentials, body, parameters, `once`, operation. */
async function respondToCall(req: IncomingMessage, route: FoundRoute, api: Api): Promise<ApiResponse> {
  const { context, once, takePart } = api;
  if (route.operation === 'elsewhere') throw unauthorized(`Invalid cloud_name ${route.cloudName.slice(0, 100)}`);
  if (route.operation === 'refused') throw route.refusal;
  const isBasic = hasBasicAuth(req.headers.authorization, context);
  if (isBasic) checkOrigin(req.headers.origin, context);
  const { cloudName, credentials, deliveryOrigin, maxUploadBytes } = context;
  const settings = { cloudName, origin: deliveryOrigin(req), apiSecret: credentials[0]?.apiSecret };
  if (route.operation === 'admin') {
    if (!isBasic) throw unauthorized('Send Basic authorization with API key and API secret');
    return respondToAdmin(req, route.match, settings, context);
  }
  if (!isBasic) refuseWithoutBody(route, context);
  const limits = { ...context.body, maxUploadBytes };
  if (Number(req.headers['content-length'] ?? 0) > maxBodyBytes(limits)) throw tooLarge(maxUploadBytes);
  const { origin } = settings;
  let hasChanged = false;
  const run = (call: Call) =>
    once(idempotentCall(req, call, cloudName), async (callRun) => {
      try {
        return { response: await operate(call, context, callRun), origin };
      } finally {
        hasChanged = changesAlways.has(call.operation) || Object.keys(callRun.progress).length > 0;
      }
    });
  const isPart = req.headers['content-range'] !== undefined;
  if (isPart && route.operation !== 'upload') {
    throw badRequest('Only uploads can be sent in parts. Leave out Content-Range.');
  }
  const account = context.incoming.open(req);
  try {
    const call = { req, isBasic, settings, account, limits, callId: callIdOf(req) };
    const made = await (isPart && route.operation === 'upload'
      ? takePart({ ...call, route }, run)
      : takeWhole({ ...call, route, hasChanged: () => hasChanged }, run, context));
    return withOwnOrigin(made, origin);
  } finally {
    account.close();
  }
}

/** Operations that write nothing into `progress`: they may be done twice. */
const changesAlways: ReadonlySet<string> = new Set(['explicit', 'tags', 'context', 'metadata']);

/**
 * A call that no body can make valid is refused before its body is read.
 *
 * @throws {ApiError} 401
 */
function refuseWithoutBody({ operation }: PostRoute, { credentials, presets }: ApiContext): void {
  if (credentials.length > 0 || (operation === 'upload' && presets.size > 0)) return;
  throw unauthorized(
    operation === 'upload'
      ? 'Uploads are not offered here: no API key and no upload preset is configured'
      : 'Signed calls are not offered here: no API key is configured',
  );
}

function operate(call: Call, context: ApiContext, run: CallRun<Progress>): Promise<ApiResponse> {
  switch (call.operation) {
    case 'upload':
      return upload(call, context, run);
    case 'explicit':
      return explicit(call, context);
    case 'rename':
      return rename(call, context, run);
    case 'destroy':
      return destroy(call, context, run);
    case 'destroy_by_asset_id':
      return destroyByAssetId(call, context, run);
    case 'tags':
      return tagsCommand(call, context);
    case 'context':
      return contextCommand(call, context);
    case 'metadata':
      return metadataCommand(call, context);
  }
}

function toApiError(error: unknown, req: IncomingMessage, { route, requestId, context }: FailedCall): ApiError {
  if (error instanceof ApiError) {
    // Pages make upload calls too. A challenge would make the browser ask the user for a password.
    return route.operation === 'admin' && error.status === 401
      ? new ApiError(401, error.message, { 'www-authenticate': challenge })
      : error;
  }
  const ofIndex = indexError(error);
  if (ofIndex !== undefined) {
    if (ofIndex.status >= 500) context.onError(error);
    return ofIndex;
  }
  if (hasLeft(error, req)) return badRequest('The client left before the body was complete');
  context.onError(error);
  return new ApiError(500, `Internal error. Its request ID is ${requestId}.`);
}

interface FailedCall {
  readonly route: FoundRoute;
  readonly requestId: string;
  readonly context: ApiContext;
}

const challenge = 'Basic realm="Safelight API", charset="UTF-8"';
