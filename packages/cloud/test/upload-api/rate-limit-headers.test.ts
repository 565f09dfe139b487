import assert from 'node:assert/strict';
import { rateLimitHeaders } from '../../src/upload-api/rate-limit-headers.ts';
import { type ApiServer, basic, form, signed, startApi } from './api-server.ts';
import { freshSdk } from './fresh-sdk.ts';
import { png } from './png.ts';

describe('the rate limit of the Admin API', () => {
  const hour = Date.UTC(2030, 0, 31, 23);

  it('is a constant number of calls until the next full hour', () => {
    const expected = {
      'X-FeatureRateLimit-Limit': '1000000',
      'X-FeatureRateLimit-Remaining': '1000000',
      'X-FeatureRateLimit-Reset': 'Fri, 01 Feb 2030 00:00:00 GMT',
    };
    for (const ms of [0, 1, 1_234_567, 3_599_999]) assert.deepEqual(rateLimitHeaders(hour + ms), expected);
    assert.equal(rateLimitHeaders(hour - 1)['X-FeatureRateLimit-Reset'], 'Thu, 31 Jan 2030 23:00:00 GMT');
  });

  describe('in responses', () => {
    let api: ApiServer;
    beforeEach(async () => {
      api = await startApi({ clock: () => hour });
    });
    afterEach(() => api.close());

    it('are numbers and a date for the official SDK, of a success and of an error', async () => {
      const cloudinary = freshSdk(api.origin);
      const read = ({ rate_limit_allowed, rate_limit_remaining, rate_limit_reset_at }: Record<string, unknown>) => [
        rate_limit_allowed,
        rate_limit_remaining,
        rate_limit_reset_at,
      ];
      const expected = [1_000_000, 1_000_000, new Date(hour + 3_600_000)];
      assert.deepEqual(read(await cloudinary.api.ping()), expected);
      const missing = await fetch(`${api.apiUrl}/resources/image/upload/a`, { headers: { authorization: basic } });
      assert.deepEqual([missing.status, missing.headers.get('x-featureratelimit-limit')], [404, '1000000']);
      assert.match(String(missing.headers.get('access-control-expose-headers')), /, X-FeatureRateLimit-Reset$/);
    });

    it('are not in those of uploads', async () => {
      const body = form(signed({}, hour), png(1, 1));
      const response = await fetch(`${api.apiUrl}/image/upload`, { method: 'POST', body });
      assert.deepEqual([response.status, response.headers.get('x-featureratelimit-limit')], [200, null]);
    });
  });
});
