import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSafelight } from '@safelight/express';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { adminOperations } from '../../packages/cloud/src/admin-api/operations.ts';
import { pathsOf } from '../../packages/cloud/src/openapi/admin-paths.ts';
import type { OpenApiDocument, OperationObject } from '../../packages/cloud/src/openapi/open-api-object.ts';
import { uploadOperations } from '../../packages/cloud/src/openapi/upload-operations.ts';
import { findRoute } from '../../packages/cloud/src/upload-api/api-route.ts';
import { type ApiSite, onePixel, startApiSite } from './api-site.ts';

describe('GET /_safelight/openapi.json', () => {
  let site: ApiSite;
  let document: OpenApiDocument;

  before(async () => {
    site = await startApiSite();
    document = (await site.get('/_safelight/openapi.json')).body;
  });
  after(() => site.close());

  const operations = (): readonly (readonly [path: string, method: string, operation: OperationObject])[] =>
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => [path, method, operation] as const),
    );

  it('is JSON that pages of other origins may read', async () => {
    const { status, headers } = await site.get('/_safelight/openapi.json', { origin: 'https://app.example.org' });
    assert.equal(status, 200);
    assert.match(headers.get('content-type') ?? '', /^application\/json/);
    assert.equal(headers.get('access-control-allow-origin'), '*');
  });

  it('is a valid document of OpenAPI 3.1', async () => {
    const { valid, errors } = await new Validator().validate(structuredClone(document) as never);
    assert.ok(valid, JSON.stringify(errors));
    assert.equal(document.openapi, '3.1.1');
  });

  it('names the path that the server is mounted at', async () => {
    const mounted = await startApiSite('/pictures');
    try {
      const { body } = await mounted.get('/pictures/_safelight/openapi.json');
      assert.deepEqual(body.servers, [{ url: '/pictures' }]);
      assert.deepEqual(body.paths, document.paths);
    } finally {
      await mounted.close();
    }
    assert.deepEqual(document.servers, [{ url: '/' }]);
  });

  it('is refused with 404 by a server without a cloud', async () => {
    const control = createSafelight().control();
    const server = createServer((req, res) => control(req, res, () => res.writeHead(500).end()));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const response = await fetch(`http://127.0.0.1:${port}/_safelight/openapi.json`);
      assert.equal(response.status, 404);
      assert.match(await response.text(), /no cloud/);
    } finally {
      server.close();
    }
  });

  it('has each operation of the server', () => {
    const wanted = [
      ...uploadOperations.map(({ path }) => `post ${path}`),
      ...adminOperations.flatMap((operation) =>
        pathsOf(operation).map((path) => `${operation.method.toLowerCase()} /v1_1/{cloud}/${path}`),
      ),
      ...['why', 'assets/{resource_type}/{public_id}', 'uploads', 'openapi.json'].map(
        (path) => `get /_safelight/${path}`,
      ),
    ];
    assert.deepEqual(
      operations()
        .map(([path, method]) => `${method} ${path}`)
        .sort(),
      wanted.sort(),
    );
  });

  it('has no operation that the server refuses', () => {
    const examples: Readonly<Record<string, string>> = { resource_type: 'image', asset_id: 'a'.repeat(32) };
    for (const [path, method] of operations().filter(([path]) => path.startsWith('/v1_1/'))) {
      const target = path.replace('{cloud}', 'demo').replace(/\{(\w+)\}/g, (_, name) => examples[name] ?? 'x');
      const route = findRoute(method.toUpperCase(), target, 'demo');
      assert.notEqual(route?.operation, 'refused', `${method} ${path}`);
    }
  });

  it('has no two operations with one ID, or paths that differ in the names of their parameters only', () => {
    const ids = operations().map(([, , { operationId }]) => operationId);
    assert.equal(new Set(ids).size, ids.length);
    const templates = Object.keys(document.paths).map((path) => path.replace(/\{\w+\}/g, '{}'));
    // Their types of assets differ, and no other name matches.
    assert.equal(new Set(templates).size, templates.length);
  });

  it('has each parameter of the schemas that check requests, with a text', () => {
    for (const operation of adminOperations) {
      for (const path of pathsOf(operation)) {
        const described = document.paths[`/v1_1/{cloud}/${path}`]?.[operation.method.toLowerCase()];
        assert.ok(described);
        const fixed = new Set(['type', ...(path.includes('{resource_type}') ? [] : ['resource_type'])]);
        const wanted = Object.keys(operation.shape).filter((name) => !fixed.has(name));
        assert.deepEqual([...parametersOf(described)].sort(), wanted.sort(), path);
      }
    }
    const undescribed = operations().flatMap(([path, method, operation]) =>
      [...describedParameters(operation)].filter(([, text]) => !text).map(([name]) => `${method} ${path} ${name}`),
    );
    assert.deepEqual(undescribed, []);
  });

  it('refers to nothing that it does not have', () => {
    const text = JSON.stringify(document);
    const names = [...text.matchAll(/"\$ref":"#\/components\/(\w+)\/([\w.]+)"/g)];
    assert.ok(names.length > 100);
    for (const [, kind = '', name = ''] of names) {
      assert.ok(Object.hasOwn((document.components as never as Record<string, object>)[kind] ?? {}, name), name);
    }
    const used = new Set(names.filter(([, kind]) => kind === 'schemas').map(([, , name]) => name));
    assert.deepEqual(
      Object.keys(document.components.schemas).filter((name) => !used.has(name)),
      [],
    );
  });

  function describedParameters({ parameters, requestBody }: OperationObject): ReadonlyMap<string, string | undefined> {
    const found = new Map<string, string | undefined>();
    for (const parameter of parameters) if ('name' in parameter) found.set(parameter.name, parameter.description);
    for (const { schema } of Object.values(requestBody?.content ?? {})) {
      const { properties } = document.components.schemas[String(schema.$ref).split('/').at(-1) ?? ''] ?? {};
      for (const [name, one] of Object.entries(properties as Record<string, { description?: string }>)) {
        found.set(name, one.description);
      }
    }
    return found;
  }
  const parametersOf = (operation: OperationObject) => describedParameters(operation).keys();

  describe('describes real responses', () => {
    let assetId: string;

    before(async () => {
      const body = { file: onePixel, public_id: 'animals/cat', tags: 'pet', context: 'alt=A cat', metadata: 'sku=1' };
      const uploaded = await expectDescribed('upload', 'image/upload', {
        ...body,
        asset_folder: 'shop',
        eager: 'c_scale,w_5|f_webp',
      });
      assetId = uploaded.asset_id;
      await expectDescribed('upload', 'image/upload', { file: onePixel, public_id: 'animals/dog', overwrite: false });
    });

    /** Makes a call and compares its response with the document: all members must be known, and have their type. */
    async function expectDescribed(id: string, path: string, body?: Readonly<Record<string, unknown>>, status = 200) {
      const [, method = ''] = operations().find(([, , { operationId }]) => operationId === id) ?? [];
      const reply = await site.call(method.toUpperCase(), path, body);
      assert.equal(reply.status, status, JSON.stringify(reply.body));
      expectSchema(id, status, reply.body);
      return reply.body;
    }

    function expectSchema(id: string, status: number, body: unknown): void {
      const found = operations().find(([, , { operationId }]) => operationId === id);
      const response = found?.[2].responses['200'] as Described | undefined;
      const reference =
        status === 200 ? response?.content['application/json'].schema.$ref : '#/components/schemas/error';
      const schema = document.components.schemas[reference?.split('/').at(-1) ?? ''];
      assert.ok(schema, id);
      const validate = new Ajv2020({ strict: false, allErrors: true }).compile(closed(schema) as object);
      assert.ok(validate(body), `${id}: ${JSON.stringify(validate.errors)} ${JSON.stringify(body)}`);
    }

    it('and no others: a further member, or one that is missing, is found', () => {
      assert.throws(() => expectSchema('ping', 200, { status: 'ok', more: 1 }), /additionalProperties/);
      assert.throws(() => expectSchema('resources', 200, {}), /required/);
    });

    it('of the upload API', async () => {
      await expectDescribed('explicit', 'image/explicit', {
        public_id: 'animals/cat',
        type: 'upload',
        eager: 'c_scale,w_5|e_sepia',
      });
      await expectDescribed('rename', 'image/rename', { from_public_id: 'animals/dog', to_public_id: 'animals/wolf' });
      await expectDescribed('tags', 'image/tags', { command: 'add', tag: 'wild', public_ids: ['animals/wolf'] });
      await expectDescribed('context', 'image/context', { command: 'add', context: 'a=b', public_ids: 'animals/wolf' });
      await expectDescribed('metadata', 'image/metadata', { metadata: 'a=b', public_ids: 'animals/wolf' });
      await expectDescribed('destroy', 'image/destroy', { public_id: 'animals/none' });
      await expectDescribed('destroy_by_asset_id', 'asset/destroy', { asset_id: 'a'.repeat(32) });
      await expectDescribed('upload', 'image/upload', {}, 400);
    });

    it('of an unsigned upload of an ID that exists, and of a part', async () => {
      const { body: existing } = await sendUnsigned({ public_id: 'animals/cat' });
      assert.equal(existing.existing, true);
      expectSchema('upload', 200, existing);
      const headers = { 'x-unique-upload-id': 'safelight-openapi-part', 'content-range': 'bytes 0-3/10' };
      const { body: part } = await sendUnsigned({}, headers, new Blob(['abcd']));
      assert.equal(part.done, false);
      expectSchema('upload', 200, part);
      const received = await site.get('/_safelight/uploads', headers);
      expectSchema('received_parts', 200, received.body);
    });

    async function sendUnsigned(
      fields: Readonly<Record<string, string>>,
      headers: Readonly<Record<string, string>> = {},
      file: Blob | string = onePixel,
    ) {
      const form = new FormData();
      for (const [name, value] of Object.entries({ upload_preset: 'quickstart', ...fields })) form.append(name, value);
      form.append('file', file);
      const response = await fetch(`${site.origin}/v1_1/demo/image/upload`, { method: 'POST', headers, body: form });
      return { body: await response.json() };
    }

    it('of the Admin API', async () => {
      await expectDescribed('ping', 'ping');
      await expectDescribed('config', 'config?settings=true');
      await expectDescribed('usage', 'usage');
      await expectDescribed('resource_types', 'resources');
      await expectDescribed('upload_presets', 'upload_presets');
      await expectDescribed('upload_preset', 'upload_presets/quickstart');
      const all = 'tags=true&context=true&metadata=true';
      for (const type of ['image', 'video', 'raw'])
        await expectDescribed(`resources_${type}`, `resources/${type}?${all}`);
      await expectDescribed('resources', `resources/image/upload?max_results=1&${all}`);
      await expectDescribed('resources', 'resources/image/upload?fields=bytes');
      await expectDescribed('resources_by_tag', 'resources/image/tags/pet');
      await expectDescribed('resources_by_context', 'resources/image/context?key=alt');
      await expectDescribed('resources_by_asset_folder', 'resources/by_asset_folder?asset_folder=shop');
      await expectDescribed('resources_by_asset_ids', `resources/by_asset_ids?asset_ids=${assetId}`);
      await expectDescribed('search', 'resources/search', {
        with_field: ['tags', 'context', 'metadata'],
        max_results: 1,
      });
      await expectDescribed('resource', 'resources/image/upload/animals/cat?versions=true');
      await expectDescribed('resource', 'resources/image/upload/animals/cat?fields=bytes');
      await expectDescribed('resource', 'resources/image/upload/animals/none', undefined, 404);
      await expectDescribed('resource_by_asset_id', `resources/${assetId}`);
      await expectDescribed('list_tags', 'tags/image');
    });

    it('of changes by the Admin API', async () => {
      await expectDescribed('update', 'resources/image/upload/animals/cat', { tags: 'pet,small' });
      await expectDescribed('update_by_asset_id', `resources/${assetId}`, { tags: ['pet', 'small'] });
      await expectDescribed('update_by_asset_id_by_post', `resources/${assetId}`, { context: { alt: 'Cat' } });
      await expectDescribed('upload', 'image/upload', { file: onePixel, public_id: 'animals/cat' });
      await expectDescribed('restore', 'resources/image/upload/restore', { public_ids: ['animals/cat', 'none'] });
      await expectDescribed('create_folder', 'folders/empty/folder', {});
      await expectDescribed('root_folders', 'folders');
      await expectDescribed('subfolders', 'folders/empty');
      await expectDescribed('search_folders', 'folders/search?expression=empty');
      await expectDescribed('search_folders_by_post', 'folders/search', { expression: 'empty' });
      await expectDescribed('delete_folder', 'folders/empty');
      await expectDescribed('transformations', 'transformations');
      await expectDescribed('transformations', 'transformations?transformation=t_small');
      await expectDescribed('transformation', 'transformations/small');
      await expectDescribed('delete_derived_resources', 'derived_resources?derived_resource_ids=none');
    });

    it('of deletions', async () => {
      await expectDescribed('delete_resources_by_tag', 'resources/image/tags/nothing');
      await expectDescribed('delete_resources_by_asset_ids', `resources?asset_ids=${'b'.repeat(32)}`);
      await expectDescribed('delete_resources', 'resources/image/upload?public_ids=animals/wolf,animals/none');
    });

    it('of the control routes', async () => {
      await site.call('POST', 'image/upload', { file: onePixel, public_id: 'animals/cat' });
      for (const path of ['c_scale,w_3/animals/cat.png', 'animals/none.png', 'c_scalee,w_3/cat.png']) {
        const { body } = await site.get(`/_safelight/why?url=${encodeURIComponent(`/demo/image/upload/${path}`)}`);
        expectSchema('why', 200, body);
      }
      for (const id of ['animals/cat', 'animals/none']) {
        expectSchema('asset_status', 200, (await site.get(`/_safelight/assets/image/${id}`)).body);
        expectSchema('asset_status', 200, await (await fetch(`${site.origin}/_safelight/assets/image/${id}`)).json());
      }
      expectSchema('openapi', 200, document);
    });
  });
});

interface Described {
  readonly content: { readonly 'application/json': { readonly schema: { readonly $ref: string } } };
}

/** The schema without the freedom to add members: a response with an unknown member does not match. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).map(([name, value]) => [name, closed(value)]);
  const copy = Object.fromEntries(entries);
  return Object.hasOwn(copy, 'properties') && copy.type === 'object' ? { ...copy, additionalProperties: false } : copy;
}
