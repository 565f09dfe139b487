import assert from 'node:assert/strict';
import {
  type Attempt,
  abandoned,
  type CachedVariant,
  createGuard,
  type Derivatives,
  type GuardOptions,
  type GuardRequest,
  type Outcome,
  type Store,
  TransformError,
} from '@safelight/core';
import { memoryStore } from '@safelight/stores';

const target = { assets: ['cat'], derivation: 'w_300', version: undefined, isCached: true } as const;
const fault = { code: 'handler_failed', status: 500, class: 'transient', message: '' } as const;
const variant: CachedVariant = { name: 'n', cachedAt: 0 };

function scene(options: Partial<GuardOptions> = {}) {
  let now = 1_800_000_000_000;
  const errors: unknown[] = [];
  let openCount = 0;
  const derivatives: Derivatives = {
    open(name) {
      openCount += 1;
      const release = () => {
        openCount -= 1;
      };
      return { head: {}, bytes: 1, digest: name, body: Buffer.alloc(1), read: assert.fail, release };
    },
    create: assert.fail,
    remove: async () => {},
  };
  const clock = () => now;
  const onError = (error: unknown) => void errors.push(error);
  const guard = createGuard({ store: memoryStore({ clock }), derivatives, clock, onError, ...options });
  const ask = async <T>(request: Partial<GuardRequest<T>> & Pick<GuardRequest<T>, 'work'>): Promise<Outcome<T>> =>
    guard.handle<T>({ target, take: () => true, checksSuccess: false, ...request });
  return { guard, ask, errors, clock, openCount: () => openCount, advance: (ms: number) => (now += ms) };
}

