import assert from 'node:assert/strict';
import type { CachedRecord, CachedVariant } from '../src/cached-record.ts';
import type { CachedBytes, Derivatives } from '../src/derivatives.ts';
import type { Cached, Failed } from '../src/outcome.ts';
import { recordSchema } from '../src/record-schema.ts';
import { createServing, select } from '../src/serve.ts';
import { failureOf, foundOf } from './found-of.ts';

const bytes: CachedBytes = {
  head: {},
  bytes: 1,
  digest: '',
  body: Buffer.alloc(1),
  read: assert.fail,
  release: () => {},
};
const [a, b]: readonly [CachedVariant, CachedVariant] = [
  { name: 'a', cachedAt: 0 },
  { name: 'b', cachedAt: 0, ifErrorUntil: 1000 },
];
const record: CachedRecord = { schema: recordSchema, stamp: 'm', variants: [a, b] };

function servingOf(open: Derivatives['open'], now = 0) {
  const derivatives: Derivatives = { open, create: assert.fail, remove: assert.fail };
  return createServing({ derivatives, clock: () => now });
}

function failedWith(held: 'transient' | 'permanent'): Failed {
  const failure = failureOf(held, 10);
  return { kind: 'failed', source: 'run', fault: failure, failure, remainingMs: 10, storable: true };
}

describe('serve: opens cached derivatives', () => {
  const visit = () => ({ matches: undefined, evicted: undefined as Set<string> | undefined });

  it('returns without a promise if the bytes are in memory', () => {
    const cached = servingOf(() => bytes).serve(visit(), { kind: 'serve', variant: a, state: 'fresh' });
    assert.deepEqual(cached, { kind: 'cached', cached: bytes, variant: a, state: 'fresh' });
  });

  it('remembers each variant whose bytes were evicted, and selects among the others', async () => {
    for (const open of [() => undefined, async () => undefined]) {
      const current = visit();
      const serving = servingOf(open);
      for (const variant of [a, b]) {
        assert.equal(select(current, record, undefined), variant);
        assert.equal(await serving.serve(current, { kind: 'serve', variant, state: 'fresh' }), undefined);
      }
      assert.equal(select(current, record, undefined), undefined);
    }
  });

  it('selects the newest variant with the field values of the request, among those that were not evicted', () => {
    const vary = { accept: 'image/avif' };
    const variants = record.variants.map((variant) => ({ ...variant, vary }));
    assert.equal(select({ matches: () => false, evicted: undefined }, { ...record, variants }, undefined), undefined);
    assert.equal(
      select({ matches: (values) => values === vary, evicted: undefined }, { ...record, variants }, undefined),
      variants[0],
    );
  });

  it('serves a stale derivative instead of a transient failure, until `ifErrorUntil`', () => {
    const current = { ...visit(), evicted: new Set(['a']) };
    const found = foundOf({ cached: record });
    const served = servingOf(() => bytes, 999).staleIfError(current, found, failedWith('transient')) as Cached;
    assert.deepEqual([served.variant, served.state], [b, 'failed']);
    assert.equal(servingOf(() => bytes, 1000).staleIfError(current, found, failedWith('transient')), undefined);
    assert.equal(servingOf(() => bytes, 999).staleIfError(current, found, failedWith('permanent')), undefined);
    assert.equal(servingOf(() => bytes, 999).staleIfError(current, foundOf(), failedWith('transient')), undefined);
  });

  it('serves nothing without the option `derivatives`', () => {
    const serving = createServing({ derivatives: undefined, clock: () => 0 });
    assert.equal(serving.serve(visit(), { kind: 'serve', variant: a, state: 'fresh' }), undefined);
  });
});
