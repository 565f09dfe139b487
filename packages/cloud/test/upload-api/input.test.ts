import assert from 'node:assert/strict';
import fc from 'fast-check';
import { z } from 'zod';
import { findRoute } from '../../src/upload-api/api-route.ts';
import { contextPairs } from '../../src/upload-api/context-pairs.ts';
import { idempotency } from '../../src/upload-api/idempotency.ts';
import { commaList, readInput, uploadInput } from '../../src/upload-api/input.ts';
import { createRunInOneProcess } from '../../src/upload-api/run-in-one-process.ts';

describe('contextPairs', () => {
  const escaped = (text: string) => text.replace(/[\\=|]/g, '\\$&');
  const anyText = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });

  it('reads back every pair that SDKs write', () => {
    const name = anyText.filter((text) => !text.startsWith('{'));
    fc.assert(
      fc.property(fc.array(fc.tuple(name, anyText), { maxLength: 5 }), (pairs) => {
        const context = pairs.map(([key, value]) => `${escaped(key)}=${escaped(value)}`).join('|');
        assert.deepEqual(contextPairs.parse(context), Object.fromEntries(pairs));
      }),
    );
  });

  it('never throws anything but a refusal', () => {
    fc.assert(fc.property(fc.string(), (context) => void contextPairs.safeParse(context)));
  });

  it('treats __proto__ like any other name', () => {
    const pairs = contextPairs.parse('__proto__=x');
    assert.deepEqual(Object.keys(pairs), ['__proto__']);
    assert.equal(Object.getPrototypeOf(pairs), Object.prototype);
  });

  it('is bounded', () => {
    const many = Array.from({ length: 101 }, (_, n) => `k${n}=x`).join('|');
    assert.equal(contextPairs.safeParse(many).success, false);
    assert.equal(commaList.safeParse('x,'.repeat(200)).success, true);
    assert.equal(commaList.safeParse(Array.from({ length: 101 }, (_, n) => n).join(',')).success, false);
  });
});

describe('readInput', () => {
  it('ignores unknown and empty parameters', () => {
    const fields = new Map([
      ['colour', 'red'],
      ['folder', ''],
      ['__proto__', 'x'],
      ['public_id', 'cat'],
    ]);
    assert.deepEqual(readInput(uploadInput, fields), { public_id: 'cat' });
  });
  it('names a missing parameter, also when its name is one of Object.prototype', () => {
    const schema = z.object({ constructor: z.string() });
    assert.throws(() => readInput(schema, new Map()), /^ApiError: Missing required parameter - constructor$/);
  });
});

describe('findRoute', () => {
  it('never throws, whatever the path', () => {
    fc.assert(fc.property(fc.string(), (path) => void findRoute('GET', `/v1_1/demo/${path}`, 'demo')));
  });
  it('decodes a public ID once', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (publicId) => {
        const route = findRoute('GET', `/v1_1/demo/resources/raw/upload/${encodeURIComponent(publicId)}?x=1`, 'demo');
        assert.ok(route?.operation === 'admin');
        assert.equal(route.match.operation.name, 'resource');
        assert.deepEqual(Object.fromEntries(route.match.pathFields), {
          resource_type: 'raw',
          type: 'upload',
          public_id: publicId,
        });
      }),
    );
  });
});

describe('idempotency', () => {
  const runInOneProcess = createRunInOneProcess<number, object>(undefined);

  it('remembers a limited number of keys, and removes the oldest first', async () => {
    const once = idempotency<number, object>({ runInOneProcess, maxKeys: 2, clock: () => 0 });
    let runs = 0;
    const call = (key: string) => once({ key, fingerprint: '' }, async () => ++runs);
    assert.deepEqual([await call('a'), await call('b'), await call('c'), await call('c')], [1, 2, 3, 3]);
    assert.deepEqual([await call('b'), await call('a')], [2, 4]);
  });
  it('never removes a running call', async () => {
    const once = idempotency<number, object>({ runInOneProcess, maxKeys: 1, clock: () => 0 });
    let runs = 0;
    const first = Promise.withResolvers<number>();
    const running = once({ key: 'a', fingerprint: '' }, () => first.promise);
    for (const key of ['b', 'c']) await once({ key, fingerprint: '' }, async () => ++runs);
    const repeated = once({ key: 'a', fingerprint: '' }, async () => assert.fail('It ran twice'));
    first.resolve(7);
    assert.deepEqual([await running, await repeated], [7, 7]);
  });
  it('runs every call without a key', async () => {
    const once = idempotency<number, object>({ runInOneProcess, clock: () => 0 });
    let runs = 0;
    const call = () => once({ key: undefined, fingerprint: '' }, async () => ++runs);
    assert.deepEqual([await call(), await call()], [1, 2]);
  });
});
