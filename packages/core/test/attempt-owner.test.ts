import assert from 'node:assert/strict';
import {
  type Attempt,
  abandoned,
  createGuard,
  type Derivatives,
  type GuardOptions,
  type GuardRequest,
  missingOriginal,
  type Outcome,
} from '@safelight/core';
import { memoryStore } from '@safelight/stores';

const bytes = { head: {}, bytes: 1, digest: '', body: Buffer.alloc(1), read: assert.fail, release: () => {} };
const derivatives: Derivatives = { open: () => bytes, create: assert.fail, remove: async () => {} };

function scene(options: Partial<GuardOptions> = {}) {
  let now = 1_800_000_000_000;
  const clock = () => now;
  const guard = createGuard({ store: memoryStore({ clock }), derivatives, clock, ...options });
  const ask = async <T>(derivation: string, request: Partial<GuardRequest<T>> & Pick<GuardRequest<T>, 'work'>) => {
    const target = { assets: ['cat'], derivation, version: undefined, isCached: true } as const;
    return guard.handle<T>({ target, take: () => true, checksSuccess: false, ...request });
  };
  return { guard, ask, advance: (ms: number) => (now += ms) };
}

const missing = () => Promise.reject(missingOriginal('cat'));
const search = (attempt: Attempt) => attempt.findOriginal<string>(missing);

function codeOf(outcome: Outcome<unknown>): string {
  return outcome.kind === 'failed' ? `${outcome.source} ${outcome.fault.code}` : outcome.kind;
}

/** Waits until all promises have settled that need no timer and no input or output. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe('find the original: once for all derivations', () => {
  it('holds its absence for all of them', async () => {
    const { ask } = scene();
    assert.equal(codeOf(await ask('w_1', { work: search })), 'run missing_original');
    assert.equal(codeOf(await ask('w_2', { work: () => assert.fail('It ran.') })), 'held missing_original');
  });

  it('records nothing if the run has no stamp', async () => {
    const { ask } = scene();
    const stamps: unknown[] = [];
    const work = async (attempt: Attempt) => {
      stamps.push(attempt.stamp);
      return stamps.length < 3 ? abandoned : search(attempt);
    };
    assert.equal(codeOf(await ask('w_1', { work })), 'run missing_original');
    assert.equal(stamps[2], undefined);
    assert.equal(codeOf(await ask('w_1', { work: () => 'a picture' })), 'made');
  });

  it('concerns only the original: a derivative that is stored for other requests does not end it', async () => {
    const { ask } = scene();
    await ask('w_1', {
      work: () => 'webp',
      storeValue: async () => ({ name: 'webp', cachedAt: 0, vary: { accept: 'image/webp' } }),
    });
    await settle();
    let runs = 0;
    const work = (attempt: Attempt) => {
      runs += 1;
      return attempt.findOriginal(async () => 'the original');
    };
    const outcome = await ask('w_1', { work, matches: () => false });
    assert.deepEqual([outcome.kind === 'made' && outcome.value, runs], ['the original', 1]);
  });

  it('refuses a request when too many wait, and holds no failure for that', async () => {
    const { ask } = scene({ maxWaiters: 1 });
    const found = Promise.withResolvers<string>();
    const work = (attempt: Attempt) => attempt.findOriginal(() => found.promise);
    const two = [ask('w_1', { work }), ask('w_2', { work })];
    await settle();
    const third = await ask('w_3', { work });
    assert.equal(codeOf(third), 'run busy');
    assert.equal(third.kind === 'failed' && third.failure, undefined);
    found.resolve('the original');
    assert.deepEqual((await Promise.all(two)).map(codeOf), ['made', 'made']);
  });

  it('waits for an upload no longer than allowed for the request that joined the search', async () => {
    const { guard, ask, advance } = scene({ maxPendingMs: 20, timeoutMs: 60_000 });
    const end = guard.changing('cat');
    const start = Promise.withResolvers<void>();
    let runs = 0;
    const older = ask('w_1', {
      work: async (attempt) => {
        runs += 1;
        await start.promise;
        return search(attempt);
      },
    });
    advance(10);
    const younger = ask('w_2', { work: search });
    await settle();
    start.resolve();
    await settle();
    // The older one has waited for 29 ms by now, the younger one for 19 ms.
    advance(19);
    assert.deepEqual([codeOf(await older), codeOf(await younger)], ['run pending', 'run pending']);
    assert.equal(runs, 1);
    end();
  });
});
