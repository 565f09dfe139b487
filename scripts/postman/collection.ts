import type {
  JsonSchema,
  OpenApiDocument,
  OperationObject,
  ParameterObject,
} from '../../packages/cloud/src/openapi/open-api-object.ts';
import { type Chapter, type Step, story } from './story.ts';

/**
 * The Postman collection (format 2.1) of the operations of an OpenAPI document, in the order of the story.
 *
 * It is a generator of its own, because the usual one (`openapi-to-postmanv2`) makes one request for each path, with invented
 * values and in the order of the document: nothing that a run could test.
 *
 * @throws {Error} when the story does not have an operation, or has one that does not exist
 */
export function postmanCollection(document: OpenApiDocument): object {
  const operations = operationsOf(document);
  const told = new Set(story.flatMap(({ steps }) => steps.map(({ operation }) => operation)));
  const missing = [...operations.keys()].filter((id) => !told.has(id));
  if (missing.length > 0) throw new Error(`scripts/postman/story.ts has no request for ${missing.join(', ')}.`);
  return {
    info: {
      name: 'Safelight',
      description: 'Written by scripts/write-tables.ts from the OpenAPI document. Run the requests in their order.',
      schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json',
    },
    auth: basicAuth,
    event: [{ listen: 'prerequest', script: { type: 'text/javascript', exec: signCall } }],
    variable: [
      ...Object.entries({ origin: 'http://localhost:3000', cloud: 'demo', apiKey: '', apiSecret: '' }),
      ...['assetId', 'version', 'derivedId', 'timestamp', 'signature'].map((key) => [key, ''] as const),
    ].map(([key, value]) => ({ key, value })),
    item: story.map((chapter) => folderOf(chapter, operations, document)),
  };
}

const basicAuth = {
  type: 'basic',
  basic: [
    { key: 'username', value: '{{apiKey}}', type: 'string' },
    { key: 'password', value: '{{apiSecret}}', type: 'string' },
  ],
};

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: lines of a script
/** The calls of the upload API have a form. All others have Basic authorization. */
const signCall = [
  "if (pm.request.body && pm.request.body.mode === 'formdata') {",
  '  const parameters = { timestamp: String(Math.floor(Date.now() / 1000)) };',
  '  pm.request.body.formdata.each(({ key, value, type, disabled }) => {',
  "    const isSigned = !['file', 'api_key', 'timestamp', 'signature'].includes(key);",
  "    if (isSigned && type !== 'file' && !disabled) parameters[key] = pm.variables.replaceIn(value);",
  '  });',
  '  const names = Object.keys(parameters).filter((name) => parameters[name]).sort();',
  "  const text = names.map((name) => `${name}=${parameters[name].replaceAll('&', '%26')}`).join('&');",
  "  const secret = pm.variables.get('apiSecret');",
  "  pm.collectionVariables.set('timestamp', parameters.timestamp);",
  "  pm.collectionVariables.set('signature', require('crypto-js').SHA256(text + secret).toString());",
  '}',
];
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: lines of a script

interface Found {
  readonly path: string;
  readonly method: string;
  readonly operation: OperationObject;
}

function operationsOf({ paths }: OpenApiDocument): ReadonlyMap<string, Found> {
  const found = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  return new Map(found.map((one) => [one.operation.operationId, one]));
}

function folderOf(
  { name, description, steps }: Chapter,
  operations: ReadonlyMap<string, Found>,
  document: OpenApiDocument,
): object {
  const item = steps.map((step) => {
    const found = operations.get(step.operation);
    if (found === undefined) throw new Error(`The document has no operation ${step.operation}.`);
    return requestItem(step, found, document);
  });
  return { name, description, item };
}

