import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { originForm, requestUrl, targetOrigin, urlBelowMount } from '@safelight/http';
import fc from 'fast-check';

const requestOf = (request: { readonly url?: string; readonly originalUrl?: string }) => request as IncomingMessage;

describe('the URL of a request', () => {
  const targets: readonly (readonly [target: string, origin: string, path: string])[] = [
    ['/cat?w=1', '', '/cat?w=1'],
    ['/', '', '/'],
    ['//example.org/cat', '', '//example.org/cat'],
    ['/http://example.org/cat', '', '/http://example.org/cat'],
    ['http://example.org/cat?w=1', 'http://example.org', '/cat?w=1'],
    ['HTTPS://EXAMPLE.org:8443/a//b', 'HTTPS://EXAMPLE.org:8443', '/a//b'],
    ['http://user:pass@[::1]:9/cat', 'http://user:pass@[::1]:9', '/cat'],
    ['http://example.org', 'http://example.org', '/'],
    ['http://example.org?w=1', 'http://example.org', '/?w=1'],
    ['http://example.org?u=http://a/b', 'http://example.org', '/?u=http://a/b'],
    ['http:///cat', 'http://', '/cat'],
    ['http://', 'http://', '/'],
    ['*', '', '*'],
    ['example.org:443', '', 'example.org:443'],
    ['', '', ''],
  ];
  for (const [target, origin, path] of targets) {
    it(`${JSON.stringify(target)} names ${JSON.stringify(path)}`, () => {
      assert.equal(targetOrigin(target), origin);
      assert.equal(originForm(target), path);
    });
  }

  it('is the one that the client sent, or its rest below a mount point', () => {
    const mounted = requestOf({ url: 'http://example.org/cat', originalUrl: 'http://example.org/media/cat' });
    assert.deepEqual([requestUrl(mounted), urlBelowMount(mounted)], ['/media/cat', '/cat']);
    assert.deepEqual(
      [requestUrl(requestOf({ url: '/cat' })), urlBelowMount(requestOf({ url: '/cat' }))],
      ['/cat', '/cat'],
    );
    assert.deepEqual([requestUrl(requestOf({})), urlBelowMount(requestOf({}))], ['/', '/']);
  });

  it('is the same in both forms, whatever the path', () => {
    const path = fc.string().map((text) => `/${text}`);
    const authority = fc.webAuthority({ withIPv4: true, withIPv6: true, withPort: true, withUserInfo: true });
    fc.assert(
      fc.property(path, authority, fc.constantFrom('http', 'https', 'HTTP', 'x+y'), (sent, host, scheme) => {
        assert.equal(originForm(`${scheme}://${host}${sent}`), sent);
        assert.equal(originForm(sent), sent);
      }),
    );
  });
});
