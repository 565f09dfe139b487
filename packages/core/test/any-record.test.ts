import assert from 'node:assert/strict';
import {
  type CachedRecord,
  createGuard,
  type Derivatives,
  type Failure,
  type Guard,
  type HeldClass,
  missingOriginal,
  type Store,
  type StoredValue,
  type Target,
} from '@safelight/core';
import { failureKinds } from '@safelight/protocol';
import fc from 'fast-check';
import { targetKeys } from '../src/target.ts';

const now = 1_800_000_000_000;
const target: Target = { assets: ['cat'], derivation: 'w_300', version: 7, isCached: true };
const keys = targetKeys(target);
const recordKeys = [
  keys.absence,
  keys.missing_version,
  keys.permanent,
  keys.transient,
  keys.cached,
] as readonly string[];
const classes: readonly HeldClass[] = ['absence', 'missing_version', 'permanent', 'transient'];

/** Values go through JSON, as in Redis. */
function jsonStore(values: Map<string, unknown>): Store {
  return {
    getMany: async (names) => names.map((name) => asStored(values.get(name))),
    set: async (name, value) => {
      values.set(name, asStored(value));
      return true;
    },
    delete: async (name) => values.delete(name),
  };
}

function asStored(value: unknown): StoredValue | undefined {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
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

function guardOver(values: Map<string, unknown>): Guard {
  return createGuard({ store: jsonStore(values), derivatives, clock: () => now });
}

function ask(guard: Guard, work: () => Promise<string>) {
  return guard.handle({ target, work, take: () => true, checksSuccess: true });
}

function failureOf(held: HeldClass): Failure {
  return {
    schema: 2,
    code: 'not_found',
    status: 404,
    class: held,
    message: 'Not found',
    retryAfterMs: 60_000,
    stamp: 'mark',
    rung: 2,
    since: now - 90_000,
    failedAt: now - 30_000,
    until: now + 30_000,
  };
}

const cachedRecord: CachedRecord = {
  schema: 2,
  stamp: 'mark',
  variants: [
    { name: 'one', cachedAt: now - 1000, freshUntil: now + 1000, vary: { accept: 'image/avif', dpr: null } },
    { name: 'two', cachedAt: now - 2000, whileRevalidatingUntil: now, ifErrorUntil: now, head: { status: 200 } },
  ],
};

const validRecords: readonly object[] = [...classes.map(failureOf), cachedRecord];

/** Unusual values of each kind, also numbers that a `Date` cannot represent. */
const anyValue = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<unknown>(1, 0, -1, 2, 600, 1e308, -1e308, 8.64e15 + 2, '', 'absence', [], {}, null, '__proto__'),
  fc.constantFrom<unknown>(...validRecords),
);

/** A valid record in which one member, at any depth, has another value or is missing. */
const anyMutant = fc
  .tuple(fc.constantFrom(...validRecords), fc.nat(), fc.option(anyValue, { nil: undefined }))
  .map(([record, at, value]) => {
    const copy = structuredClone(record);
    const places = placesIn(copy);
    const [parent, name] = places[at % places.length] as (typeof places)[number];
    parent[name] = value;
    return copy;
  });

function placesIn(value: unknown): readonly (readonly [parent: Record<string, unknown>, name: string])[] {
  if (typeof value !== 'object' || value === null) return [];
  const parent = value as Record<string, unknown>;
  return Object.keys(parent).flatMap((name) => [[parent, name] as const, ...placesIn(parent[name])]);
}

const anyStored = fc.oneof(anyValue, anyMutant, fc.constantFrom<unknown>(...validRecords));
const anyContents = fc.record(
  Object.fromEntries(recordKeys.map((key) => [key, anyStored])) as Record<string, typeof anyStored>,
  { requiredKeys: [] },
);

