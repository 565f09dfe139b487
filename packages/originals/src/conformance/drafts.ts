import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { contentOf, type DerivativesCheck, patterned, storeBytes, writeAll } from './derivatives-scene.ts';

const memoryBytes = 65_536;
const sizes = [memoryBytes / 2, memoryBytes * 6];

export function draftsConformance(checkWith: DerivativesCheck): void {
  const check: DerivativesCheck = (title, body) => checkWith(title, body, { memoryBytes });

  for (const bytes of sizes) {
    readersConformance(check, bytes);
    endsConformance(check, bytes);
  }

  check('get one name, also when `store` is called twice', async ({ derivatives }) => {
    const draft = derivatives.create();
    assert.equal(await draft.store({}), undefined, 'store() before end()');
    await writeAll(draft, patterned(1000));
    const [first, second] = await Promise.all([draft.store({}), draft.store({})]);
    draft.discard();
    assert.ok(first);
    assert.equal(second, first);
  });

  check('do not disturb each other', async ({ derivatives }) => {
    const contents = Array.from({ length: 20 }, (_, seed) => patterned(seed * 1500, seed));
    const names = await Promise.all(contents.map((content) => storeBytes(derivatives, content)));
    for (const [at, name] of names.entries()) {
      const found = await derivatives.open(name ?? '');
      assert.deepEqual(await contentOf(found?.read()), contents[at]);
      found?.release();
    }
  });
}

/** Tests of the readers of a growing draft. */
function readersConformance(check: DerivativesCheck, bytes: number): void {
  const content = patterned(bytes, 3);

  check(`give all readers the same bytes while they grow: ${bytes}`, async ({ derivatives }) => {
    const draft = derivatives.create();
    const readers = [contentOf(draft.read()), contentOf(draft.read())];
    for (let start = 0; start < bytes; start += 7001) {
      await draft.write(content.subarray(start, start + 7001));
      if (start < memoryBytes / 2) readers.push(contentOf(draft.read()));
      await setImmediate();
    }
    draft.end();
    for (const reader of readers) assert.deepEqual(await reader, content);
    const found = await derivatives.open((await draft.store({})) ?? '');
    if (found !== undefined) assert.deepEqual(await contentOf(found.read()), content);
    found?.release();
  });

  check(`give a slow reader all bytes: ${bytes}`, async ({ derivatives }) => {
    const draft = derivatives.create();
    const [fast, slow] = [contentOf(draft.read()), draft.read()];
    const writing = writeAll(draft, content);
    const chunks: Buffer[] = [];
    for await (const chunk of slow ?? []) {
      chunks.push(chunk);
      for (let turn = 0; turn < 5; turn += 1) await setImmediate();
    }
    await writing;
    assert.deepEqual(Buffer.concat(chunks), content);
    assert.deepEqual(await fast, content);
    await draft.store({});
  });

  check(`continue when a reader leaves, at once or later: ${bytes}`, async ({ derivatives }) => {
    const draft = derivatives.create();
    const [staying, leaving, gone] = [contentOf(draft.read()), draft.read(), draft.read()];
    gone?.destroy();
    const writing = writeAll(draft, content);
    leaving?.once('data', () => leaving.destroy());
    await writing;
    assert.deepEqual(await staying, content);
    assert.equal(leaving?.destroyed, true);
    await draft.store({});
  });
}

/** Tests of the ways in which a draft ends. */
function endsConformance(check: DerivativesCheck, bytes: number): void {
  const content = patterned(bytes, 3);

  check(`end without a reader: ${bytes}`, async ({ derivatives }) => {
    const draft = derivatives.create();
    draft.read()?.destroy();
    await writeAll(draft, content);
    draft.discard();
  });

  check(`break off all readers when they fail, and store nothing: ${bytes}`, async ({ derivatives }) => {
    const draft = derivatives.create();
    const [reading, unread] = [contentOf(draft.read()), draft.read()];
    const readerFails = assert.rejects(reading, { message: 'the handler failed' });
    draft.write(content);
    draft.fail(new Error('the handler failed'));
    await readerFails;
    await setImmediate();
    await assert.rejects(contentOf(unread), { message: 'the handler failed' });
    draft.end();
    assert.equal(draft.read(), undefined);
    assert.equal(await draft.store({}), undefined);
  });

  check(`store nothing when they are discarded, and readers continue: ${bytes}`, async ({ derivatives }) => {
    const draft = derivatives.create();
    const reader = contentOf(draft.read());
    draft.write(content.subarray(0, 1000));
    draft.discard();
    await writeAll(draft, content.subarray(1000));
    assert.equal(await draft.store({}), undefined);
    assert.deepEqual(await reader, content);
  });
}
