import assert from 'node:assert/strict';
import type { Store } from '@safelight/core';
import { createSafelight } from '@safelight/express';
import type { RequestHandler } from '@safelight/http';
import { memoryStore } from '@safelight/stores';
import { ask, isHeld } from '../../../../test/servers/ask.ts';
import { casesOfRun } from '../../../../test/servers/cases-of-run.ts';
import { closeServers, frameworks, serve } from '../../../../test/servers/servers.ts';

/** A middleware whose `writeHead` throws once, in the request with this number. */
function throwsAt(request: number): RequestHandler {
  let requests = 0;
  return (_req, res, next) => {
    requests += 1;
    const { writeHead } = res;
    if (requests === request) {
      res.writeHead = () => {
        res.writeHead = writeHead;
        throw new Error('thrown in writeHead');
      };
    }
    next();
  };
}

const page: RequestHandler = (_req, res) => void res.writeHead(404, { 'Content-Type': 'text/html' }).end('no cat');

/** A store that is not in this process. */
function slowStore(): Store {
  const { getMany, set, delete: remove } = memoryStore();
  return {
    getMany: async (keys) => getMany(keys),
    set: async (...entry) => set(...entry),
    delete: async (key) => remove(key),
  };
}

describe('guard: an error that a middleware throws while a response is written', () => {
  afterEach(closeServers);

  for (const framework of casesOfRun(frameworks)) {
    for (const errors of ['application', 'safelight'] as const) {
      for (const cache of [false, true]) {
        for (const isLocal of [false, true]) {
          for (const request of [1, 2]) {
            const kind = `errors: '${errors}'${cache ? ', cached' : ''}, ${isLocal ? 'a local' : 'another'} store`;
            it(`in ${framework.name}, ${kind}: request ${request} ends, and no cache stores it`, async () => {
              const safelight = createSafelight({
                onError: () => undefined,
                ...(isLocal ? {} : { store: slowStore() }),
              });
              const server = await serve(framework, throwsAt(request), safelight.guard(page, { errors, cache }));
              for (let i = 1; i < request; i += 1) assert.equal((await ask(server, '/cat')).status, 404);
              const thrown = await ask(server, '/cat').catch(() => 'reset');
              if (typeof thrown === 'string') {
                // The handler has returned since, so the error cannot be thrown in it.
                assert.deepEqual([errors, cache, request], ['application', false, 1]);
              } else {
                assert.match(thrown.text, request === 1 ? /^app: thrown in writeHead$/ : /^no cat$/);
                assert.equal(thrown.status, request === 1 ? 500 : 404);
                assert.deepEqual(
                  [thrown.headers['cache-control'], thrown.headers['retry-after']],
                  [undefined, undefined],
                );
              }
              const after = await ask(server, '/cat');
              assert.deepEqual([after.status, isHeld(after)], [404, true]);
            });
          }
        }
      }
    }
  }
});
