import { setImmediate } from 'node:timers/promises';
import { adminPaths } from './admin-paths.ts';
import { cloudPathParameter } from './common-objects.ts';
import { controlPaths } from './control-paths.ts';
import { type OpenApiDocument, type OperationObject, schemaReference } from './open-api-object.ts';
import { responseSchemas } from './response-schemas.ts';
import { uploadPaths } from './upload-paths.ts';

/**
 * The OpenAPI 3.1 document of the upload API, the Admin API and the control routes. It comes from the schemas that check
 * requests, so it has what the server accepts. It is the same for all clouds: the name of the cloud is a parameter of each
 * path.
 *
 * @returns a function that makes the document at its first call, in slices of 10 ms. Its parameter is the path that the server is mounted at,
 *   without a slash at the end
 */
export function openApiDocuments(): (mount: string) => Promise<OpenApiDocument> {
  let made: Promise<OpenApiDocument> | undefined;
  return async (mount) => {
    made ??= makeDocument();
    return { ...(await made), servers: [{ url: mount === '' ? '/' : mount }] };
  };
}

async function makeDocument(): Promise<OpenApiDocument> {
  const operations = [...(await inSlices(uploadPaths())), ...(await inSlices(adminPaths())), ...controlPaths()];
  const responses = Object.fromEntries(await inSlices(responseSchemas()));
  const paths: Record<string, Record<string, OperationObject>> = {};
  for (const { path, method, operation } of operations) paths[path] = { ...paths[path], [method]: operation };
  return {
    openapi: '3.1.1',
    info: {
      title: 'Safelight',
      version: '1.1',
      summary: 'Upload API, Admin API and control routes',
      description:
        'Calls and parameters have the names of the API of Cloudinary. A parameter that is not offered is refused with 400; the message says what to do instead.',
    },
    servers: [{ url: '/' }],
    tags: [
      { name: 'Upload API', description: 'Stores and changes assets. The official SDKs sign these calls.' },
      { name: 'Admin API', description: 'Finds, lists and changes assets. It needs Basic authorization.' },
      { name: 'Control routes', description: 'Explain URLs and report the state of assets. They only read.' },
    ],
    paths,
    components: {
      schemas: { ...responses, ...Object.assign({}, ...operations.map(({ bodySchemas }) => bodySchemas)) },
      parameters: { cloud: cloudPathParameter },
      responses: {
        Error: {
          description: 'The call is refused. The message says why, and X-Cld-Error has it, too.',
          content: { 'application/json': { schema: schemaReference('error') } },
        },
      },
      securitySchemes: {
        basic: { type: 'http', scheme: 'basic', description: 'The API key and the API secret of the cloud.' },
      },
    },
  };
}

const sliceMs = 10;

/** All items. Other requests are processed in between, because the first schemas take long. */
async function inSlices<Item>(items: Iterable<Item>): Promise<readonly Item[]> {
  const all: Item[] = [];
  let startedAt = performance.now();
  for (const item of items) {
    all.push(item);
    if (performance.now() - startedAt < sliceMs) continue;
    await setImmediate();
    startedAt = performance.now();
  }
  return all;
}
