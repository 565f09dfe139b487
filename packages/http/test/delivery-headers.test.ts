import assert from 'node:assert/strict';
import { deliveryHeaders, scriptlessPolicy, tagHeaders } from '@safelight/http';

describe('headers of deliveries', () => {
  it('let pages of other origins read the response, its timing and the headers about errors', () => {
    const { 'Access-Control-Expose-Headers': exposed = '', ...rest } = deliveryHeaders;
    assert.deepEqual(rest, {
      'X-Content-Type-Options': 'nosniff',
      'Cross-Origin-Resource-Policy': 'cross-origin',
      'Access-Control-Allow-Origin': '*',
      'Timing-Allow-Origin': '*',
    });
    const names = exposed.split(', ');
    for (const name of ['Retry-After', 'Cache-Status', 'X-Cld-Error']) assert.ok(names.includes(name), name);
  });

  it('name the response for caches that purge by tag', () => {
    assert.deepEqual(tagHeaders(['cat', 'pets']), { 'Cache-Tag': 'cat,pets', 'Cache-Groups': '"cat", "pets"' });
    assert.deepEqual(tagHeaders([]), {});
  });

  it('forbid scripts in media, and allow their styles', () => {
    assert.deepEqual(scriptlessPolicy.split('; '), ["default-src 'none'", "style-src 'unsafe-inline'", 'sandbox']);
  });
});
