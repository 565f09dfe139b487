import assert from 'node:assert/strict';
import { type ApiPath, apiRoutes } from '@safelight/protocol';

describe('the routes of the API', () => {
  it('have a path of their own for each operation', () => {
    const places = Object.values(apiRoutes).map(({ method, path }) => `${method} ${path}`);
    assert.equal(new Set(places).size, places.length);
  });

  it('are the type of each path: another path does not compile', () => {
    const cloud = encodeURIComponent('a/b');
    const paths = [
      `/v1_1/${cloud}/image/upload` satisfies ApiPath<'upload'>,
      `/_safelight/why?url=${cloud}` satisfies ApiPath<'why'>,
      `/_safelight/assets/image/cat?cloud=${cloud}` satisfies ApiPath<'asset_status'>,
      // @ts-expect-error the route is `upload`
      `/v1_1/${cloud}/image/uploads` satisfies ApiPath<'upload'>,
      // @ts-expect-error the cloud is missing
      '/_safelight/assets/image/cat' satisfies ApiPath<'asset_status'>,
    ];
    assert.equal(paths.length, 5);
  });
});
