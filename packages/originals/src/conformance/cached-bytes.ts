import assert from 'node:assert/strict';
import { contentOf, type DerivativesCheck, openStored, patterned, sha256, storeNamed } from './derivatives-scene.ts';

export function cachedBytesConformance(check: DerivativesCheck): void {
  wholeBytesConformance(check);
  rangesConformance(check);
  placeConformance(check);
  removalConformance(check);
}

function wholeBytesConformance(check: DerivativesCheck): void {
  for (const bytes of [0, 1, 1000, 65_536, 65_537, 200_000]) {
    check(`are read as they were written: ${bytes} bytes`, async ({ derivatives, elsewhere }) => {
      const content = patterned(bytes);
      const name = await storeNamed(derivatives, content, { type: 'image/png' });
      for (const found of [await openStored(derivatives, name), await openStored(elsewhere, name)]) {
        assert.equal(found.bytes, bytes);
        assert.equal(found.digest, sha256(content));
        assert.deepEqual(found.head, { type: 'image/png' });
        assert.deepEqual(await contentOf(found.read()), content);
        if (found.body !== undefined) assert.deepEqual(found.body, content);
        found.release();
      }
    });
  }

  check('have a head that later changes do not reach', async ({ derivatives, elsewhere }) => {
    const head = { lines: [['ETag', '"ä – 日本"']], empty: '', none: null, at: 1.5, inner: { deep: [true] } };
    const before = structuredClone(head);
    const name = await storeNamed(derivatives, patterned(10), head);
    head.inner.deep.push(false);
    for (const side of [derivatives, elsewhere]) {
      const found = await openStored(side, name);
      assert.deepEqual(found.head, before);
      found.release();
    }
  });

  check('get different names, also for equal bytes', async ({ derivatives }) => {
    const names = [await storeNamed(derivatives, patterned(10)), await storeNamed(derivatives, patterned(10))];
    assert.notEqual(names[0], names[1]);
  });
}

function rangesConformance(check: DerivativesCheck): void {
  check('can be read in part: every range of 12 bytes', async ({ derivatives, elsewhere }) => {
    const content = patterned(12);
    const name = await storeNamed(derivatives, content);
    for (const side of [derivatives, elsewhere]) {
      const found = await openStored(side, name);
      for (let start = 0; start <= 12; start += 1) {
        for (let end = start; end <= 12; end += 1) {
          assert.deepEqual(await contentOf(found.read(start, end)), content.subarray(start, end));
        }
        assert.deepEqual(await contentOf(found.read(start)), content.subarray(start));
      }
      assert.deepEqual(await contentOf(found.read(5, 100)), content.subarray(5));
      assert.deepEqual(await contentOf(found.read(100)), Buffer.alloc(0));
      found.release();
    }
  });

  check('can be read in part: many ranges of many bytes at a time', async ({ derivatives, elsewhere }) => {
    const content = patterned(300_000);
    const name = await storeNamed(derivatives, content);
    const found = await openStored(elsewhere, name);
    const edges = [0, 1, 65_535, 65_536, 65_537, 131_072, 150_001, 299_999, 300_000, 300_001];
    const reads = edges.flatMap((start) =>
      edges.map(async (end) => {
        assert.deepEqual(await contentOf(found.read(start, end)), content.subarray(start, Math.max(start, end)));
      }),
    );
    found.release();
    await Promise.all(reads);
  });
}

function placeConformance(check: DerivativesCheck): void {
  check('are in a place with an ID that stays the same, also elsewhere', async ({ derivatives, elsewhere }) => {
    const { place } = derivatives;
    await storeNamed(derivatives, patterned(10));
    assert.equal(derivatives.place, place);
    assert.equal(elsewhere.place, place);
  });
}

function removalConformance(check: DerivativesCheck): void {
  check('can be read to the end after they were opened, also when they are removed meanwhile', async (underTest) => {
    const { derivatives, elsewhere } = underTest;
    const content = patterned(300_000);
    const name = await storeNamed(derivatives, content);
    const found = await openStored(elsewhere, name);
    const early = found.read();
    await derivatives.remove(name);
    const late = found.read(1000);
    found.release();
    assert.deepEqual(await contentOf(early), content);
    assert.deepEqual(await contentOf(late), content.subarray(1000));
  });

  check('are absent after they were removed, once or twice', async ({ derivatives, elsewhere }) => {
    for (const content of [patterned(100), patterned(300_000)]) {
      const [name, other] = [await storeNamed(derivatives, content), await storeNamed(derivatives, content)];
      await derivatives.remove(name);
      await derivatives.remove(name);
      assert.equal(await derivatives.open(name), undefined);
      assert.equal(await elsewhere.open(name), undefined);
      (await openStored(derivatives, other)).release();
    }
  });

  const strange = ['', 'cat', '0'.repeat(32), '../../../etc/passwd', '0'.repeat(31), 'A'.repeat(32), '\0'.repeat(32)];
  for (const name of [...strange, `../${'0'.repeat(29)}`, `${'0'.repeat(32)}\n`]) {
    check(`are absent under an unknown name: ${JSON.stringify(name)}`, async ({ derivatives }) => {
      assert.equal(await derivatives.open(name), undefined);
      await derivatives.remove(name);
    });
  }
}
