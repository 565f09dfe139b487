import assert from 'node:assert/strict';
import { retryAfterMs } from '../src/retry-after.ts';
import { SafelightError } from '../src/safelight-error.ts';
import { retryWaitMs, withRetries } from '../src/upload/retry.ts';

describe('retryWaitMs()', () => {
  const options = { retries: 3, maxRetryAfterMs: 1_000, random: () => 0, mayRepeat: () => true };
  const network = new SafelightError('network', 'x');
  const invited = (ms: number | undefined, status = 503) =>
    new SafelightError('rejected', 'x', { status, retryAfterMs: ms });

  const table: readonly (readonly [string, unknown, number, number | undefined])[] = [
    ['a cut connection', network, 1, 300],
    ['… a second time', network, 2, 600],
    ['… a third time', network, 3, 1_200],
    ['… after the last repeat', network, 4, undefined],
    ['503 with a short Retry-After', invited(1_000), 1, 1_000],
    ['503 with a long Retry-After', invited(1_001), 1, undefined],
    ['503 without Retry-After', invited(undefined), 1, 300],
    ['502 of a proxy', invited(undefined, 502), 2, 600],
    ['504 of a proxy', invited(undefined, 504), 3, 1_200],
    ['408, which a server sends for a slow body', invited(undefined, 408), 1, 300],
    ['502 after the last repeat', invited(undefined, 502), 4, undefined],
    ['429 with Retry-After', invited(10, 429), 1, 10],
    ['429 with a long Retry-After', invited(1_001, 429), 1, undefined],
    ['409 with Retry-After, of a call that still runs', invited(10, 409), 1, 10],
    ['409 without Retry-After, which is final', invited(undefined, 409), 1, undefined],
    ['429 without Retry-After, which is final', invited(undefined, 429), 1, undefined],
    ['500, which is final', invited(undefined, 500), 1, undefined],
    ['an error of another kind', new TypeError('x'), 1, undefined],
  ];
  for (const [name, error, failed, expected] of table) {
    it(`${name}: ${expected ?? 'no'} ms`, () => {
      assert.equal(retryWaitMs(error, failed, options), expected);
    });
  }

  it('is never longer than 7.5 s without a Retry-After', () => {
    assert.equal(retryWaitMs(network, 20, { ...options, retries: 99, random: () => 1 }), 7_500);
  });
});

describe('withRetries()', () => {
  it('stops waiting when it is aborted, with the reason of the abort', async () => {
    const controller = new AbortController();
    const attempt = (): Promise<never> => {
      setImmediate(() => controller.abort('enough'));
      return Promise.reject(new SafelightError('rejected', 'x', { status: 503, retryAfterMs: 30_000 }));
    };
    const ending = withRetries(attempt, {
      retries: 3,
      maxRetryAfterMs: 60_000,
      signal: controller.signal,
      random: Math.random,
      mayRepeat: () => true,
      onOffline: () => undefined,
    });
    await assert.rejects(ending, (reason) => reason === 'enough');
  });
});

describe('withRetries() while the browser is offline', () => {
  const page = new EventTarget();
  const { addEventListener } = globalThis;
  let isOnline = true;
  const goOnline = (): void => {
    isOnline = true;
    page.dispatchEvent(new Event('online'));
  };
  const lost = new SafelightError('network', 'x', { retryable: true });
  const options = {
    retries: 1,
    maxRetryAfterMs: 0,
    // Removes the waits between attempts.
    random: () => -2,
    mayRepeat: () => true,
    onOffline: () => undefined,
    signal: new AbortController().signal,
  };

  before(() => {
    Object.defineProperty(navigator, 'onLine', { configurable: true, get: () => isOnline });
    Object.assign(globalThis, { addEventListener: page.addEventListener.bind(page) });
  });
  after(() => {
    Reflect.deleteProperty(navigator, 'onLine');
    Object.assign(globalThis, { addEventListener });
  });
  beforeEach(() => {
    isOnline = true;
  });

  it('waits for the network, and does not count attempts that failed without it', async () => {
    let attempts = 0;
    const attempt = async (): Promise<string> => {
      if (++attempts < 6) {
        isOnline = false;
        setImmediate(goOnline);
        throw lost;
      }
      if (attempts === 6) throw lost;
      return 'done';
    };
    assert.equal(await withRetries(attempt, options), 'done');
    assert.equal(attempts, 7);
  });

  it('does not wait when the upload must not be repeated, or after a response', async () => {
    isOnline = false;
    await assert.rejects(
      withRetries(() => Promise.reject(lost), { ...options, retries: 0 }),
      lost,
    );
    const response = new SafelightError('rejected', 'x', { status: 400 });
    await assert.rejects(
      withRetries(() => Promise.reject(response), options),
      response,
    );
  });

  it('can be aborted while it waits', async () => {
    isOnline = false;
    const controller = new AbortController();
    setImmediate(() => controller.abort('enough'));
    const ending = withRetries(() => Promise.reject(lost), { ...options, signal: controller.signal });
    await assert.rejects(ending, (reason) => reason === 'enough');
  });
});

describe('retryAfterMs()', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  const table: readonly (readonly [string, Record<string, string>, number | undefined])[] = [
    ['absent', {}, undefined],
    ['seconds', { 'retry-after': '120' }, 120_000],
    ['a date', { 'retry-after': 'Thu, 01 Jan 2026 00:00:30 GMT' }, 30_000],
    [
      'a date by the clock of the server',
      { 'retry-after': 'Thu, 01 Jan 2026 01:00:30 GMT', date: 'Thu, 01 Jan 2026 01:00:00 GMT' },
      30_000,
    ],
    ['a date in the past', { 'retry-after': 'Wed, 31 Dec 2025 00:00:00 GMT' }, 0],
    ['nonsense', { 'retry-after': 'soon' }, undefined],
    ['a fraction', { 'retry-after': '1.5' }, undefined],
    ['a negative number', { 'retry-after': '-5' }, undefined],
    ['a date that only Date.parse can read', { 'retry-after': '2026-01-01T00:01:00Z' }, undefined],
    ['a date without a zone', { 'retry-after': 'Thu, 01 Jan 2026 00:01:00' }, undefined],
    [
      'a date beside a Date that only Date.parse can read',
      { 'retry-after': 'Thu, 01 Jan 2026 00:00:30 GMT', date: '3000' },
      30_000,
    ],
  ];
  for (const [name, headers, expected] of table) {
    it(`${name}: ${expected ?? 'none'}`, () => {
      assert.equal(retryAfterMs(new Headers(headers), now), expected);
    });
  }
});
