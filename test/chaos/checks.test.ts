import assert from 'node:assert/strict';
import { calmWindows, checkAttemptsOfOutages, checkCalmAttempts } from './check-attempts.ts';
import {
  checkConfirmations,
  checkNumbers,
  checkRemoved,
  checkStale,
  checkVersionBytes,
  checkVersionsStay,
} from './check-changes.ts';
import { checkFast, checkGoodStays, checkNoFailures, checkWaits, leasesMet, waits } from './check-deliveries.ts';
import { explainViolation } from './explain-violation.ts';
import { type Change, type Fault, type History, type HistoryParts, historyOf, type Read } from './history.ts';

let number = 0;

/** A request that has found nothing by a run of server 0. */
function read(startedAt: number, endedAt: number, parts: Partial<Read> = {}): Read {
  number += 1;
  const seen = {
    shown: null,
    status: 404,
    code: 'missing_original',
    source: 'run',
    isStorable: true,
    hasLeft: false,
  } as const;
  const url = { asset: 'cat', derivation: 'file', version: undefined };
  return { kind: 'read', number, startedAt, endedAt, server: 0, ...url, ...seen, ...parts };
}

function shows(shown: string, source: Read['source'] = 'run') {
  return { shown, status: 200, code: undefined, source } as const;
}

/** An acknowledged upload of `c1` as version 10 through server 0. */
function upload(startedAt: number, endedAt: number, parts: Partial<Change> = {}): Change {
  number += 1;
  const what = { kind: 'upload', asset: 'cat', shows: { cat: 'c1' }, version: 10, isSlow: false } as const;
  const response = { server: 0, status: 200, result: 'acknowledged', retryAfter: undefined } as const;
  return { number, startedAt, endedAt, ...what, ...response, ...parts };
}

const unconfirmed = { status: 503, result: 'unconfirmed', retryAfter: '5', version: undefined } as const;
const lost = { status: undefined, server: undefined, result: 'lost', version: undefined } as const;
const destroyed = { kind: 'destroy', shows: { cat: null }, version: undefined } as const;

function away(from: number, until: number, parts: Partial<Fault> = {}): Fault {
  const bounds = { startedAt: from, endedAt: until, during: { from, until } };
  return { kind: 'cut', servers: [0], ...bounds, store: ['away'], ...parts };
}

function given(calls: readonly (Read | Change)[], faults: readonly Fault[] = [], stalls: HistoryParts['stalls'] = []) {
  const reads = calls.filter((call) => call.kind === 'read');
  const changes = calls.filter((call) => call.kind !== 'read');
  return historyOf({ reads, changes, faults, stalls });
}

/** Defines a test for each history: how many violations the check finds in it. */
function finds(check: (history: History) => readonly unknown[], cases: Readonly<Record<string, [number, History]>>) {
  for (const [title, [count, history]] of Object.entries(cases)) {
    it(`${count === 0 ? 'permits' : 'finds'} ${title}`, () => assert.equal(check(history).length, count));
  }
}

