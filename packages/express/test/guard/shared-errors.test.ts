import assert from 'node:assert/strict';
import type { SharedValues, StoredValue } from '@safelight/core';
import { stoppedClock } from '../../../../test/servers/scene.ts';
import { type CapturedError, digestOf } from '../../src/guard/error-capture.ts';
import { createSharedErrors } from '../../src/guard/shared-errors.ts';

/** Values in memory, with the number of reads and writes. */
function countedValues() {
  const values = new Map<string, { readonly value: StoredValue; readonly ttlMs: number }>();
  const counts = { reads: 0, writes: 0 };
  const shared: SharedValues = {
    async read(names) {
      counts.reads += 1;
      return names.map((name) => values.get(name)?.value);
    },
    async write(name, value, ttlMs) {
      counts.writes += 1;
      values.set(name, { value: JSON.parse(JSON.stringify(value)) as StoredValue, ttlMs });
      return true;
    },
  };
  return { values, counts, shared };
}

function scene() {
  const clock = stoppedClock();
  const { values, counts, shared } = countedValues();
  const process = () => createSharedErrors(shared, clock);
  return { clock, values, counts, process };
}

function errorWith(body: string | Buffer, headers: CapturedError['headers'] = { 'x-page': '1' }): CapturedError {
  const bytes = Buffer.from(body);
  return { status: 404, headers, negotiated: { accept: 'image/avif' }, body: bytes, digest: digestOf(bytes) };
}

describe('captured errors in a shared store', () => {
  it('are found by another process, with status, fields and body', async () => {
    const { process, values } = scene();
    for (const body of ['', 'no cat', '\u{1f408}'.repeat(1000), Buffer.alloc(65_536, 7)]) {
      const error = errorWith(body);
      await process().put('a', error, 1500);
      assert.deepEqual(await process().find('a'), error);
    }
    const head = [...values].find(([name]) => name.startsWith('h:'));
    assert.equal(head?.[1].ttlMs, 1500);
    assert.equal(await process().find('b'), undefined);
  });

  it('take at most 1 MiB of bodies, whatever is captured', async () => {
    const { process, values } = scene();
    const errors = process();
    for (const bytes of [1, 2048, 2049, 8192, 8193, 65_536]) {
      for (let i = 0; i < 300; i += 1) {
        const body = Buffer.alloc(bytes, `${bytes}-${i} `);
        await errors.put(`${bytes} ${i}`, errorWith(body), 60_000);
      }
    }
    const bodies = [...values].filter(([name]) => name.startsWith('b:'));
    const bytes = bodies.map(([, { value }]) => Buffer.from((value as { base64: string }).base64, 'base64').length);
    const sum = bytes.reduce((a, b) => a + b, 0);
    assert.ok(sum <= 1024 ** 2 && sum > 700_000, `${sum} bytes in ${bodies.length} slots`);
  });

  it('with equal bodies are stored once, and the body is not written again within a minute', async () => {
    const { clock, process, values, counts } = scene();
    const errors = process();
    for (let i = 0; i < 50; i += 1) await errors.put(`e${i}`, errorWith('the same page'), 60_000);
    assert.deepEqual([values.size, counts.writes], [51, 51]);
    for (let i = 0; i < 50; i += 1) assert.equal((await errors.find(`e${i}`))?.body.toString(), 'the same page');
    clock.pass(60_000);
    await errors.put('later', errorWith('the same page'), 60_000);
    assert.equal(counts.writes, 53);
  });

  it('do not get the body of another error that was put in the same slot', async () => {
    const { process, values } = scene();
    const errors = process();
    await errors.put('a', errorWith('a'), 60_000);
    const [slot] = [...values.keys()].filter((name) => name.startsWith('b:'));
    values.set(String(slot), { value: { base64: Buffer.from('b').toString('base64') }, ttlMs: 1 });
    assert.equal(await process().find('a'), undefined);
  });

  it('are looked for once by requests at the same time, and not again for two seconds if absent', async () => {
    const { clock, process, counts } = scene();
    const errors = process();
    await Promise.all([errors.find('a'), errors.find('a')]);
    await errors.find('a');
    assert.equal(counts.reads, 1);
    clock.pass(2000);
    await process().put('a', errorWith('late'), 60_000);
    assert.equal((await errors.find('a'))?.body.toString(), 'late');
  });

  it('with a head that is too large, or for a client with long values, are not shared', async () => {
    const { process, counts } = scene();
    await process().put('b', { ...errorWith('b'), negotiated: { accept: 'x'.repeat(1000) } }, 60_000);
    await process().put('a', errorWith('a', { 'x-long': 'x'.repeat(4096) }), 60_000);
    assert.equal(counts.writes, 0);
  });

  it('count as absent when they are damaged', async () => {
    const { process, values } = scene();
    await process().put('a', errorWith('a'), 60_000);
    const [name] = [...values.keys()].filter((key) => key.startsWith('h:')) as [string];
    const { value: whole } = values.get(name) as { value: object };
    const damages: readonly object[] = [
      ...[{ status: 200 }, { status: '404' }, { bytes: -1 }, { bytes: 1e9 }, { digest: 'x' }, { negotiated: [1] }],
      ...[
        { headers: { 'transfer-encoding': 'chunked' } },
        { headers: { 'Set-Cookie': 'a=1' } },
        { headers: null },
        { headers: { 'x-a': 1 } },
        { headers: { 'x-a': 'a\r\nb: c' } },
        { headers: { 'a b': 'c' } },
      ],
    ];
    assert.notEqual(await process().find('a'), undefined);
    for (const damage of damages) {
      values.set(name, { value: { ...whole, ...damage }, ttlMs: 1 });
      assert.equal(await process().find('a'), undefined, JSON.stringify(damage));
    }
    for (const value of ['text', [], { status: 404 }]) {
      values.set(name, { value, ttlMs: 1 });
      assert.equal(await process().find('a'), undefined);
    }
  });
});
