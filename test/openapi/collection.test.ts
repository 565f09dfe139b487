import assert from 'node:assert/strict';
import { openApiDocuments } from '../../packages/cloud/src/openapi/open-api-document.ts';
import { postmanCollection } from '../../scripts/postman/collection.ts';

interface Item {
  readonly name: string;
  readonly event?: readonly { readonly listen: string; readonly script: { readonly exec: readonly string[] } }[];
  readonly request?: { readonly method: string; readonly url: { readonly raw: string } };
  readonly item?: readonly Item[];
}

describe('the Postman collection', () => {
  let requests: readonly Item[];

  before(async () => {
    const { item } = postmanCollection(await openApiDocuments()('')) as { readonly item: readonly Item[] };
    requests = item.flatMap((folder) => folder.item ?? []);
  });

  it('has each operation of the OpenAPI document, and a test in each request', () => {
    assert.ok(requests.length > 40);
    for (const { name, event = [] } of requests) {
      const test = event.find(({ listen }) => listen === 'test');
      assert.match(test?.script.exec.join('\n') ?? '', /pm\.test\([\s\S]*to\.have\.status\(\d{3}\)/, name);
    }
  });

  it('tells a story: upload, find, update, invalidate, destroy', () => {
    const at = (name: string) => requests.findIndex((request) => request.name === name);
    const order = ['Upload', 'Search', 'Add a tag', 'Invalidate, and make a derivative', 'Destroy', 'It is gone'].map(
      at,
    );
    assert.deepEqual(
      order,
      [...order].sort((first, second) => first - second),
    );
    assert.ok(!order.includes(-1));
  });

  it('has the origin and the cloud of the user in each request', () => {
    for (const { name, request } of requests) {
      const raw = request?.url.raw ?? '';
      assert.ok(raw.startsWith('{{origin}}/'), name);
      if (raw.includes('/v1_1/')) assert.ok(raw.includes('/v1_1/{{cloud}}/'), name);
    }
  });

  it('is not written when the document has an operation without a request', async () => {
    const document = await openApiDocuments()('');
    const ping = document.paths['/v1_1/{cloud}/ping']?.['get'];
    assert.ok(ping);
    const more = { ...document.paths, '/v1_1/{cloud}/pong': { get: { ...ping, operationId: 'pong' } } };
    assert.throws(() => postmanCollection({ ...document, paths: more }), /has no request for pong\./);
  });
});
