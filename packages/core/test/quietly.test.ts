import assert from 'node:assert/strict';
import { quietly, quietOnError } from '../src/quietly.ts';

describe('quietly: errors of a hook change nothing', () => {
  const boom = new Error('The hook failed.');
  const unused = () => assert.fail('An error was reported.');

  it('gives the event to the hook', () => {
    const seen: string[] = [];
    quietly((event: string) => seen.push(event), unused)('one');
    assert.deepEqual(seen, ['one']);
  });

  it('reports the error that the hook throws, or that its promise rejects with', async () => {
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

  it('reports the error of a thenable that is not a Promise', () => {
    const reported: unknown[] = [];
    const rejecting = {
      // biome-ignore lint/suspicious/noThenProperty: the test needs a thenable.
      then: (_resolve: unknown, reject: (error: unknown) => void) => reject(boom),
    };
    quietly(
      () => rejecting,
      (error) => void reported.push(error),
    )('one');
    assert.deepEqual(reported, [boom]);
  });

  it('ignores the error that `onError` throws or rejects with', async () => {
    quietOnError(() => {
      throw boom;
    })(new Error('The store is down.'));
    quietOnError(() => Promise.reject(boom))(new Error('The store is down.'));
    await new Promise((resolve) => setImmediate(resolve));
  });
});
