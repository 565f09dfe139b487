import assert from 'node:assert/strict';
import KeyvRedis from '@keyv/redis';
import { missingOriginal, type Store } from '@safelight/core';
import { keyvStore, redisStore } from '@safelight/stores';
import fc from 'fast-check';
import Keyv from 'keyv';
import { missingService } from '../../../test/servers/missing-service.ts';
import { redisOfSuite, redisResponds, redisUrl } from './redis-server.ts';
import { asCarelessRelease, asOtherRelease, otherSchema, ourSchema, sceneOver, seen, untilCached } from './releases.ts';

const MINUTE_MS = 60_000;

function sharedByTwoReleases(open: () => Store, asOther: typeof asOtherRelease = asOtherRelease): void {
  it('each holds its own failures, if they take turns', async () => {
    const scene = sceneOver(open(), asOther);
    const { ours, other } = scene;
    const outcomes: string[] = [];
    for (let turn = 0; turn < 5; turn += 1) {
      outcomes.push(await seen(scene.ask(ours)), await seen(scene.ask(other)));
    }
    assert.deepEqual(outcomes, ['run', 'run', ...Array.from({ length: 8 }, () => 'held')]);
    assert.deepEqual([ours.runs, other.runs], [1, 1]);
  });

  it('each climbs its own ladder', async () => {
    const scene = sceneOver(open(), asOther);
    for (const release of [scene.ours, scene.other]) await scene.ask(release);
    scene.advance(MINUTE_MS);
    for (const release of [scene.ours, scene.other]) {
      const outcome = await scene.ask(release);
      assert.equal(outcome.kind === 'failed' && outcome.failure?.rung, 2);
    }
  });

  for (const by of ['ours', 'other'] as const) {
    it(`an upload through one ends the failures of both (${by})`, async () => {
      const scene = sceneOver(open(), asOther);
      for (const release of [scene.ours, scene.other]) assert.equal(await seen(scene.ask(release)), 'run');
      await scene.upload(scene[by]);
      for (const release of [scene.ours, scene.other]) assert.equal(await seen(scene.ask(release)), 'made');
    });
  }

  it('each serves the derivatives that it has cached, and a change through one invalidates those of both', async () => {
    const scene = sceneOver(open(), asOther);
    const { ours, other } = scene;
    scene.exists = true;
    for (const release of [ours, other]) {
      assert.equal(await seen(scene.ask(release)), 'made');
      await untilCached(scene, release);
    }
    for (const release of [ours, other]) assert.equal(await seen(scene.ask(release)), 'cached');
    await other.guard.changed(scene.asset);
    for (const release of [ours, other]) assert.equal(await seen(scene.ask(release)), 'made');
  });

  it('a record with an unknown schema under our key counts as absent, and is overwritten', async () => {
    const scene = sceneOver(open(), asCarelessRelease);
    const { ours, other, store, asset } = scene;
    assert.equal(await seen(scene.ask(other)), 'run');
    const key = `a:${ourSchema}:{${asset}}`;
    assert.equal(((await store.getMany([key]))[0] as { readonly schema?: unknown }).schema, otherSchema);
    const outcome = await scene.ask(ours);
    assert.equal(outcome.kind === 'failed' && outcome.source, 'run');
    assert.equal(outcome.kind === 'failed' && outcome.failure?.rung, 1);
    assert.equal(((await store.getMany([key]))[0] as { readonly schema?: unknown }).schema, ourSchema);
    assert.equal(await seen(scene.ask(ours)), 'held');
    assert.deepEqual([ours.runs, other.runs], [1, 1]);
    await scene.upload(other);
    for (const release of [ours, other]) assert.equal(await seen(scene.ask(release)), 'made');
  });

  it('a derivative with an unknown schema under our key counts as absent, and is overwritten', async () => {
    const scene = sceneOver(open(), asCarelessRelease);
    const { ours, other } = scene;
    scene.exists = true;
    assert.equal(await seen(scene.ask(other)), 'made');
    await untilCached(scene, other);
    assert.equal(await seen(scene.ask(ours)), 'made');
    await untilCached(scene, ours);
    assert.equal(await seen(scene.ask(ours)), 'cached');
  });
}