function requestItem(step: Step, found: Found, document: OpenApiDocument): object {
  const { operation, method } = found;
  const values = { cloud: '{{cloud}}', ...step.values };
  const parameters = operation.parameters.filter((one): one is ParameterObject => 'name' in one);
  const inPath = new Set([...found.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
  const placeOf = (name: string): string =>
    inPath.has(name) ? 'path' : (parameters.find((one) => one.name === name)?.in ?? 'body');
  const given = (place: string) => Object.entries(values).filter(([name]) => placeOf(name) === place);
  const isForm = Object.keys(operation.requestBody?.content ?? {})[0] === 'multipart/form-data';
  const body = given('body').filter(([name]) => name !== 'cloud');
  checkBody(step, operation, body, document);
  return {
    name: step.name,
    event: [{ listen: 'test', script: { type: 'text/javascript', exec: testLines(step, operation, document) } }],
    request: {
      method,
      description: operation.summary,
      ...(isForm ? { auth: { type: 'noauth' } } : {}),
      header: given('header').map(([key, value]) => ({ key, value })),
      url: urlOf(found.path, values, given('query')),
      ...(operation.requestBody === undefined ? {} : { body: isForm ? formBody(body) : jsonBody(body) }),
    },
  };
}

/** @throws {Error} when the document does not have a parameter of the body */
function checkBody(
  { operation: id }: Step,
  { requestBody }: OperationObject,
  body: readonly (readonly [string, unknown])[],
  { components }: OpenApiDocument,
): void {
  const schema = requestBody?.content['application/json']?.schema;
  const known = (schema && components.schemas[nameIn(schema)]?.['properties']) ?? {};
  for (const [name] of body) {
    if (!Object.hasOwn(known, name)) throw new Error(`The operation ${id} has no parameter ${name}.`);
  }
}

function nameIn(schema: object): string {
  return (
    String((schema as { readonly $ref?: string }).$ref)
      .split('/')
      .at(-1) ?? ''
  );
}

function urlOf(
  template: string,
  values: Readonly<Record<string, unknown>>,
  query: readonly (readonly [string, unknown])[],
) {
  const path = template.slice(1).replace(/\{(\w+)\}/g, (_, name: string) => String(values[name]));
  const pairs = query.map(([key, value]) => ({ key, value: String(value) }));
  const search = pairs.map(({ key, value }) => `${key}=${value}`).join('&');
  return {
    raw: `{{origin}}/${path}${search === '' ? '' : `?${search}`}`,
    host: ['{{origin}}'],
    path: path.split('/'),
    ...(pairs.length === 0 ? {} : { query: pairs }),
  };
}

function formBody(values: readonly (readonly [string, unknown])[]): object {
  const signature = { api_key: '{{apiKey}}', timestamp: '{{timestamp}}', signature: '{{signature}}' };
  const all = [...values, ...Object.entries(signature)];
  return { mode: 'formdata', formdata: all.map(([key, value]) => ({ key, value: String(value), type: 'text' })) };
}

function jsonBody(values: readonly (readonly [string, unknown])[]): object {
  const raw = JSON.stringify(Object.fromEntries(values), undefined, 2);
  return { mode: 'raw', raw, options: { raw: { language: 'json' } } };
}

/** Status and media type, the members that the document requires, then the lines of the step. */
function testLines({ name, status = 200, tests = [] }: Step, operation: OperationObject, document: OpenApiDocument) {
  const lines =
    status === 200
      ? [...membersTest(operation, document), ...tests]
      : ["pm.expect(body.error.message).to.be.a('string');", ...tests];
  return [
    `pm.test(${JSON.stringify(name)}, () => {`,
    `  pm.response.to.have.status(${status});`,
    "  pm.expect(pm.response.headers.get('Content-Type')).to.include('application/json');",
    '  const body = pm.response.json();',
    ...lines.map((line) => `  ${line}`),
    '});',
  ];
}

function membersTest({ responses }: OperationObject, { components }: OpenApiDocument): readonly string[] {
  const { content } = responses['200'] as { content: { 'application/json': { schema: object } } };
  const schema: JsonSchema = components.schemas[nameIn(content['application/json'].schema)] ?? {};
  const required = (schema['required'] ?? []) as readonly string[];
  return required.length === 0 ? [] : [`pm.expect(body).to.include.all.keys(${JSON.stringify(required)});`];
}
