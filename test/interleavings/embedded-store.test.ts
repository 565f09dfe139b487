import assert from 'node:assert/strict';
import { createGuard, type Derivatives, type Guard, keyKind, missingOriginal, type Store } from '@safelight/core';
import { memoryStore } from '@safelight/stores';
import { seen } from './scene.ts';

const minuteMs = 60_000;

/** An event before or after the nth call to the store. */
interface Interruption {
  readonly nth: number;
  readonly when: 'before' | 'after';
  readonly happens: () => void;
}

/** Two guards in one process, on a memory store with room for one mark. Its calls are synchronous, so they cannot be parked. */
function setEmbedded() {
  let now = 1_800_000_000_000;
  let interruption: Interruption | undefined;
  let calls = 0;
  const clock = () => now;
  const store = memoryStore({ clock, maxMarks: 1 });
  const written: string[] = [];
  /** The number of the newest upload; `undefined` before the first. */
  const world: { version?: number } = {};

  function called<T>(call: () => T): T {
    calls += 1;
    const mine = interruption?.nth === calls ? interruption : undefined;
    if (mine !== undefined) interruption = undefined;
    if (mine?.when === 'before') mine.happens();
    const result = call();
    if (mine?.when === 'after') mine.happens();
    return result;
  }

  const interrupted: Store = {
    ...store,
    getManyNow: (keys) => called(() => store.getManyNow?.(keys) ?? []),
    set(key, value, ttlMs) {
      written.push(key);
      return called(() => store.set(key, value, ttlMs));
    },
    delete: (key) => called(() => store.delete(key)),
  };
  const guards = [0, 1].map(() => createGuard({ store: interrupted, clock, derivatives: namesOnly }));

  return {
    guards,
    world,
    written,
    advance(ms: number) {
      now += ms;
    },
    /** Counts the calls from now on. @returns a function that tells whether the event has happened */
    interrupt(at: Interruption): () => boolean {
      calls = 0;
      interruption = at;
      return () => interruption === undefined;
    },
    /** Requests a derivation. @returns the number of the upload that it shows, or the code of its failure */
    async ask(derivation = 'w_1', assets: readonly [string, ...string[]] = ['cat'], guard = guards[0] as Guard) {
      const outcome = await guard.handle<number>({
        target: { assets, derivation, version: undefined, isCached: true },
        take: () => true,
        checksSuccess: true,
        work: (attempt) =>
          attempt.findOriginal(async () => {
            const { version } = world;
            await Promise.resolve();
            if (version === undefined) throw missingOriginal('cat');
            return version;
          }),
        storeValue: async (version) => ({ name: String(version), cachedAt: now }),
      });
      if (outcome.kind === 'cached') return Number(outcome.variant.name);
      return outcome.kind === 'made' ? outcome.value : seen(outcome);
    },
  };
}

type Embedded = ReturnType<typeof setEmbedded>;

/** Stores only names. */
const namesOnly: Derivatives = {
  open: (name) => ({ head: {}, bytes: 0, digest: name, body: Buffer.alloc(0), read: never, release: () => {} }),
  create: never,
  remove: async () => {},
};

function never(): never {
  throw new Error('This function should not be called.');
}

async function upload({ world, guards }: Embedded, at = 0): Promise<void> {
  world.version = (world.version ?? 0) + 1;
  await guards[at]?.changed('cat');
}

const beginnings: Readonly<Record<string, (scene: Embedded) => Promise<unknown>>> = {
  'an asset without any request': async () => {},
  'an asset with a held absence': ({ ask }) => ask('w_2'),
  'an asset at the end of a window': async ({ ask, advance }) => {
    await ask();
    advance(minuteMs);
  },
  'a cached derivative of an asset without a mark': async ({ ask, world }) => {
    world.version = 1;
    await ask();
  },
  'a cached derivative of an asset with a mark': async (scene) => {
    await upload(scene);
    await scene.ask();
  },
};

/** What happens to the mark of the upload; the store has room for one mark. */
const fates: Readonly<Record<string, (guard: Guard) => void>> = {
  stays: () => {},
  'is evicted at once': (guard) => void guard.changed('dog'),
};

describe('the embedded store, in which assets have no mark until they change', () => {
  for (const [beginning, begin] of Object.entries(beginnings)) {
    for (const [fate, befall] of Object.entries(fates)) {
      it(`later requests get an upload that comes at any call to the store, when its mark ${fate}: ${beginning}`, async () => {
        let nth = 0;
        for (let hasHappened = true; hasHappened; ) {
          nth += 1;
          for (const when of ['before', 'after'] as const) {
            const scene = setEmbedded();
            await begin(scene);
            const happened = scene.interrupt({
              nth,
              when,
              happens() {
                void upload(scene, 1);
                befall(scene.guards[1] as Guard);
              },
            });
            await Promise.all([scene.ask(), scene.ask('w_2')]);
            hasHappened = happened();
            if (!hasHappened) break;
            for (const guard of scene.guards) {
              for (const derivation of ['w_1', 'w_2', 'w_1']) {
                const shown = await scene.ask(derivation, ['cat'], guard);
                assert.equal(shown, scene.world.version, `${derivation} after the upload ${when} call ${nth}`);
              }
            }
          }
        }
        assert.ok(nth > 2, 'uploads came at several calls');
      });
    }
  }

  it('a new overlay ends the failure of a derivation that needs it, also after its mark was evicted', async () => {
    const { ask, guards, world } = setEmbedded();
    assert.equal(await ask('l_frame', ['cat', 'frame']), 'missing_original');
    world.version = 1;
    assert.equal(await ask('l_frame', ['cat', 'frame']), 'missing_original', 'changed() was not called yet');
    await guards[0]?.changed('frame');
    assert.equal(await ask('l_frame', ['cat', 'frame']), 1);
    world.version = 2;
    await guards[0]?.changed('dog');
    assert.equal(await ask('l_frame', ['cat', 'frame']), 2);
  });

  it('a request for a new asset writes no mark, and each absence is stored under its own key', async () => {
    const { ask, guards, written } = setEmbedded();
    const outcomes = guards.flatMap((guard) => [ask('w_1', ['cat'], guard), ask('w_1', ['cow'], guard)]);
    assert.deepEqual([...new Set(await Promise.all(outcomes))], ['missing_original']);
    assert.deepEqual([...new Set(written)].sort(), ['a:2:{cat}', 'a:2:{cow}']);
    assert.deepEqual(new Set(written.map(keyKind)), new Set(['failure']));
  });

  it('a failure of an asset that never changed is held although other assets change', async () => {
    const { ask, guards, world } = setEmbedded();
    assert.equal(await ask(), 'missing_original');
    world.version = 1;
    await guards[0]?.changed('dog');
    await guards[0]?.changed('dog');
    assert.equal(await ask(), 'missing_original', 'no mark was evicted');
  });
});