describe('records that come out of a store', () => {
  it('are valid or count as absent for every JSON value under a key: nothing throws', async () => {
    let valid = 0;
    let absent = 0;
    await fc.assert(
      fc.asyncProperty(anyContents, fc.boolean(), async (contents, succeeds) => {
        const values = new Map<string, unknown>([['g:{cat}', 'mark'], ...Object.entries(contents)]);
        const guard = guardOver(values);
        const found = await guard.inspect(target);
        for (const [i, key] of recordKeys.entries()) {
          const record = found[classes[i] ?? 'cached'];
          if (record === undefined) absent += 1;
          else {
            valid += 1;
            assert.deepEqual(record, asStored(contents[key]));
            assertWellFormed(record);
          }
        }
        let runs = 0;
        const outcome = await ask(guard, async () => {
          runs += 1;
          if (!succeeds) throw missingOriginal('cat');
          return 'picture';
        });
        assert.ok(['made', 'failed', 'cached'].includes(outcome.kind));
        if (outcome.kind === 'failed' && outcome.source === 'held') assert.equal(runs, 0);
      }),
      { numRuns: 3000 },
    );
    assert.ok(valid > 500 && absent > 500, `${valid} valid, ${absent} absent`);
  });

  it('count as absent with another schema or without one, and are overwritten: the ladder starts again', async () => {
    for (const schema of [undefined, null, 0, 1, 3, 99, '2', [2]]) {
      const other = { ...failureOf('absence'), rung: 9, schema };
      const values = new Map<string, unknown>([
        ['g:{cat}', 'mark'],
        [keys.absence, other],
        [keys.cached as string, { ...cachedRecord, schema }],
      ]);
      const guard = guardOver(values);
      let runs = 0;
      const missing = async (): Promise<never> => {
        runs += 1;
        throw missingOriginal('cat');
      };
      const first = await ask(guard, missing);
      assert.equal(first.kind === 'failed' && first.source, 'run', `schema ${schema}`);
      assert.equal(first.kind === 'failed' && first.failure?.rung, 1);
      const written = values.get(keys.absence) as Failure;
      assert.deepEqual([written.schema, written.rung, written.since], [2, 1, now]);
      const second = await ask(guard, missing);
      assert.equal(second.kind === 'failed' && second.source, 'held');
      assert.equal(runs, 1);
    }
  });

  it('count as absent under the key of another class', async () => {
    const values = new Map<string, unknown>([
      ['g:{cat}', 'mark'],
      [keys.absence, failureOf('transient')],
    ]);
    assert.equal((await guardOver(values).inspect(target)).absence, undefined);
  });

  it('do not hide a record that only the local fallback holds, even if they are malformed', async () => {
    const values = new Map<string, unknown>([
      ['g:{cat}', 'mark'],
      [keys.permanent as string, 'a text'],
    ]);
    const shared = jsonStore(values);
    const store: Store = { ...shared, set: async (key, ...rest) => key.startsWith('g:') && shared.set(key, ...rest) };
    const guard = createGuard({ store, localFallback: jsonStore(new Map()), derivatives, clock: () => now });
    const missing = async (): Promise<never> => {
      throw missingOriginal('cat');
    };
    await ask(guard, missing);
    const second = await ask(guard, missing);
    assert.equal(second.kind === 'failed' && second.source, 'held');
  });
});

describe('the keys of a store', () => {
  it('contain the schema for records, and none for marks, which all releases share', () => {
    assert.deepEqual(keys.all, [
      'g:{cat}',
      'a:2:{cat}',
      'v:2:{cat}@7',
      'p:2:{cat}@7:w_300',
      't:2:{cat}@7:w_300',
      'd:2:{cat}@7:w_300',
    ]);
  });
});

/** Checks the members that the code relies on when it responds with a record. */
function assertWellFormed(record: Failure | CachedRecord): void {
  assert.deepEqual([record.schema, record.stamp], [2, 'mark']);
  if ('variants' in record) {
    for (const { name, cachedAt, vary = {}, head = {} } of record.variants) {
      assert.equal(typeof name, 'string');
      assert.doesNotThrow(() => new Date(cachedAt).toISOString());
      for (const value of Object.values(vary)) assert.ok(value === null || typeof value === 'string');
      assert.ok(typeof head === 'object' && !Array.isArray(head));
    }
    return;
  }
  const { code, status, message, rung, since, failedAt, until } = record;
  assert.ok(code in failureKinds);
  assert.ok(status >= 400 && status <= 599 && Number.isInteger(status));
  assert.equal(typeof message, 'string');
  assert.ok(rung >= 1);
  for (const at of [since, failedAt, until]) assert.doesNotThrow(() => new Date(at).toISOString());
}
