import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Failure } from '../src/failure.ts';
import {
  type FailureQuestion,
  failureFor,
  failuresIn,
  maxFailureVariants,
  withFailure,
  withoutFailuresFor,
} from '../src/failure-variants.ts';
import type { FieldValues } from '../src/field-values.ts';
import { failureOf } from './found-of.ts';

/** A failure that a test can recognise by its rung. */
function failure(rung: number, parts: Partial<Failure> = {}): Failure {
  return { ...failureOf('permanent', 1000), rung, ...parts };
}

const having =
  (request: Readonly<Record<string, string | null>>) =>
  (vary: FieldValues): boolean =>
    Object.entries(vary).every(([name, value]) => (request[name] ?? null) === value);

function recordOf(failures: readonly Failure[]): Failure {
  return failures.reduce<Failure | undefined>((record, one) => withFailure(record, one), undefined) as Failure;
}

describe('the failures of one derivation', () => {
  const ask = (record: Failure, variant: string, request: Readonly<Record<string, string | null>> = {}) =>
    failureFor(record, { variant, matches: having(request) })?.rung;

  it('of one variant are not shown to another', () => {
    const record = recordOf([failure(1, { variant: 'a' }), failure(2, { variant: 'b' })]);
    assert.deepEqual([ask(record, 'a'), ask(record, 'b'), ask(record, 'c')], [1, 2, undefined]);
  });

  it('with a code of their own are shown to every variant', () => {
    assert.equal(ask(failure(3), 'a'), 3);
  });

  it('that vary by a field are shown to requests with the same value only', () => {
    const record = recordOf([
      failure(1, { variant: 'a', vary: { accept: 'image/avif' } }),
      failure(2, { variant: 'a', vary: { accept: null } }),
    ]);
    assert.deepEqual(
      [ask(record, 'a', { accept: 'image/avif' }), ask(record, 'a'), ask(record, 'a', { accept: 'text/html' })],
      [1, 2, undefined],
    );
  });

  it('replace the one of the same variant and fields', () => {
    const record = recordOf([failure(1, { variant: 'a' }), failure(2, { variant: 'b' }), failure(9, { variant: 'a' })]);
    assert.deepEqual(
      failuresIn(record).map(({ rung }) => rung),
      [9, 2],
    );
  });

  it('found under other marks are dropped', () => {
    const record = recordOf([failure(1, { variant: 'a', stamp: 'old' }), failure(2, { variant: 'b' })]);
    assert.deepEqual(
      failuresIn(record).map(({ rung }) => rung),
      [2],
    );
  });

  it(`are at most ${maxFailureVariants}: the oldest is forgotten`, () => {
    const many = Array.from({ length: maxFailureVariants + 1 }, (_, i) => failure(i + 1, { variant: `v${i}` }));
    const record = recordOf(many);
    assert.equal(failuresIn(record).length, maxFailureVariants);
    assert.deepEqual([ask(record, 'v0'), ask(record, 'v1')], [undefined, 2]);
  });

  it('are ended by a success for the requests that it speaks for, and for no others', () => {
    const record = recordOf([failure(1, { variant: 'a' }), failure(2, { variant: 'b' }), failure(3)]);
    const rest = withoutFailuresFor(record, { variant: 'a', matches: undefined });
    assert.deepEqual(
      failuresIn(rest).map(({ rung }) => rung),
      [2],
    );
    assert.equal(withoutFailuresFor(rest, { variant: 'b', matches: undefined }), undefined);
  });

  it('that were recorded in any order: what is shown was found for the same variant and fields', () => {
    const fields = fc.record({ accept: fc.constantFrom('a', 'b', null) }, { requiredKeys: [] });
    const anyFailure = fc
      .tuple(fc.integer({ min: 1, max: 99 }), fc.option(fc.constantFrom('x', 'y'), { nil: undefined }), fields)
      .map(([rung, variant, vary]) =>
        failure(rung, {
          ...(variant && { variant }),
          ...(Object.keys(vary).length > 0 && { vary: vary as FieldValues }),
        }),
      );
    const anyQuestion = fc
      .tuple(fc.constantFrom('x', 'y', 'z'), fc.constantFrom('a', 'b', null))
      .map(([variant, accept]): FailureQuestion => ({ variant, matches: having({ accept }) }));
    fc.assert(
      fc.property(fc.array(anyFailure, { minLength: 1, maxLength: 30 }), anyQuestion, (failures, question) => {
        const shown = failureFor(recordOf(failures), question);
        if (shown === undefined) return;
        assert.ok(shown.variant === undefined || shown.variant === question.variant);
        assert.ok(shown.vary === undefined || question.matches?.(shown.vary) === true);
        assert.ok(failures.some(({ rung }) => rung === shown.rung));
      }),
    );
  });
});
