import type { IncomingMessage } from 'node:http';
import type { AdminResponses } from '@safelight/protocol';
import { badRequest } from '../upload-api/api-error.ts';
import type { ResponseSettings } from '../upload-api/describe-asset.ts';
import { readSubmission } from '../upload-api/read-submission.ts';
import { type Fields, ListFields } from '../upload-api/submission.ts';
import type { ApiContext } from '../upload-api/upload-api-options.ts';
import type { AdminMatch } from './admin-route.ts';
import { queryFields } from './query-fields.ts';

/**
 * The steps of a call of the Admin API: parameters of the path, the query and the body, then the operation. The caller has
 * checked the credentials.
 *
 * @throws {ApiError}
 */
export async function respondToAdmin(
  req: IncomingMessage,
  { operation, pathFields }: AdminMatch,
  settings: ResponseSettings,
  context: ApiContext,
): Promise<AdminResponses[keyof AdminResponses]> {
  const fields = new ListFields(pathFields);
  addFields(fields, queryFields(req.url ?? ''));
  if (operation.method !== 'GET') addFields(fields, await bodyFields(req, context));
  return operation.run(fields, { context, settings });
}

/** @throws {ApiError} 400 when a parameter was sent twice: it is unclear which one is meant */
function addFields(all: ListFields, more: Fields): void {
  for (const [name, value] of more) {
    if (all.has(name)) throw badRequest(`Parameter ${name} was sent more than once. Send it once.`);
    all.set(name, value);
    const items = more instanceof ListFields ? more.lists.get(name) : undefined;
    if (items !== undefined) all.lists.set(name, items);
  }
}

async function bodyFields(req: IncomingMessage, context: ApiContext): Promise<Fields> {
  const limits = { ...context.body, maxUploadBytes: 0 };
  const { fields } = await readSubmission(req, limits, async () => {
    throw badRequest('This operation takes no file. Leave out the parameter file.');
  });
  return fields;
}
