import assert from 'node:assert/strict';
import {
  cached,
  contentOf,
  type DerivativesCheck,
  isThere,
  patterned,
  storeBytes,
  writeAll,
} from './derivatives-scene.ts';

export function boundsConformance(check: DerivativesCheck): void {
  const three = { maxBytes: 65_536 };
  const one = patterned(20_000);

  check(
    'let go of what was not used for the longest time',
    async ({ derivatives }) => {
      const names = [await cached(derivatives, one), await cached(derivatives, one), await cached(derivatives, one)];
      assert.equal(await isThere(derivatives, names[0] ?? ''), true);
      names.push(await cached(derivatives, one));
      const there = await Promise.all(names.map((name) => isThere(derivatives, name)));
      assert.deepEqual(there, [true, false, true, true]);
    },
    three,
  );

  check(
    'let go of as many as a larger one needs',
    async ({ derivatives }) => {
      const small = [await cached(derivatives, one), await cached(derivatives, one), await cached(derivatives, one)];
      const large = await cached(derivatives, patterned(40_000));
      const there = await Promise.all([...small, large].map((name) => isThere(derivatives, name)));
      assert.deepEqual(there, [false, false, true, true]);
    },
    three,
  );

  check(
    'never keep more than fits, whatever comes',
    async ({ derivatives }) => {
      const names: string[] = [];
      for (let round = 0; round < 60; round += 1) {
        const name = await storeBytes(derivatives, patterned((round * 7919) % 30_000, round));
        if (name !== undefined) names.push(name);
        let bytes = 0;
        for (const there of names) {
          const found = await derivatives.open(there);
          bytes += found?.bytes ?? 0;
          found?.release();
        }
        assert.ok(bytes <= three.maxBytes, `${bytes} bytes are kept`);
        assert.equal(await isThere(derivatives, name ?? ''), true, 'what has just been kept stays');
      }
    },
    three,
  );

  check(
    'deliver what is too large, do not keep it, and let go of nothing for it',
    async ({ derivatives }) => {
      const name = await cached(derivatives, one);
      for (const content of [patterned(65_536), patterned(400_000)]) {
        const draft = derivatives.create();
        const reader = contentOf(draft.read());
        await writeAll(draft, content);
        assert.equal(await draft.store({}), undefined);
        assert.deepEqual(await reader, content);
      }
      assert.equal(await isThere(derivatives, name), true);
    },
    three,
  );
}
