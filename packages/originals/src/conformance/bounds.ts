import assert from 'node:assert/strict';
import {
  contentOf,
  type DerivativesCheck,
  isThere,
  patterned,
  storeBytes,
  storeNamed,
  writeAll,
} from './derivatives-scene.ts';

/** Room for three derivatives of `small`. */
const options = { maxBytes: 65_536 };
const small = patterned(20_000);

export function boundsConformance(check: DerivativesCheck): void {
  check(
    'evict the least recently used derivative',
    async ({ derivatives }) => {
      const names = [
        await storeNamed(derivatives, small),
        await storeNamed(derivatives, small),
        await storeNamed(derivatives, small),
      ];
      assert.equal(await isThere(derivatives, names[0] ?? ''), true);
      names.push(await storeNamed(derivatives, small));
      const there = await Promise.all(names.map((name) => isThere(derivatives, name)));
      assert.deepEqual(there, [true, false, true, true]);
    },
    options,
  );

  check(
    'evict as many derivatives as a larger one needs',
    async ({ derivatives }) => {
      const smaller = [
        await storeNamed(derivatives, small),
        await storeNamed(derivatives, small),
        await storeNamed(derivatives, small),
      ];
      const large = await storeNamed(derivatives, patterned(40_000));
      const there = await Promise.all([...smaller, large].map((name) => isThere(derivatives, name)));
      assert.deepEqual(there, [false, false, true, true]);
    },
    options,
  );

  check(
    'never store more than maxBytes',
    async ({ derivatives }) => {
      const names: string[] = [];
      for (let round = 0; round < 60; round += 1) {
        const name = await storeBytes(derivatives, patterned((round * 7919) % 30_000, round));
        if (name !== undefined) names.push(name);
        let bytes = 0;
        for (const storedName of names) {
          const found = await derivatives.open(storedName);
          bytes += found?.bytes ?? 0;
          found?.release();
        }
        assert.ok(bytes <= options.maxBytes, `${bytes} bytes are stored`);
        assert.equal(await isThere(derivatives, name ?? ''), true, 'the newest derivative stays');
      }
    },
    options,
  );

  tooLargeConformance(check);
}

/** For an implementation that evicts the oldest derivatives at sweeps. */
export function sweptBoundsConformance(check: DerivativesCheck): void {
  check(
    'evict the oldest derivatives at a sweep, until the others fit',
    async ({ derivatives, elsewhere, sweep }) => {
      assert.ok(sweep, 'create() returns derivatives without sweep');
      const names: string[] = [];
      for (let count = 0; count < 5; count += 1) names.push(await storeNamed(derivatives, small));
      await sweep();
      const there = await Promise.all(names.map((name) => isThere(elsewhere, name)));
      assert.deepEqual(there, [false, false, true, true, true]);
      await sweep();
      assert.equal(await isThere(elsewhere, names[2] ?? ''), true, 'a sweep evicts nothing when all fit');
    },
    options,
  );

  tooLargeConformance(check);
}

function tooLargeConformance(check: DerivativesCheck): void {
  check(
    'deliver a derivative that is too large, do not store it, and evict nothing for it',
    async ({ derivatives }) => {
      const name = await storeNamed(derivatives, small);
      for (const content of [patterned(65_536), patterned(400_000)]) {
        const draft = derivatives.create();
        const reader = contentOf(draft.read());
        await writeAll(draft, content);
        assert.equal(await draft.store({}), undefined);
        assert.deepEqual(await reader, content);
      }
      assert.equal(await isThere(derivatives, name), true);
    },
    options,
  );
}
