import assert from 'node:assert/strict';
import { createGuard, type Derivatives, type Guard, keyKind, missingOriginal, type Store } from '@safelight/core';
import { memoryStore } from '@safelight/stores';
import { seen } from './scene.ts';

const MINUTE_MS = 60_000;

/** Something that happens at a call of the store, before it or after it. */
interface Interruption {
  readonly nth: number;
  readonly when: 'before' | 'after';
  readonly happens: () => void;
}

/** Two guards in one process, on a memory store with room for one mark, whose calls nothing can park: they are sync. */
function setEmbedded() {
  let now = 1_800_000_000_000;
  let interruption: Interruption | undefined;
  let calls = 0;
  const clock = () => now;
  const store = memoryStore({ clock, maxMarks: 1 });
  const written: string[] = [];
  /** Which upload's bytes there are; `undefined` before the first. */
  const world: { version?: number } = {};

  function called<T>(call: () => T): T {
    calls += 1;
    const mine = interruption?.nth === calls ? interruption : undefined;
    if (mine !== undefined) interruption = undefined;
    if (mine?.when === 'before') mine.happens();
    const response = call();
    if (mine?.when === 'after') mine.happens();
    return response;
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
    /** Counted from here. @returns whether it has happened since */
    interrupt(at: Interruption): () => boolean {
      calls = 0;
      interruption = at;
      return () => interruption === undefined;
    },
    /** The upload that a derivation shows, or why it cannot. */
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

/** Keeps nothing but names. */
const namesOnly: Derivatives = {
  open: (name) => ({ head: {}, bytes: 0, digest: name, body: Buffer.alloc(0), read: never, release: () => {} }),
  create: never,
  remove: async () => {},
};

function never(): never {
  throw new Error('Nobody should ask for this.');
}

async function upload({ world, guards }: Embedded, at = 0): Promise<void> {
  world.version = (world.version ?? 0) + 1;
  await guards[at]?.changed('cat');
}

const beginnings: Readonly<Record<string, (scene: Embedded) => Promise<unknown>>> = {
  'an asset that was never asked for': async () => {},
  'an asset whose absence is held': ({ ask }) => ask('w_2'),
  'an asset at the end of a window': async ({ ask, advance }) => {
    await ask();
    advance(MINUTE_MS);
  },
  'a derivative that is kept of an asset without a mark': async ({ ask, world }) => {
    world.version = 1;
    await ask();
  },
  'a derivative that is kept of an asset with a mark': async (scene) => {
    await upload(scene);
    await scene.ask();
  },
};

/** What the mark of the upload meets with; there is room for one. */
const fates: Readonly<Record<string, (guard: Guard) => void>> = {
  stays: () => {},
  'is evicted at once': (guard) => void guard.changed('dog'),
};

describe('the embedded store, in which assets have no mark until they change', () => {
  for (const [beginning, begin] of Object.entries(beginnings)) {
    for (const [fate, befall] of Object.entries(fates)) {
      it(`nobody sees the time before an upload, at whatever call it comes, if its mark ${fate}: ${beginning}`, async () => {
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
                const response = await scene.ask(derivation, ['cat'], guard);
                assert.equal(response, scene.world.version, `${derivation} after the upload ${when} call ${nth}`);
              }
            }
          }
        }
        assert.ok(nth > 2, 'the upload has come at several calls');
      });
    }
  }

  it('an overlay frees what was missing it, and goes on to when its mark is evicted', async () => {
    const { ask, guards, world } = setEmbedded();
    assert.equal(await ask('l_frame', ['cat', 'frame']), 'missing_original');
    world.version = 1;
    assert.equal(await ask('l_frame', ['cat', 'frame']), 'missing_original', 'nobody has said that it has changed');
    await guards[0]?.changed('frame');
    assert.equal(await ask('l_frame', ['cat', 'frame']), 1);
    world.version = 2;
    await guards[0]?.changed('dog');
    assert.equal(await ask('l_frame', ['cat', 'frame']), 2);
  });

  it('who asks for what is new writes no mark, and every absence is written down under its own name', async () => {
    const { ask, guards, written } = setEmbedded();
    const everybody = guards.flatMap((guard) => [ask('w_1', ['cat'], guard), ask('w_1', ['cow'], guard)]);
    assert.deepEqual([...new Set(await Promise.all(everybody))], ['missing_original']);
    assert.deepEqual([...new Set(written)].sort(), ['a:2:{cat}', 'a:2:{cow}']);
    assert.deepEqual(new Set(written.map(keyKind)), new Set(['failure']));
  });

  it('what is known of an asset that never changed outlives the changes of others', async () => {
    const { ask, guards, world } = setEmbedded();
    assert.equal(await ask(), 'missing_original');
    world.version = 1;
    await guards[0]?.changed('dog');
    await guards[0]?.changed('dog');
    assert.equal(await ask(), 'missing_original', 'no mark has gone');
  });
});
