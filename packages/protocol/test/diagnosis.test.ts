import assert from 'node:assert/strict';
import { type Diagnosis, durationText, formatDiagnosis, isDiagnosis, verdicts } from '@safelight/protocol';

const held: Diagnosis = {
  url: '/demo/image/upload/c_fill,w_300/cat.jpg',
  status: 404,
  verdict: 'cached_error',
  summary: '"cat" did not exist at the first request. It exists now, but the cached error is still sent.',
  cached: true,
  remainingMs: 107_000,
  attempt: 3,
  windowMs: 240_000,
  nextTtlMs: 480_000,
  requestId: '4f2a',
  layers: [
    { name: 'browser', state: 'miss', remainingMs: null },
    { name: 'edge', state: 'unknown', remainingMs: null },
    { name: 'server', state: 'hit', remainingMs: 107_000 },
  ],
  original: { exists: true, version: 1_763_820_139, format: 'jpg', width: 2400, height: 1600 },
  transformation: 'c_fill,w_300',
  fixes: [{ label: 'name the version', url: '/demo/image/upload/c_fill,w_300/v1763820139/cat.jpg' }, { label: 'wait' }],
  evidence: { 'X-Safelight-Error': 'missing_original' },
};

describe('formatDiagnosis', () => {
  it('has a line for each part of the diagnosis', () => {
    assert.equal(
      formatDiagnosis(held),
      [
        'GET /demo/image/upload/c_fill,w_300/cat.jpg -> 404   [cached_error]',
        ' verdict   "cat" did not exist at the first request. It exists now, but the cached error is still sent.',
        ' heals     in 1 min 47 s; attempt 3, held for 4 min; one more failure: 8 min',
        ' where     browser miss | edge unknown | server 1 min 47 s',
        ' original  exists, jpg 2400x1600, version 1763820139',
        ' transform parsed: c_fill,w_300',
        ' fix now   name the version -> /demo/image/upload/c_fill,w_300/v1763820139/cat.jpg | wait',
        ' evidence  X-Safelight-Error: missing_original | request 4f2a',
      ].join('\n'),
    );
  });

  it('puts carets below the piece that is not valid', () => {
    const { transformation: _, ...rest } = held;
    const text = 'c_fill,widht_300/e_sepia';
    const mistake = { text, at: 7, piece: 'widht_300', suggestion: 'w_300' };
    const lines = formatDiagnosis({ ...rest, mistake }).split('\n');
    assert.deepEqual(
      lines.filter((_line, at) => at === 5 || at === 6),
      [' transform c_fill,widht_300/e_sepia', '                  ^^^^^^^^^ did you mean w_300?'],
    );
    const { suggestion: __, ...withoutSuggestion } = mistake;
    const odd = formatDiagnosis({ ...rest, mistake: { ...withoutSuggestion, text: `\u0000\n${text}`, at: 9 } }).split(
      '\n',
    );
    assert.equal(odd[6]?.indexOf('^'), odd[5]?.indexOf('widht'));
    assert.ok(odd[6]?.endsWith('^'.repeat(9)));
  });

  it('has the warnings, and an upper bound when the time is not known', () => {
    const bounded: Diagnosis = {
      ...held,
      remainingMs: null,
      maxMs: 86_400_000,
      layers: [{ name: 'edge', state: 'hit', remainingMs: null, maxMs: 3_600_000 }],
      warnings: ['This check requested the URL itself.'],
    };
    const text = formatDiagnosis(bounded);
    assert.match(text, /^ heals {5}unknown, in at most 24 h; attempt 3/m);
    assert.match(text, /^ where {5}edge hit, for at most 1 h$/m);
    assert.match(text, /^ warning {3}This check requested the URL itself\.$/m);
  });

  it('says which values are not known', () => {
    const unknown: Diagnosis = {
      url: '/x',
      status: null,
      verdict: 'unknown',
      cached: false,
      remainingMs: null,
      layers: [],
      original: { exists: null },
      fixes: [],
      evidence: {},
    };
    assert.equal(
      formatDiagnosis(unknown),
      `GET /x -> unknown   [unknown]\n verdict   ${verdicts.unknown.says}\n original  unknown`,
    );
  });

  it('has no control characters', () => {
    const text = formatDiagnosis({ ...held, url: '/a\u001b[2J\nb', evidence: { x: 'a\r\nb\u202Ec' } });
    assert.doesNotMatch(text.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u);
    assert.equal(text.split('\n').length, 8);
  });
});

describe('isDiagnosis', () => {
  it('accepts a diagnosis that was sent as JSON', () => assert.ok(isDiagnosis(JSON.parse(JSON.stringify(held)))));
  it('accepts every verdict', () => {
    for (const verdict of Object.keys(verdicts)) assert.ok(isDiagnosis({ ...held, verdict }), verdict);
  });
  it('accepts no other value', () => {
    for (const other of [undefined, null, [], {}, { ...held, verdict: 'blue' }, { ...held, layers: undefined }]) {
      assert.equal(isDiagnosis(other), false);
    }
  });
});

describe('durationText', () => {
  const rows: readonly (readonly [ms: number, text: string])[] = [
    [-5, '0 s'],
    [0, '0 s'],
    [1, '1 s'],
    [59_001, '1 min'],
    [107_000, '1 min 47 s'],
    [3_600_000, '1 h'],
    [3_725_000, '1 h 2 min'],
    [86_400_000, '24 h'],
    [97_200_000, '1 d 3 h'],
    [Number.POSITIVE_INFINITY, 'ever'],
  ];
  for (const [ms, text] of rows) it(`writes ${ms} as ${text}`, () => assert.equal(durationText(ms), text));
});
