import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { createListener, type EarlyResponder, early, type Listener } from '@safelight/http';
import { ask } from '../../../test/servers/ask.ts';
import { closeServers, listen } from '../../../test/servers/servers.ts';

type Mounted = IncomingMessage & { readonly originalUrl?: string; readonly baseUrl?: string };

const app: Listener = (req, res) => res.end(`application ${req.url} ${(req as Mounted).originalUrl}`);

const tellsUrls: EarlyResponder = (req, res) => {
  const { url, originalUrl, baseUrl } = req as Mounted;
  res.end(`early ${url} ${originalUrl} ${baseUrl}`);
  return true;
};

describe('early', () => {
  afterEach(closeServers);

  const textOf = async (mounts: readonly EarlyResponder[], path: string): Promise<string> =>
    (await ask(await listen(createListener(mounts, app)), path)).text;

  it('gives the responder the path below its mount, as Express does', async () => {
    const mounts = [early(tellsUrls, '/thumbs')];
    assert.equal(await textOf(mounts, '/thumbs/cat?w=1'), 'early /cat?w=1 /thumbs/cat?w=1 /thumbs');
    assert.equal(await textOf(mounts, '/thumbs'), 'early / /thumbs /thumbs');
    assert.equal(await textOf(mounts, '/thumbs?w=1'), 'early /?w=1 /thumbs?w=1 /thumbs');
    assert.equal(
      await textOf(mounts, 'http://a.example/thumbs/cat'),
      'early http://a.example/cat http://a.example/thumbs/cat /thumbs',
    );
  });

  it('leaves other paths to the application', async () => {
    const mounts = [early(tellsUrls, '/thumbs')];
    for (const path of ['/', '/thumbsup', '/x/thumbs/cat']) {
      assert.equal(await textOf(mounts, path), `application ${path} undefined`);
    }
  });

  it('restores the request for the application', async () => {
    const mounts = [early(() => false, '/thumbs'), early(async () => false, '/thumbs')];
    assert.equal(await textOf(mounts, '/thumbs/cat'), 'application /thumbs/cat undefined');
  });

  it('is the responder itself at the root', () => {
    for (const option of [true, false, '/', ''] as const) assert.equal(early(tellsUrls, option), tellsUrls);
  });

  for (const option of ['thumbs', '/thumbs/', '/:name', '/a?b', '/a*']) {
    it(`refuses ${JSON.stringify(option)}`, () => {
      assert.throws(() => early(tellsUrls, option), { name: 'TypeError', message: /expected true, or the path/ });
    });
  }
});

describe('createListener', () => {
  afterEach(closeServers);

  it('asks the mounts in their order until one responds', async () => {
    const asked: string[] = [];
    const mount =
      (name: string, responds: boolean, isAsync: boolean): EarlyResponder =>
      (_req, res) => {
        asked.push(name);
        if (responds) res.end(name);
        return isAsync ? Promise.resolve(responds) : responds;
      };
    for (const isAsync of [false, true]) {
      const mounts = [mount('first', false, isAsync), mount('second', true, isAsync), mount('third', true, isAsync)];
      const { text } = await ask(await listen(createListener(mounts, app)), '/');
      assert.equal(text, 'second');
    }
    assert.deepEqual(asked, ['first', 'second', 'first', 'second']);
  });

  it('calls the application when a responder rejects', async () => {
    const server = await listen(createListener([async () => Promise.reject(new Error('the store failed'))], app));
    assert.equal((await ask(server, '/cat')).text, 'application /cat undefined');
  });

  it('calls the application when a responder throws', async () => {
    const thrower = () => {
      throw new Error('a function of the options failed');
    };
    const server = await listen(createListener([thrower], app));
    assert.equal((await ask(server, '/cat')).text, 'application /cat undefined');
  });

  it('refuses an application that is not a function', () => {
    assert.throws(() => createListener([], {} as Listener), {
      name: 'TypeError',
      message:
        'listener(): the application is an object; it must be the application that express() returns, or a function (req, res).',
    });
  });
});
