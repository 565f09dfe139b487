import assert from 'node:assert/strict';
import { quietly, quietOnError } from '../src/quietly.ts';

describe('quietly: a hook of the application changes nothing', () => {
  const boom = new Error('The hook failed.');
  const unused = () => assert.fail('An error was reported.');

  it('gives the event to the hook', () => {
    const seen: string[] = [];
    quietly((event: string) => seen.push(event), unused)('one');
    assert.deepEqual(seen, ['one']);
  });

  it('reports what the hook throws, and what its promise rejects with', async () => {
    const reported: unknown[] = [];
    const report = (error: unknown) => void reported.push(error);
    quietly(() => {
      throw boom;
    }, report)('one');
    assert.deepEqual(reported, [boom]);
    quietly(() => Promise.reject(boom), report)('two');
    await Promise.resolve();
    await Promise.resolve();
    assert.deepEqual(reported, [boom, boom]);
  });

  it('reports a thenable that rejects, which need not be a promise', () => {
    const reported: unknown[] = [];
    const rejecting = {
      // biome-ignore lint/suspicious/noThenProperty: this is what the test is about
      then: (_resolve: unknown, reject: (error: unknown) => void) => reject(boom),
    };
    quietly(
      () => rejecting,
      (error) => void reported.push(error),
    )('one');
    assert.deepEqual(reported, [boom]);
  });

  it('drops what `onError` itself throws or rejects with', async () => {
    quietOnError(() => {
      throw boom;
    })(new Error('The store is down.'));
    quietOnError(() => Promise.reject(boom))(new Error('The store is down.'));
    await new Promise((resolve) => setImmediate(resolve));
  });
});
