import assert from 'node:assert/strict';
import type { RequestHandler } from '@safelight/http';
import type { Response } from 'express';
import { arrivals } from '../../../../test/servers/arrivals.ts';
import { type AskOptions, ask, isHeld } from '../../../../test/servers/ask.ts';
import { casesOfRun } from '../../../../test/servers/cases-of-run.ts';
import { counted } from '../../../../test/servers/counted.ts';
import { scene } from '../../../../test/servers/scene.ts';
import { closeServers, type Framework, frameworks, serve } from '../../../../test/servers/servers.ts';
import { expressResponders, responders } from '../guard/ways-to-respond.ts';
import { essence } from './essence.ts';

const hello: RequestHandler = (_req, res, next) => {
  const express = res as Response;
  express.locals = { ...express.locals, user: 'cat' };
  next();
};

/** Compares the bare handler with the guard: for a first request, for one that joins a run, and for a hit. */
async function isTheSame(framework: Framework, handler: RequestHandler, options: AskOptions = {}): Promise<void> {
  const bare = await serve(framework, hello, handler);
  const expected = await ask(bare, '/a', options);
  const gate = Promise.withResolvers<void>();
  const work = counted(async (req, res, next) => {
    if (work.runs === 1) await gate.promise;
    await handler(req, res, next);
  });
  const { options: arriving, all } = arrivals();
  const cached = await serve(framework, hello, scene().safelight.guard(work, { ...arriving, cache: true }));
  const leader = ask(cached, '/a', options);
  await all(1);
  const follower = ask(cached, '/a', options);
  await all(2);
  gate.resolve();
  const wanted = essence(expected, expected);
  const first = await leader;
  assert.deepEqual(essence(first, expected), wanted, 'first');
  assert.deepEqual(essence(await follower, expected), wanted, 'follower');
  const again = await ask(cached, '/a', options);
  assert.deepEqual(essence(again, expected), wanted, 'from memory');
  // Only a stored response is a hit, and a hit does not run the handler.
  const isStored = String(first.headers['cache-status']).includes('stored');
  const isRevalidated = String(first.headers['cache-control']).includes('max-age=0');
  assert.equal(isHeld(again), isStored && expected.body.length > 0 && !isRevalidated);
  if (isStored && expected.body.length > 0) assert.equal(work.runs, isRevalidated ? 2 : 1);
}

describe('guard with cache: the same response as without it', () => {
  afterEach(closeServers);

  for (const framework of casesOfRun(frameworks)) {
    describe(`in ${framework.name}`, () => {
      for (const [what, respond] of Object.entries(responders)) {
        // Node refuses pairs after a header was set, and Express always sets one.
        if (what.includes('pairs') && framework.name !== 'node:http') continue;
        // A stand-in has no connection to the client.
        if (what === 'the same request and response') continue;
        it(what, () => isTheSame(framework, async (req, res) => void (await respond(res, req))));
      }
      if (framework.name === 'node:http') return;
      for (const [what, respond] of Object.entries(expressResponders)) {
        it(`res.${what}`, () => isTheSame(framework, (_req, res) => respond(res as Response)));
      }
    });
  }
});