describe('two releases on one store', () => {
  const open = (): Store => keyvStore(new Keyv());

  sharedByTwoReleases(open);

  for (const [how, other] of Object.entries({ 'under their own keys': asOtherRelease, careless: asCarelessRelease })) {
    it(`never serve a failure that was found before an upload, in any order (${how})`, async () => {
      const anyRelease = fc.constantFrom('ours' as const, 'other' as const);
      const anyStep = fc.oneof(
        { weight: 4, arbitrary: fc.record({ kind: fc.constant('ask' as const), by: anyRelease }) },
        { weight: 2, arbitrary: fc.record({ kind: fc.constant('upload' as const), by: anyRelease }) },
        { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), by: anyRelease }) },
        { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(3 * MINUTE_MS) }) },
      );
      await fc.assert(
        fc.asyncProperty(fc.array(anyStep, { maxLength: 30 }), async (steps) => {
          const scene = sceneOver(open(), other);
          for (const step of steps) {
            if (step.kind === 'wait') scene.advance(step.ms);
            else if (step.kind === 'upload') await scene.upload(scene[step.by]);
            else if (step.kind === 'remove') {
              scene.exists = false;
              await scene[step.by].guard.changed(scene.asset);
            } else {
              const outcome = await scene.ask(scene[step.by]);
              assert.equal(outcome.kind === 'failed', !scene.exists);
            }
          }
        }),
        { numRuns: 300 },
      );
    });
  }

  it('a run of the other release that began before an upload leaves no valid record after it', async () => {
    const scene = sceneOver(open(), asOtherRelease);
    const { ours, other, asset } = scene;
    let endFirstRun = (): void => undefined;
    const hasBegun = new Promise<void>((begin) => {
      const firstRun = new Promise<void>((end) => {
        endFirstRun = end;
      });
      other.work = async () => {
        other.work = undefined;
        begin();
        await firstRun;
        throw missingOriginal(asset);
      };
    });
    const early = scene.ask(other);
    await hasBegun;
    await scene.upload(ours);
    endFirstRun();
    // It has started again, because the mark has changed.
    assert.equal(await seen(early), 'made');
    for (const release of [other, ours]) assert.notEqual((await scene.ask(release)).kind, 'failed');
  });
});

const redisIsThere = await redisResponds();

describe(`two releases on the Redis at ${redisUrl}`, () => {
  if (!redisIsThere) {
    const what = `no Redis responds at ${redisUrl}; start one or set REDIS_URL`;
    return missingService(what);
  }

  const { client, keyPrefix } = redisOfSuite();
  const overKeyv = keyvStore(new Keyv(new KeyvRedis(client)), { keyPrefix });
  const overRedis = redisStore(client, { keyPrefix });
  const stores: Readonly<Record<string, Store>> = { keyvStore: overKeyv, redisStore: overRedis };
  for (const [name, store] of Object.entries(stores)) {
    describe(name, () => {
      sharedByTwoReleases(() => store);

      it('each leaves the record of the other as it is', async () => {
        const scene = sceneOver(store, asOtherRelease);
        const { ours, other, asset } = scene;
        const keyOf = (schema: number) => `a:${schema}:{${asset}}`;
        assert.equal(await seen(scene.ask(other)), 'run');
        const [before] = await store.getMany([keyOf(otherSchema)]);
        scene.advance(MINUTE_MS);
        assert.equal(await seen(scene.ask(ours)), 'run');
        const [after, own] = await store.getMany([keyOf(otherSchema), keyOf(ourSchema)]);
        assert.deepEqual(after, before);
        assert.equal((after as { readonly schema?: unknown }).schema, otherSchema);
        assert.equal((own as { readonly schema?: unknown }).schema, ourSchema);
      });
    });
  }

  describe('redisStore, and an earlier release over keyvStore', () => {
    sharedByTwoReleases(
      () => overRedis,
      (_store, schema) => asOtherRelease(overKeyv, schema),
    );
  });
});
