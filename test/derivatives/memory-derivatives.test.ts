import assert from 'node:assert/strict';
import { derivativesConformance } from '@safelight/originals/conformance';
import { memoryDerivatives } from '@safelight/stores';

// Not in its package, since stores and originals must not import each other, not even in tests.
describe('memoryDerivatives', () => {
  derivativesConformance({
    describe,
    it,
    async create({ maxBytes, memoryBytes }) {
      const derivatives = memoryDerivatives({ maxBytes, maxEntryBytes: memoryBytes });
      return { derivatives, elsewhere: derivatives };
    },
  });

  async function store(derivatives: ReturnType<typeof memoryDerivatives>, bytes: number): Promise<string | undefined> {
    const draft = derivatives.create();
    draft.write(Buffer.alloc(bytes, 7));
    draft.end();
    return draft.store({});
  }

  it('returns the same object each time, without a promise', async () => {
    const derivatives = memoryDerivatives();
    const name = (await store(derivatives, 10)) ?? '';
    const found = derivatives.open(name);
    assert.ok(found !== undefined && !(found instanceof Promise));
    assert.equal(derivatives.open(name), found);
  });

  it('stores bytes of exactly the maximum size of an entry, and none larger', async () => {
    const derivatives = memoryDerivatives({ maxEntryBytes: 1000 });
    assert.ok(await store(derivatives, 1000));
    assert.equal(await store(derivatives, 1001), undefined);
  });

  it('counts the bytes of heads too', async () => {
    const derivatives = memoryDerivatives({ maxBytes: 10_000 });
    const draft = derivatives.create();
    draft.end();
    assert.equal(await draft.store({ padding: 'x'.repeat(10_000) }), undefined);
  });

  for (const option of ['maxBytes', 'maxEntryBytes']) {
    for (const bytes of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      it(`refuses ${option}: ${bytes}`, () => {
        assert.throws(() => memoryDerivatives({ [option]: bytes }), {
          name: 'RangeError',
          message: `memoryDerivatives(): ${option} is ${bytes}; it must be a whole number of bytes, at least 1.`,
        });
      });
    }
  }
});
