import assert from 'node:assert/strict';
import type { Failed, Failure } from '@safelight/core';
import { createFailureMemo, type FailureResponseOptions, failureResponse } from '@safelight/http';
import { recordSchema } from '../../core/src/record-schema.ts';

const failure: Failure = {
  schema: recordSchema,
  code: 'handler_failed',
  status: 500,
  class: 'transient',
  message: 'The transformation failed',
  stamp: 'mark',
  rung: 1,
  since: 0,
  failedAt: 0,
  until: 1000,
};

function held(remainingMs: number, change: Partial<FailureResponseOptions> = {}): FailureResponseOptions {
  const outcome: Failed = { kind: 'failed', source: 'held', fault: failure, failure, remainingMs, storable: true };
  return { outcome, wants: 'text', tags: () => ['cat'], ...change };
}

describe('createFailureMemo', () => {
  it('returns the same object within one second, and a new one after it', () => {
    const response = createFailureMemo();
    const first = response(held(5900));
    assert.equal(response(held(5100)), first);
    assert.deepEqual(first, failureResponse(held(5900)));
    for (const remainingMs of [5000, 4900]) {
      assert.deepEqual(response(held(remainingMs)), failureResponse(held(remainingMs)));
    }
  });

  it('distinguishes the kind of body and the placeholder', () => {
    const response = createFailureMemo();
    const placeholder = { contentType: 'image/png', body: Buffer.from('png') };
    for (const change of [{}, { wants: 'json' }, { wants: 'media' }, { placeholder }] as const) {
      assert.deepEqual(response(held(5900, change)), failureResponse(held(5900, change)));
    }
  });

  it('holds no response with a placeholder of more than 64 KiB', () => {
    const response = createFailureMemo();
    for (const [bytes, isHeld] of [
      [65_536, true],
      [65_537, false],
    ] as const) {
      const options = held(5900, { placeholder: { contentType: 'image/png', body: Buffer.alloc(bytes) } });
      const [first, second] = [response(options), response(options)];
      assert.equal(first === second, isHeld);
    }
  });

  it('holds only failures that are held and that caches may store', () => {
    const response = createFailureMemo();
    for (const change of [{ source: 'run' }, { source: 'joined' }, { storable: false }] as const) {
      const { outcome, ...rest } = held(5900);
      const options = { ...rest, outcome: { ...(outcome as Failed), ...change } };
      assert.notEqual(response(options), response(options));
      assert.deepEqual(response(options), failureResponse(options));
    }
  });
});