describe('checkStale', () => {
  finds((history) => checkStale(history, { maxStaleMs: 5000 }), {
    'nothing before an upload': [0, given([read(0, 10), upload(20, 30)])],
    'nothing after an upload': [1, given([upload(20, 30), read(31, 40)])],
    'nothing in a request that has begun before': [0, given([upload(20, 30), read(29, 40)])],
    'the upload before its response': [0, given([upload(20, 30), read(22, 28, shows('c1'))])],
    'the upload before it has begun': [1, given([read(0, 10, shows('c1')), upload(20, 30)])],
    'older bytes': [
      1,
      given([
        upload(0, 10),
        upload(20, 30, { shows: { cat: 'c2' }, version: 11 }),
        read(31, 40, shows('c1', 'stored')),
      ]),
    ],
    'bytes after a destroy': [1, given([upload(0, 10), upload(20, 30, destroyed), read(31, 40, shows('c1'))])],
    'nothing after a destroy': [0, given([upload(0, 10), upload(20, 30, destroyed), read(31, 40)])],
    'both outcomes of an unconfirmed upload': [
      0,
      given([upload(0, 10, unconfirmed), read(11, 20), read(11, 20, shows('c1'))]),
    ],
    'the state before an unconfirmed upload, after the next upload': [
      1,
      given([upload(0, 10, unconfirmed), upload(20, 30, { shows: { cat: 'c2' } }), read(31, 40)]),
    ],
    'a lost upload that happens late': [0, given([upload(0, 10, lost), read(90, 99, shows('c1')), read(11, 20)])],
    'an upload that was refused': [1, given([upload(0, 10, { result: 'refused' }), read(11, 20, shows('c1'))])],
    'the old name after a rename': [
      1,
      given([
        upload(0, 10),
        upload(20, 30, { asset: 'dog', shows: { dog: 'c1', cat: null } }),
        read(31, 40, shows('c1')),
      ]),
    ],
    'nothing at the new name after a rename': [
      1,
      given([upload(20, 30, { asset: 'dog', shows: { dog: 'c1', cat: null } }), read(31, 40, { asset: 'dog' })]),
    ],
    'what a process without a store remembers for 5 s': [
      0,
      given([upload(20, 30), read(4000, 4010, { isStorable: false })], [away(10, 9000)]),
    ],
    'the same, for longer': [1, given([upload(20, 30), read(5040, 5050, { isStorable: false })], [away(10, 9000)])],
    'the same, where a cache may store it': [1, given([upload(20, 30), read(4000, 4010)], [away(10, 9000)])],
    'the same, at another process': [
      1,
      given([upload(20, 30), read(4000, 4010, { isStorable: false, server: 1 })], [away(10, 9000)]),
    ],
    'the same, long after the fault': [
      1,
      given([upload(20, 30), read(4600, 4610, { isStorable: false })], [away(10, 1000)]),
    ],
  });

  it('shows the shortest part of the history', () => {
    const [violation] = checkStale(
      given([read(0, 5), upload(6, 9, unconfirmed), upload(20, 30), read(31, 40, { server: 2 }), read(12, 15)]),
      { maxStaleMs: 5000 },
    );
    assert.ok(violation !== undefined);
    const text = explainViolation(violation).replaceAll(/#\d+/g, '#n');
    assert.equal(
      text,
      [
        'P1: request #n shows nothing after a later change was acknowledged',
        '     0.000 to    0.003 s  #n GET cat (file) by server 0: 404, missing_original, run shows nothing',
        '     0.008 to    0.018 s  #n upload cat = c1 by server 0: 200, acknowledged, version 10',
        '     0.019 to    0.028 s  #n GET cat (file) by server 2: 404, missing_original, run shows nothing',
      ].join('\n'),
    );
  });
});

describe('checkNumbers', () => {
  finds(checkNumbers, {
    'higher numbers': [0, given([upload(0, 10), upload(20, 30, { version: 11 })])],
    'a number that is used twice': [1, given([upload(0, 10), upload(20, 30)])],
    'a number that is used twice at the same time': [1, given([upload(0, 10), upload(5, 20)])],
    'a number after a destroy': [1, given([upload(0, 10), upload(12, 15, destroyed), upload(20, 30)])],
    'a lower number': [1, given([upload(0, 10), upload(20, 30, { version: 9 })])],
    'two uploads at the same time, in either order': [0, given([upload(0, 10), upload(5, 20, { version: 9 })])],
    'the same number of two assets': [
      0,
      given([upload(0, 10), upload(20, 30, { asset: 'dog', shows: { dog: 'c2' } })]),
    ],
  });
});

describe('checkVersionBytes', () => {
  const second = upload(20, 30, { shows: { cat: 'c2' }, version: 11 });
  finds(checkVersionBytes, {
    'the bytes of a version': [0, given([upload(0, 10), second, read(31, 40, { ...shows('c1'), version: 10 })])],
    'the bytes of another version': [1, given([upload(0, 10), second, read(31, 40, { ...shows('c2'), version: 10 })])],
    'a version that no upload has made': [1, given([upload(0, 10), read(31, 40, { ...shows('c1'), version: 12 })])],
    'a version of an unconfirmed upload': [
      0,
      given([upload(0, 10, unconfirmed), read(31, 40, { ...shows('c1'), version: 10 })]),
    ],
  });
});

describe('checkVersionsStay', () => {
  const newer = [1, 2].map((n) => upload(n * 20, n * 20 + 10, { version: 10 + n, shows: { cat: `c${n + 1}` } }));
  const gone = { version: 10, code: 'missing_version' };
  finds((history) => checkVersionsStay(history, { maxStaleMs: 5000, olderVersions: 1 }), {
    'a version that is lost': [1, given([upload(0, 10), read(11, 15, gone)])],
    'a version that is lost after one newer': [1, given([upload(0, 10), ...newer.slice(1), read(80, 90, gone)])],
    'a version with too many newer ones': [0, given([upload(0, 10), ...newer, read(80, 90, gone)])],
    'a version of a destroyed asset': [0, given([upload(0, 10), upload(20, 30, destroyed), read(80, 90, gone)])],
    'a version before its acknowledgement': [0, given([read(5, 20, gone), upload(0, 10)])],
    'a version that a process without a store does not know for 5 s': [
      0,
      given([upload(0, 10), read(4000, 4010, { ...gone, isStorable: false })], [away(0, 9000)]),
    ],
    'the same, for longer': [
      1,
      given([upload(0, 10), read(5040, 5050, { ...gone, isStorable: false })], [away(0, 9000)]),
    ],
  });
});

describe('checkRemoved', () => {
  finds((history) => checkRemoved(history, { maxStaleMs: 5000 }), {
    'a version after a destroy': [
      1,
      given([upload(0, 10), upload(20, 30, destroyed), read(31, 40, { ...shows('c1', 'stored'), version: 10 })]),
    ],
    'a version during a destroy': [
      0,
      given([upload(0, 10), upload(20, 30, destroyed), read(29, 40, { ...shows('c1'), version: 10 })]),
    ],
    'a version during the next upload': [
      0,
      given([
        upload(0, 10),
        upload(20, 30, destroyed),
        upload(35, 50, { version: 11 }),
        read(36, 40, { ...shows('c1'), version: 11 }),
      ]),
    ],
  });
});

describe('checkConfirmations', () => {
  finds(checkConfirmations, {
    'an acknowledgement while the store is away': [1, given([upload(20, 30)], [away(10, 40)])],
    'an acknowledgement while the store refuses writes': [
      1,
      given([upload(20, 30)], [away(10, 40, { store: ['refuses'] })]),
    ],
    'an acknowledgement by another server': [0, given([upload(20, 30, { server: 1 })], [away(10, 40)])],
    'an acknowledgement after the fault': [0, given([upload(20, 41)], [away(10, 40)])],
    'a 503 with Retry-After': [0, given([upload(20, 30, unconfirmed)], [away(10, 40)])],
    'a 503 without Retry-After': [1, given([upload(20, 30, { ...unconfirmed, retryAfter: undefined })])],
    'a 500': [1, given([upload(20, 30, { ...unconfirmed, status: 500 })], [away(10, 40)])],
  });
});

const perProcess = { windowMs: 2000, maxStaleMs: 5000, sharersOf: String, sharesSuccess: () => true };
const perCluster = { ...perProcess, sharersOf: () => 'all' };

describe('checkCalmAttempts', () => {
  finds((history) => checkCalmAttempts(history, perProcess), {
    'an attempt in the next window': [0, given([read(0, 10), read(2000, 2010)])],
    'two attempts in one window': [1, given([read(0, 10), read(1000, 1010)])],
    'two attempts at the same time': [1, given([read(0, 10), read(5, 12)])],
    'two attempts of two processes': [0, given([read(0, 10), read(5, 12, { server: 1 })])],
    'a request that has joined a run': [0, given([read(0, 10), read(5, 12, { source: 'joined' })])],
    'a response that was stored': [0, given([read(0, 10), read(5, 12, { source: 'stored' })])],
    'an attempt after a change': [0, given([read(0, 10), upload(20, 30, destroyed), read(50, 60)])],
    'an attempt soon after a fault': [0, given([read(1000, 1010), read(1500, 1510)], [away(0, 10, { servers: [2] })])],
  });

  finds((history) => checkCalmAttempts(history, perCluster), {
    'two attempts of two processes with leases': [1, given([read(0, 10), read(5, 12, { server: 1 })])],
    'an attempt of a process that has lost the store': [
      0,
      given([read(0, 10), read(5, 12, { server: 1, isStorable: false })]),
    ],
  });

  finds((history) => checkCalmAttempts(history, { ...perCluster, sharesSuccess: () => false }), {
    'the first attempts of two processes, if their success is not shared': [
      0,
      given([read(0, 10), read(5, 12, { server: 1 })]),
    ],
    'the next attempts of two processes': [1, given([read(0, 10), read(2100, 2110), read(2105, 2112, { server: 1 })])],
    'two first attempts of one process': [1, given([read(0, 10), read(5, 12)])],
  });

  it('counts the windows that it checks', () => {
    assert.equal(calmWindows(given([read(0, 10), read(2000, 2010), read(4100, 4110)])), 2);
  });
});

describe('checkAttemptsOfOutages', () => {
  finds((history) => checkAttemptsOfOutages(history, perCluster), {
    'two attempts of a process in one period': [1, given([read(6000, 6010), read(7000, 7010)], [away(1000, 9900)])],
    'attempts of two processes': [
      0,
      given([read(6000, 6010), read(7000, 7010, { server: 1 })], [away(1000, 9900, { servers: [0, 1] })]),
    ],
    'attempts in two periods': [0, given([read(9500, 9510), read(10_100, 10_110)], [away(1000, 19_900)])],
    'attempts at the begin of an outage': [0, given([read(5200, 5210), read(6000, 6010)], [away(5100, 9900)])],
    'two attempts of a process while the store refuses writes': [
      1,
      given([read(6000, 6010), read(7000, 7010)], [away(1000, 9900, { store: ['refuses'] })]),
    ],
    'attempts before and after a change that is not confirmed': [
      0,
      given([read(6000, 6010), upload(6500, 6600, unconfirmed), read(7000, 7010)], [away(1000, 9900)]),
    ],
    'attempts after a change that is repeated in the background': [
      0,
      given([upload(3000, 3100, unconfirmed), read(6000, 6010), read(7000, 7010)], [away(1000, 9900)]),
    ],
    'attempts without an outage': [0, given([read(6000, 6010), read(7000, 7010)])],
  });
});

describe('checkGoodStays', () => {
  const failed = { shown: undefined, status: 500, code: 'handler_failed', source: 'run' } as const;
  const good = shows('c1', 'stored');
  finds(checkGoodStays, {
    'a failure after a stored derivative': [1, given([upload(0, 5), read(10, 20, good), read(30, 40, failed)])],
    'a failure of another derivation': [0, given([read(10, 20, good), read(30, 40, { ...failed, derivation: 'w_3' })])],
    'a failure after a change': [0, given([read(10, 20, good), upload(22, 25), read(30, 40, failed)])],
    'a failure after the store has lost its records': [
      0,
      given([read(10, 20, good), read(30, 40, failed)], [away(22, 25, { store: ['forgets'] })]),
    ],
    'a failure of a process without the store': [
      0,
      given([read(10, 20, good), read(30, 40, { ...failed, isStorable: false })], [away(22, 50)]),
    ],
    'a failure while processes that make pictures are killed': [
      1,
      given(
        [read(10, 20, good), read(30, 40, failed)],
        [{ kind: 'x', servers: [0], startedAt: 0, endedAt: 50, process: 'worker' }],
      ),
    ],
  });
});

describe('checkWaits', () => {
  const limits = { maxPendingMs: 5000, knownAfterMs: 100, isShared: false };
  const slow = upload(0, 1000, { isSlow: true });
  finds((history) => checkWaits(history, limits), {
    'a failure during an upload': [1, given([slow, read(200, 210)])],
    'a failure during an upload while the store is away': [1, given([slow, read(200, 210)], [away(0, 500)])],
    'a failure of a server that was stopped': [
      0,
      given([slow, read(200, 210)], [{ kind: 'x', servers: [0], startedAt: 0, endedAt: 500, process: 'stopped' }]),
    ],
    'a failure before the server knows the upload': [0, given([slow, read(50, 60)])],
    'a failure at another server': [0, given([slow, read(200, 210, { server: 1 })])],
    'the picture after the upload': [0, given([slow, read(200, 1010, shows('c1'))])],
    'a failure during the second upload': [
      0,
      given([upload(0, 10, destroyed), { ...slow, startedAt: 20 }, read(200, 210)]),
    ],
    'a failure during an upload of 6 s': [0, given([{ ...slow, endedAt: 6000 }, read(200, 5210)])],
  });
  finds((history) => checkWaits(history, { ...limits, isShared: true }), {
    'a failure at another server, when it knows the upload': [1, given([slow, read(200, 210, { server: 1 })])],
  });

  it('counts the requests that had to wait', () => {
    assert.equal(waits(given([slow, read(200, 1010, shows('c1')), read(20, 30)]), limits), 1);
  });
});

describe('checkFast', () => {
  const fault = away(0, 5000);
  finds((history) => checkFast(history, { maxMs: 1500 }), {
    'a fast request': [0, given([read(0, 1500)], [fault])],
    'a slow request': [1, given([read(0, 1501)], [fault])],
    'a slow request without a fault': [0, given([read(0, 1501)])],
    'a slow request of a machine that is slow without faults': [
      0,
      given([read(0, 2000), read(90_000, 90_600)], [fault]),
    ],
    'a slow request while the test did not run': [
      0,
      given([read(0, 1700)], [fault], [{ startedAt: 100, endedAt: 400 }]),
    ],
    'a picture that is made': [0, given([read(0, 3000, { ...shows('c1'), derivation: 'w_2' })], [fault])],
    'a picture that is stored': [1, given([read(0, 3000, { ...shows('c1', 'stored'), derivation: 'w_2' })], [fault])],
    'a picture that another process makes': [
      0,
      given(
        [
          read(0, 3000, { ...shows('c1', 'stored'), derivation: 'w_2' }),
          read(0, 2900, { ...shows('c1'), derivation: 'w_2', server: 1 }),
        ],
        [fault],
      ),
    ],
    'a slow request to a server that was stopped': [
      0,
      given([read(0, 3000)], [fault, { kind: 'x', servers: [0], startedAt: 0, endedAt: 2900, process: 'stopped' }]),
    ],
    'a request that waits for an upload': [0, given([upload(0, 3000), read(100, 3010, shows('c1'))], [fault])],
  });
});

describe('leases that a fault has left', () => {
  const leases = { lifeMs: 30_000, waitMs: 5000 };
  const during = away(100, 900);
  const before = read(0, 200);
  finds((history) => checkFast(history, { maxMs: 1500, leases }), {
    'a request that waits for one': [0, given([before, read(950, 6000)], [during])],
    'a request that waits too long': [1, given([before, read(950, 8000)], [during])],
    'a request for another asset': [1, given([before, read(950, 6000, { asset: 'dog' })], [during])],
  });
  finds((history) => checkNoFailures(history, { leases }), {
    'a request that is refused because of one': [
      0,
      given([before, read(950, 6000, { shown: undefined, status: 503, code: 'busy' })], [during]),
    ],
    'a request that is refused after its life': [
      1,
      given([before, read(31_000, 31_010, { shown: undefined, status: 503, code: 'busy' })], [during]),
    ],
  });

  it('are counted', () => {
    const history = given([before, read(950, 6000), read(950, 960)], [during]);
    assert.equal(leasesMet(history, { ...leases, maxMs: 1500 }), 1);
  });
});

describe('checkNoFailures', () => {
  const failed = (code: string, status = 503): Read => read(0, 10, { shown: undefined, status, code });
  const during = (process: NonNullable<Fault['process']>): Fault => ({
    ...{ kind: 'x', servers: [0], startedAt: 0, endedAt: 20, process },
  });
  finds(checkNoFailures, {
    'a missing original': [0, given([read(0, 10)])],
    'a failure because of the store': [1, given([failed('store_unavailable')], [away(0, 20)])],
    'a request for an upload that is arriving': [0, given([failed('pending')])],
    'a failed transformation': [1, given([failed('handler_failed', 500)])],
    'a failure that is held since then': [
      0,
      given(
        [
          failed('handler_failed', 500),
          { ...failed('handler_failed', 500), source: 'stored', startedAt: 9000, endedAt: 9010 },
        ],
        [during('worker')],
      ),
    ],
    'a transformation of an original that is destroyed meanwhile': [
      0,
      given([upload(2, 8, { ...destroyed, ...unconfirmed }), failed('handler_failed', 500)]),
    ],
    'a transformation by a process that was killed': [0, given([failed('handler_failed', 500)], [during('worker')])],
    'no response': [1, given([read(0, 10, { status: undefined, server: undefined, shown: undefined })])],
    'a response that ends because the original is destroyed': [
      0,
      given([upload(5, 9, destroyed), read(0, 10, { status: undefined, server: undefined, shown: undefined })]),
    ],
    'a picture that takes longer than its client waits': [
      0,
      given([read(0, 9, { status: undefined, server: undefined, shown: undefined, derivation: 'w_2', hasLeft: true })]),
    ],
    'a file that takes longer than its client waits': [
      1,
      given([read(0, 9, { status: undefined, server: undefined, shown: undefined, hasLeft: true })]),
    ],
    'no response of a server that was killed': [
      0,
      given([read(0, 10, { status: undefined, server: undefined, shown: undefined })], [during('killed')]),
    ],
  });
});
