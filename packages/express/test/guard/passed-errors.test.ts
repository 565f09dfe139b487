import assert from 'node:assert/strict';
import type { Failed } from '@safelight/core';
import { createPassedErrors, exposeOf } from '../../src/guard/passed-errors.ts';

const fault = { code: 'not_found', status: 404, class: 'permanent', message: 'Not found', passed: {} } as const;
const held: Failed = { kind: 'failed', source: 'held', fault, failure: undefined, remainingMs: 0, storable: true };

function delivery() {
  const errors = createPassedErrors();
  const seen: unknown[] = [];
  return { errors, seen, deliver: (error: unknown) => errors.deliver(error, (got) => seen.push(got)) };
}

describe('errors that handlers have passed on', () => {
  it('are the same object: new the first time, held later', () => {
    const { errors, seen, deliver } = delivery();
    const error: Error & { held?: boolean } = new Error('broken');
    errors.remember('a', error);
    deliver(error);
    assert.equal(error.held, undefined);
    deliver(errors.find('a', held));
    assert.equal(error.held, true);
    assert.deepEqual(seen, [error, error]);
  });

  it('that are frozen get a held copy of the same class; texts pass as they are', () => {
    const { seen, deliver } = delivery();
    const frozen = Object.freeze(new RangeError('broken'));
    for (const error of [frozen, frozen, 'text', 'text']) deliver(error);
    const copy = seen[1] as RangeError & { held?: boolean };
    assert.ok(copy instanceof RangeError);
    assert.deepEqual([copy.message, copy.held, seen[0] === frozen, seen[3]], ['broken', true, true, 'text']);
  });

  it('of another process have its status, and nothing that clients may not see', () => {
    const { errors, seen, deliver } = delivery();
    deliver(errors.find('unknown', held));
    const { status, expose, code, message, held: isHeld } = seen[0] as Record<string, unknown>;
    assert.deepEqual([status, expose, code, message, isHeld], [404, true, 'not_found', 'Not found', true]);
  });

  it('expose their message as http-errors says it', () => {
    assert.deepEqual(
      [{ expose: false, status: 404 }, { status: 404 }, { statusCode: 503 }, new Error('x'), 'text'].map(exposeOf),
      [false, true, false, undefined, undefined],
    );
  });
});
