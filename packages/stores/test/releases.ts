import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  createGuard,
  type Derivatives,
  type Guard,
  missingOriginal,
  type Outcome,
  type Store,
  type StoredValue,
} from '@safelight/core';

/** `recordSchema` of @safelight/core. */
export const ourSchema = 2;
/** A schema number that no release has used. */
export const otherSchema = 3;

const recordKey = new RegExp(`^([avptd]):${ourSchema}:`);

/** The store as a release with another schema uses it: other keys and numbers for records, the same marks. */
export function asOtherRelease(store: Store, schema: number): Store {
  const keyOf = (key: string) => key.replace(recordKey, `$1:${schema}:`);
  return {
    getMany: async (keys) => (await store.getMany(keys.map(keyOf))).map((value) => numbered(value, schema, ourSchema)),
    set: async (key, value, ttlMs) => store.set(keyOf(key), numbered(value, ourSchema, schema) ?? '', ttlMs),
    delete: (key) => store.delete(keyOf(key)),
    ...ofMarks(store),
  };
}

/** The methods for marks, which all releases share. Another method for records would need the numbers of the release. */
function ofMarks({ setFirst, extend, onReady }: Store): Partial<Store> {
  return { ...(setFirst && { setFirst }), ...(extend && { extend }), ...(onReady && { onReady }) };
}

/** The store as a faulty release uses it: records of another schema under the keys of this release. */
export function asCarelessRelease({ leases: _leases, ...store }: Store, schema: number): Store {
  return {
    ...store,
    getMany: async (keys) => (await store.getMany(keys)).map((value) => numbered(value, schema, ourSchema)),
    set: async (key, value, ttlMs) => store.set(key, numbered(value, ourSchema, schema) ?? '', ttlMs),
  };
}

/** The value with the number `to` instead of `from`; `undefined` for a record with another number. */
function numbered(value: StoredValue | undefined, from: number, to: number): StoredValue | undefined {
  if (typeof value !== 'object') return value;
  return 'schema' in value && value.schema === from ? { ...value, schema: to } : undefined;
}

/** Opens each name. */
const derivatives: Derivatives = {
  open: (name) => ({ head: {}, bytes: 0, digest: name, body: Buffer.alloc(0), read: never, release: () => undefined }),
  create: never,
  remove: async () => undefined,
};

function never(): never {
  throw new Error('This call was not expected.');
}

export interface Release {
  readonly guard: Guard;
  /** How often its handler has run. */
  runs: number;
  /** Replaces the work of the next run. */
  work?: (() => Promise<string>) | undefined;
}

export interface Scene {
  readonly ours: Release;
  readonly other: Release;
  readonly store: Store;
  readonly asset: string;
  exists: boolean;
  advance(ms: number): void;
  ask(release: Release): Promise<Outcome<string>>;
  upload(release: Release): Promise<void>;
}

export function sceneOver(store: Store, other: typeof asOtherRelease): Scene {
  let now = 1_800_000_000_000;
  const asset = randomUUID();
  const options = { derivatives, clock: () => now };
  const scene: Scene = {
    ours: { guard: createGuard({ ...options, store }), runs: 0 },
    other: { guard: createGuard({ ...options, store: other(store, otherSchema) }), runs: 0 },
    store,
    asset,
    exists: false,
    advance(ms) {
      now += ms;
    },
    async ask(release) {
      return release.guard.handle({
        target: { assets: [asset], derivation: 'w_300', version: undefined, isCached: true },
        take: () => true,
        checksSuccess: true,
        async work() {
          release.runs += 1;
          if (release.work !== undefined) return release.work();
          if (!scene.exists) throw missingOriginal(asset);
          return 'picture';
        },
        storeValue: async () => ({ name: 'picture', cachedAt: now }),
      });
    },
    async upload(release) {
      scene.exists = true;
      await release.guard.changed(asset);
    },
  };
  return scene;
}

/** The outcome of a request, in one word. */
export async function seen(outcome: Promise<Outcome<string>>): Promise<string> {
  const { kind, ...rest } = await outcome;
  return kind === 'failed' && 'source' in rest ? rest.source : kind;
}

/** Resolves when the derivative is recorded, which happens after the response. */
export async function untilCached(scene: Scene, release: Release): Promise<void> {
  const target = { assets: [scene.asset], derivation: 'w_300', version: undefined, isCached: true } as const;
  const endsAt = performance.now() + 5000;
  while ((await release.guard.inspect(target)).cached === undefined) {
    assert.ok(performance.now() < endsAt, 'the derivative should be recorded by now');
    await new Promise((resolve) => setImmediate(resolve));
  }
}