/** Waits until all promises have settled that need no timer and no input or output. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe('guard: an outcome without a promise', () => {
  it('is the result if the work and the store return without a promise', () => {
    const { guard } = scene();
    const request = { target, take: () => true, checksSuccess: false, work: () => 'a picture' };
    assert.deepEqual(guard.handle(request) instanceof Promise, false);
    assert.equal(guard.recall({ target }), undefined);
  });

  it('passes on an error that the store throws, and runs for the next request', async () => {
    let isDown = false;
    const memory = memoryStore();
    const store: Store = {
      ...memory,
      getManyNow(keys) {
        if (isDown) throw new Error('The store is down.');
        return memory.getManyNow?.(keys) ?? [];
      },
    };
    const { guard, ask } = scene({ store });
    const request = { target, take: () => true, checksSuccess: true };
    const work = () => {
      isDown = true;
      return 'a picture';
    };
    await assert.rejects(async () => guard.handle({ ...request, work }), /The store is down/);
    isDown = false;
    assert.equal((await ask({ work: () => 'a picture' })).kind, 'made');
  });
});

describe('guard: onOutcome', () => {
  it('is called for each request, and for each recall that finds an outcome', async () => {
    const told: string[] = [];
    const { guard, ask } = scene({ onOutcome: ({ outcome }) => void told.push(outcome.kind) });
    assert.equal(await guard.recall({ target }), undefined);
    assert.deepEqual(told, []);
    guard.handle({ target, take: () => true, checksSuccess: false, work: () => 'a picture' });
    assert.deepEqual(told, ['made']);
    await ask({ work: () => Promise.reject(new TransformError('handler_failed', 'boom')) });
    await guard.recall({ target });
    assert.deepEqual(told, ['made', 'failed', 'failed']);
  });
});

describe('guard: a derivative that another process has stored since the look-up', () => {
  it('is served, and not made again', async () => {
    const memory = memoryStore();
    const { getMany, set, delete: remove } = memory;
    const reply = Promise.withResolvers<void>();
    const slowOnce: Store['getMany'][] = [
      async (keys) => {
        const values = await getMany(keys);
        await reply.promise;
        return values;
      },
    ];
    const here = scene({ store: { getMany: (keys) => (slowOnce.pop() ?? getMany)(keys), set, delete: remove } });
    const there = scene({ store: { getMany, set, delete: remove } });
    await there.guard.changed('cat');
    const outcome = here.ask({ work: () => assert.fail('It ran.') });
    await there.ask({ work: () => 'a picture', storeValue: async () => variant });
    await settle();
    reply.resolve();
    assert.equal((await outcome).kind, 'cached');
  });
});

describe('guard: waiters that cannot use a value', () => {
  it('run alone only until the asset changes: then they join a run again', async () => {
    const { guard, ask } = scene();
    const gates = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
    let runs = 0;
    const work = () => gates[runs++]?.promise ?? assert.fail('It ran once more.');
    const first = ask<string>({ work, checksSuccess: true });
    const waiting = ask<string>({ work, take: (value) => value !== 'for the first one' });
    await guard.changed('cat');
    const second = ask<string>({ work });
    gates[0]?.resolve('for the first one');
    await first;
    await settle();
    gates[1]?.resolve('for all');
    const [mine, theirs] = await Promise.all([waiting, second]);
    assert.deepEqual([mine.kind === 'made' && mine.value, theirs.kind], ['for all', 'made']);
    assert.equal(runs, 2);
  });
});

describe('guard: a run without a stamp', () => {
  it('leaves no record, also not of a late fault', async () => {
    const { ask } = scene();
    const stamps: unknown[] = [];
    let late: Promise<void> | undefined;
    const work = async (attempt: Attempt) => {
      stamps.push(typeof attempt.stamp);
      if (stamps.length < 3) return abandoned;
      late = attempt.recordLate(fault);
      return 'a picture';
    };
    const outcome = await ask({ work, storeValue: () => assert.fail('It was stored.') });
    await late;
    assert.deepEqual(stamps, ['string', 'string', 'undefined']);
    assert.equal(outcome.kind === 'made' && outcome.storable, false);
    assert.equal((await ask({ work: () => 'the next picture' })).kind, 'made');
  });
});

describe('guard: a late fault', () => {
  it('is held for later requests', async () => {
    const { ask } = scene();
    let attempt: Attempt | undefined;
    await ask({
      work(given) {
        attempt = given;
        return 'a picture';
      },
    });
    await attempt?.recordLate(fault);
    const outcome = await ask({ work: () => assert.fail('It ran.') });
    assert.equal(outcome.kind === 'failed' && outcome.source, 'held');
  });

  it('goes to onError if it cannot be recorded, because no request waits for it', async () => {
    const memory = memoryStore();
    const refusal = new Error('The store refuses writes.');
    const store: Store = {
      ...memory,
      set: (key, ...rest) => (key.startsWith('g:') ? memory.set(key, ...rest) : Promise.reject(refusal)),
    };
    const { ask, errors } = scene({ store });
    let attempt: Attempt | undefined;
    await ask({
      work(given) {
        attempt = given;
        return 'a picture';
      },
    });
    await attempt?.recordLate(fault);
    assert.deepEqual(errors, [refusal]);
  });
});

describe('guard: a stale derivative that is refreshed after the response', () => {
  async function stale() {
    const made = scene();
    const { ask, clock, advance } = made;
    const storeValue = async () => {
      return { ...variant, freshUntil: clock() + 1000, whileRevalidatingUntil: clock() + 5000, ifErrorUntil: 1e15 };
    };
    await ask({ work: () => 'a picture', storeValue });
    await settle();
    advance(1000);
    return made;
  }

  it('is served, and `unclaimed` gets the new value', async () => {
    const { ask, errors } = await stale();
    const unclaimed: string[] = [];
    const outcome = await ask({ work: () => 'a new picture', unclaimed: (value) => void unclaimed.push(value) });
    await settle();
    assert.equal(outcome.kind === 'cached' && outcome.state, 'refreshed');
    assert.deepEqual([unclaimed, errors], [['a new picture'], []]);
  });

  it('is served even if the refresh fails in any way, and onError gets the error', async () => {
    const boom = new Error('The refresh failed.');
    const fail = () => {
      throw boom;
    };
    for (const failing of [{ unclaimed: fail }, { storeValue: fail }, { checksSuccess: true, isSuccess: fail }]) {
      const { ask, errors } = await stale();
      const outcome = await ask({ work: () => 'a new picture', ...failing });
      await settle();
      assert.equal(outcome.kind === 'cached' && outcome.state, 'refreshed');
      assert.deepEqual(errors, [boom]);
    }
  });

  it('is refreshed once for all requests that get it meanwhile, and `unclaimed` gets the value once', async () => {
    const { ask } = await stale();
    const made = Promise.withResolvers<string>();
    const unclaimed: string[] = [];
    const request = { work: () => made.promise, unclaimed: (value: string) => void unclaimed.push(value) };
    for (const outcome of [await ask(request), await ask(request)]) assert.equal(outcome.kind, 'cached');
    made.resolve('a new picture');
    await settle();
    assert.deepEqual(unclaimed, ['a new picture']);
  });

  it('is held open only by the request that it was served to', async () => {
    const { ask, openCount } = await stale();
    const outcome = await ask({ work: () => Promise.reject(new TransformError('handler_failed', 'boom')) });
    await settle();
    assert.equal(outcome.kind, 'cached');
    if (outcome.kind === 'cached') outcome.cached.release();
    assert.equal(openCount(), 0);
  });

  it('is not the outcome of a recall', async () => {
    const { guard, openCount } = await stale();
    assert.equal(guard.recall({ target }), undefined);
    assert.equal(openCount(), 0);
  });
});
