import { z } from 'zod';
import type { AdminOperation } from '../admin-api/operation.ts';
import { adminOperations } from '../admin-api/operations.ts';
import { cloudParameter, errorReference, errorResponses, successResponse } from './common-objects.ts';
import { type OperationObject, type PlacedOperation, schemaReference } from './open-api-object.ts';
import { checkedParameters, formSchema, jsonSchema, parameterObjects, pickParameters } from './parameter-schemas.ts';

const root = '/v1_1/{cloud}/';
const resourceTypes = ['image', 'video', 'raw'];

/** The operations of the Admin API. */
export function* adminPaths(): Generator<PlacedOperation> {
  const used = new Map<string, string>();
  for (const operation of adminOperations) {
    for (const path of pathsOf(operation)) yield placedAt(path, idOf(operation, path, used), operation);
  }
}

/**
 * The paths of an operation. Only `upload` is offered as `{type}`. `resources/{resource_type}` gets one path for each
 * type: in a document it would be the same template as `resources/{asset_id}`.
 */
export function pathsOf({ path }: Pick<AdminOperation, 'path'>): readonly string[] {
  const plain = path.replace('{type}', 'upload');
  if (plain !== 'resources/{resource_type}') return [plain];
  return resourceTypes.map((type) => plain.replace('{resource_type}', type));
}

/** A unique ID: the name of the operation; if that is taken, with the type, the method or the last part of the path. */
function idOf({ name, method, path: template }: AdminOperation, path: string, used: Map<string, string>): string {
  const [, type] = /^resources\/(image|video|raw)$/.exec(path) ?? [];
  const plain = name === 'tags' ? 'list_tags' : name;
  const id = type === undefined || !template.includes('{resource_type}') ? plain : `${plain}_${type}`;
  const last = path.split('/').at(-1)?.replace(/[{}]/g, '');
  const usedBy = used.get(id);
  const free = usedBy === undefined ? id : `${id}_by_${usedBy === method ? last : method.toLowerCase()}`;
  used.set(free, method);
  return free;
}

function placedAt(path: string, id: string, { name, method, summary, shape }: AdminOperation): PlacedOperation {
  const all = checkedParameters(z.object(shape));
  const inPath = pickParameters(all, (parameter) => path.includes(`{${parameter}}`));
  const isFixed = (parameter: string) => parameter === 'type' || parameter === 'resource_type';
  const others = pickParameters(
    all,
    (parameter) => !Object.hasOwn(inPath.properties, parameter) && !isFixed(parameter),
  );
  const hasBody = (method === 'POST' || method === 'PUT') && Object.keys(others.properties).length > 0;
  const bodySchemas = { [`${id}_form`]: formSchema(others), [`${id}_json`]: jsonSchema(others) };
  return {
    path: `${root}${path}`,
    method: method.toLowerCase() as PlacedOperation['method'],
    operation: {
      operationId: id,
      tags: ['Admin API'],
      summary,
      security: [{ basic: [] }],
      parameters: [
        cloudParameter,
        ...parameterObjects(inPath, 'path'),
        ...(hasBody ? [] : parameterObjects(others, 'query')),
      ],
      ...(hasBody ? { requestBody: bodyOf(id, others.required.length > 0) } : {}),
      responses: {
        200: successResponse(name === 'tags' ? 'list_tags' : name),
        ...(/\{(?:asset_id|public_id|path|transformation|name)\}/.test(path) ? { 404: errorReference } : {}),
        ...errorResponses,
      },
    },
    ...(hasBody ? { bodySchemas } : {}),
  };
}

function bodyOf(id: string, required: boolean): NonNullable<OperationObject['requestBody']> {
  return {
    required,
    content: {
      'application/json': { schema: schemaReference(`${id}_json`) },
      'application/x-www-form-urlencoded': { schema: schemaReference(`${id}_form`) },
      'multipart/form-data': { schema: schemaReference(`${id}_form`) },
    },
  };
}
