import assert from 'node:assert/strict';
import { type Application, applications, page } from './applications.ts';
import type { Reply } from './ask-http2.ts';
import { type Kind, kinds } from './kinds.ts';
import { ownHeaders, type Site, startSites } from './site.ts';

/** The key of the last request. Each request has a new key, and so a new path. */
let lastKey = 0;

async function reply(site: Site, kind: Kind, method: 'GET' | 'HEAD'): Promise<Reply> {
  lastKey += 1;
  const path = kind.path(lastKey, site);
  const headers = { origin: page, accept: 'image/webp,*/*' };
  const warm = kind.isWarm === true ? await site.ask({ path, headers }) : undefined;
  const { request = { path, method } } = kind;
  return site.ask({ ...request, headers: { ...headers, ...kind.headers?.(warm), ...request.headers } });
}

function listOf(value: unknown): readonly string[] {
  return String(value ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
}

function check({ status, headers }: Reply, kind: Kind, application: Application, isOwn: boolean): void {
  const { allowOrigin, vary, cookies = 0 } = application;
  assert.equal(status, isOwn ? 200 : kind.status);
  assert.equal(/; ?hit/.test(String(headers['cache-status'])), kind.isWarm === true, String(headers['cache-status']));
  // Headers of a handler belong to the application: Safelight adds none.
  const expected = kind.isHttp1 === true && allowOrigin === '*' ? undefined : allowOrigin;
  assert.equal(headers['access-control-allow-origin'], expected);
  checkCors(headers, kind, application);
  for (const [name, value] of Object.entries(application.headers ?? {})) assert.equal(headers[name], value, name);
  const varies = listOf(headers.vary);
  for (const name of [vary, kind.vary]) if (name !== undefined) assert.ok(varies.includes(name), `Vary: ${varies}`);
  assert.equal(new Set(varies).size, varies.length, `Vary: ${varies}`);
  assert.equal(headers['set-cookie']?.length ?? 0, cookies);
  if (isOwn) for (const [name, value] of Object.entries(ownHeaders)) assert.equal(headers[name], value, name);
  else checkLifetime(headers, kind, cookies > 0);
}

/** `Access-Control-Expose-Headers` is added only for an allowed origin. */
function checkCors(headers: Reply['headers'], kind: Kind, { allowOrigin, headers: own = {} }: Application): void {
  const isOurs = kind.isHttp1 !== true;
  const exposed = own['access-control-expose-headers'] ?? (isOurs && allowOrigin !== undefined ? 'added' : undefined);
  const got = headers['access-control-expose-headers'];
  if (exposed === 'added') assert.match(String(got), /Retry-After/);
  else assert.equal(got, exposed);
  if (allowOrigin === undefined) assert.equal(headers['access-control-max-age'], undefined);
}

function checkLifetime(headers: Reply['headers'], kind: Kind, hasCookie: boolean): void {
  const directives = listOf(headers['cache-control']);
  const is = (name: string) => directives.some((text) => text.split('=')[0] === name);
  if (!hasCookie) {
    assert.equal(is('public'), kind.isPublic === true, `${directives}`);
    return;
  }
  assert.ok(!is('public') && !is('s-maxage'), `${directives}`);
  assert.equal(is('private'), kind.isPublic === true, `${directives}`);
  assert.equal(is('no-store'), kind.isPublic !== true, `${directives}`);
  assert.ok(kind.isPublic !== true || is('max-age'), `${directives}`);
  assert.equal(headers['cdn-cache-control'], undefined);
}

for (const application of applications) {
  describe(`responses behind ${application.name}`, () => {
    let sites: readonly Site[] = [];
    before(async () => {
      sites = await startSites(application.stack);
    });
    after(() => Promise.all(sites.map((site) => site.close())));

    for (const kind of kinds) {
      it(kind.name, async () => {
        for (const site of sites) {
          if (kind.isHttp1 === true && site.name === 'HTTP/2') continue;
          const methods = kind.request !== undefined || kind.hasHead === false ? ['GET'] : ['GET', 'HEAD'];
          for (const method of methods as readonly ('GET' | 'HEAD')[]) {
            const got = await reply(site, kind, method);
            try {
              check(got, kind, application, method === 'HEAD' && kind.isOwnToHead === true);
              if (method === 'HEAD') assert.equal(got.text, '');
            } catch (error) {
              throw new Error(`${site.name}, ${method}: ${(error as Error).message}`, { cause: got });
            }
          }
        }
      });
    }

    it('a cookie is reported once to each onError, and nothing else is', () => {
      for (const { name, faults } of sites) {
        for (const told of [faults.plain, faults.holder]) {
          const messages = told.map((fault) => (fault as Error).message);
          assert.equal(messages.length, application.cookies === undefined ? 0 : 1, `${name}: ${messages}`);
          for (const message of messages) assert.match(message, /Mount the session .* after Safelight/);
        }
      }
    });
  });
}
