import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { badRequest } from './api-error.ts';
import type { ApiRoute } from './api-route.ts';
import type { Call } from './call.ts';
import type { IdempotentCall } from './idempotency.ts';

const maxKeyLength = 255;

/** What differs when one call is signed again. */
const signing: ReadonlySet<string> = new Set(['signature', 'timestamp', 'api_key']);

/**
 * Reads the `Idempotency-Key` header. Keys belong to whoever sends them: two identities never share an answer.
 *
 * @throws {ApiError} 400 when it is longer than 255 characters
 */
export function idempotentCall(req: IncomingMessage, route: ApiRoute, call: Call): IdempotentCall {
  const key = req.headers['idempotency-key'];
  const etag = call.file?.received.etag ?? '';
  if (typeof key !== 'string' || key === '') return { key: call.uploadKey, fingerprint: etag };
  if (key.length > maxKeyLength) throw badRequest(`The Idempotency-Key is longer than ${maxKeyLength} characters`);
  const fields = [...call.fields].filter(([name]) => !signing.has(name)).sort(([a], [b]) => (a < b ? -1 : 1));
  const request = JSON.stringify([route, fields, etag]);
  return {
    key: JSON.stringify([call.identity.name, key]),
    fingerprint: createHash('sha256').update(request).digest('base64'),
  };
}
