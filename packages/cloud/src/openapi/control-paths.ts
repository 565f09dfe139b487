import { type ApiOperation, apiRoutes } from '@safelight/protocol';
import { errorReference, successResponse } from './common-objects.ts';
import type { OperationObject, ParameterObject, PlacedOperation } from './open-api-object.ts';

type ControlOperation = Extract<ApiOperation, 'why' | 'asset_status' | 'received_parts' | 'openapi'>;

const cloudInQuery: ParameterObject = {
  name: 'cloud',
  in: 'query',
  description: 'The name of the cloud. A server with one cloud needs none.',
  schema: { type: 'string' },
};

const parameters: Readonly<Record<ControlOperation, readonly ParameterObject[]>> = {
  why: [
    {
      name: 'url',
      in: 'query',
      required: true,
      description: 'The URL to explain, at most 4096 bytes.',
      schema: { type: 'string' },
    },
  ],
  asset_status: [
    {
      name: 'resource_type',
      in: 'path',
      required: true,
      description: 'The type of the asset.',
      schema: { type: 'string', enum: ['image', 'video', 'raw'] },
    },
    {
      name: 'public_id',
      in: 'path',
      required: true,
      description: 'The public ID. Write / as it is, or as %2F.',
      schema: { type: 'string' },
    },
    cloudInQuery,
  ],
  received_parts: [
    {
      name: 'X-Unique-Upload-Id',
      in: 'header',
      required: true,
      description: 'The ID that the sender has chosen for the upload.',
      schema: { type: 'string', minLength: 16, maxLength: 255 },
    },
    cloudInQuery,
  ],
  openapi: [],
};

const summaries: Readonly<Record<ControlOperation, string>> = {
  why: 'Explains the response of a URL; with Basic authorization also the details of a failure',
  asset_status: 'Whether an original exists; with Basic authorization all that is known of it',
  received_parts: 'The parts of an unfinished upload that the server has',
  openapi: 'This document',
};

/** The control routes. They only read. */
export function* controlPaths(): Generator<PlacedOperation> {
  for (const name of Object.keys(parameters) as ControlOperation[]) {
    const [path = ''] = apiRoutes[name].path.split('?');
    const operation: OperationObject = {
      operationId: name,
      tags: ['Control routes'],
      summary: summaries[name],
      security: [{}, { basic: [] }],
      parameters: parameters[name],
      responses: { 200: successResponse(name), 429: errorReference, default: errorReference },
    };
    yield { path, method: 'get', operation };
  }
}
