const { createFakeClient } = require('@safelight/client/testing');
const { createAsset } = require('@safelight/client/url');

test('a CommonJS test requires the packages', () => {
  const stored = { publicId: 'cat', version: 1795368841, resourceType: 'image', format: 'jpg' };
  const place = { endpoint: 'https://pictures.example', cloudName: 'demo' };
  expect(createAsset(stored, place).url()).toBe(createFakeClient().asset(stored).url());
});
