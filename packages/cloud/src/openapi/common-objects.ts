import { type ParameterObject, type Reference, schemaReference } from './open-api-object.ts';

/** The name of the cloud. The document is the same for all clouds of a server. */
export const cloudPathParameter: ParameterObject = {
  name: 'cloud',
  in: 'path',
  required: true,
  description: 'The name of the cloud.',
  schema: { type: 'string', pattern: '^[A-Za-z0-9._-]{1,128}$' },
};

export const cloudParameter: Reference = { $ref: '#/components/parameters/cloud' };

export const errorReference: Reference = { $ref: '#/components/responses/Error' };

/** Every operation below `/v1_1/` may respond with these. Most mistakes have 400, because SDKs read its body. */
export const errorResponses: Readonly<Record<string, Reference>> = {
  400: errorReference,
  401: errorReference,
  default: errorReference,
};

/** @param name - the name of the schema in `responseSchemas` */
export function successResponse(name: string): unknown {
  return {
    description: 'Success',
    content: { 'application/json': { schema: schemaReference(`${name}_response`) } },
  };
}
