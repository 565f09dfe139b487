import { cloudParameter, errorResponses, successResponse } from './common-objects.ts';
import { type JsonSchema, type PlacedOperation, schemaReference } from './open-api-object.ts';
import {
  checkedParameters,
  formSchema,
  jsonSchema,
  parameterObjects,
  withParameters,
  withSignature,
} from './parameter-schemas.ts';
import { type UploadOperation, uploadOperations } from './upload-operations.ts';

const signed =
  'Send Basic authorization, or sign the call: api_key, timestamp and signature are then parameters of the body.';
const unsigned = `${signed} Without both, an upload needs upload_preset.`;

/** The operations of the upload API. */
export function* uploadPaths(): Generator<PlacedOperation> {
  for (const operation of uploadOperations) yield placed(operation);
}

function placed({ name, path, summary, schema, more }: UploadOperation): PlacedOperation {
  const parameters = withSignature(withParameters(checkedParameters(schema), more));
  const isUpload = name === 'upload';
  const required = isUpload ? [...parameters.required, 'file'] : parameters.required;
  const all = { ...parameters, required: more.includes('public_ids') ? [...required, 'public_ids'] : required };
  const form = formSchema(all);
  const names = { form: `${name}_form`, json: `${name}_json`, multipart: `${name}_multipart` };
  return {
    path,
    method: 'post',
    operation: {
      operationId: name,
      tags: ['Upload API'],
      summary,
      description: isUpload ? unsigned : signed,
      security: [{ basic: [] }, {}],
      parameters: [cloudParameter, ...typeParameter(path, isUpload)],
      requestBody: {
        required: true,
        content: {
          'multipart/form-data': { schema: schemaReference(isUpload ? names.multipart : names.form) },
          'application/x-www-form-urlencoded': { schema: schemaReference(names.form) },
          'application/json': { schema: schemaReference(names.json) },
        },
      },
      responses: { 200: successResponse(name), ...errorResponses },
    },
    bodySchemas: {
      [names.form]: form,
      [names.json]: jsonSchema(all),
      ...(isUpload ? { [names.multipart]: withBytes(form) } : {}),
    },
  };
}

function typeParameter(path: string, isUpload: boolean): ReturnType<typeof parameterObjects> {
  if (!path.includes('{resource_type}')) return [];
  const types = ['image', 'video', 'raw', ...(isUpload ? ['auto'] : [])];
  const properties = { resource_type: { type: 'string', enum: types } };
  return parameterObjects({ properties, required: ['resource_type'] }, 'path');
}

/** In a multipart body, the file is bytes, or a text. */
function withBytes(form: JsonSchema): JsonSchema {
  const properties = form['properties'] as Readonly<Record<string, JsonSchema>>;
  return {
    ...form,
    properties: { ...properties, file: { ...properties['file'], contentMediaType: 'application/octet-stream' } },
  };
}
