import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Pool } from 'undici';
import { repetitionsOfRun } from '../../../../test/servers/cases-of-run.ts';
import { closeServers } from '../../../../test/servers/servers.ts';
import { parseMultipart } from './parse-multipart.ts';
import { picture, type ServedOptions, served } from './served.ts';

const requests = process.env['SAFELIGHT_LONG'] === '1' ? 10_000 : repetitionsOfRun({ first: 400, all: 2_000 });
const size = picture.length;

/** `first` and `last` as in the field; `last` is -1 when the body has no byte of the range. */
interface Spec {
  readonly text: string;
  readonly first: number;
  readonly last: number;
}

const short = fc.oneof({ weight: 8, arbitrary: fc.nat(5000) }, { weight: 1, arbitrary: fc.nat(200_000) });
const spec: fc.Arbitrary<Spec> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.tuple(fc.nat(size - 1), short).map(([first, length]) => {
      return { text: `${first}-${first + length}`, first, last: Math.min(first + length, size - 1) };
    }),
  },
  {
    weight: 3,
    arbitrary: short.map((length) => ({
      text: `-${length}`,
      first: size - length,
      last: length === 0 ? -1 : size - 1,
    })),
  },
  {
    weight: 3,
    arbitrary: short.map((length) => ({ text: `${size - 1 - length}-`, first: size - 1 - length, last: size - 1 })),
  },
  {
    weight: 1,
    arbitrary: fc.nat(5000).map((beyond) => ({ text: `${size + beyond}-`, first: size + beyond, last: -1 })),
  },
);
const nonsense = fc.constantFrom(
  'cat=0-5',
  'bytes',
  'bytes=5-4',
  'bytes=a-b',
  'bytes=0-5-9',
  'bytes=-',
  '0-5',
  'bytes=1.5-2',
);

type Asked = { readonly field: string; readonly specs: readonly Spec[] };

const asked: fc.Arbitrary<Asked> = fc.oneof(
  { weight: 60, arbitrary: fc.array(spec, { minLength: 1, maxLength: 1 }).map(toAsked) },
  { weight: 38, arbitrary: fc.array(spec, { minLength: 2, maxLength: 17 }).map(toAsked) },
  { weight: 2, arbitrary: nonsense.map((field) => ({ field, specs: [] })) },
);

function toAsked(specs: readonly Spec[]): Asked {
  return { field: `bytes=${specs.map(({ text }) => text).join(', ')}`, specs };
}

/** The requested ranges that exist; `undefined` when the response is the whole body. */
function wantedOf({ specs }: Asked): readonly Spec[] | undefined {
  const wanted = specs.filter(({ last }) => last >= 0);
  const sum = wanted.reduce((total, { first, last }) => total + last - first + 1, 0);
  return specs.length === 0 || specs.length > 16 || sum > size ? undefined : wanted;
}

describe('random ranges', function () {
  this.timeout(120_000);
  afterEach(closeServers);

  const backings: Readonly<Record<string, ServedOptions>> = {
    'in memory': {},
    'in a file': { representation: { body: undefined } },
  };
  for (const [name, options] of Object.entries(backings)) {
    it(`${requests} of a picture ${name} get the right bytes`, async () => {
      const server = await served(options);
      const pool = new Pool(server.origin, { connections: 8 });
      const all = fc.sample(asked, { numRuns: requests, seed: 7 });
      const statuses: Record<number, number> = {};
      const workers = Array.from({ length: 8 }, async () => {
        for (let one = all.pop(); one !== undefined; one = all.pop()) {
          const { statusCode, headers, body } = await pool.request({
            path: '/',
            method: 'GET',
            headers: { range: one.field },
          });
          const bytes = Buffer.from(await body.arrayBuffer());
          assert.equal(Number(headers['content-length']), bytes.length, one.field);
          check(one, { status: statusCode, headers, bytes });
          statuses[statusCode] = (statuses[statusCode] ?? 0) + 1;
        }
      });
      await Promise.all(workers);
      await pool.close();
      const { released, opened, closed } = server.counts;
      assert.equal(released, requests);
      assert.equal(opened, closed);
      assert.deepEqual(server.errors, []);
      for (const status of [200, 206, 416])
        assert.ok((statuses[status] ?? 0) > requests / 200, `${status} was hardly tested`);
    });
  }
});

interface ClientResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly bytes: Buffer;
}

function check(one: Asked, { status, headers, bytes }: ClientResponse): void {
  const wanted = wantedOf(one);
  if (wanted === undefined) {
    assert.equal(status, 200, one.field);
    assert.ok(bytes.equals(picture), one.field);
    return;
  }
  if (wanted.length === 0) {
    assert.equal(status, 416, one.field);
    assert.equal(headers['content-range'], `bytes */${size}`);
    return;
  }
  assert.equal(status, 206, one.field);
  const type = String(headers['content-type']);
  const isMultipart = type.startsWith('multipart/');
  const parts = isMultipart
    ? parseMultipart(type, bytes)
    : [{ headers: { 'content-range': headers['content-range'] }, bytes }];
  assert.ok(isMultipart ? parts.length > 1 : type === 'image/png', one.field);
  const places = parts.map((part) => {
    const [, first, last, length] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(String(part.headers['content-range'])) ?? [];
    assert.equal(Number(length), size);
    if (isMultipart) assert.equal(part.headers['content-type'], 'image/png');
    assert.ok(part.bytes.equals(picture.subarray(Number(first), Number(last) + 1)), `${one.field} at ${first}`);
    return { first: Number(first), last: Number(last) };
  });
  for (const { first, last } of wanted) {
    assert.ok(
      places.some((place) => place.first <= first && place.last >= last),
      `${one.field} lacks ${first}-${last}`,
    );
  }
  const sent = places.reduce((total, place) => total + place.last - place.first + 1, 0);
  const sum = wanted.reduce((total, { first, last }) => total + last - first + 1, 0);
  assert.ok(sent <= sum + (wanted.length - 1) * 79, `${one.field} sent ${sent} bytes`);
}
