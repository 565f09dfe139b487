import assert from 'node:assert/strict';
import { apiPath, apiRoutes } from '@safelight/protocol';

describe('apiPath', () => {
  it('fills in and percent-encodes the values', () => {
    assert.equal(
      apiPath('resource', { cloud: 'demo', resource_type: 'image', public_id: 'folder/a b' }),
      '/v1_1/demo/resources/image/upload/folder%2Fa%20b',
    );
    assert.equal(
      apiPath('why', { url: 'https://h.example/x?a=1&b=2' }),
      '/_safelight/why?url=https%3A%2F%2Fh.example%2Fx%3Fa%3D1%26b%3D2',
    );
  });

  it('names a missing value', () => {
    assert.throws(() => apiPath('upload', { cloud: 'demo' }), /path of upload needs a value for resource_type/);
  });

  it('has a different path for every operation', () => {
    const places = Object.values(apiRoutes).map(({ method, path }) => `${method} ${path}`);
    assert.equal(new Set(places).size, places.length);
    for (const { summary } of Object.values(apiRoutes)) assert.match(summary, /^[A-Z].*\.$/);
  });
});
