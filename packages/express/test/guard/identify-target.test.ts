import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { createIdentifier } from '../../src/guard/identify-target.ts';

const request = (url: string, more: Partial<IncomingMessage> = {}) =>
  ({ method: 'GET', url, headers: { host: 'a' }, socket: {}, ...more }) as IncomingMessage;
const parts = { assetPrefix: 'own:', epoch: '7', onError: (error: unknown) => assert.fail(String(error)) };

describe('the target of a request', () => {
  it('is the path, with the query as the derivation, in the host and the epoch', () => {
    const target = createIdentifier(parts, {}).targetOf(request('/cat.jpg?w=300'));
    assert.deepEqual(
      [target?.assets, target?.derivation, target?.epoch, target?.isCached, target?.variant?.length],
      [['own:/cat.jpg'], '?w=300', '7', false, 16],
    );
  });

  it('is what the options say', () => {
    const { targetOf: identify } = createIdentifier(parts, {
      asset: () => 'cat',
      derivation: () => 'small',
      cache: true,
    });
    const target = identify(request('/thumbs/cat'));
    assert.deepEqual([target?.assets, target?.derivation, target?.isCached], [['own:cat'], 'small', true]);
  });

  it('is none for another method, for credentials, for a private request, and without a name', () => {
    const { targetOf: identify } = createIdentifier(parts, {
      asset: (req) => (req.url === '/none' ? undefined : req.url),
      isPrivate: (req) => req.url === '/mine',
    });
    const withCredentials = { headers: { host: 'a', authorization: 'Basic eA==' } };
    for (const req of [
      ...[request('/cat', { method: 'POST' }), request('/cat', withCredentials), request('/mine'), request('/none')],
    ]) {
      assert.equal(identify(req), undefined);
    }
  });

  it('has no name that is not a text', () => {
    const { targetOf: identify } = createIdentifier(parts, { asset: (async () => 'cat') as never });
    assert.throws(() => identify(request('/cat')), { name: 'TypeError', message: /^asset returned a promise/ });
  });
});
