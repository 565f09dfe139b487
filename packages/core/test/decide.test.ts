import assert from 'node:assert/strict';
import { decide } from '../src/decide.ts';
import type { Failure, HeldClass } from '../src/failure.ts';
import type { Found } from '../src/lookup.ts';

const nothing: Found = {
  stamp: 'm',
  absence: undefined,
  missing_version: undefined,
  permanent: undefined,
  transient: undefined,
  cached: undefined,
  hasFailure: false,
  reachable: true,
  records: { permanent: undefined, transient: undefined },
  matches: undefined,
  revision: undefined,
  isPending: false,
};

function failure(held: HeldClass, until: number, failedAt = 0): Failure {
  const fault = { code: 'not_found', status: 404, class: held, message: '' } as const;
  return { ...fault, schema: 2, stamp: 'm', rung: 1, since: 0, failedAt, until };
}

const probed = { isProbed: () => true };
const notProbed = { isProbed: () => false };

describe('decide: hold a failure, or run', () => {
  it('runs when nothing is recorded, even while another run is in progress', () => {
    assert.deepEqual(decide(nothing, 0, probed), { kind: 'run' });
  });

  it('holds a failure until the last millisecond of its window', () => {
    const found = { ...nothing, absence: failure('absence', 60_000) };
    assert.deepEqual(decide(found, 59_999, notProbed), { kind: 'hold', failure: found.absence, remainingMs: 1 });
    assert.deepEqual(decide(found, 60_000, notProbed), { kind: 'run' });
  });

  it('holds a failure after its window while a probe is in progress', () => {
    const found = { ...nothing, permanent: failure('permanent', 60_000) };
    assert.deepEqual(decide(found, 61_000, probed), { kind: 'hold', failure: found.permanent, remainingMs: 0 });
  });

  it('prefers the failure of the original to that of a derivation', () => {
    const found = { ...nothing, absence: failure('absence', 1000), permanent: failure('permanent', 90_000) };
    assert.equal(decide(found, 0, notProbed).kind === 'hold' && found.absence, found.absence);
  });

  it('holds a failure whose window has not ended, although that of another class has ended', () => {
    const found = { ...nothing, absence: failure('absence', 10), transient: failure('transient', 90) };
    assert.deepEqual(decide(found, 50, notProbed), { kind: 'hold', failure: found.transient, remainingMs: 40 });
  });

  it('gives no more than the whole window as the remaining time, if the clock was set back', () => {
    const hour = 3_600_000;
    const found = { ...nothing, absence: failure('absence', hour + 60_000, hour) };
    assert.deepEqual(decide(found, 0, notProbed), { kind: 'hold', failure: found.absence, remainingMs: 60_000 });
  });
});
